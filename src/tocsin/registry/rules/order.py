"""Is an order valid at this instant, is it enforceable, and what decided that?

    valid         issued, in effect, not ended, dismissed, recalled or superseded
    enforceable   valid, and the respondent was served, told orally or was in court

Two verdicts, never one boolean, each with the evidence that decided it. Facts are bitemporal: when each was true and
when we heard it; `known_at` leaves out what was heard later ("what did we know at 16:58?"). A fact is never changed, only
retracted by a later one. Times are aware UTC; days are those of the court's time zone.

What is not said exactly is read so that the protection is longer: a start on a date begins with that day, an end on a
date ends with it, an end that nobody has told stays open, two sources about one end: the later end.
Notice is read the other way, since police are told of it: served on a date means by the end of that day, or by when we
heard of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from tocsin.registry.rules.order_document import OrderBody
from tocsin.registry.rules.wall_time import midnight

REVIEW_WITHIN: Final = timedelta(hours=4)


class Family(StrEnum):
    """The seven families of orders. They differ in who asks, how long they live, and whether a court made them."""

    TEMPORARY = "temporary"
    FINAL = "final"
    NO_CONTACT = "no_contact"
    DIVORCE = "divorce"
    WORKPLACE = "workplace"
    TRESPASS = "trespass"
    BAIL = "bail"


class FactKind(StrEnum):
    """What can happen to an order."""

    ISSUED = "issued"
    EFFECTIVE = "effective"
    ENDS = "ends"
    SERVICE_ATTEMPTED = "service_attempted"
    SERVED = "served"
    TOLD_ORALLY = "told_orally"
    IN_COURT = "in_court"
    HEARING = "hearing"
    CONTINUED = "continued"
    MODIFIED = "modified"
    RENEWED = "renewed"
    RECALLED = "recalled"
    REINSTATED = "reinstated"
    DISMISSED = "dismissed"
    SUPERSEDED = "superseded"
    RETRACTED = "retracted"


NOTICES: Final = frozenset({FactKind.SERVED, FactKind.TOLD_ORALLY, FactKind.IN_COURT})
_ENDINGS: Final = frozenset({FactKind.RECALLED, FactKind.DISMISSED, FactKind.SUPERSEDED})
_BASE_ENDS: Final = frozenset({FactKind.ISSUED, FactKind.EFFECTIVE, FactKind.ENDS})
_NEW_ENDS: Final = frozenset({FactKind.MODIFIED, FactKind.RENEWED, FactKind.CONTINUED})
_FOREVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class End:
    """When an order ends: at an instant, with a local day, or, both None, not before a court says so."""

    at: datetime | None = None
    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that happened to an order, as one source told it.

    `true_at` (aware UTC), or `local_date` where only the day is known; neither: by when it was heard. `end`: what this
    fact says of the order's end; None says nothing. `retracts_id`: the fact that this one takes back.
    `reviewed_at`: when a second person looked at it, if it was told after the look at the entry (`second_look.py`).
    """

    id: UUID
    kind: FactKind
    heard_at: datetime
    source: str
    true_at: datetime | None = None
    local_date: date | None = None
    end: End | None = None
    retracts_id: UUID | None = None
    heard_by_id: UUID | None = None
    words: str = ""
    reviewed_at: datetime | None = None
    reviewed_by_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class StayAway:
    """A distance to keep from one of our sites, one of its places, or (both None) from her, wherever she is."""

    metres: int
    site_id: UUID | None = None
    place_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order with everything that happened to it. `body` is what names people; None when it was not opened."""

    id: UUID
    case_id: UUID
    organisation_id: UUID
    family: Family
    court_time_zone: str
    facts: tuple[Fact, ...]
    conditions: tuple[str, ...] = ()
    stay_away: tuple[StayAway, ...] = ()
    has_firearm_mark: bool = False
    is_mutual: bool = False
    body: OrderBody | None = None
    supersedes_id: UUID | None = None
    entered_at: datetime | None = None
    entered_by_id: UUID | None = None
    review_due_at: datetime | None = None
    reviewed_at: datetime | None = None
    reviewed_by_id: UUID | None = None

    @property
    def is_reviewed(self) -> bool:
        """Return whether a second person has looked at the entry."""
        return self.reviewed_at is not None


class Because(StrEnum):
    """What decided a verdict."""

    ISSUED = "issued"
    NOT_ISSUED = "not_issued"
    NOT_YET = "not_yet"
    RUNS_UNTIL = "runs_until"
    OPEN_END = "open_end"
    END_UNKNOWN = "end_unknown"
    ENDED = "ended"
    RECALLED = "recalled"
    REINSTATED = "reinstated"
    DISMISSED = "dismissed"
    SUPERSEDED = "superseded"
    SERVED = "served"
    TOLD_ORALLY = "told_orally"
    IN_COURT = "in_court"
    NOT_SERVED = "not_served"
    SERVICE_ATTEMPTED = "service_attempted"
    STANDS = "stands"
    LIFTED = "lifted"
    ELSEWHERE = "elsewhere"
    NO_RULE = "no_rule"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that decided: what, which fact or rule, the instant that counts, and who told it."""

    code: Because
    row_id: UUID | None = None
    at: datetime | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it holds, and because of what; what weighs most comes first."""

    holds: bool
    because: tuple[Evidence, ...] = ()

    @property
    def code(self) -> Because | None:
        """Return what weighs most."""
        return self.because[0].code if self.because else None

    @property
    def at(self) -> datetime | None:
        """Return the instant that counts most: when it ended, or until when it runs."""
        return self.because[0].at if self.because else None


def valid(order: Order, at: datetime, known_at: datetime | None = None) -> Verdict:
    """Return whether the order is valid at `at`, by what was known at `known_at` (None: by all we know)."""
    zone = ZoneInfo(order.court_time_zone)
    facts = facts_known(order.facts, known_at)
    started = _start(facts, at, zone)
    if not started.holds:
        return started
    ended = _ended(facts, at, zone)
    if ended is not None:
        return Verdict(False, (ended, *started.because))
    return Verdict(True, (*_until(facts, at, zone), *started.because, *_revived(facts, at, zone)))


def enforceable(order: Order, at: datetime, known_at: datetime | None = None) -> Verdict:
    """Return whether police can enforce it at `at`: valid, and the respondent had notice by then."""
    standing = valid(order, at, known_at)
    if not standing.holds:
        return standing
    zone = ZoneInfo(order.court_time_zone)
    facts = facts_known(order.facts, known_at)
    notices = [
        Evidence(Because(fact.kind.value), fact.id, instant, fact.source)
        for fact in facts
        if fact.kind in NOTICES and (instant := last_instant(fact, zone)) <= at
    ]
    if notices:
        first = min(notices, key=lambda one: one.at or at)
        return Verdict(True, (first, *standing.because))
    attempts = [
        Evidence(Because.SERVICE_ATTEMPTED, fact.id, first_instant(fact, zone), fact.source)
        for fact in facts
        if fact.kind is FactKind.SERVICE_ATTEMPTED and first_instant(fact, zone) <= at
    ]
    return Verdict(False, (Evidence(Because.NOT_SERVED), *attempts, *standing.because))


def facts_known(facts: Iterable[Fact], known_at: datetime | None = None) -> tuple[Fact, ...]:
    """Return the facts heard by `known_at` that nothing heard by then takes back, as they were heard."""
    heard = [fact for fact in facts if known_at is None or fact.heard_at <= known_at]
    retracted: set[UUID] = set()
    # The latest word first: a retraction that was itself retracted takes nothing back.
    for fact in sorted(heard, key=_heard, reverse=True):
        if fact.id not in retracted and fact.retracts_id is not None:
            retracted.add(fact.retracts_id)
    return tuple(
        fact
        for fact in sorted(heard, key=_heard)
        if fact.id not in retracted and fact.kind is not FactKind.RETRACTED
    )


def first_instant(fact: Fact, zone: ZoneInfo) -> datetime:
    """Return the earliest instant (UTC) at which the fact can have become true."""
    if fact.true_at is not None:
        return fact.true_at
    return start_of(fact.local_date, zone) if fact.local_date else fact.heard_at


def last_instant(fact: Fact, zone: ZoneInfo) -> datetime:
    """Return the instant by which the fact was true: the end of its day, or when it was heard if that was within it."""
    if fact.true_at is not None:
        return fact.true_at
    if fact.local_date is None:
        return fact.heard_at
    opens, closes = start_of(fact.local_date, zone), end_of(fact.local_date, zone)
    return min(closes, max(opens, fact.heard_at))


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant (UTC) of a local day.

    Where midnight comes twice, the first; where it is skipped, the instant of the change: fold 0 reads it with the
    offset before the change, which is just that.
    """
    return midnight(day).replace(tzinfo=zone, fold=0).astimezone(UTC)


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant (UTC) after a local day; a day of 23 or 25 hours ends with its last one."""
    if day == date.max:
        return _FOREVER
    return start_of(day + timedelta(days=1), zone)


def end_instant(end: End, zone: ZoneInfo) -> datetime:
    """Return the first instant (UTC) at which an order with this end is over; the end of time for an open one."""
    if end.at is not None:
        return end.at
    return end_of(end.on, zone) if end.on else _FOREVER


def ends(
    facts: Sequence[Fact], at: datetime, zone: ZoneInfo
) -> tuple[Fact | None, datetime | None]:
    """Return the fact that says when it ends, and that instant; (None, None) when nobody has said.

    A renewal, modification or continuance counts from when it was made. What is said of the order as issued is one
    layer: of two sources the one with the later end counts.
    """
    said = [fact for fact in facts if fact.end is not None]
    base = [fact for fact in said if fact.kind in _BASE_ENDS]
    newer = [f for f in said if f.kind in _NEW_ENDS and first_instant(f, zone) <= at]

    def until(fact: Fact) -> datetime:
        return end_instant(fact.end or End(), zone)

    if newer:
        found = max(newer, key=lambda fact: (first_instant(fact, zone), until(fact)))
    elif base:
        found = max(base, key=until)
    else:
        return None, None
    return found, until(found)


def _heard(fact: Fact) -> tuple[datetime, bool, UUID]:
    return fact.heard_at, fact.retracts_id is not None, fact.id


def _start(facts: Sequence[Fact], at: datetime, zone: ZoneInfo) -> Verdict:
    issued = [fact for fact in facts if fact.kind is FactKind.ISSUED]
    if not issued:
        return Verdict(False, (Evidence(Because.NOT_ISSUED),))
    first = min(issued, key=lambda fact: first_instant(fact, zone))
    begins = first_instant(first, zone)
    later = [fact for fact in facts if fact.kind is FactKind.EFFECTIVE]
    if later:
        effective = min(later, key=lambda fact: first_instant(fact, zone))
        if first_instant(effective, zone) > begins:
            first, begins = effective, first_instant(effective, zone)
    code = Because.ISSUED if begins <= at else Because.NOT_YET
    return Verdict(begins <= at, (Evidence(code, first.id, begins, first.source),))


def _gaps(
    facts: Sequence[Fact], zone: ZoneInfo
) -> list[tuple[Fact, datetime, Fact | None, datetime]]:
    """Return from when each recall counts, and until when: a reinstatement after it, or for ever."""
    backs = [fact for fact in facts if fact.kind is FactKind.REINSTATED]
    found = []
    for off in (fact for fact in facts if fact.kind in _ENDINGS):
        begins = _off_instant(off, zone)
        lifting = [back for back in backs if _comes_after(back, off, zone)]
        back = min(lifting, key=lambda fact: first_instant(fact, zone), default=None)
        until = max(begins, first_instant(back, zone)) if back else _FOREVER
        found.append((off, begins, back, until))
    return found


def _off_instant(fact: Fact, zone: ZoneInfo) -> datetime:
    # A date without a time ends with that day: until then the door acts on it.
    if fact.true_at is None and fact.local_date is not None:
        return end_of(fact.local_date, zone)
    return first_instant(fact, zone)


def _comes_after(back: Fact, off: Fact, zone: ZoneInfo) -> bool:
    if back.local_date is not None and back.true_at is None:
        # Both on one day, at no hour: the one heard later came later.
        same_day = end_of(back.local_date, zone) > first_instant(off, zone)
        return same_day and (back.local_date != off.local_date or _heard(back) > _heard(off))
    return first_instant(back, zone) >= first_instant(off, zone)


def _ended(facts: Sequence[Fact], at: datetime, zone: ZoneInfo) -> Evidence | None:
    """Return what ended it by `at`, the first of them, or None."""
    found = [
        Evidence(Because(off.kind.value), off.id, begins, off.source)
        for off, begins, _, until in _gaps(facts, zone)
        if begins <= at < until
    ]
    fact, over = ends(facts, at, zone)
    if fact is not None and over is not None and over <= at:
        found.append(Evidence(Because.ENDED, fact.id, over, fact.source))
    return min(found, key=lambda one: one.at or at, default=None)


def _until(facts: Sequence[Fact], at: datetime, zone: ZoneInfo) -> tuple[Evidence, ...]:
    fact, over = ends(facts, at, zone)
    if fact is None:
        return (Evidence(Because.END_UNKNOWN),)
    if over is None or over == _FOREVER:
        return (Evidence(Because.OPEN_END, fact.id, None, fact.source),)
    return (Evidence(Because.RUNS_UNTIL, fact.id, over, fact.source),)


def _revived(facts: Sequence[Fact], at: datetime, zone: ZoneInfo) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(Because.REINSTATED, back.id, until, back.source)
        for _, _, back, until in _gaps(facts, zone)
        if back is not None and until <= at
    )
