"""What else must be done, steadily and in nobody's way? Sealing, snapshots, strangers, the outside watcher."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from tocsin.engine import snapshotting
from tocsin.engine.brownout import Recent
from tocsin.engine.desk import CLOCK, SLOW, Desk, StoreAwayError
from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.snapshot import Snapshot
from tocsin.notifications.channels.http import HttpClient, Request
from tocsin.notifications.rules.message import ChannelError
from tocsin.record import store as record
from tocsin.record.rules.entries import Entry
from tocsin.record.rules.heads import Head, lacking
from tocsin.registry.store_calling import only_organisation, slugs
from tocsin.runtime import logs
from tocsin.runtime.clock import Clock
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import uuid7
from tocsin.runtime.keys import Signer
from tocsin.runtime.spool import read_drained
from tocsin.runtime.unverified import UnverifiedReader
from tocsin.signals import store as signals

SEAL_S: Final = 0.5
SNAPSHOT_S: Final = 30.0
SNAPSHOT_PAUSE_S: Final = 1.0
STRANGERS_S: Final = 2.0
HEARTBEAT_S: Final = 60.0
AGAIN_S: Final = 1.0
STRANGERS_READ: Final = "unverified-read"
STRANGERS_AT_ONCE: Final = 1_000

log = logs.get("chores")


def postgres(alarms: Alarms) -> PostgresAlarms:
    """Return the store as PostgreSQL's; the slow lane has no other."""
    if not isinstance(alarms, PostgresAlarms):
        raise StoreAwayError(SLOW)
    return alarms


async def keep_looking(
    desk: Desk,
    looks: Sequence[Callable[[Alarms], list[Change]]],
    every_s: float,
    publish: Callable[[list[Change]], Awaitable[None]],
    is_held: Callable[[], bool],
) -> None:
    """Look, for ever, in the slow lane: one after the other, every so many seconds; `publish` sends what each returns.

    On HOLD nobody looks: what a restore brought back may be told already (I8).
    """
    while True:
        if not is_held():
            for look in looks:
                await publish(await desk.do(look, SLOW))
        await asyncio.sleep(every_s)


def note_everywhere(alarms: Alarms, *, kind: str, body: Mapping[str, Any]) -> None:
    """Write what happened to the machine itself in every employer's record: it serves them all."""
    store = postgres(alarms)
    at = store.now()
    entries = [
        Entry(uuid7(), organisation_id, at, kind, None, None, body)
        for organisation_id in slugs(store.conn)
    ]
    record.append(store.conn, entries)


class Sealer:
    """Links and signs what the verbs have written, within a second, and remembers the heads beside the spool."""

    def __init__(self, desk: Desk, signer: Signer, folder: Path) -> None:
        """`folder` is the spool's: a restored database does not bring the heads with it (I8)."""
        self._desk, self._signer, self._folder = desk, signer, folder

    async def run(self, is_held: Callable[[], bool]) -> None:
        """Seal, for ever. What is sealed on HOLD takes the place of nothing: at the next start, too, it is a restore."""
        while True:
            heads = await self._desk.do(self._seal, SLOW)
            if heads and not is_held():
                record.remember_heads(self._folder, heads)
            await asyncio.sleep(SEAL_S)

    async def behind(self) -> list[UUID]:
        """Return the organisations whose database lacks what was signed: a restore, so HOLD."""
        # Before the database is asked: when it comes back, sealing goes on beside this, and what was sealed between the
        # two readings would look like a head that the database never had. It would hold an alarm for nothing.
        remembered = record.remembered(self._folder)
        # Not in the slow lane: a start must not wait long for a server that hangs.
        heads = await self._desk.do(
            lambda alarms: record.heads_of_size(postgres(alarms).conn, remembered), CLOCK
        )
        return lacking(heads, remembered)

    async def accept(self) -> None:
        """Take the database as it is: a person has let the engine go."""
        heads = await self._desk.do(lambda alarms: record.latest_heads(postgres(alarms).conn), SLOW)
        record.replace_remembered(self._folder, heads)

    def _seal(self, alarms: Alarms) -> list[Head]:
        store = postgres(alarms)
        return record.seal_all(store.conn, self._signer, at=store.now())


class Snapshots:
    """The latest snapshot, in memory and sealed on disk."""

    def __init__(self, desk: Desk, ring: KeyRing, folder: Path, recent: Recent) -> None:
        """Begin with what is on disk, from a predecessor; `recent` hears when one is being taken."""
        self._desk, self._ring, self._folder, self._recent = desk, ring, folder, recent
        self.latest: Snapshot | None = snapshotting.read(folder, ring)
        self.is_ours = False
        self._wanted = asyncio.Event()

    def want(self) -> None:
        """Have one taken now."""
        self._wanted.set()

    async def take(self) -> None:
        """Take one now."""
        self._wanted.clear()
        self._recent.begin()
        drained = read_drained(self._folder)
        taken = await self._desk.do(
            lambda alarms: snapshotting.take_snapshot(postgres(alarms)), SLOW
        )
        self.latest, self.is_ours = replace(taken, drained=drained), True
        self._recent.taken()
        await asyncio.to_thread(snapshotting.write, self._folder, self._ring, self.latest)

    async def run(self) -> None:
        """Take one every 30 s, and soon when one is wanted, for ever."""
        while True:
            await self.take()
            # Whoever presses what asks for one, again and again, takes the slow lane from nobody.
            await asyncio.sleep(SNAPSHOT_PAUSE_S)
            # Not `wait_for`: in Python 3.11 it swallows a cancellation that comes as it ends, and we would never stop.
            with suppress(TimeoutError):
                async with asyncio.timeout(SNAPSHOT_S - SNAPSHOT_PAUSE_S):
                    await self._wanted.wait()


class Strangers:
    """Shows the duty lead what came without a valid token or signature. It pages nobody."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        """Read the gate's small file of its own, from where it was read last."""
        self._desk, self._reader, self._mark = (
            desk,
            UnverifiedReader(folder),
            folder / STRANGERS_READ,
        )
        self._last = int(self._mark.read_text()) if self._mark.exists() else 0

    async def run(self) -> None:
        """Show, for ever."""
        while True:
            entries = self._reader.read(self._last, STRANGERS_AT_ONCE)
            if entries:
                n = len(entries)
                await self._desk.do(partial(self._keep, n), SLOW)
                self._last = entries[-1].seq
                self._mark.write_text(str(self._last))
            await asyncio.sleep(STRANGERS_S)

    def _keep(self, n: int, alarms: Alarms) -> None:
        store = postgres(alarms)
        # Whom a stranger meant cannot be known; with one organisation there is only one who can look.
        organisation_id = only_organisation(store.conn)
        if organisation_id is None:
            log.warning("strangers.nobody_to_show", n=n)
            return
        signals.keep_unverified(
            store.conn,
            organisation_id,
            "gate",
            f"{n} without a valid proof",
            at=store.now(),
            size=n,
        )


class Heartbeat:
    """Asks the outside watcher's address every minute while everything works; its silence calls a person."""

    def __init__(
        self, url: str, http: HttpClient, is_well: Callable[[], bool], clock: Clock
    ) -> None:
        """`is_well` says whether the store answers and nothing is held."""
        self._url, self._http, self._is_well, self._clock = url, http, is_well, clock
        self.last_at: float | None = None

    async def run(self) -> None:
        """Beat, for ever."""
        while True:
            if self._is_well():
                try:
                    await self._http.send(Request("GET", self._url, {}, b""), timeout_s=5.0)
                    self.last_at = self._clock.monotonic()
                except ChannelError as problem:
                    log.warning("heartbeat.failed", code=problem.code)
            await asyncio.sleep(HEARTBEAT_S)
