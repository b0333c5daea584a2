"""What if PostgreSQL goes away? The same verbs run in memory, from the last snapshot; what they did is kept later.

Nothing else in the engine knows of it. While it lasts the spool is the truth of what came in (it is not marked
drained), so a restart in the middle raises it all again: under the same names, so that whoever hears twice knows it.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Final, Protocol, TypeVar

from tocsin.engine.desk import ALARM, CLOCK, KEEP, SLOW, Desk, Stopwatch, StoreAwayError
from tocsin.engine.handing_over import (
    AT_ONCE,
    Keeper,
    Part,
    PostgresKeeper,
    Versions,
    keep_part,
    part_of,
)
from tocsin.flow.alarms import Alarms, Change, Settlement
from tocsin.flow.standby import Standby
from tocsin.runtime import logs

T = TypeVar("T")
PROBE_S: Final = 0.5
# So little is kept while everybody waits; the rest before, while memory goes on.
LITTLE: Final = 20
MOST_RECENT: Final = 50_000

log = logs.get("brownout")


class Postgres(Desk, Protocol):
    """A desk that can be given up."""

    def give_up(self) -> None:
        """Have everybody who waits hear at once that it is away."""
        ...


class Recent:
    """What PostgreSQL saved since the last snapshot began, so that memory can begin where it ended."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._lock = threading.Lock()
        self._before: list[Change | Settlement] = []
        self._now: list[Change | Settlement] = []

    def add(self, saved: Sequence[Change | Settlement]) -> None:
        """Note what was committed; called from the desk's threads."""
        with self._lock:
            self._now += saved
            del self._now[:-MOST_RECENT]

    def begin(self) -> None:
        """Note that a snapshot is being taken: what comes from here on it may lack."""
        with self._lock:
            self._before = [*self._before, *self._now][-MOST_RECENT:]
            self._now = []

    def taken(self) -> None:
        """Forget what the snapshot, which is taken now, holds."""
        with self._lock:
            self._before = []

    def all(self) -> list[Change | Settlement]:
        """Return everything that the last snapshot may lack."""
        with self._lock:
            return [*self._before, *self._now]


class SteadyDesk:
    """A desk that always answers: PostgreSQL's, or memory while that is away."""

    def __init__(
        self,
        postgres: Postgres,
        memory: Callable[[], Standby | None],
        clock: Callable[[], datetime],
        keeper: Callable[[Alarms], Keeper] = PostgresKeeper,
    ) -> None:
        """`memory` makes the store in memory from the latest snapshot, or None if there never was one.

        `keeper` is what is handed over to, when the store is back.
        """
        self._postgres, self._make, self._clock, self._keeper = postgres, memory, clock, keeper
        self._memory: Standby | None = None
        self._versions: Versions = {}
        self._returning = asyncio.Lock()
        self._watch = Stopwatch()
        self.away_since: datetime | None = None

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
                if lane == SLOW:
                    raise
                self._enter()
        elif lane == SLOW:
            raise StoreAwayError(lane)
        async with self._returning:
            if self._memory is not None:
                with self._memory.atomically():
                    return work(self._memory)
        return await self.do(work, lane)

    def stand_by(self) -> None:
        """Go on in memory at once, if there is a snapshot: PostgreSQL has just been asked, and is away."""
        with suppress(StoreAwayError):
            self._enter()

    def _enter(self) -> None:
        if self._memory is not None:
            return
        memory = self._make()
        if memory is None:
            raise StoreAwayError("no snapshot")
        self._memory, self._versions = memory, memory.versions()
        self.away_since = self._clock()
        self._watch.away()
        self._postgres.give_up()
        log.error("store.away", from_snapshot=True)

    async def watch(
        self,
        before: Callable[[], Awaitable[None]],
        back: Callable[[float], Awaitable[None]],
    ) -> None:
        """Probe PostgreSQL, so that an outage is known before an SOS comes and its end as soon.

        When it is back: `before`, then what was done meanwhile is kept, then `back`.
        """
        said: set[str] = set()
        while True:
            await asyncio.sleep(PROBE_S)
            try:
                if self._memory is None:
                    await self.do(_clock_of, CLOCK)
                    continue
                await self._postgres.do(_clock_of, KEEP)
            except StoreAwayError:
                continue
            try:
                await before()
                kept = await self._hand_over(self._memory)
            except StoreAwayError as problem:
                _say_once(problem, said)
                continue
            said.clear()
            away_s = self._watch.back()
            log.warning("store.back", away_s=round(away_s, 3), kept=kept)
            await back(away_s)

    async def _hand_over(self, memory: Standby) -> int:
        """Keep what memory did: most of it in nobody's way, the rest while everybody waits; return how much."""
        kept = await self._hand_over_part(memory, KEEP)
        while memory.backlog() > LITTLE:
            kept += await self._hand_over_part(memory, KEEP)
        async with self._returning:
            while memory.backlog():
                # In a lane that gives up soon: an SOS waits for this.
                kept += await self._hand_over_part(memory, ALARM)
            self._memory, self.away_since = None, None
            return kept

    async def _hand_over_part(self, memory: Standby, lane: str) -> int:
        saved, touched = memory.take_part(AT_ONCE)
        part = part_of(memory, saved, touched)
        try:
            keeping = partial(_keep, self._keeper, part, self._versions)
            self._versions = await self._postgres.do(keeping, lane)
        except BaseException:
            memory.take_back(saved, touched)
            raise
        return len(saved)


def _say_once(problem: StoreAwayError, said: set[str]) -> None:
    """Say why a hand-over failed though PostgreSQL answers, once for each reason: the kind of error, none of its values."""
    cause = problem.__cause__
    because = getattr(cause, "sqlstate", None) or (type(cause).__name__ if cause else "no_answer")
    if because not in said:
        said.add(because)
        log.error("handing_over.failed", because=because, error=type(cause or problem).__name__)


def _keep(
    keeper: Callable[[Alarms], Keeper], part: Part, versions: Versions, alarms: Alarms
) -> Versions:
    return keep_part(keeper(alarms), part, versions)


def _clock_of(alarms: Alarms) -> datetime:
    return alarms.now()
