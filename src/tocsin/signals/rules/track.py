"""Is this the event of which a sender told before under the same name? Pure.

A reader counts its events itself, and from one again when it restarts: for ever the same, its second "17" would be the first
once more, and call nobody. So a name that a sender counts says *the same* only within `SAME_FOR`, as of a text
(`repeat.py`): taking one for two calls people once more about what they know, taking two for one swallows him at the door. A
camera's names hold the time of the picture, a position's is its time, a list is brought again all day: those stay.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from tocsin.signals.rules.repeat import SAME_FOR, window_of
from tocsin.signals.rules.seen import Seen, Source

COUNTED: Final = frozenset({Source.BADGE, Source.CONTACT, Source.FEED})


def is_counted(seen: Seen) -> bool:
    """Return whether a sender may use the name of this event again for another."""
    return seen.sender_id is not None and seen.source in COUNTED


def is_near(one: datetime, other: datetime) -> bool:
    """Return whether what has the same name at these two times (aware UTC) is one event."""
    return abs(one - other) < SAME_FOR


def again(track: str, at: datetime) -> str:
    """Return the name under which an event is kept whose own is that of an earlier one."""
    return f"{track}~{window_of(at)}"


def names_near(track: str, at: datetime) -> Iterator[str]:
    """Yield under which names the event may be kept: its own, and those that it got where that was taken."""
    yield track
    for apart in (0, -1, 1):
        yield again(track, at + apart * SAME_FOR)
