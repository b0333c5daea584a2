"""Which times does an answer show? Taken out of its text one by one, so that two worlds' times can be compared.

What was there before the asking is the same in both worlds, to the digit: they are clones. What comes of the asking itself comes
in each world at that world's own moment; so two such times may be apart by as much as the two askings were, and by no more. The
acts of the order lie `ORDER_BEFORE` the asking, what both worlds have `HOUSE_BEFORE` that: a time that an act of the order has
touched is further from the other world's than any asking is (`aged`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from typing import Final
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql

HOUSE_BEFORE: Final = timedelta(minutes=20)
ORDER_BEFORE: Final = timedelta(minutes=7)
# By which clocks the pages of these worlds show a time.
ZONES: Final = (UTC, ZoneInfo("America/Chicago"))
# Duty is by the real clock; it is made before the worlds part, so that it is the same in both.
NOT_AGED: Final = frozenset({"registry_shift"})
DAY_S: Final = 86_400
# Less than what is between both clocks in summer without `HOUSE_BEFORE` and `ORDER_BEFORE`, more than an order's review is given.
AHEAD_S: Final = 4 * 3600 + 25 * 60
TIME: Final = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)(?:[T ](?P<of_day>\d\d:\d\d(?::\d\d)?)(?:\.\d+)?)?"
    r"|(?P<http>\d\d[ -][A-Z][a-z]{2}[ -]\d{4} \d\d:\d\d:\d\d)(?= GMT)"
    r"|(?P<alone>\b\d\d:\d\d(?::\d\d)?)(?:\.\d+)?"
    r"| +\+(?P<later>\d+\.\d{3}) s"
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as it is shown. `at`: without its zone; None where no day is shown. `of_day_s`: None where only a day is shown.

    `later_s`: how long after something, where that is what is shown, beside a time.
    """

    shown: str
    at: datetime | None = None
    of_day_s: int | None = None
    is_to_second: bool = False
    later_s: float | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """The times that an answer shows, in their order."""

    times: tuple[Moment, ...]


def split(text: str) -> tuple[str, tuple[Moment, ...]]:
    """Return a text with a mark at each time that it shows, and the times in their order."""
    found: list[Moment] = []

    def mark(one: re.Match[str]) -> str:
        found.append(_moment(one))
        if one["later"]:
            return " LATER"
        return "DAY" if one["day"] and not one["of_day"] else "TIME"

    return TIME.sub(mark, text), tuple(found)


def _moment(one: re.Match[str]) -> Moment:
    if one["later"]:
        return Moment(one[0].strip(), later_s=float(one["later"]))
    if one["http"]:
        at = datetime.strptime(one["http"].replace("-", " "), "%d %b %Y %H:%M:%S")
        return Moment(one[0], at, at.hour * 3600 + at.minute * 60 + at.second, is_to_second=True)
    of_day = one["of_day"] or one["alone"]
    seconds = _seconds(of_day) if of_day else None
    at = None
    if one["day"]:
        try:
            at = datetime.fromisoformat(one["day"]) + timedelta(seconds=seconds or 0)
        except ValueError:
            at = None
    return Moment(one[0], at, seconds, is_to_second=bool(of_day) and of_day.count(":") == 2)


def _seconds(of_day: str) -> int:
    hours, minutes, *rest = (int(part) for part in of_day.split(":"))
    return hours * 3600 + minutes * 60 + (rest[0] if rest else 0)


def are_same(
    one: Sequence[Moment], other: Sequence[Moment], *, since: datetime, apart_s: float
) -> bool:
    """Return whether both worlds show the same times: equal, or both of the asking since then, and no further apart than it was."""
    return all(a is not None and b is not None and _is_same(a, b, since, apart_s) for a, b in zip_longest(one, other))  # fmt: skip


def _is_same(a: Moment, b: Moment, since: datetime, apart_s: float) -> bool:
    if a.shown == b.shown:
        return True
    if a.later_s is not None and b.later_s is not None:
        return abs(a.later_s - b.later_s) <= apart_s
    if a.of_day_s is None or b.of_day_s is None or (a.at is None) != (b.at is None):
        return False
    # Of a time to the minute nobody sees more than that the minute has gone by.
    allowed = apart_s if a.is_to_second and b.is_to_second else max(60.0, apart_s)
    if a.at and b.at:
        apart = abs((a.at - b.at).total_seconds())
    else:
        around = abs(a.of_day_s - b.of_day_s)
        apart = min(around, DAY_S - around)
    return apart <= allowed and _is_since(a, since) and _is_since(b, since)


def _is_since(one: Moment, since: datetime) -> bool:
    """Return whether a time may be of the asking, or ahead of it, by one of the clocks that the pages show.

    By the clock of Chicago only so far ahead that no time of before the asking, in UTC, is taken for one.
    """
    assert one.of_day_s is not None
    for zone in ZONES:
        start = since.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0)
        if one.at is None:
            ahead_s = float((one.of_day_s - (start.hour * 3600 + start.minute * 60)) % DAY_S)
        else:
            ahead_s = (one.at - start).total_seconds()
        if 0 <= ahead_s and (ahead_s < AHEAD_S or (one.at is not None and zone is UTC)):
            return True
    return False


def aged(url: str, by: timedelta) -> None:
    """Put everything in this database so far into the past. `url`: of a superuser, whom no trigger stops."""
    with psycopg.connect(url, autocommit=True) as conn, conn.transaction():
        conn.execute("set local session_replication_role = replica")
        columns = conn.execute(
            """select c.table_name, array_agg(c.column_name::text)
            from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
            where table_schema = 'public' and t.table_type = 'BASE TABLE'
                and c.data_type = 'timestamp with time zone' and c.is_generated = 'NEVER'
            group by 1"""
        ).fetchall()
        for table, names in columns:
            if table in NOT_AGED:
                continue
            sets = [sql.SQL("{0} = {0} - %(by)s").format(sql.Identifier(name)) for name in names]
            conn.execute(sql.SQL("update {} set {}").format(sql.Identifier(table), sql.SQL(", ").join(sets)), {"by": by})  # fmt: skip
