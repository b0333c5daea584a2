"""What was seen waits as reports: who matches, decides, calls people, and lets go of what hit nothing?

What a person told is let go only by a person (`flow/tell_reports.py`); what a machine read and hit nothing is gone at once.
Woken by the doorbell, with a sweep of a second as the net. A report is taken, decided about and deleted in one
transaction, so that twice is once; each behind a savepoint of its own, so that a poisoned one holds up nobody. One that
fails `MAX_TRIES` times is set aside.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

from tocsin.decisions.index import Indexes
from tocsin.engine.chores import postgres
from tocsin.engine.desk import AWAY, SEEN, SLOW, Desk, StoreAwayError
from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.match_report import decide_report
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.postgres_sightings import PostgresSightings
from tocsin.flow.report_position import erase_positions
from tocsin.flow.tell_reports import tell_reports
from tocsin.runtime import logs
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import Ids
from tocsin.signals import store_reports as reports
from tocsin.signals import store_sightings
from tocsin.signals.rules.quarantine import Why
from tocsin.signals.rules.seen import is_told, write_seen
from tocsin.signals.store_nonces import forget_nonces
from tocsin.signals.store_quarantine import erase_set_aside, set_aside
from tocsin.signals.store_reports import Report
from tocsin.signals.store_told import keep_told

SWEEP_S: Final = 1.0
ERASE_S: Final = 600.0
# Small, so that the first hit of a batch does not wait for many others.
TAKE_AT_ONCE: Final = 32

log = logs.get("sightings")

Publish = Callable[[list[Change]], Awaitable[None]]


class Sighted:
    """Takes reports, for ever."""

    def __init__(self, desk: Desk, ring: KeyRing, ids: Ids, engine: str) -> None:
        """`engine` is whose deliveries are sent at once."""
        self._desk, self._ring, self._ids, self._engine = desk, ring, ids, engine
        self._indexes = Indexes(ring)
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Say that a report waits."""
        self._rung.set()

    async def run(self, publish: Publish, held_since: Callable[[], datetime | None]) -> None:
        """Decide about what waits, for ever; on HOLD, or where it may be that, only about what was heard since (I8)."""
        while True:
            self._rung.clear()
            taken, changes = await self._desk.do(
                lambda alarms: self.take(postgres(alarms), held_since()), SEEN
            )
            await publish(changes)
            if taken == TAKE_AT_ONCE:
                continue
            try:
                async with asyncio.timeout(SWEEP_S):
                    await self._rung.wait()
            except TimeoutError:
                continue

    def take(
        self, store: PostgresAlarms, held_since: datetime | None = None
    ) -> tuple[int, list[Change]]:
        """Return how many reports were dealt with and what they have changed."""
        waiting = reports.take_reports(store.conn, self._ring, limit=TAKE_AT_ONCE, since=held_since)
        changes: list[Change] = []
        for report in waiting:
            try:
                with store.atomically():
                    decided = self._decide(store, report)
                    reports.check_now(store.conn)
                changes += decided
            except (*AWAY, StoreAwayError):
                raise
            except Exception:
                log.exception("report.poisoned", report_id=str(report.id), source=report.source)
                self._count(store, report)
        changes += self._tell(store, held_since)
        if not waiting:
            PostgresSightings(store).open_missing_tasks(store.now())
        return len(waiting), changes

    def _tell(self, store: PostgresAlarms, held_since: datetime | None) -> list[Change]:
        """Tell who decides about what people told; whatever happens there undoes no sighting."""
        try:
            with store.atomically():
                return tell_reports(store, ids=self._ids, engine=self._engine, since=held_since)
        except (*AWAY, StoreAwayError):
            raise
        except Exception:
            log.exception("report.untold")
            return []

    def _decide(self, store: PostgresAlarms, report: Report) -> list[Change]:
        if report.seen is None:
            message = "this report cannot be read"
            raise ValueError(message)
        index = self._indexes.of(store.conn, report.organisation_id)
        hits = index.match(report.seen)
        changes = decide_report(store, report.seen, hits, ids=self._ids, engine=self._engine)
        if is_told(report.seen):
            keep_told(store.conn, self._ring, report.id, report.seen)
        reports.delete_reports(store.conn, [report.id])
        return changes

    def _count(self, store: PostgresAlarms, report: Report) -> None:
        if reports.count_try(store.conn, report.id) < reports.MAX_TRIES:
            return
        raw = write_seen(report.seen).encode() if report.seen else b""
        set_aside(
            store.conn,
            self._ring,
            report.organisation_id,
            report.source,
            Why.UNDECIDED,
            raw,
            sender_id=report.sender_id,
            at=store.now(),
        )
        reports.delete_reports(store.conn, [report.id])

    async def erase(self) -> None:
        """Erase sightings whose time is over, for ever."""
        while True:
            n = await self._desk.do(_erase, SLOW)
            if n:
                log.info("sightings.erased", n=n)
            await asyncio.sleep(ERASE_S)


def _erase(alarms: Alarms) -> int:
    store = postgres(alarms)
    at = store.now()
    forget_nonces(store.conn, at)
    erase_set_aside(store.conn, at)
    return store_sightings.erase_due(store.conn, at) + erase_positions(store, at)
