"""Does this roster make sense: is every line well formed, and does it do what it says?"""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from typing import Final
from uuid import UUID
from zoneinfo import available_timezones

from tocsin.registry.rules.contacts import EVERY_DAY
from tocsin.registry.rules.duty import Shift
from tocsin.registry.rules.findings import WARNING, Finding, error, errors, warning
from tocsin.registry.rules.roster import (
    ADD,
    MAX_EVERY_DAYS,
    MAX_LENGTH_MIN,
    MAX_TURN_PEOPLE,
    MAX_TURNS,
    REMOVE,
    Override,
    Pattern,
    Roster,
    ShiftKey,
    Turn,
    shifts,
    swap_exists,
)

LONG_SHIFT: Final = timedelta(hours=16)
MAX_OVERRIDE: Final = timedelta(days=366)
MAX_LINES: Final = 5_000


def check(roster: Roster) -> tuple[Finding, ...]:
    """Return what is wrong with this roster; it may be used if `errors` of it is empty."""
    found = [*_whole(roster)]
    for index, pattern in enumerate(roster.patterns):
        found += _pattern(pattern, f"patterns[{index}]", roster)
    for index, override in enumerate(roster.overrides):
        found += _override(override, f"overrides[{index}]")
    # A swap can only be judged against patterns that can be followed.
    if not errors(found):
        found += _swaps(roster)
    return tuple(found)


def _whole(roster: Roster) -> Iterator[Finding]:
    if roster.zone not in available_timezones():
        yield error("zone", "zone", f"{roster.zone[:60]!r} is no time zone; Europe/Madrid is one.")
    for path in ("patterns", "overrides", "swaps"):
        if len(getattr(roster, path)) > MAX_LINES:
            yield error("lines", path, f"A roster has at most {MAX_LINES} {path}.")


def _pattern(pattern: Pattern, path: str, roster: Roster) -> Iterator[Finding]:
    yield from _length(pattern, path)
    if not 1 <= pattern.every_n_days <= MAX_EVERY_DAYS:
        yield error("range", f"{path}.every_n_days", f"It is not from 1 to {MAX_EVERY_DAYS}.")
    if not 1 <= pattern.turn_days <= MAX_EVERY_DAYS:
        yield error("range", f"{path}.turn_days", f"It is not from 1 to {MAX_EVERY_DAYS}.")
    if not pattern.weekdays or not pattern.weekdays <= EVERY_DAY:
        words = "Weekdays are one or more of 0 (Monday) to 6 (Sunday)."
        yield error("weekdays", f"{path}.weekdays", words)
    if pattern.valid_from and pattern.valid_until and pattern.valid_until < pattern.valid_from:
        yield error("validity", f"{path}.valid_until", "It ends before it begins.")
    if not 1 <= len(pattern.turns) <= MAX_TURNS:
        yield error("turns", f"{path}.turns", f"There are 1 to {MAX_TURNS} turns.")
    elif not any(_people(turn, roster) for turn in pattern.turns):
        yield warning("nobody", f"{path}.turns", "This shift has nobody in it.")
    for index, turn in enumerate(pattern.turns):
        yield from _turn(turn, f"{path}.turns[{index}]", roster)


def _length(pattern: Pattern, path: str) -> Iterator[Finding]:
    if (pattern.end is None) == (pattern.length_min is None):
        yield error("length", f"{path}.end", "A shift has an end or a length, one of the two.")
    elif pattern.length_min is not None and not 1 <= pattern.length_min <= MAX_LENGTH_MIN:
        words = f"{pattern.length_min} minutes is not from 1 to {MAX_LENGTH_MIN} (two days)."
        yield error("range", f"{path}.length_min", words)
    elif pattern.length_min is not None and pattern.length_min > LONG_SHIFT.total_seconds() / 60:
        yield warning("long", f"{path}.length_min", "A shift of more than 16 hours.")


def _people(turn: Turn, roster: Roster) -> tuple[UUID, ...]:
    return (*turn.people, *(roster.teams.get(turn.team_id, ()) if turn.team_id else ()))


def _turn(turn: Turn, path: str, roster: Roster) -> Iterator[Finding]:
    if len(turn.people) > MAX_TURN_PEOPLE:
        words = f"A turn names at most {MAX_TURN_PEOPLE} people; use a team."
        yield error("people", f"{path}.people", words)
    if turn.team_id and turn.team_id not in roster.teams:
        yield error("team", f"{path}.team_id", "There is no such team.")


def _override(override: Override, path: str) -> Iterator[Finding]:
    if override.action not in {ADD, REMOVE}:
        yield error("action", f"{path}.action", "It neither adds nor removes a person.")
    if override.ends <= override.starts:
        yield error("order", f"{path}.ends", "It ends before it begins.")
    elif override.ends - override.starts > MAX_OVERRIDE:
        yield error("range", f"{path}.ends", "It lasts more than a year; use a pattern.")


def _swaps(roster: Roster) -> Iterator[Finding]:
    seen: set[ShiftKey] = set()
    for index, swap in enumerate(roster.swaps):
        path = f"swaps[{index}]"
        if swap.first.person_id == swap.second.person_id:
            yield error("same_person", path, "Nobody swaps with herself.")
        if not swap_exists(swap, roster):
            words = "One of the two shifts is not on the roster: nothing is swapped."
            yield warning("no_such_shift", path, words)
        if {swap.first, swap.second} & seen:
            words = "One of the two shifts is already swapped; only the last swap counts."
            yield error("swapped_twice", path, words)
        seen |= {swap.first, swap.second}


def overlaps(roster: Roster, from_date: date, until_date: date) -> tuple[Finding, ...]:
    """Return where one person is planned twice at once, with the times (aware UTC).

    The overlap that a change of the clock makes of two shifts that meet on the wall is none. Raises
    ValueError as `shifts` does.
    """
    by_person: dict[UUID, list[Shift]] = {}
    for shift in shifts(roster, from_date, until_date):
        by_person.setdefault(shift.person_id, []).append(shift)
    return tuple(finding for planned in by_person.values() for finding in _twice(planned))


def _twice(planned: list[Shift]) -> Iterator[Finding]:
    planned.sort(key=lambda shift: shift.local_start)
    for index, one in enumerate(planned):
        for other in islice(planned, index + 1, None):
            if other.local_start >= one.local_end:
                break
            words = f"The same person is planned for {one.label} and for {other.label}."
            first, last = max(one.starts_at, other.starts_at), min(one.ends_at, other.ends_at)
            yield Finding(WARNING, "twice", "shifts", words, first, last)
