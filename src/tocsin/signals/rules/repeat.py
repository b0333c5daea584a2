"""When is a text the same one, brought once more by its gateway? Pure.

A gateway that was not answered in time brings a text again, seconds or minutes later. But not every gateway gives ids,
and a modem counts its own from one again when it restarts. Taking two texts for one swallows an SOS; taking one for two
calls people once more about an incident that they know. So an id says *the same* only together with sender and words,
and only for `SAME_FOR`; without an id every text is its own.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

# Repeats of what was stored come within a gateway's first tries; what was not stored has no name here yet.
SAME_FOR: Final = timedelta(minutes=10)
MAX_ID: Final = 200
_DIGEST_CHARS: Final = 40


def name_of(given: str, number: str, text: str, at: datetime, *, is_for_ever: bool = False) -> str:
    """Return the name of a text whose gateway gave an id, at most 60 characters.

    `at` is when it was received. `is_for_ever`: the gateway's ids are unique in the world (Twilio's), so that a call
    of weeks ago that somebody plays back is no new text.
    """
    digest = _digest(given[:MAX_ID].encode(), number.encode(), text.encode())
    return digest if is_for_ever else f"{digest}@{window_of(at)}"


def name_of_entry(payload: bytes, at: datetime) -> str:
    """Return the name of a text without an id: the same for one entry of the spool, however often it is read."""
    return _digest(payload, at.isoformat().encode())


def names_of_same(name: str) -> tuple[str, ...]:
    """Return the names under which the same text may be kept already.

    Names change every `SAME_FOR`: a neighbour is the same text only if it was received less than that apart.
    """
    digest, at, window = name.partition("@")
    if not at or not window.isdecimal():
        return (name,)
    return tuple(f"{digest}@{int(window) + near}" for near in (0, -1, 1))


def was_kept(name: str, at: datetime, find: Callable[[str], datetime | None]) -> bool:
    """Return whether this text was kept already; `find` says when the one of a name was received, or None."""
    if find(name) is not None:
        return True
    near = [found for like in names_of_same(name) if (found := find(like))]
    return any(abs(at - found) < SAME_FOR for found in near)


def window_of(at: datetime) -> int:
    """Return which span of `SAME_FOR` this is in: two times in one are less than that apart."""
    return int(at.timestamp() // SAME_FOR.total_seconds())


def _digest(*parts: bytes) -> str:
    # Each part under its length: what one ends with must not pass for what the next begins with.
    whole = b"".join(b"%d:%b" % (len(part), part) for part in parts)
    return hashlib.sha256(whole).hexdigest()[:_DIGEST_CHARS]
