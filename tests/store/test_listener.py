"""What a broker has for us is kept before it is acknowledged, source by source, against a real mosquitto."""

import asyncio
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiomqtt
import psycopg
import pytest

from tests import cast
from tests.builders import AT
from tests.feeds.messages import FRIGATE
from tocsin.listener.listening import Intake, Listening
from tocsin.listener.source import MAX_WAITING, Broker, Source, broker_of
from tocsin.registry import store_senders
from tocsin.registry.rules.sender import SenderRow
from tocsin.runtime.clock import SystemClock
from tocsin.runtime.database import Connection, viewing
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import RandomIds, uuid7
from tocsin.runtime.pool import Busy
from tocsin.runtime.postgres import Cluster
from tocsin.signals.feeds.reading import Message

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/sbin")
pytestmark = pytest.mark.skipif(
    MOSQUITTO is None,
    reason="mosquitto is not installed; the listener has no broker to be tried at",
)
WITHIN_S = 10.0


class Peer:
    """A mosquitto of our own, which can be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._config = folder / "mosquitto.conf"
        self._config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence true\n"
            f"persistence_location {folder}/\nautosave_on_changes true\nautosave_interval 1\nuser root\n",
            encoding="utf-8",
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen([str(MOSQUITTO), "-c", str(self._config)], stderr=(self._config.parent / 'log').open('ab'))  # fmt: skip
        until = time.monotonic() + WITHIN_S
        while time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.02)

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(WITHIN_S)
            self._process = None

    @property
    def broker(self) -> Broker:
        return Broker("127.0.0.1", self.port)

    async def publish(self, topic: str, said: Any, **how: Any) -> None:
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        async with aiomqtt.Client("127.0.0.1", self.port) as client:
            await client.publish(topic, body, **{"qos": 1} | how)


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Peer]:
    found = Peer(tmp_path)
    found.start()
    yield found
    found.stop()


@pytest.fixture
def database(
    cluster: Cluster, new_database: Callable[..., str], alarms_template: str
) -> Callable[[str], Connection]:
    """Return what connects to one database by role."""
    name = new_database(alarms_template)
    return lambda role: psycopg.connect(cluster.url(role, database=name), autocommit=True)


def a_camera(topic: str = "frigate", kind: str = "frigate", **ties: Any) -> SenderRow:
    return SenderRow(
        id=uuid7(), organisation_id=cast.HARBOUR_EMS, name=f"camera {topic}", kind=kind, made_at=AT,
        site_id=None if ties else cast.HARBOUR.id, settings={"topic": topic}, **ties,
    )  # fmt: skip


def an_event(plate: str = "NHK552", track: str = "t1", at: float | None = None) -> dict[str, Any]:
    after = FRIGATE["after"] | {"id": track, "frame_time": at or time.time(), "recognized_license_plate": plate}  # fmt: skip
    return {**FRIGATE, "after": after}


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not true():
            await asyncio.sleep(0.02)


async def while_running(run: Awaitable[None], act: Callable[[], Awaitable[None]]) -> None:
    task = asyncio.ensure_future(run)
    try:
        await act()
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


class Kept:
    """A `take` that notes what it was given; `fails` makes it fail so often first."""

    def __init__(self, fails: int = 0) -> None:
        self.heard: list[Message] = []
        self.tried, self._fails = 0, fails

    async def __call__(self, _sender: SenderRow, message: Message) -> None:
        self.tried += 1
        if self._fails > 0:
            self._fails -= 1
            raise Busy
        self.heard.append(message)


def test_what_frigate_says_is_kept_for_the_engine_and_the_camera_is_heard(
    peer: Peer, database: Callable[[str], Connection], ring: KeyRing
) -> None:
    camera = a_camera()
    web, engine = database("web"), database("engine")
    with viewing(web, cast.HARBOUR_EMS, cast.SAFETY_LEAD.id):
        store_senders.insert_sender(web, ring, camera, b"k")
    rung: list[None] = []
    intake = Intake(lambda: database("web"), ring, clock=SystemClock(), ids=RandomIds(), ring_bell=lambda: rung.append(None))  # fmt: skip
    count = lambda: engine.execute("select count(*) from signals_report").fetchone()[0]  # noqa: E731

    listening = Listening(peer.broker, intake)

    async def act() -> None:
        await until(lambda: camera.id in listening.sources)
        await listening.sources[camera.id][1].listening.wait()
        at = time.time()
        for plate in ("NHK552", "NHK552", "NHK55Z"):
            await peer.publish("frigate/events", an_event(plate, at=at))
        await peer.publish("frigate/events", b"{")
        await until(lambda: count() == 2)
        await until(
            lambda: engine.execute("select 1 from signals_quarantined").fetchone() is not None
        )

    asyncio.run(while_running(listening.run(), act))
    assert len(rung) == 2
    heard = engine.execute("select heard_at from registry_sender where id = %s", (camera.id,)).fetchone()  # fmt: skip
    assert heard is not None
    assert heard[0] is not None
    # Its subscription stands until the next look at who is enrolled; nothing of it is taken from this moment (I18).
    with viewing(web, cast.HARBOUR_EMS, cast.SAFETY_LEAD.id):
        assert store_senders.revoke_sender(web, cast.HARBOUR_EMS, camera.id, AT)
    asyncio.run(intake.take(camera, Message(json.dumps(an_event("ABC123")).encode(), topic="events")))  # fmt: skip
    assert (count(), len(rung)) == (2, 2)


@pytest.mark.guarantee("I23")
def test_a_phone_at_the_broker_is_followed_no_further_than_one_at_the_door(
    peer: Peer, database: Callable[[str], Connection], ring: KeyRing
) -> None:
    phone = a_camera("owntracks/wren/phone", "owntracks", person_id=cast.PROTECTED.id)
    web, engine = database("web"), database("engine")
    with viewing(web, cast.HARBOUR_EMS, cast.PROTECTED.id):
        store_senders.insert_sender(web, ring, phone, b"k")
    intake = Intake(lambda: database("web"), ring, clock=SystemClock(), ids=RandomIds(), ring_bell=lambda: None)  # fmt: skip
    asked = "select dropped_count, heard_at is not null from registry_sender where id = %s"

    async def act() -> None:
        source = Source(peer.broker, phone, intake.take)

        async def publish() -> None:
            await source.listening.wait()
            fix = {
                "_type": "location",
                "lat": 41.88,
                "lon": -87.63,
                "tst": int(time.time()),
                "acc": 5,
            }
            await peer.publish("owntracks/wren/phone", fix)
            await until(lambda: engine.execute(asked, (phone.id,)).fetchone() == (1, True))

        await while_running(source.run(), publish)

    asyncio.run(act())
    assert engine.execute("select count(*) from signals_report").fetchone() == (0,)


@pytest.mark.guarantee("I25")
def test_a_message_that_was_not_kept_is_given_again_to_the_next_listener(peer: Peer) -> None:
    camera, refuses, keeps = a_camera(), Kept(fails=1_000_000), Kept()

    async def act() -> None:
        first = Source(peer.broker, camera, refuses)

        async def refused() -> None:
            await first.listening.wait()
            await peer.publish("frigate/events", an_event())
            await until(lambda: refuses.tried > 0)

        await while_running(first.run(), refused)
        await peer.publish("frigate/events", an_event("ABC123"))
        await while_running(
            Source(peer.broker, camera, keeps).run(), lambda: until(lambda: len(keeps.heard) >= 2)
        )

    asyncio.run(act())
    assert [b"NHK552" in keeps.heard[0].body, b"ABC123" in keeps.heard[1].body] == [True, True]


@pytest.mark.guarantee("I25")
def test_a_source_that_breaks_stops_no_other_and_is_tried_again(peer: Peer) -> None:
    kept, tried = Kept(), []

    async def breaks(_sender: SenderRow, message: Message) -> None:
        tried.append(message)
        raise LookupError

    async def act() -> None:
        async def both() -> None:
            async with asyncio.TaskGroup() as group:
                group.create_task(broken.run())
                group.create_task(lively.run())

        broken = Source(peer.broker, a_camera("broken"), breaks)
        lively = Source(peer.broker, a_camera("lively"), kept)

        async def publish() -> None:
            await broken.listening.wait()
            await lively.listening.wait()
            await peer.publish("broken/events", an_event())
            await until(lambda: len(tried) == 2)
            await peer.publish("lively/events", an_event())
            await until(lambda: len(kept.heard) == 1)

        await while_running(both(), publish)

    asyncio.run(act())


@pytest.mark.guarantee("I25")
def test_in_a_flood_of_qos_0_nothing_of_qos_1_is_lost_and_what_the_broker_had_kept_says_so(peer: Peer) -> None:  # fmt: skip
    kept, is_let = Kept(), asyncio.Event()

    async def take(sender: SenderRow, message: Message) -> None:
        await is_let.wait()
        await kept(sender, message)

    async def act() -> None:
        await peer.publish("frigate/available", b"online", retain=True)
        source = Source(peer.broker, a_camera(), take)

        async def flood() -> None:
            await source.listening.wait()
            async with aiomqtt.Client("127.0.0.1", peer.port) as client:
                for n in range(MAX_WAITING + 100):
                    await client.publish("frigate/stats", b"{}", qos=0)
                    if n >= MAX_WAITING and n % 4 == 0:
                        await client.publish(
                            "frigate/events", json.dumps(an_event(f"ABC{n}")), qos=1
                        )
            is_let.set()
            await until(lambda: sum(one.topic == "events" for one in kept.heard) == 25)

        await while_running(source.run(), flood)

    asyncio.run(act())
    assert [one.topic for one in kept.heard if one.is_kept] == ["available"]
    assert len(kept.heard) < MAX_WAITING + 125


@pytest.mark.guarantee("I25")
def test_a_source_that_hangs_holds_up_no_other(peer: Peer) -> None:
    kept = Kept()

    async def hang(_sender: SenderRow, _message: Message) -> None:
        await asyncio.Event().wait()

    async def act() -> None:
        hung = Source(peer.broker, a_camera("hung"), hang)
        lively = Source(peer.broker, a_camera("lively"), kept)

        async def publish() -> None:
            await hung.listening.wait()
            await lively.listening.wait()
            for _ in range(3):
                await peer.publish("hung/events", an_event())
            await peer.publish("lively/events", an_event())
            await until(lambda: len(kept.heard) == 1)

        await while_running(asyncio.gather(hung.run(), lively.run()), publish)

    asyncio.run(act())
    assert [message.topic for message in kept.heard] == ["events"]


def test_a_broker_that_was_away_is_heard_again_with_what_it_kept(peer: Peer) -> None:
    kept = Kept()

    async def act() -> None:
        source = Source(peer.broker, a_camera(), kept)

        async def outage() -> None:
            await source.listening.wait()
            await peer.publish("frigate/events", an_event())
            await until(lambda: len(kept.heard) == 1)
            await asyncio.to_thread(peer.stop)
            await until(lambda: not source.listening.is_set())
            await asyncio.to_thread(peer.start)
            await peer.publish("frigate/events", an_event("ABC123"))
            # What was kept and not yet acknowledged comes again: at least once.
            await until(lambda: any(b"ABC123" in one.body for one in kept.heard))

        await while_running(source.run(), outage)

    asyncio.run(act())


@pytest.mark.parametrize(
    ("url", "broker"),
    [
        ("mqtt://broker", Broker("broker", 1883)),
        ("mqtts://t%40c:p%3Aw@broker:88", Broker("broker", 88, "t@c", "p:w", is_tls=True)),
        ("mqtts://broker", Broker("broker", 8883, is_tls=True)),
    ],
)
def test_a_broker_is_named_by_its_address(url: str, broker: Broker) -> None:
    assert broker_of(url) == broker
