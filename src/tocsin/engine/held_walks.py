"""Whose shift ends soon? The roster is read every few seconds, and her walk opened by itself, held."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final
from uuid import UUID

from tocsin.engine.desk import POST, SLOW, Desk, StoreAwayError
from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.keep_her_shifts import keep_her_shifts
from tocsin.flow.open_held_walks import open_held_walks
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.runtime import logs
from tocsin.runtime.ids import Ids

READ_S: Final = 5.0

log = logs.get("held_walks")


class HeldWalks:
    """Opens, moves and ends holds as the roster says."""

    def __init__(self, desk: Desk, ids: Ids, engine: str) -> None:
        """`engine` is whose deliveries the questions are."""
        self._desk, self._ids, self._engine = desk, ids, engine
        # From what her shifts were kept the last time, where a party of her case writes of her roster.
        self._known: dict[tuple[UUID, UUID], object] = {}

    async def run(
        self, publish: Callable[[list[Change]], Awaitable[None]], is_held: Callable[[], bool]
    ) -> None:
        """Read, for ever; `publish` sends what was asked. On HOLD nothing is opened (I8)."""
        while True:
            if not is_held():
                changes = await self._read()
                if changes:
                    log.info("walks.held", n=len(changes))
                    await publish(changes)
            await asyncio.sleep(READ_S)

    async def _read(self) -> list[Change]:
        """Return what the roster has changed; while PostgreSQL is away, the roster of the snapshot."""
        known = dict(self._known)
        try:
            changes = await self._desk.do(partial(self._open, known), SLOW)
        except StoreAwayError:
            return await self._desk.do(partial(self._open, {}), POST)
        # Only now: what was kept in a transaction that failed is not kept, and is to be done again.
        self._known = known
        return changes

    def _open(self, known: dict[tuple[UUID, UUID], object], alarms: Alarms) -> list[Change]:
        # In one transaction with what is read of it: a walk is not ended for a shift that he has just taken out. While
        # PostgreSQL is away nobody writes of a roster.
        if isinstance(alarms, PostgresAlarms):
            stopped = keep_her_shifts(alarms.conn, known, at=alarms.now())
            if stopped:
                # Not for whom, nor where: that would be a list of who has an order against a colleague.
                log.error("shifts.unkept", n=stopped)
        return open_held_walks(alarms, ids=self._ids, engine=self._engine)
