"""What did each order, and the house rule, say of what was seen? Kept by case and order: a later word replaces the earlier.

Pure. What forbade that he was here is never taken back while the incident is open: he was seen when it did. That it does
not count any more is said beside it.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

BREACH: Final = "possible_breach"
SERVED: Final = "served"
NOT_SERVED: Final = "not_served"
NO_LONGER: Final = "no_longer"
FIRST_PAGE: Final = "first_page"
FIREARM_MARK: Final = "firearm_mark"
# Of several orders of one case the first of these is said.
_SERVICE: Final = (SERVED, NOT_SERVED, NO_LONGER)
_MARKS: Final = (FIRST_PAGE, FIREARM_MARK)
# Of one case: what he was seen under first stays; a case has a few orders, and she may have many cases.
MAX_SAID: Final = 100


@dataclass(frozen=True, slots=True)
class Said:
    """What one order of a case said, as codes; `order_id` None: the house rule, or that nothing else is known.

    `police`: what may be said to police of it; () if it did not forbid that he was there.
    """

    case_id: UUID
    order_id: UUID | None
    police: tuple[str, ...] = ()
    because: tuple[str, ...] = ()


def joined(before: Sequence[Said], now: Iterable[Said]) -> tuple[Said, ...]:
    """Return what was said with what one more sighting says: at another place an order may forbid less, and stays."""
    kept = {(one.case_id, one.order_id): one for one in before}
    for one in now:
        old = kept.get((one.case_id, one.order_id))
        if old is None or one.police or not old.police:
            kept[(one.case_id, one.order_id)] = one
    return _bounded(kept.values())


def _bounded(said: Iterable[Said]) -> tuple[Said, ...]:
    """Return what is kept of it: no case takes the place of another one's orders."""
    counts: Counter[UUID] = Counter()
    kept = []
    for one in said:
        counts[one.case_id] += 1
        if counts[one.case_id] <= MAX_SAID:
            kept.append(one)
    return tuple(kept)


def decided_anew(before: Sequence[Said], now: Sequence[Said]) -> tuple[Said, ...]:
    """Return what was said as it is known now. `now`: all that the sightings of these cases come to."""
    found = {(one.case_id, one.order_id): one for one in now}
    kept = [_loosened(old, found.get((old.case_id, old.order_id), old)) for old in before]
    return joined(kept, now)


def _loosened(old: Said, new: Said) -> Said:
    """Return what forbade it and does not any more: why, and for police that it does not count."""
    if new.police or not old.police:
        return old
    police = (NO_LONGER,) if old.order_id else old.police
    return Said(old.case_id, old.order_id, police, new.because)


def for_police(said: Sequence[Said]) -> tuple[str, ...]:
    """Return what may be said to police, as codes: never that a breach is certain; that is theirs to say.

    Where an order forbids it, nothing is said of the house rule: its words deny that there is such an order.
    """
    by_case = for_police_of_each(said)
    if not by_case:
        return tuple(dict.fromkeys(code for one in said for code in one.police))
    return tuple(dict.fromkeys(code for codes in by_case.values() for code in codes))


def for_police_of_each(said: Iterable[Said]) -> dict[UUID, tuple[str, ...]]:
    """Return the same of each case whose orders forbid it: of two protected people one order may be served, one not."""
    by_case: dict[UUID, list[str]] = {}
    for one in said:
        if one.order_id is not None and one.police:
            by_case.setdefault(one.case_id, []).extend(one.police)
    return {case_id: _of_case(codes) for case_id, codes in by_case.items()}


def _of_case(codes: Sequence[str]) -> tuple[str, ...]:
    service = [code for code in _SERVICE if code in codes][:1]
    return (BREACH, *service, *(code for code in _MARKS if code in codes))


def reasons(said: Iterable[Said]) -> tuple[str, ...]:
    """Return what decided, as codes, each once."""
    return tuple(dict.fromkeys(code for one in said for code in one.because))
