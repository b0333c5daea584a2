"""What if PostgreSQL goes away? The same verbs run in memory, from the last snapshot; what they did is kept later.

Nothing else in the engine knows of it. While it lasts the spool is the truth of what came in (it is not marked
drained), so a restart in the middle raises it all again: the references are new then, and doubling a call
is the lesser harm.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import psycopg

from tocsin.engine.desk import ALARM, POST, SLOW, Desk, Stopwatch, StoreAwayError
from tocsin.flow.alarms import Alarms, Change, Settlement
from tocsin.flow.memory_alarms import MemoryAlarms
from tocsin.runtime import logs

T = TypeVar("T")
PROBE_S: Final = 0.5
KEPT_AT_ONCE: Final = 200

log = logs.get("brownout")


class SteadyDesk:
    """A desk that always answers: PostgreSQL's, or memory while that is away."""

    def __init__(self, postgres: Desk, memory: Callable[[], MemoryAlarms | None]) -> None:
        """`memory` makes the store in memory from the latest snapshot, or None if there never was one."""
        self._postgres, self._make = postgres, memory
        self._memory: MemoryAlarms | None = None
        self._returning = asyncio.Lock()
        self._watch = Stopwatch()

    @property
    def is_away(self) -> bool:
        """Return whether verbs run in memory now."""
        return self._memory is not None

    async def do(self, work: Callable[[Alarms], T], lane: str = ALARM) -> T:
        """Return what `work` returns. Slow lane: only PostgreSQL will do.

        Raises:
            StoreAwayError: it is away and there is no snapshot, or the lane is slow.
        """
        if self._memory is None:
            try:
                return await self._postgres.do(work, lane)
            except StoreAwayError:
                self._enter()
        if lane == SLOW:
            raise StoreAwayError(lane)
        async with self._returning:
            if self._memory is not None:
                with self._memory.atomically():
                    return work(self._memory)
        return await self.do(work, lane)

    def _enter(self) -> None:
        if self._memory is not None:
            return
        self._memory = self._make()
        if self._memory is None:
            raise StoreAwayError("no snapshot")
        self._watch.away()
        log.error("store.away", from_snapshot=True)

    async def watch(self, back: Callable[[float], Awaitable[None]]) -> None:
        """Probe PostgreSQL while it is away; when it is back, keep what was done meanwhile, then call `back`."""
        while True:
            await asyncio.sleep(PROBE_S)
            if self._memory is None:
                continue
            try:
                await self._postgres.do(lambda alarms: alarms.now(), POST)
                async with self._returning:
                    kept = await self._keep(self._memory)
                    self._memory = None
            except StoreAwayError:
                continue
            away_s = self._watch.back()
            log.warning("store.back", away_s=round(away_s, 3), kept=kept)
            await back(away_s)

    async def _keep(self, memory: MemoryAlarms) -> int:
        saved = memory.take_saved()
        kept = 0
        while kept < len(saved):
            part = saved[kept : kept + KEPT_AT_ONCE]
            try:
                await self._postgres.do(lambda alarms, part=part: keep(alarms, part), POST)  # type: ignore[misc]
            except StoreAwayError:
                memory.put_back(saved[kept:])
                raise
            kept += len(part)
        return kept


def keep(alarms: Alarms, saved: list[Change | Settlement]) -> None:
    """Save what memory saved, in its order; what PostgreSQL has already (a commit that it did not confirm) is left."""
    for one in saved:
        try:
            with alarms.atomically():
                if isinstance(one, Settlement):
                    alarms.settle([one], alarms.now())
                else:
                    alarms.save([one])
        except psycopg.errors.IntegrityError:
            log.warning("already.kept", kind=type(one).__name__)
