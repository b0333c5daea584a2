"""What is a walk, and when is she asked?

A walk has a timer from 10 s. Not ended in time, it opens an incident whose ladder is hers first, then the watcher's,
then everybody's (`WALK_POLICY_STEPS`); an SOS skips it. It ends at "left the site", by her code or confirmed by the
one who watches.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tocsin.signals.rules.press import TIMER_S

WATCHER_AFTER_S: Final = 10
EVERYBODY_AFTER_S: Final = 20
OVERDUE: Final = "overdue"
CONFIRMED: Final = "confirmed"


@dataclass(frozen=True, slots=True)
class Walk:
    """One walk. `state`: open, overdue (an incident asks), ended. Times are aware UTC, the timer in seconds.

    `key` is that of her newest start: the phone on which she pressed it is told what becomes of the walk.
    """

    id: UUID
    organisation_id: UUID
    person_id: UUID
    site_id: UUID
    watcher_id: UUID | None
    key: str
    state: str
    started_at: datetime
    timer_s: int
    timer_set_at: datetime
    way: str = ""
    note: str = ""
    ended_at: datetime | None = None
    ended_how: str = ""

    @property
    def due_at(self) -> datetime:
        """Return when she is asked unless she ended or extended it."""
        return self.timer_set_at + timedelta(seconds=self.timer_s)

    @property
    def is_open(self) -> bool:
        """Return whether she has not been seen off the site yet."""
        return self.ended_at is None


def extended(walk: Walk, timer_s: int, now: datetime) -> Walk:
    """Return the walk with a new timer that runs from now, 10 s to 4 h of it.

    How often is not limited: each time is a press of hers, and after 4 h without one she is asked.
    """
    low, high = TIMER_S
    return replace(walk, timer_s=min(max(timer_s, low), high), timer_set_at=now, state="open")


def described(walk: Walk, *, watcher_id: UUID | None, way: str, note: str) -> Walk:
    """Return the walk as she describes it now; what she says nothing of stays, and herself she cannot watch."""
    is_other = watcher_id is not None and watcher_id != walk.person_id
    return replace(
        walk,
        watcher_id=watcher_id if is_other else walk.watcher_id,
        way=way or walk.way,
        note=note or walk.note,
    )


def overdue(walk: Walk) -> Walk:
    """Return the walk after its timer ran out; its incident asks from here on."""
    return replace(walk, state=OVERDUE)


def ended(walk: Walk, how: str, now: datetime) -> Walk:
    """Return the walk ended: `how` is "her code", "confirmed", or "stood down" with the alarm that asked about it."""
    return replace(walk, state="ended", ended_at=now, ended_how=how)
