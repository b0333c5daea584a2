"""Who is on duty at this moment, and when are too few?"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final
from uuid import UUID

from tocsin.registry.rules.wall_time import longer_by

# An order that names her place of work means every site of her roster so long before and after this moment (NCIC 04):
# who waits for her waits before her shift begins, and after it ended.
WORKS_WITHIN: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One person on duty from `starts_at` up to `ends_at` (aware, UTC).

    `local_start` and `local_end` are the wall times as planned (naive). `source` says where it
    comes from: "pattern", "swap", "override" or "feed"; `source_id` is the pattern, swap or
    override.
    """

    person_id: UUID
    role: str
    starts_at: datetime
    ends_at: datetime
    local_start: datetime
    local_end: datetime
    source: str
    source_id: UUID | None = None
    site_id: UUID | None = None
    post_id: UUID | None = None
    team_id: UUID | None = None
    at_position: bool = False

    @property
    def clock_change(self) -> timedelta:
        """Return how much longer than on the wall the shift is (zero on most days)."""
        return longer_by(self.starts_at, self.ends_at, self.local_end - self.local_start)

    @property
    def label(self) -> str:
        """Return the shift for people: "Sat 31 Oct 2026 18:00 to Sun 1 Nov 2026 06:00"."""
        return f"{_day(self.local_start)} to {_day(self.local_end)}"


@dataclass(frozen=True, slots=True)
class Gap:
    """A time with too few people on duty: `have` of the number required (aware UTC)."""

    starts_at: datetime
    ends_at: datetime
    have: int


def _day(wall: datetime) -> str:
    return f"{wall:%a} {wall.day} {wall:%b %Y %H:%M}"


def on_duty(planned: Iterable[Shift], at: datetime) -> tuple[Shift, ...]:
    """Return the shifts that run at `at` (aware UTC): started, and not over in this very second."""
    return tuple(shift for shift in planned if shift.starts_at <= at < shift.ends_at)


def gaps(
    planned: Iterable[Shift], required: int, *, starts_at: datetime, ends_at: datetime
) -> tuple[Gap, ...]:
    """Return the times between two instants with fewer than `required` different people on duty.

    Exact to the second, in order; neighbouring times with the same number of people are one gap.
    """
    changes: dict[datetime, list[tuple[UUID, int]]] = defaultdict(list)
    for shift in planned:
        if shift.starts_at < ends_at and starts_at < shift.ends_at:
            changes[max(shift.starts_at, starts_at)].append((shift.person_id, 1))
            changes[min(shift.ends_at, ends_at)].append((shift.person_id, -1))
    running: dict[UUID, int] = defaultdict(int)
    found: list[Gap] = []
    moments = sorted({starts_at, ends_at, *changes})
    for since, until in pairwise(moments):
        for person_id, by in changes[since]:
            running[person_id] += by
        have = sum(1 for number in running.values() if number > 0)
        if have >= required:
            continue
        if found and found[-1].ends_at == since and found[-1].have == have:
            found[-1] = Gap(found[-1].starts_at, until, have)
        else:
            found.append(Gap(since, until, have))
    return tuple(found)
