"""Was the machine's clock moved? It is followed while PostgreSQL's is the one that counts, and the record says so."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final, Protocol

from tocsin.engine.chores import note_everywhere
from tocsin.engine.desk import SLOW, Desk
from tocsin.runtime import logs

EVERY_S: Final = 10.0
MOVED_S: Final = 1.0

log = logs.get("keeping_time")


class Anchored(Protocol):
    """A clock that can tell by how much the machine's was moved against it."""

    def stepped_s(self) -> float:
        """Return by how many seconds it was moved."""
        ...

    def anchor(self) -> None:
        """Take the machine's time as the truth from here on."""
        ...


class KeepingTime:
    """Follows the machine's clock, steadily.

    Without it a machine that booted with a wrong clock, or was asleep, would call people by that time in the next
    outage. In an outage nothing is followed: what memory waits for must not be skipped or doubled (I6).
    """

    def __init__(self, desk: Desk, clock: Anchored, is_away: Callable[[], bool]) -> None:
        """`clock` is the engine's; `is_away` tells whether memory counts by it now."""
        self._desk, self._clock, self._is_away = desk, clock, is_away

    async def run(self) -> None:
        """Look every ten seconds, for ever."""
        while True:
            await self.look()
            await asyncio.sleep(EVERY_S)

    async def look(self) -> None:
        """Follow a step of a second or more, and write in every employer's record that it was one."""
        by_s = self._clock.stepped_s()
        if self._is_away() or abs(by_s) < MOVED_S:
            return
        self._clock.anchor()
        by_ms = round(by_s * 1000)
        log.warning("clock.stepped", by_ms=by_ms)
        noting = partial(note_everywhere, kind="clock.stepped", body={"by_ms": by_ms})
        await self._desk.do(noting, SLOW)
