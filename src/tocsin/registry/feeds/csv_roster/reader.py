"""Who is on duty when? Reads a table of shifts in the roster's wall time; one line is one shift."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from tocsin.registry.feeds.cells import Row
from tocsin.registry.feeds.table import Columns, read_table
from tocsin.registry.rules.imports import Import, ShiftRow, overlaps
from tocsin.registry.rules.wall_time import earliest, latest, wall_of

COLUMNS: Final = Columns(
    required=("staff_number", "date", "start", "end"),
    optional=("role", "post", "at_position"),
)
MAX_STAFF_NUMBER: Final = 40
MAX_WORD: Final = 120
LONG_SHIFT: Final = timedelta(hours=16)


def read(raw: bytes, *, zone: ZoneInfo) -> Import[ShiftRow]:
    """Return the shifts in this table. Dates are like 2026-11-01, times like 22:30 in `zone`.

    An end at or before the start is on the next day. The same person at the same start twice is
    refused; shifts of one person that overlap, long ones and times that the clock skips or repeats
    are warned about.
    """
    result = read_table(
        raw, COLUMNS, lambda row: _shift(row, zone), lambda shift: (shift.person, shift.starts)
    )
    return Import(result.rows, result.refused, (*result.warned, *overlaps(result.rows)))


def _shift(row: Row, zone: ZoneInfo) -> ShiftRow:
    day, start, end = row.day("date"), row.clock("start"), row.clock("end")
    starts, ends = _times(day or date.min, start or time.min, end or time.min)
    if not row.refused:
        _warn(row, starts, ends, zone)
    return ShiftRow(
        line=row.line,
        person=row.text("staff_number", most=MAX_STAFF_NUMBER),
        starts=starts,
        ends=ends,
        role=row.name("role", most=MAX_WORD, is_required=False),
        post=row.name("post", most=MAX_WORD, is_required=False),
        at_position=row.yes_no("at_position", default=False),
    )


def _times(day: date, start: time, end: time) -> tuple[datetime, datetime]:
    next_day = timedelta(days=1 if end <= start else 0)
    return datetime.combine(day, start), datetime.combine(day, end) + next_day


def _warn(row: Row, starts: datetime, ends: datetime, zone: ZoneInfo) -> None:
    if ends - starts > LONG_SHIFT:
        row.warn("end", "makes a shift of more than 16 hours")
    for name, wall in (("start", starts), ("end", ends)):
        if earliest(wall, zone) == latest(wall, zone):
            continue
        happens = (
            "twice"
            if wall_of(wall.replace(tzinfo=zone).astimezone(UTC), zone) == wall
            else "not at all"
        )
        row.warn(name, f"happens {happens} on this date: counted so that the shift is longer")
