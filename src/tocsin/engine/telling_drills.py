"""What came of a drill? Every 15 s the figures of those that have ended go into the record."""

import asyncio
from collections.abc import Callable
from typing import Final
from uuid import UUID

from tocsin.engine.chores import postgres
from tocsin.engine.desk import SLOW, Desk
from tocsin.flow.alarms import Alarms
from tocsin.flow.tell_drills import tell_drills

DRILLS_S: Final = 15.0


class TellingDrills:
    """Writes down how drills went, patiently, in the slow lane."""

    def __init__(self, desk: Desk) -> None:
        """`desk` is PostgreSQL's: without it there is no record."""
        self._desk = desk

    async def run(self, is_held: Callable[[], bool]) -> None:
        """Write, for ever; on HOLD nothing is written: what a restore brought back may be told already (I8)."""
        while True:
            if not is_held():
                await self._desk.do(_tell, SLOW)
            await asyncio.sleep(DRILLS_S)


def _tell(alarms: Alarms) -> list[UUID]:
    return tell_drills(postgres(alarms))
