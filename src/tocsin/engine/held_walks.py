"""Whose shift ends soon? The roster is read every few seconds, and her walk opened by itself, held."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from tocsin.engine.desk import POST, SLOW, Desk, StoreAwayError
from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.open_held_walks import open_held_walks
from tocsin.runtime import logs
from tocsin.runtime.ids import Ids

READ_S: Final = 5.0

log = logs.get("held_walks")


class HeldWalks:
    """Opens, moves and ends holds as the roster says."""

    def __init__(self, desk: Desk, ids: Ids, engine: str) -> None:
        """`engine` is whose deliveries the questions are."""
        self._desk, self._ids, self._engine = desk, ids, engine

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
        return open_held_walks(alarms, ids=self._ids, engine=self._engine)
