"""What does the listener make of what a broker brings it, door by door, in both worlds? And what does its log say?

Its doors are what it subscribes to: a kind of sender, and an ending of its topic. They are read from its own table, so that
a new one without a line here fails. It answers nobody: a spy at the broker must hear only what was published.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import aiomqtt
import psycopg
import pytest

from tests.conftest import clone
from tests.feeds.messages import FRIGATE
from tests.insider.cases import CANARY, Insiders, Worlds, canary, enter_everything
from tests.insider.conftest import TEMPLATE, environment
from tests.insider.doors import LISTENER, SPEAKERS, listener_doors
from tests.insider.test_leaving import leaks_in_log
from tests.pages.house import House, Organisation
from tests.store.test_listener import MOSQUITTO, Peer
from tocsin.registry import store_senders
from tocsin.registry.rules.sender import SenderKind, SenderRow
from tocsin.runtime import settings as settings_module
from tocsin.runtime.database import viewing
from tocsin.runtime.ids import uuid7
from tocsin.runtime.postgres import Cluster

pytestmark = pytest.mark.skipif(
    MOSQUITTO is None,
    reason="mosquitto is not installed; the listener has no broker to be tried at",
)
# The same in both worlds.
IDS_OF: Final = {(door, who): uuid7() for door in LISTENER for who in SPEAKERS}
WITHIN_S: Final = 20.0
OWN = ("his", "revoked")


def usual(door: str) -> bytes:
    """Return what usually comes there; the plate is that of his car, and everything else a canary."""
    now = time.time()
    camera = {**FRIGATE, "after": FRIGATE["after"] | {"frame_time": now, "recognized_license_plate": "QXZV77", "camera": canary("camera")}}  # fmt: skip
    phone = {"_type": "transition" if "/event" in door else "location", "lat": 41.88, "lon": -87.63, "tst": int(now), "acc": 5, "desc": canary("region")}  # fmt: skip
    if door.startswith("owntracks"):
        return json.dumps(phone).encode()
    return {"/events": json.dumps(camera).encode(), "/available": b"online", "/stats": b'{"cpu": 1}'}[door.split()[1]]  # fmt: skip


UNREADABLE: Final = b'{"' + canary("garbage").encode()


def topic(door: str, who: str) -> str:
    """Return the topic of this speaker's sender."""
    return f"{door.replace(' /', '-')}/{who}"


def enrol(house: House, org: Organisation, door: str, who: str, by: UUID) -> None:
    """Enrol one sender: a camera of the site, or this person's own phone."""
    kind = SenderKind(door.partition(" ")[0])
    tie: dict[str, Any] = {"person_id": by} if kind is SenderKind.OWNTRACKS else {"site_id": org.site_id}  # fmt: skip
    row = SenderRow(
        id=IDS_OF[door, who], organisation_id=org.id, name=topic(door, who), kind=kind,
        made_at=datetime.now(UTC), settings={"topic": topic(door, who)}, **tie,
    )  # fmt: skip
    with viewing(house.conn, org.id, by):
        store_senders.insert_sender(house.conn, house.ring, row, b"k")


def became(house: House, door: str, who: str) -> str:
    """Return what became of what was said there."""
    sender_id = IDS_OF[door, who]
    row = house.engine.execute(
        """select (select count(*) from signals_report where sender_id = s.id) as kept,
            (select count(*) from signals_quarantined where sender_id = s.id) as aside,
            s.dropped_count as dropped, (s.heard_at is not null)::int as heard
        from registry_sender s where s.id = %s""",
        (sender_id,),
    ).fetchone()
    found = [word for word, count in zip(("kept", "aside", "dropped", "heard"), row or (), strict=False) if count]  # fmt: skip
    return "+".join(found) or "nothing"


def lines(house: House) -> dict[str, str]:
    """Return the lines of this world."""
    return {door: " ".join(became(house, door, who) for who in SPEAKERS) for door in listener_doors()}  # fmt: skip


@dataclass
class Heard:
    """One world after everything was said. `said`: what a spy heard at the broker; `published`: what was published there."""

    lines: dict[str, str]
    log: str
    published: int = 0
    said: list[str] = field(default_factory=list)


@contextmanager
def listening(given: dict[str, str], port: int, log: Path) -> Iterator[None]:
    """Run the listener."""
    with log.open("wb") as file:
        part = subprocess.Popen([sys.executable, "-m", "tocsin.listener"], env=given | {"TOCSIN_MQTT_URL": f"mqtt://127.0.0.1:{port}"}, stdout=file, stderr=file)  # fmt: skip
    try:
        yield
    finally:
        part.send_signal(signal.SIGTERM)
        part.wait(timeout=15)


@contextmanager
def a_spy(port: int) -> Iterator[list[str]]:
    """Listen to everything at the broker."""
    heard: list[str] = []
    is_there, is_over = threading.Event(), threading.Event()

    async def spy() -> None:
        async with aiomqtt.Client("127.0.0.1", port) as client:
            await client.subscribe("#")
            is_there.set()

            async def hear() -> None:
                async for message in client.messages:
                    heard.append(str(message.topic))  # noqa: PERF401 - read while it grows

            task = asyncio.ensure_future(hear())
            await asyncio.to_thread(is_over.wait)
            task.cancel()

    thread = threading.Thread(target=lambda: asyncio.run(spy()))
    thread.start()
    assert is_there.wait(WITHIN_S)
    try:
        yield heard
    finally:
        is_over.set()
        thread.join(WITHIN_S)


async def say_everything(peer: Peer) -> int:
    """Publish at every door as every speaker; return how much that was."""
    count = 0
    for door in listener_doors():
        ending = door.partition(" ")[2]
        for who in SPEAKERS:
            for body in (usual(door), UNREADABLE):
                await peer.publish(topic(door, who) + ending, body)
                count += 1
    return count


def hear(cluster: Cluster, folder: Path, worlds: Worlds, name: str, *, is_with: bool) -> Heard:
    """Make a world, say everything at its broker, and return what came of it."""
    folder.mkdir()
    (folder / "gateways.toml").write_text("", encoding="utf-8")
    insiders: Insiders = worlds.insiders
    given = {**environment(cluster, folder, name), "TOCSIN_KEYS": str(worlds.inside.settings.keys_dir)}  # fmt: skip
    given.pop("TOCSIN_GATEWAYS")
    house = House(settings_module.load(given), worlds.inside.keys, "")
    house.settings.run_dir.mkdir(parents=True)
    if is_with:
        enter_everything(house, insiders)
    for door in LISTENER:
        for who in OWN:
            enrol(house, insiders.org, door, who, insiders.org.people["ada"])
        enrol(house, insiders.other, door, "elsewhere", insiders.other.people["shift_lead"])
    with psycopg.connect(cluster.url("postgres", database=name), autocommit=True) as dba:
        dba.execute("update registry_sender set revoked_at = now() where name like '%%/revoked'")
    peer = Peer(folder)
    peer.start()
    log = folder / "listener.log"
    try:
        with a_spy(peer.port) as said, listening(given, peer.port, log):
            _until(lambda: log.read_text(encoding="utf-8").count("listener.connected") >= 2 * len(LISTENER))  # fmt: skip
            published = asyncio.run(say_everything(peer))
            _until(lambda: lines(house) == LISTENER and len(said) >= published)
            found = Heard(lines(house), "", published, [*said])
    finally:
        peer.stop()
        house.conn.close()
        house.engine.close()
    found.log = log.read_text(encoding="utf-8")
    return found


def _until(true: Any) -> None:
    end = time.monotonic() + WITHIN_S
    while not true() and time.monotonic() < end:
        time.sleep(0.1)


@pytest.fixture(scope="module")
def both(
    worlds: Worlds, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Heard]:
    """Say the same at the broker of a world without the order and of one with it."""
    found = {}
    for name in ("without", "with"):
        database = f"insider_heard_{name}"
        clone(cluster, database, template=TEMPLATE)
        folder = tmp_path_factory.mktemp("heard") / name
        found[name] = hear(cluster, folder, worlds, database, is_with=name == "with")
    return found


@pytest.mark.guarantee("I12")
def test_every_door_of_the_listener_does_what_its_line_says(both: dict[str, Heard]) -> None:
    assert set(listener_doors()) == set(LISTENER), "a door without a line, or a line without a door"
    assert both["with"].lines == LISTENER


@pytest.mark.guarantee("I11")
def test_the_listener_does_the_same_in_both_worlds_and_answers_nobody(
    both: dict[str, Heard],
) -> None:
    without, within = both["without"], both["with"]
    assert without.lines == within.lines
    for world in (without, within):
        assert len(world.said) == world.published
    assert sorted(without.said) == sorted(within.said)


@pytest.mark.guarantee("I24")
def test_the_listener_logs_ids_and_nothing_else(both: dict[str, Heard]) -> None:
    for world in both.values():
        assert world.log.count("listener.connected") >= 2 * len(LISTENER)
        assert "listener.broken" not in world.log
        assert leaks_in_log(world.log) == []
    assert _masked(both["without"].log) == _masked(both["with"].log)


def _masked(log: str) -> list[str]:
    """Return what a log says, whenever and in which order."""
    said = (json.loads(line) for line in log.splitlines())
    return sorted(str({name: value for name, value in line.items() if name != "timestamp"}) for line in said)  # fmt: skip


@pytest.mark.guarantee("I24")
def test_a_leak_that_is_planted_in_the_listener_s_log_is_found(tmp_path: Path) -> None:
    # The listener's own logger, as it is configured there, says what a careless line would.
    careless = (
        "from tocsin.runtime import logs; from tocsin.listener import source; logs.configure('listener');"
        f" source.log.error('listener.broken', said={UNREADABLE.decode()!r}, plate='QXZV77')"
    )
    path = tmp_path / "listener.log"
    with path.open("wb") as file:
        subprocess.run([sys.executable, "-c", careless], env={**os.environ}, stderr=file, check=True, timeout=60)  # fmt: skip
    assert leaks_in_log(path.read_text(encoding="utf-8")) == [CANARY, "QXZV77"]
