"""Who is on duty when? Rosters are kept in local wall time and turned into instants last.

Patterns make shifts, swaps exchange people, overrides add people and cut their shifts, in the order
in which they were written: all on the wall. Only the result becomes UTC, a start by its earliest reading and an
end by its latest (`wall_time`), so that a change night makes an overlap and never a gap.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from tocsin.registry.rules.contacts import EVERY_DAY
from tocsin.registry.rules.duty import Shift
from tocsin.registry.rules.wall_time import earliest, latest, midnight

MAX_LENGTH_MIN: Final = 48 * 60
MAX_EVERY_DAYS: Final = 366
MAX_TURNS: Final = 366
MAX_TURN_PEOPLE: Final = 200
MAX_WINDOW_DAYS: Final = 400
MAX_SHIFTS: Final = 50_000
# A day after 9999 cannot be counted: the bounds of every date in a line, both included.
FIRST_DATE: Final = date(1900, 1, 1)
LAST_DATE: Final = date(2199, 12, 31)
ADD: Final = "add"
REMOVE: Final = "remove"
# The longest shift and a skipped day (Samoa, 2011) behind: what may still run at the start of a
# window.
_LOOK_BACK_DAYS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Who works one turn of a rotation: people by id, a team by id, or nobody (days off)."""

    people: tuple[UUID, ...] = ()
    team_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A shift that comes again, in the roster's wall time.

    It falls on `first_date` and every `every_n_days` after it, on `weekdays` only (0 is Monday),
    from `valid_from` to `valid_until` (both dates included). It runs from `start` for `length_min`
    minutes or up to `end`; an end at or before the start is on the next day. `turns` rotate: each
    lasts `turn_days` calendar days, then the next one, then again the first.
    """

    id: UUID
    first_date: date
    start: time
    turns: tuple[Turn, ...]
    end: time | None = None
    length_min: int | None = None
    weekdays: frozenset[int] = EVERY_DAY
    every_n_days: int = 1
    turn_days: int = 1
    valid_from: date | None = None
    valid_until: date | None = None
    role: str = ""
    post_id: UUID | None = None
    at_position: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """One person added or removed between two wall times (naive), whatever was written before.

    A removal reaches the patterns, the swaps and every addition before it (an imported shift is one);
    an addition after it puts her on duty again.
    """

    id: UUID
    action: str
    person_id: UUID
    starts: datetime
    ends: datetime
    role: str = ""
    post_id: UUID | None = None
    at_position: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftKey:
    """One person's shift of one pattern or addition, by the local date on which it starts."""

    pattern_id: UUID
    local_date: date
    person_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """Two people exchange one shift: each works the other's, with the other's role and post."""

    id: UUID
    first: ShiftKey
    second: ShiftKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """One site's roster in the wall time of `zone` (IANA). `teams`: members by team id."""

    id: UUID
    name: str
    zone: str
    site_id: UUID | None = None
    patterns: tuple[Pattern, ...] = ()
    overrides: tuple[Override, ...] = ()
    swaps: tuple[Swap, ...] = ()
    teams: Mapping[UUID, tuple[UUID, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Planned:
    """A shift on the wall, before it becomes two instants."""

    person_id: UUID
    starts: datetime
    ends: datetime
    role: str
    source: str
    source_id: UUID
    post_id: UUID | None
    team_id: UUID | None
    at_position: bool
    key: ShiftKey | None = None


def shifts(roster: Roster, from_date: date, until_date: date) -> tuple[Shift, ...]:
    """Return every shift that touches the local dates from `from_date` up to `until_date`.

    `until_date` itself is not in the window. Sorted by start, then person. A shift that started
    before the window is in it while it runs. Raises ValueError for a window longer than 400 days,
    an unknown zone, or more than 50,000 shifts.
    """
    if (until_date - from_date).days > MAX_WINDOW_DAYS:
        message = f"a window of more than {MAX_WINDOW_DAYS} days"
        raise ValueError(message)
    zone = _zone(roster.zone)
    planned = _overridden(_from_patterns(roster, from_date, until_date), roster)
    window = midnight(from_date), midnight(until_date)
    inside = (shift for shift in planned if shift.starts < window[1] and window[0] < shift.ends)
    found = [_placed(shift, roster, zone) for shift in inside]
    if len(found) > MAX_SHIFTS:
        message = f"more than {MAX_SHIFTS} shifts in the window"
        raise ValueError(message)
    return tuple(
        sorted(found, key=lambda shift: (shift.starts_at, shift.ends_at, shift.person_id.int))
    )


def without_past(roster: Roster, before: date) -> Roster:
    """Return the roster without the overrides that ended before this local date, and the swaps of two such shifts.

    An addition that was exchanged for a later shift stays: without it the swap would exist no more, and whoever swapped
    out would be called in the place of whoever comes.
    """
    ends = {override.id: override.ends.date() for override in roster.overrides}
    swaps = tuple(
        swap
        for swap in roster.swaps
        if any(ends.get(key.pattern_id, key.local_date) >= before for key in _keys(swap))
    )
    exchanged = {key.pattern_id for swap in swaps for key in _keys(swap)}
    overrides = tuple(o for o in roster.overrides if ends[o.id] >= before or o.id in exchanged)
    return replace(roster, overrides=overrides, swaps=swaps)


def _keys(swap: Swap) -> tuple[ShiftKey, ShiftKey]:
    return swap.first, swap.second


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, OSError) as problem:
        message = f"unknown time zone {name!r}"
        raise ValueError(message) from problem


def wall_end(pattern: Pattern, starts: datetime) -> datetime:
    """Return the wall time at which a shift of this pattern that starts at `starts` ends."""
    if pattern.end is None:
        return starts + timedelta(minutes=pattern.length_min or 0)
    ends = datetime.combine(starts.date(), pattern.end)
    return ends if ends > starts else ends + timedelta(days=1)


def dates_of(pattern: Pattern, from_date: date, until_date: date) -> Iterator[date]:
    """Yield the dates on which this pattern starts a shift, up to and without `until_date`."""
    first = max(day for day in (pattern.first_date, pattern.valid_from, from_date) if day)
    last = (
        until_date
        if pattern.valid_until is None
        else min(until_date, pattern.valid_until + timedelta(days=1))
    )
    # The step is counted from first_date, also when the window or the validity starts later.
    behind = (first - pattern.first_date).days % pattern.every_n_days
    day = first if behind == 0 else first + timedelta(days=pattern.every_n_days - behind)
    while day < last:
        if day.weekday() in pattern.weekdays:
            yield day
        day += timedelta(days=pattern.every_n_days)


def turn_on(pattern: Pattern, local_date: date) -> Turn:
    """Return whose turn it is on this local date; an empty turn when the pattern has none."""
    if not pattern.turns:
        return Turn()
    days = (local_date - pattern.first_date).days
    return pattern.turns[days // pattern.turn_days % len(pattern.turns)]


def _from_patterns(roster: Roster, from_date: date, until_date: date) -> list[_Planned]:
    planned: list[_Planned] = []
    for pattern in roster.patterns:
        for day in dates_of(pattern, from_date - timedelta(days=_LOOK_BACK_DAYS), until_date):
            planned += _of_day(pattern, day, roster.teams)
            if len(planned) > MAX_SHIFTS * 2:
                message = f"more than {MAX_SHIFTS} shifts in the window"
                raise ValueError(message)
    return planned


def _of_day(
    pattern: Pattern, day: date, teams: Mapping[UUID, tuple[UUID, ...]]
) -> Iterator[_Planned]:
    turn = turn_on(pattern, day)
    starts = datetime.combine(day, pattern.start)
    of_team = teams.get(turn.team_id, ()) if turn.team_id else ()
    for person_id in dict.fromkeys((*turn.people, *of_team)):
        yield _Planned(
            person_id=person_id,
            starts=starts,
            ends=wall_end(pattern, starts),
            role=pattern.role,
            source="pattern",
            source_id=pattern.id,
            post_id=pattern.post_id,
            team_id=turn.team_id,
            at_position=pattern.at_position,
            key=ShiftKey(pattern_id=pattern.id, local_date=day, person_id=person_id),
        )


def _overridden(planned: list[_Planned], roster: Roster) -> list[_Planned]:
    swapped = _exchanged(roster)
    by_person: dict[UUID, list[_Planned]] = {}
    for shift in (_taken(shift, swapped) for shift in planned):
        by_person.setdefault(shift.person_id, []).append(shift)
    for override in roster.overrides:
        if override.starts >= override.ends:
            continue
        if override.action == ADD:
            added = _taken(_added(override), swapped)
            by_person.setdefault(added.person_id, []).append(added)
        elif override.action == REMOVE:
            by_person[override.person_id] = [
                rest
                for shift in by_person.get(override.person_id, ())
                for rest in _cut(shift, override.starts, override.ends)
            ]
    return [shift for shifts_of in by_person.values() for shift in shifts_of]


def _exchanged(roster: Roster) -> dict[ShiftKey, tuple[UUID, UUID]]:
    # A swap counts only as a whole: if one of the two shifts does not exist, nobody loses the
    # other one.
    instead: dict[ShiftKey, tuple[UUID, UUID]] = {}
    for swap in roster.swaps:
        if swap_exists(swap, roster):
            instead[swap.first] = (swap.second.person_id, swap.id)
            instead[swap.second] = (swap.first.person_id, swap.id)
    return instead


def _taken(shift: _Planned, instead: Mapping[ShiftKey, tuple[UUID, UUID]]) -> _Planned:
    change = instead.get(shift.key) if shift.key else None
    if change is None:
        return shift
    return replace(shift, person_id=change[0], source="swap", source_id=change[1])


def swap_exists(swap: Swap, roster: Roster) -> bool:
    """Return whether patterns or additions really give both people the shifts that they exchange."""
    return all(_is_planned(key, roster) for key in _keys(swap))


def _is_planned(key: ShiftKey, roster: Roster) -> bool:
    after = key.local_date + timedelta(days=1)
    return _is_added(key, roster) or any(
        shift.person_id == key.person_id
        for pattern in roster.patterns
        if pattern.id == key.pattern_id
        for day in dates_of(pattern, key.local_date, after)
        for shift in _of_day(pattern, day, roster.teams)
    )


def _is_added(key: ShiftKey, roster: Roster) -> bool:
    return any(
        key == _key_of(override)
        for override in roster.overrides
        if override.id == key.pattern_id and override.action == ADD
    )


def _key_of(override: Override) -> ShiftKey:
    return ShiftKey(
        pattern_id=override.id, local_date=override.starts.date(), person_id=override.person_id
    )


def _cut(shift: _Planned, starts: datetime, ends: datetime) -> Iterator[_Planned]:
    if ends <= shift.starts or shift.ends <= starts:
        yield shift
        return
    if shift.starts < starts:
        yield replace(shift, ends=starts)
    if ends < shift.ends:
        yield replace(shift, starts=ends)


def _added(override: Override) -> _Planned:
    return _Planned(
        person_id=override.person_id,
        starts=override.starts,
        ends=override.ends,
        role=override.role,
        source="override",
        source_id=override.id,
        post_id=override.post_id,
        team_id=None,
        at_position=override.at_position,
        key=_key_of(override),
    )


def _placed(shift: _Planned, roster: Roster, zone: ZoneInfo) -> Shift:
    return Shift(
        person_id=shift.person_id,
        role=shift.role,
        starts_at=earliest(shift.starts, zone),
        ends_at=latest(shift.ends, zone),
        local_start=shift.starts,
        local_end=shift.ends,
        source=shift.source,
        source_id=shift.source_id,
        site_id=roster.site_id,
        post_id=shift.post_id,
        team_id=shift.team_id,
        at_position=shift.at_position,
    )
