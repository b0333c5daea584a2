"""How far is a time or a position to be believed? Pure.

A camera whose clock is wrong still saw somebody: its event is kept at the time we heard it, and said so. A position is
worth what its time is worth: one from the future is set aside, an old one is nobody's business any more.
"""

from datetime import datetime, timedelta
from typing import Final

from tocsin.signals.rules.quarantine import Why
from tocsin.signals.rules.seen import Position, Seen

# Clocks of devices differ by so much without anything being wrong.
CLOCKS_DIFFER: Final = timedelta(seconds=120)
LATE_AFTER: Final = timedelta(seconds=120)
# Whoever was seen a while ago may stand there still; later than that it says only that he was there.
STANDS_THERE_FOR: Final = timedelta(minutes=15)
EVENT_TOO_OLD_AFTER: Final = timedelta(hours=24)
FIX_TOO_OLD_AFTER: Final = timedelta(hours=24)
# Phones ask for metres and get street corners: beyond this it says which town.
COARSE_OVER_M: Final = 200.0
KNOT_M_S: Final = 1852 / 3600
KM_H_M_S: Final = 1 / 3.6

LATE: Final = "late"
CLOCK_WRONG: Final = "clock_wrong"
NO_TIME: Final = "no_time"
MOCK: Final = "mock"
NOT_VALID: Final = "not_valid"
NO_ACCURACY: Final = "no_accuracy"
COARSE: Final = "coarse"


def judge_event(said_at: datetime | None, heard_at: datetime) -> tuple[datetime, tuple[str, ...]]:
    """Return when an event was, as far as we know, and what lowers its trust.

    No time, or one in the future: the time we heard it.
    """
    if said_at is None:
        return heard_at, (NO_TIME,)
    if said_at > heard_at + CLOCKS_DIFFER:
        return heard_at, (CLOCK_WRONG,)
    if said_at > heard_at:
        return heard_at, ()
    return said_at, (LATE,) if heard_at - said_at > LATE_AFTER else ()


def only_was_there(seen: Seen) -> bool:
    """Return whether it came so late that it says nothing of now: an order that began since was not breached by it."""
    return seen.heard_at - seen.seen_at > STANDS_THERE_FOR


def is_event_too_old(said_at: datetime | None, heard_at: datetime) -> bool:
    """Return whether an event is so long ago that nobody can act on it: it is set aside, shown."""
    return said_at is not None and heard_at - said_at > EVENT_TOO_OLD_AFTER


def judge_fix(position: Position, heard_at: datetime) -> Why | tuple[str, ...]:
    """Return why a position is not taken, or what lowers its trust ("mock", "late", "no_accuracy", "coarse")."""
    if position.fixed_at > heard_at + CLOCKS_DIFFER:
        return Why.FUTURE
    if heard_at - position.fixed_at > FIX_TOO_OLD_AFTER:
        return Why.TOO_OLD
    codes = []
    if position.is_mocked:
        codes.append(MOCK)
    if heard_at - position.fixed_at > LATE_AFTER:
        codes.append(LATE)
    if position.accuracy_m is None:
        codes.append(NO_ACCURACY)
    elif position.accuracy_m > COARSE_OVER_M:
        codes.append(COARSE)
    return tuple(codes)
