"""Does a protected word leave? The real engine sends to peers on every channel, which read mail, text, push and hook."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from tests.channels.messages import MESSAGE
from tests.conftest import clone
from tests.insider.cases import CANARY, LATITUDE, PLATE, Insiders, Worlds, canary, enter_everything
from tests.insider.conftest import TEMPLATE
from tests.insider.peers import KINDS, Arrival, Peers
from tests.pages.house import IDS, House
from tocsin.flow.receive_report import receive_report
from tocsin.notifications.channels.catalogue import open_channels
from tocsin.registry import store_people as people
from tocsin.registry.rules.rows import ContactRow
from tocsin.runtime import settings as settings_module
from tocsin.runtime.clock import SystemClock
from tocsin.runtime.database import viewing
from tocsin.runtime.ids import uuid7
from tocsin.runtime.postgres import Cluster
from tocsin.signals.rules.seen import PlateRead, Seen, Source

GATEWAY = """
[peer]
kind = "twilio"
organisation = "{slug}"
url = "http://127.0.0.1:{port}/"
number = "+13125550100"
account = "AC1"
secret = "gateway-token"
"""
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
# What nobody may read on any device: who, and that there is an order.
UNSAID = ("wren", "rex", "order", "sample", PLATE.lower(), str(LATITUDE), "respondent", "protected", "court")  # fmt: skip
# What a work device may say and a personal phone may not.
PLACE = ("depot", "house", "example road", "riverside", "do not go near")
# What the engine's own log may not hold: the above as it is written, an address, the secret of a link.
UNLOGGED = ("Wren", "Rex ", PLATE, str(LATITUDE), "+1312555", "@example.org", "/a#", "Example Road")
OPEN = "select count(*) from notifications_delivery where state in ('pending', 'leased', 'retrying')"  # fmt: skip


@dataclass
class Left:
    """What left the engine, and what it logged."""

    house: House
    peers: Peers
    log: str
    sightings: int


def leaks(arrival: Arrival) -> list[str]:
    """Return what this message says that it may not say."""
    unsaid = UNSAID if arrival.is_work else (*UNSAID, *PLACE)
    found = [word for word in unsaid if word in arrival.words.lower()]
    # A subject shows on a locked screen, whosever it is.
    found += [word for word in PLACE if word in arrival.subject.lower()]
    return found + ([CANARY] if CANARY in arrival.raw else [])


def leaks_in_log(text: str) -> list[str]:
    """Return what the log says that it may not say."""
    return [word for word in (CANARY, *UNLOGGED) if word in text]


@pytest.fixture(scope="module")
def left(
    worlds: Worlds, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Left]:
    """Run an engine of its own on a world with the order, until everything has been sent."""
    folder = tmp_path_factory.mktemp("leaving")
    clone(cluster, "insider_leaving", template=TEMPLATE)
    with Peers() as peers:
        given = _environment(cluster, folder, peers, worlds)
        settings = settings_module.load(given)
        house = House(settings, worlds.inside.keys, "")
        _reach_everybody(house, worlds.insiders, peers)
        enter_everything(house, worlds.insiders)
        _report(house, worlds.insiders)
        log = _run_engine(house, given, folder)
        row = house.engine.execute("select count(*) from signals_sighting").fetchone()
        yield Left(house, peers, log, row[0] if row else 0)
        house.conn.close()
        house.engine.close()


def _environment(cluster: Cluster, folder: Path, peers: Peers, worlds: Worlds) -> dict[str, str]:
    slug = f"house-{worlds.insiders.org.id.hex[-8:]}"
    file = folder / "gateways.toml"
    file.write_text(GATEWAY.format(slug=slug, port=peers.sms.port), encoding="utf-8")
    file.chmod(0o600)
    return {
        **os.environ,
        "TOCSIN_DATA": str(folder),
        "TOCSIN_KEYS": str(worlds.inside.settings.keys_dir),
        "TOCSIN_DATABASE_URL": cluster.url("owner", database="insider_leaving"),
        "TOCSIN_PUBLIC_URL": "http://127.0.0.1:9",
        "TOCSIN_GATE_URLS": "http://127.0.0.1:9",
        "TOCSIN_GATEWAYS": str(file),
        "TOCSIN_SMTP_URL": f"smtp://127.0.0.1:{peers.mail.port}",
        "TOCSIN_MAIL_FROM": "tocsin@example.org",
        "TOCSIN_PRIVATE_WEBHOOKS": "yes",
    }


def _reach_everybody(house: House, insiders: Insiders, peers: Peers) -> None:
    """Give everybody a work and a personal address on each channel."""
    org, at = insiders.org, datetime.now(UTC)
    with viewing(house.conn, org.id):
        for number, person_id in enumerate(org.people.values()):
            for kind in KINDS:
                for is_work in (True, False):
                    address = peers.address(kind, number, is_work=is_work)
                    row = ContactRow(id=uuid7(), person_id=person_id, channel=kind, address=address, position=2, is_work=is_work, verified_at=at)  # fmt: skip
                    people.insert_contact(house.conn, house.ring, org.id, row, secret=SECRET if kind == "webhook" else None)  # fmt: skip


def _report(house: House, insiders: Insiders) -> None:
    """Let a camera and a guard report him to the engine, and one report be poisoned."""
    org, at = insiders.org, datetime.now(UTC)
    car = Seen(organisation_id=org.id, source=Source.PLATE, track="cam-1", seen_at=at, heard_at=at, site_id=org.site_id, plates=(PlateRead("QXZV77", 0.99, "us-il"),))  # fmt: skip
    him = Seen(organisation_id=org.id, source=Source.GUARD, track="guard-2", seen_at=at, heard_at=at, site_id=org.site_id, reported_by_id=org.people["pip"], name=canary("respondent name"), words=canary("more words"))  # fmt: skip
    with viewing(house.conn, org.id):
        for seen in (car, him, replace(him, track="guard-3", site_id=UUID(int=7))):
            receive_report(house.conn, house.ring, seen, ids=IDS)


def _run_engine(house: House, given: dict[str, str], folder: Path) -> str:
    path = folder / "engine.log"
    with path.open("wb") as file:
        engine = subprocess.Popen([sys.executable, "-m", "tocsin.engine"], env=given, stdout=file, stderr=file)  # fmt: skip
    try:
        _until(house, "select count(*) from signals_report", 15)
        _until(house, OPEN, 15)
    finally:
        engine.send_signal(signal.SIGTERM)
        engine.wait(timeout=10)
    return path.read_text(encoding="utf-8")


def _until(house: House, statement: str, within_s: float) -> None:
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        row = house.engine.execute(statement).fetchone()
        if row == (0,):
            return
        time.sleep(0.1)
    raise AssertionError(statement)


@pytest.mark.guarantee("I24")
def test_nothing_that_leaves_says_who_or_why_and_no_personal_phone_says_where(left: Left) -> None:
    found = list(left.peers.arrivals())
    assert left.sightings
    # Every channel was really used, by work devices, which say the place, and by personal ones.
    assert {(each.kind, each.is_work) for each in found} == {(kind, is_work) for kind in KINDS for is_work in (True, False)}  # fmt: skip
    assert {each.kind for each in found if each.is_work and "depot" in each.words.lower()} == {*KINDS}  # fmt: skip
    assert {(each.kind, each.words): leaks(each) for each in found if leaks(each)} == {}


@pytest.mark.guarantee("I24")
def test_the_engine_logs_ids_and_nothing_else(left: Left) -> None:
    assert "report.poisoned" in left.log
    assert leaks_in_log(left.log) == []
    assert leaks_in_log(f'{left.log}{{"event": "x", "who": "{canary("child")}"}}') == [CANARY]


@pytest.mark.guarantee("I24")
@pytest.mark.parametrize("kind", KINDS)
def test_a_leak_that_is_planted_is_caught_on_every_channel(left: Left, kind: str) -> None:
    settings = left.house.settings

    async def plant() -> None:
        channels = open_channels(settings, SystemClock(), ring=_no_ring, gateway_of=lambda _message: settings.gateways[0], vapid_private=left.house.keys.vapid_private)  # fmt: skip
        address = left.peers.address(kind, 900, is_work=False)
        for text in (canary("docket"), "Wren, by order of the court", "SOS, Depot"):
            await channels[kind].send(replace(MESSAGE, address=address, text=text), timeout_s=5)
        for channel in channels.values():
            await channel.close()

    before = len([each for each in left.peers.arrivals() if each.kind == kind])
    asyncio.run(plant())
    planted = [each for each in left.peers.arrivals() if each.kind == kind][before:]
    assert [leaks(each) for each in planted] == [[CANARY], ["wren", "order", "court"], ["depot"]]


async def _no_ring(_message: object) -> None:
    """Ring nobody."""
