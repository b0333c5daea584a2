"""What time is it? The only module that reads a clock.

Two kinds of time, never mixed: `now` is a date for people and rows (aware, UTC), `monotonic` is for waiting.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Time as the code sees it; tests and the simulator bring their own."""

    def now(self) -> datetime:
        """Return the time of day, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only ever grow."""
        ...


class WallClock:
    """The machine's clock as it is, with its steps: for what is written down, and what others hold against their own.

    A signature's time must be right also on a machine that booted with a wrong clock, or was asleep.
    """

    def now(self) -> datetime:
        """Return the time of day, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return `time.monotonic()`, seconds."""
        return time.monotonic()


class SystemClock:
    """The machine's clock, without its steps.

    `now` is anchored and then grows with the monotonic clock, so that a step of the wall clock (NTP, a hand) neither
    skips nor doubles a step that is being waited for. `anchor` takes the wall clock again: the engine does while the
    database's clock is the one that counts (`engine/keeping_time.py`).
    """

    def __init__(self) -> None:
        """Anchor to the wall clock of this moment."""
        self.anchor()

    def anchor(self) -> None:
        """Take the wall clock's time as the truth from here on."""
        self._wall = datetime.now(UTC)
        self._mono = time.monotonic()

    def now(self) -> datetime:
        """Return anchored wall time (aware, UTC)."""
        return self._wall + timedelta(seconds=time.monotonic() - self._mono)

    def monotonic(self) -> float:
        """Return `time.monotonic()`, seconds."""
        return time.monotonic()

    def stepped_s(self) -> float:
        """Return by how many seconds the wall clock has moved against `now` since the anchor."""
        return (datetime.now(UTC) - self.now()).total_seconds()


def wall_ns() -> int:
    """Return the wall clock in nanoseconds since 1970, for the spool's entries."""
    return time.time_ns()
