"""Which instant does a wall clock mean on the nights when it repeats or skips an hour?

The rule of every roster here: a start takes the earliest reading, an end the latest. So shifts
that meet on the wall always overlap and never leave a gap (guarantee I6).
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

# A year typed with two figures, and "for ever" written as a date (the evening of 31.12.9999 is no instant in America).
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2200
# Longer than any clock is set forward or back for summer (Lord Howe: half an hour; elsewhere an hour, or two).
_AROUND_A_CHANGE: Final = timedelta(hours=2)


def is_meant(day: date) -> bool:
    """Return whether somebody who types this date can mean it."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


def earliest(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the earliest instant (UTC) that the naive `wall` can mean in `zone`.

    A repeated hour: the first reading. A skipped one: the reading with the later offset, before
    the change.
    """
    return min(_readings(wall, zone))


def latest(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the latest instant (UTC) that the naive `wall` can mean in `zone`.

    A repeated hour: the second reading. A skipped one: the reading with the earlier offset, after
    the change.
    """
    return max(_readings(wall, zone))


def _readings(wall: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return first, second


def both_readings(at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the earliest and the latest instant (UTC) that the wall clock of the aware instant `at` can mean.

    They differ only in the hour that comes twice: what a roster says of it has the one or the other reading.
    """
    wall = wall_of(at, zone)
    return earliest(wall, zone), latest(wall, zone)


def readings_of_end(at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the earliest and the latest instant (UTC) at which somebody may go whose shift ends at the aware instant `at`.

    A roster has the latest reading of an end. In the hour after a skipped one it may be an end that the clock never showed:
    whoever looks at it is over her time when it jumps.
    """
    first, last = both_readings(at, zone)
    change = _skips_between(at - _AROUND_A_CHANGE, at, zone)
    if change and at - change < skipped_at(change, zone):
        return change, last
    return first, last


def readings_of_start(at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the earliest and the latest instant (UTC) at which somebody may come whose shift starts at the aware `at`.

    A roster has the earliest reading of a start. In the hour before a skipped one it may be a start that the clock never
    shows: then she comes when it has jumped, or when as much time has passed as on any other night.
    """
    first, last = both_readings(at, zone)
    change = _skips_between(at, at + _AROUND_A_CHANGE, zone)
    if change and change - at <= skipped_at(change, zone):
        return first, at + skipped_at(change, zone)
    return first, last


def skipped_at(change: datetime, zone: ZoneInfo) -> timedelta:
    """Return how much of wall time the change at this instant skips; negative when it repeats some."""
    before = wall_of(change - timedelta(seconds=1), zone) + timedelta(seconds=1)
    return wall_of(change, zone) - before


def _skips_between(first: datetime, last: datetime, zone: ZoneInfo) -> datetime | None:
    if wall_of(last, zone) - wall_of(first, zone) <= last - first:
        return None
    return change_between(first.astimezone(UTC), last.astimezone(UTC), zone)


def change_between(first: datetime, last: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant (UTC) in between at which the wall clock is changed.

    `first` and `last` have different offsets; the change lies between them.
    """
    since, until = first, last
    offset = since.astimezone(zone).utcoffset()
    while until - since > timedelta(seconds=1):
        middle = since + timedelta(seconds=(until - since) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == offset:
            since = middle
        else:
            until = middle
    return until


def wall_of(at: datetime, zone: ZoneInfo) -> datetime:
    """Return the naive wall time in `zone` at the aware instant `at`."""
    return at.astimezone(zone).replace(tzinfo=None)


def midnight(day: date) -> datetime:
    """Return the naive wall time at which this local date starts."""
    return datetime.combine(day, time(0, 0))


def longer_by(starts_at: datetime, ends_at: datetime, wall: timedelta) -> timedelta:
    """Return by how much the real time between two instants exceeds the wall time between them."""
    return (ends_at - starts_at) - wall
