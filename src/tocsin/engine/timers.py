"""What is due next? A heap on the monotonic clock; no tick.

A row keeps when it was set and when it is due. What is left to wait is taken from the store's clock once, is never
more than due - set, and is then waited for on the monotonic clock: a step of the wall clock moves nothing (I6).
"""

import asyncio
import heapq
from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.flow.alarms import Waiting
from tocsin.runtime.clock import Clock

HORIZON_S: Final = 120.0


class Timers:
    """The due times that this engine waits for; the latest one told of an incident or walk holds."""

    def __init__(self, clock: Clock) -> None:
        """Wait on this clock's monotonic time."""
        self._clock = clock
        self._heap: list[tuple[float, int, Waiting]] = []
        self._current: dict[tuple[str, UUID], datetime] = {}
        self._count = 0
        self.changed = asyncio.Event()

    def set(self, waiting: Waiting, store_now: datetime) -> None:
        """Wait for this from now on, instead of what was told of the same incident or walk before."""
        name = (waiting.kind, waiting.id)
        if self._current.get(name) == waiting.due_at:
            return
        self._current[name] = waiting.due_at
        whole = max(0.0, (waiting.due_at - waiting.set_at).total_seconds())
        left = min(max(0.0, (waiting.due_at - store_now).total_seconds()), whole)
        self._count += 1
        heapq.heappush(self._heap, (self._clock.monotonic() + left, self._count, waiting))
        self.changed.set()

    def drop(self, kind: str, row_id: UUID) -> None:
        """Wait for this no longer."""
        self._current.pop((kind, row_id), None)

    def set_all(self, waiting: Iterable[Waiting], store_now: datetime) -> None:
        """Wait for all of these."""
        for one in waiting:
            self.set(one, store_now)

    async def next(self) -> Waiting:
        """Return the next thing that is due, when it is due."""
        while True:
            self.changed.clear()
            self._skip_outdated()
            wait = self._heap[0][0] - self._clock.monotonic() if self._heap else HORIZON_S
            if self._heap and wait <= 0:
                waiting = heapq.heappop(self._heap)[2]
                self._current.pop((waiting.kind, waiting.id), None)
                return waiting
            try:
                async with asyncio.timeout(wait):
                    await self.changed.wait()
            except TimeoutError:
                continue

    def _skip_outdated(self) -> None:
        while self._heap:
            waiting = self._heap[0][2]
            if self._current.get((waiting.kind, waiting.id)) == waiting.due_at:
                return
            heapq.heappop(self._heap)
