"""Who is on duty when? Reads the shifts of an iCalendar file (RFC 5545) in wall time.

Bounds: 5 MB, 50,000 lines, a window of 400 days, 10,000 shifts. Series are daily, weekly or
monthly; of those only the forms that always come again, so that no file can make the expansion
search for ever.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr  # type: ignore[import-untyped]

from tocsin.registry.feeds.icalendar_roster.blocks import UNREADABLE, blocks
from tocsin.registry.feeds.icalendar_roster.entry import Entry, EntryError, read_entry
from tocsin.registry.rules.imports import Import, Refused, ShiftRow, overlaps, shown
from tocsin.registry.rules.roster import MAX_WINDOW_DAYS
from tocsin.registry.rules.wall_time import earliest, latest, midnight, wall_of

MAX_SHIFTS: Final = 10_000
# Expansion begins at the first shift of a series: an older one costs time and means a mistake.
MAX_YEARS_BACK: Final = 20
_DAYS: Final = r"(MO|TU|WE|TH|FR|SA|SU)"
_FORMS: Final = (
    re.compile(r"FREQ=DAILY(;INTERVAL=[1-9][0-9]{0,2})?"),
    re.compile(rf"FREQ=DAILY;BYDAY={_DAYS}(,{_DAYS})*"),
    re.compile(rf"FREQ=WEEKLY(;INTERVAL=[1-9][0-9]?)?(;BYDAY={_DAYS}(,{_DAYS})*)?"),
    re.compile(r"FREQ=MONTHLY(;BYMONTHDAY=-?([1-9]|[12][0-9]|3[01]))?"),
    re.compile(rf"FREQ=MONTHLY;BYDAY=-?[1-5]{_DAYS}"),
)
_ORDER: Final = ("FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY")
_BOUNDS: Final = ("COUNT", "UNTIL", "WKST")


@dataclass(slots=True)
class _Reading:
    """What is found while reading one file. `outside`: by line, whether what is not read comes after the window, or before."""

    zone: ZoneInfo
    window: tuple[datetime, datetime]
    rows: list[ShiftRow] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    warned: list[Refused] = field(default_factory=list)
    outside: dict[int, set[bool]] = field(default_factory=lambda: defaultdict(set))

    def refuse(self, line: int, problem: EntryError) -> None:
        self.refused.append(Refused(line, problem.name, problem.problem, problem.given))


def read(raw: bytes, *, zone: ZoneInfo, from_date: date, until_date: date) -> Import[ShiftRow]:
    """Return the shifts that start on the dates from `from_date` up to `until_date`.

    They are in wall time of `zone`. `ShiftRow.person` is the mail address of each ATTENDEE
    (small letters), or what SUMMARY says, "|" between people. A time without a zone is in `zone`.
    CATEGORIES names the role, LOCATION the post. What is cancelled, tentative or free time is left out
    and warned about, and so is what begins outside of these dates, what is no shift (a task), and a calendar without any. One that withdraws shifts
    (METHOD:CANCEL), or that is an answer and no roster, is refused. Raises ValueError for a window of more than 400
    days.
    """
    if (until_date - from_date).days > MAX_WINDOW_DAYS:
        message = f"a window of more than {MAX_WINDOW_DAYS} days"
        raise ValueError(message)
    reading = _Reading(zone, (midnight(from_date), midnight(until_date)))
    entries = list(_entries(raw, reading))
    for entry, starts in _instances(entries, reading):
        if len(reading.rows) + len(entry.people) > MAX_SHIFTS:
            problem = f"makes more than {MAX_SHIFTS} shifts in all; the rest was not read"
            reading.refused.append(Refused(entry.line, "RRULE", problem))
            break
        reading.rows += _rows(entry, starts, reading)
    rows = tuple(_once_each(reading))
    if not rows and not reading.refused:
        problem = (
            f"holds no shift that begins from {from_date} up to {until_date}; nothing is taken"
        )
        reading.warned.append(Refused(1, "VCALENDAR", problem))
    refused = sorted(reading.refused, key=lambda one: one.line)
    passed_over = _passed_over(reading, {row.line for row in rows})
    return Import(rows, tuple(refused), (*reading.warned, *overlaps(rows), *passed_over))


def _passed_over(reading: _Reading, inside: set[int]) -> Iterator[Refused]:
    """Yield a line for each entry of which shifts are not read; that a series began earlier than today is none."""
    first, last = reading.window[0].date(), reading.window[1].date() - timedelta(days=1)
    for line, is_after in sorted(reading.outside.items()):
        if line in inside and True not in is_after:
            continue
        problem = f"lies before {first} and is left out"
        if line in inside:
            problem = f"goes on after {last}: what comes then is not read; bring the file again"
        elif True in is_after:
            problem = f"begins after {last} and is not read; bring the file again"
        yield Refused(line, "DTSTART", problem)


def _once_each(reading: _Reading) -> Iterator[ShiftRow]:
    seen: dict[tuple[str, datetime], int] = {}
    for row in sorted(reading.rows, key=lambda row: (row.starts, row.person, row.line)):
        first = seen.setdefault((row.person, row.starts), row.line)
        if first == row.line:
            yield row
        else:
            given = shown(f"{row.person} {row.starts:%Y-%m-%d %H:%M}")
            problem = f"says the same as line {first}"
            reading.refused.append(Refused(row.line, "VEVENT", problem, given))


def _entries(raw: bytes, reading: _Reading) -> Iterator[Entry]:
    seen: dict[tuple[str, datetime | None], int] = {}
    for block in blocks(raw, reading.refused, reading.warned):
        try:
            entry = read_entry(block.line, block.entry, reading.zone)
        except EntryError as problem:
            reading.refuse(block.line, problem)
            continue
        except UNREADABLE as problem:
            reading.refuse(block.line, EntryError("VEVENT", "cannot be read", problem))
            continue
        first = seen.setdefault((entry.uid, entry.replaces), entry.line)
        if first != entry.line:
            problem_words = f"is also that of line {first}"
            reading.refused.append(Refused(entry.line, "UID", problem_words, shown(entry.uid)))
            continue
        if entry.left_out:
            reading.warned.append(Refused(entry.line, "VEVENT", entry.left_out))
        for mail, why in entry.not_coming:
            reading.warned.append(Refused(entry.line, "ATTENDEE", why, shown(mail)))
        if entry.rule and entry.zone.key == "UTC" != reading.zone.key:
            problem_words = "is in UTC: it will move on the wall when the clocks change"
            reading.warned.append(Refused(entry.line, "DTSTART", problem_words))
        yield entry


def _instances(entries: Iterable[Entry], reading: _Reading) -> Iterator[tuple[Entry, datetime]]:
    changed: dict[str, dict[datetime, Entry]] = defaultdict(dict)
    series = []
    for entry in entries:
        if entry.replaces is None:
            series.append(entry)
        else:
            changed[entry.uid][entry.replaces] = entry
    for entry in series:
        own = changed.pop(entry.uid, {})
        try:
            yield from _of_series(entry, own, reading)
        except EntryError as problem:
            reading.refuse(entry.line, problem)
    for entry in (one for own in changed.values() for one in own.values()):
        problem_words = "stands in for a shift of a series that is not in the file"
        reading.refused.append(
            Refused(entry.line, "RECURRENCE-ID", problem_words, shown(entry.uid))
        )


def _of_series(
    entry: Entry, changed: dict[datetime, Entry], reading: _Reading
) -> Iterator[tuple[Entry, datetime]]:
    # Two days more at both ends: an instance may be moved into the window from outside of it.
    starts = _starts(entry, reading.window[1] + timedelta(days=2), reading)
    for start in sorted(starts - changed.keys()):
        if not entry.left_out:
            yield entry, start
    for replaced, other in changed.items():
        if replaced not in starts and replaced < reading.window[1]:
            problem = "stands in for a shift that the series does not have"
            reading.refused.append(Refused(other.line, "RECURRENCE-ID", problem, f"{replaced}"))
        elif not other.left_out:
            yield other, other.starts


def _starts(entry: Entry, until: datetime, reading: _Reading) -> set[datetime]:
    starts = {entry.starts, *entry.more}
    if entry.rule:
        found, goes_on = _expanded(entry, until)
        starts |= found
        if goes_on and not entry.left_out:
            reading.outside[entry.line].add(True)
    # Whoever wrote it believes that nobody works then: who does is counted, and it is said.
    problem = "takes away a shift that the series does not have"
    reading.warned += [
        Refused(entry.line, "EXDATE", problem, f"{gone}")
        for gone in sorted(entry.except_at - starts)
        if gone < until
    ]
    return starts - entry.except_at


def _expanded(entry: Entry, until: datetime) -> tuple[set[datetime], bool]:
    """Return when the shifts of a series begin before `until`, and whether some begin later."""
    parts = dict(part.split("=", 1) for part in entry.rule.split(";") if "=" in part)
    form = ";".join(f"{name}={parts[name]}" for name in _ORDER if name in parts)
    has_other = not set(parts) <= {*_ORDER, *_BOUNDS}
    has_both = {"COUNT", "UNTIL"} <= set(parts)
    if has_other or has_both or not any(shape.fullmatch(form) for shape in _FORMS):
        name, problem = "RRULE", "repeats in a way that is not read here: write the shifts out"
        raise EntryError(name, problem, entry.rule)
    if entry.starts.year < until.year - MAX_YEARS_BACK:
        name = "DTSTART"
        raise EntryError(name, f"began more than {MAX_YEARS_BACK} years ago", entry.starts)
    try:
        rule = rrulestr(entry.rule, dtstart=entry.starts)
    except UNREADABLE as problem:
        name = "RRULE"
        raise EntryError(name, "cannot be read", entry.rule) from problem
    found: set[datetime] = set()
    for start in rule:
        if not found and start != entry.starts:
            name = "DTSTART"
            raise EntryError(name, "is not one of the dates that its own RRULE gives", entry.rule)
        if start >= until:
            return found, True
        found.add(start)
    return found, False


def _rows(entry: Entry, starts: datetime, reading: _Reading) -> Iterator[ShiftRow]:
    local_start, local_end = _on_wall(entry, starts, reading.zone)
    if not reading.window[0] <= local_start < reading.window[1]:
        reading.outside[entry.line].add(local_start >= reading.window[1])
        return
    for person in entry.people:
        yield ShiftRow(
            line=entry.line,
            person=person,
            starts=local_start,
            ends=local_end,
            role=entry.role,
            post=entry.post,
        )


def _on_wall(entry: Entry, starts: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    ends = starts + entry.length
    if entry.zone.key == zone.key:
        return starts, ends
    first, last = earliest(starts, entry.zone), latest(ends, entry.zone)
    local_start, local_end = wall_of(first, zone), wall_of(last, zone)
    # A short shift across a repeated hour would end before it begins on the wall.
    return local_start, max(local_end, local_start + min(entry.length, last - first))
