"""Does this roster make sense: is every line well formed, and does it do what it says?"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice
from typing import Final, TypeVar
from uuid import UUID
from zoneinfo import available_timezones

from tocsin.registry.rules.contacts import EVERY_DAY
from tocsin.registry.rules.duty import Shift
from tocsin.registry.rules.findings import WARNING, Finding, error, errors, warning
from tocsin.registry.rules.roster import (
    ADD,
    FIRST_DATE,
    LAST_DATE,
    MAX_EVERY_DAYS,
    MAX_LENGTH_MIN,
    MAX_TURN_PEOPLE,
    MAX_TURNS,
    REMOVE,
    Override,
    Pattern,
    Roster,
    ShiftKey,
    Swap,
    Turn,
    shifts,
    swap_exists,
)

T = TypeVar("T")
LONG_SHIFT: Final = timedelta(hours=16)
MAX_OVERRIDE: Final = timedelta(days=366)
MAX_LINES: Final = 5_000
MAX_ROLE: Final = 40


# A finding of the whole: the roster as it is cannot be turned into shifts.
UNPLANNABLE: Final = "unplannable"
# Lived with where they came about later (a pattern was taken away, a person left); a new line with
# one of them would do nothing.
REFUSED_WHEN_NEW: Final = frozenset({"no_such_shift", "swapped_twice", "no_such_person"})


def check(roster: Roster, people: Collection[UUID] | None = None) -> tuple[Finding, ...]:
    """Return what is wrong with this roster; it may be used if `errors` of it is empty.

    `people` are those that exist; None asks nothing about them. A path begins with the line, by its
    place in the roster: "patterns[2]", "overrides[0].ends", "swaps[1]".
    """
    found = [*_whole(roster)]
    for index, pattern in enumerate(roster.patterns):
        found += _pattern(pattern, f"patterns[{index}]", roster)
    for index, override in enumerate(roster.overrides):
        found += _override(override, f"overrides[{index}]")
    for index, swap in enumerate(roster.swaps):
        found += _swap(swap, f"swaps[{index}]")
    # A swap can only be judged against lines that can be followed.
    if not errors(found):
        found += _swaps(roster)
    if people is not None:
        found += _strangers(roster, people)
    return tuple(found)


def without_unsound(roster: Roster, found: Collection[Finding]) -> Roster:
    """Return the roster without the lines that have an error: they cannot be followed."""
    bad = {line_of(finding) for finding in errors(found)}
    return replace(
        roster,
        patterns=_kept("patterns", roster.patterns, bad),
        overrides=_kept("overrides", roster.overrides, bad),
        swaps=_kept("swaps", roster.swaps, bad),
    )


def _kept(name: str, lines: tuple[T, ...], bad: Collection[str]) -> tuple[T, ...]:
    return tuple(line for index, line in enumerate(lines) if f"{name}[{index}]" not in bad)


def line_of(finding: Finding) -> str:
    """Return the line of which this is found ("patterns[2]"), or the field of the whole roster."""
    return finding.path.split(".")[0]


def _strangers(roster: Roster, people: Collection[UUID]) -> Iterator[Finding]:
    for name in ("patterns", "overrides", "swaps"):
        for index, line in enumerate(getattr(roster, name)):
            if any(person not in people for person in people_of(line)):
                words = "Somebody in this line is not here (any more) and is left out."
                yield warning("no_such_person", f"{name}[{index}].people", words)


def people_of(line: Pattern | Override | Swap) -> tuple[UUID, ...]:
    """Return the people whom a line names by id; a team's members are not among them."""
    if isinstance(line, Pattern):
        return tuple(person for turn in line.turns for person in turn.people)
    if isinstance(line, Override):
        return (line.person_id,)
    return (line.first.person_id, line.second.person_id)


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
    yield from _role(pattern.role, path)
    dates = (pattern.first_date, pattern.valid_from, pattern.valid_until)
    yield from _dates(dates, f"{path}.first_date")
    if pattern.valid_from and pattern.valid_until and pattern.valid_until < pattern.valid_from:
        yield error("validity", f"{path}.valid_until", "It ends before it begins.")
    if not 1 <= len(pattern.turns) <= MAX_TURNS:
        yield error("turns", f"{path}.turns", f"There are 1 to {MAX_TURNS} turns.")
    elif not any(_people(turn, roster) for turn in pattern.turns):
        yield warning("nobody", f"{path}.turns", "This shift has nobody in it.")
    for index, turn in enumerate(pattern.turns):
        yield from _turn(turn, f"{path}.turns[{index}]", roster)


def _role(role: str, path: str) -> Iterator[Finding]:
    if len(role) > MAX_ROLE or not role.isprintable():
        words = f"A role is a word of at most {MAX_ROLE} characters."
        yield error("role", f"{path}.role", words)


def _dates(days: Collection[date | None], path: str) -> Iterator[Finding]:
    if any(day and not FIRST_DATE <= day <= LAST_DATE for day in days):
        words = f"A date is not from {FIRST_DATE} to {LAST_DATE}; without an end, leave it out."
        yield error("date", path, words)


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
    yield from _role(override.role, path)
    yield from _dates((override.starts.date(), override.ends.date()), f"{path}.starts")
    if override.ends <= override.starts:
        yield error("order", f"{path}.ends", "It ends before it begins.")
    elif override.ends - override.starts > MAX_OVERRIDE:
        yield error("range", f"{path}.ends", "It lasts more than a year; use a pattern.")


def _swap(swap: Swap, path: str) -> Iterator[Finding]:
    yield from _dates((swap.first.local_date, swap.second.local_date), f"{path}.local_date")
    if swap.first.person_id == swap.second.person_id:
        yield error("same_person", path, "Nobody swaps with herself.")


def _swaps(roster: Roster) -> Iterator[Finding]:
    seen: set[ShiftKey] = set()
    for index, swap in enumerate(roster.swaps):
        path = f"swaps[{index}]"
        if not swap_exists(swap, roster):
            words = "One of the two shifts is not on the roster: nothing is swapped."
            yield warning("no_such_shift", path, words)
        if {swap.first, swap.second} & seen:
            words = "One of the two shifts is already swapped; only the last swap counts."
            yield warning("swapped_twice", path, words)
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
