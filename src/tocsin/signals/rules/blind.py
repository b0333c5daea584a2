"""Is protection blind? A reader, tracker, post or briefing not heard or read in time; a place not drawn; damaged papers.

Facts and a time in, what to keep and to say out. Silence is judged the same for all: something that should be heard
every interval, and was not for two of them. What was never heard is as blind as what fell silent.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

INTERVALS: Final = 2
# A post is looked at in the roster; a hand-over of a few minutes is no hole.
POST_INTERVAL_S: Final = 300
# A briefing is read within a quarter of an hour of taking the post.
BRIEFING_INTERVAL_S: Final = 450
# Whoever enters an order has half an hour to draw what it names: until then no position can be held against it.
PLACE_INTERVAL_S: Final = 900
# What is damaged is blind at once: nothing is gained by waiting.
PAPERS_INTERVAL_S: Final = 5
# Who revokes a reader has ten minutes to enrol another in its place; one that was heard more often, its own two intervals.
REVOKED_INTERVAL_S: Final = 300
# What comes and goes is told once; the screen shows each time.
TOLD_AGAIN_AFTER: Final = timedelta(hours=1)
SHOWN_AFTERWARDS: Final = timedelta(hours=1)


class What(StrEnum):
    """What protection rests on."""

    READER = "reader"
    TRACKER = "tracker"
    POST = "post"
    BRIEFING = "briefing"
    PLACE = "place"
    ELSEWHERE = "elsewhere"
    ENTRY = "entry"
    PAPERS = "papers"


class Because(StrEnum):
    """Why it is blind."""

    SILENT = "silent"
    NEVER_HEARD = "never_heard"
    WRONG_CLOCK = "wrong_clock"
    REVOKED = "revoked"
    UNMANNED = "unmanned"
    UNREAD = "unread"
    NOT_DRAWN = "not_drawn"
    UNREADABLE = "unreadable"


# Of these it is heard again, or it is not there any more; of all others what is no longer found is in order.
OF_SENDERS: Final = frozenset(
    {Because.SILENT, Because.NEVER_HEARD, Because.WRONG_CLOCK, Because.REVOKED}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """One thing that should see. `last_at`: when it last did, or from when it should have. `case_id` None: for every case.

    `subject_id`: the sender, the post, of briefings the site, of a place it or its site, of places elsewhere the order, of papers
    and of an entry at the doors the case.
    """

    what: What
    subject_id: UUID
    organisation_id: UUID
    site_id: UUID
    case_id: UUID | None
    interval_s: int
    last_at: datetime
    because: Because

    @property
    def key(self) -> tuple[str, UUID, UUID | None]:
        """Return what makes it the same thing from look to look."""
        return self.what.value, self.subject_id, self.case_id

    def is_blind(self, at: datetime) -> bool:
        """Return whether two of its intervals have gone by."""
        return at - self.last_at >= INTERVALS * timedelta(seconds=self.interval_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One time of blindness. `since`: when it last saw. `well_since`: it sees again, and is watched for an interval."""

    id: UUID
    what: What
    subject_id: UUID
    organisation_id: UUID
    site_id: UUID
    case_id: UUID | None
    because: Because
    since: datetime
    found_at: datetime
    told_at: datetime | None = None
    well_since: datetime | None = None
    back_at: datetime | None = None

    @property
    def is_gone(self) -> bool:
        """Return whether it was taken out, or what it watched is over, while it saw nothing: it did not see again."""
        return self.back_at is not None and self.well_since is None and self.because in OF_SENDERS

    @property
    def key(self) -> tuple[str, UUID, UUID | None]:
        """Return what it is about, as `Watcher.key`."""
        return self.what.value, self.subject_id, self.case_id


@dataclass(frozen=True, slots=True)
class Judged:
    """What one look found: spots to write, those that are new and to be told, and those that are back."""

    changed: tuple[Spot, ...]
    tell: tuple[Spot, ...]
    back: tuple[Spot, ...]


def judge(
    watchers: Iterable[Watcher],
    open_spots: Iterable[Spot],
    told_lately: frozenset[tuple[str, UUID, UUID | None]],
    at: datetime,
    new_ids: Iterable[UUID],
) -> Judged:
    """Return what has changed since the last look.

    `told_lately`: what people were told of within `TOLD_AGAIN_AFTER`; it is shown again and told to nobody.
    A spot whose watcher is no longer there (revoked, the case closed, the shift over) ends at once.
    """
    ids = iter(new_ids)
    there = {watcher.key: watcher for watcher in watchers}
    known = {spot.key: spot for spot in open_spots}
    changed, back = [], []
    for key, spot in known.items():
        after = _looked_at(spot, there.get(key), at)
        if after != spot:
            changed.append(after)
        if after.back_at is not None:
            back.append(after)
    new = [
        _new(watcher, next(ids), at)
        for key, watcher in there.items()
        if key not in known and watcher.is_blind(at)
    ]
    still = {spot.key: spot for spot in (*known.values(), *changed, *new) if spot.back_at is None}
    ended = {spot.key for spot in back}
    tell = [
        spot
        for key, spot in still.items()
        if key not in ended and spot.told_at is None and spot.well_since is None
        and key not in told_lately
    ]  # fmt: skip
    return Judged((*changed, *new), tuple(tell), tuple(back))


def _looked_at(spot: Spot, watcher: Watcher | None, at: datetime) -> Spot:
    if watcher is None:
        return replace(spot, back_at=at)
    if watcher.is_blind(at):
        return replace(spot, well_since=None)
    well_since = spot.well_since or at
    if at - well_since >= timedelta(seconds=watcher.interval_s):
        return replace(spot, well_since=well_since, back_at=at)
    return replace(spot, well_since=well_since)


def _new(watcher: Watcher, spot_id: UUID, at: datetime) -> Spot:
    return Spot(
        id=spot_id,
        what=watcher.what,
        subject_id=watcher.subject_id,
        organisation_id=watcher.organisation_id,
        site_id=watcher.site_id,
        case_id=watcher.case_id,
        because=watcher.because,
        since=watcher.last_at,
        found_at=at,
    )
