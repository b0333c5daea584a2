"""Whose shift ends soon? The roster is read every few seconds, and her walk opened by itself, held."""

import asyncio
from collections.abc import Awaitable, Callable
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


class KeptShifts:
    """Keeps her shifts as they stood before a party of her case wrote of the roster."""

    def __init__(self) -> None:
        """Remember from what each was kept."""
        self._known: dict[tuple[UUID, UUID], object] = {}

    def __call__(self, alarms: Alarms) -> None:
        """Keep them, where the store is PostgreSQL: nobody writes of a roster while it is away."""
        if isinstance(alarms, PostgresAlarms):
            stopped = keep_her_shifts(alarms.conn, self._known, at=alarms.now())
            if stopped:
                # Not for whom, nor where: that would be a list of who has an order against a colleague.
                log.error("shifts.unkept", n=stopped)


class HeldWalks:
    """Opens, moves and ends holds as the roster says."""

    def __init__(self, desk: Desk, ids: Ids, engine: str) -> None:
        """`engine` is whose deliveries the questions are."""
        self._desk, self._ids, self._engine = desk, ids, engine
        self._keep = KeptShifts()

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
        try:
            return await self._desk.do(self._open, SLOW)
        except StoreAwayError:
            return await self._desk.do(self._open, POST)

    def _open(self, alarms: Alarms) -> list[Change]:
        # In one transaction with what is read of it: a walk is not ended for a shift that he has just taken out.
        self._keep(alarms)
        return open_held_walks(alarms, ids=self._ids, engine=self._engine)
