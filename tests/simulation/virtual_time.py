"""How do weeks pass in seconds? An asyncio loop that jumps to the next timer instead of sleeping."""

import asyncio
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")


class NothingLeftError(Exception):
    """Every task waits for something that nobody will do: a real program would hang."""


class _Jump:
    """Stands where the selector stands; there are no sockets, only time."""

    def __init__(self, loop: "VirtualLoop") -> None:
        self._loop = loop

    def select(self, timeout: float | None) -> list[Any]:
        if timeout is None:
            raise NothingLeftError
        self._loop.pass_time(timeout)
        return []

    def close(self) -> None:
        """Nothing to close."""


class VirtualLoop(asyncio.BaseEventLoop):
    """The standard library's loop, with a clock that moves only when everybody waits."""

    def __init__(self) -> None:
        """Begin at zero seconds."""
        super().__init__()
        self._passed = 0.0
        self._selector = _Jump(self)
        self.set_exception_handler(self._keep)
        self.unexpected: list[dict[str, Any]] = []

    def time(self) -> float:
        """Return virtual seconds."""
        return self._passed

    def pass_time(self, seconds: float) -> None:
        """Move on."""
        self._passed += max(0.0, seconds)

    def _keep(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.unexpected.append(context)

    def _process_events(self, _event_list: list[Any]) -> None:
        pass

    def _write_to_self(self) -> None:
        pass


def run(work: Coroutine[Any, Any, T]) -> T:
    """Return what `work` returns, in virtual time; whatever still runs then is thrown away."""
    # Not asyncio.Runner: its care for Ctrl-C takes a sixth of a night.
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(work)
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


class VirtualClock:
    """The clock of one machine: its monotonic time is the loop's, its wall clock can be stepped."""

    def __init__(self, wall: datetime) -> None:
        """`wall` is the time of day at second zero."""
        self._wall = wall
        self._loop = asyncio.get_running_loop()

    def now(self) -> datetime:
        """Return the time of day, aware UTC, as wrong as its steps made it."""
        return self._wall + timedelta(seconds=self._loop.time())

    def monotonic(self) -> float:
        """Return virtual seconds since the start."""
        return self._loop.time()

    def step(self, seconds: float) -> None:
        """Set the wall clock forward, or back."""
        self._wall += timedelta(seconds=seconds)
