"""How much does a door take from one sender?"""

from collections.abc import Callable
from threading import Lock
from typing import Final
from uuid import UUID

PER_SECOND: Final = 100
# So many at once after a pause: a reader that was offline hands in what it kept.
AT_ONCE: Final = 200
MAX_SENDERS: Final = 5_000
MAX_BODY: Final = 524_288
# A camera may send its picture along. It is passed over while it comes in, and never kept.
MAX_WITH_PICTURE: Final = 1_048_576


class Throttle:
    """Lets each sender have its share, whatever the others do. Threads may share it."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """Take the clock; its values are seconds."""
        self._monotonic = monotonic
        self._lock = Lock()
        self._left: dict[UUID, tuple[float, float]] = {}

    def take(self, sender_id: UUID) -> bool:
        """Return whether this sender may send one more now."""
        now = self._monotonic()
        with self._lock:
            left, then = self._left.pop(sender_id, (float(AT_ONCE), now))
            left = min(AT_ONCE, left + (now - then) * PER_SECOND)
            is_let = left >= 1
            self._left[sender_id] = (left - 1 if is_let else left, now)
            if len(self._left) > MAX_SENDERS:
                del self._left[next(iter(self._left))]
        return is_let
