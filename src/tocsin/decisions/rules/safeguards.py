"""What becomes of a measure: who owns it, when is it due, when is somebody told, and what may be done with it?

Pure. Times are aware UTC. A safeguard is patient: it tells its owner in her waking hours, escalates in hours to the
owner's manager, and pages the duty lead only for what is due before the protected person's next shift.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

from tocsin.decisions.rules.safeguard_templates import (
    BY_CODE,
    Event,
    OwnerRole,
    Template,
    opened_by,
)

SOONEST: Final = timedelta(minutes=30)
ESCALATES_AFTER: Final = timedelta(hours=4)
PAGES_BEFORE: Final = timedelta(hours=1)


class State(StrEnum):
    """Where a safeguard is. `offered` and `declined` are hers; `prepared` waits for the release; the last three end."""

    OFFERED = "offered"
    OPEN = "open"
    PREPARED = "prepared"
    DONE = "done"
    DECLINED = "declined"
    DROPPED = "dropped"


ENDED: Final = frozenset({State.DONE, State.DECLINED, State.DROPPED})
WORKED_ON: Final = frozenset({State.OPEN, State.PREPARED})


class Move(StrEnum):
    """What may happen to a safeguard. `take` and `decline` are hers alone; `offer`: what she declined, once more."""

    TAKE = "take"
    DECLINE = "decline"
    RELEASE = "release"
    FINISH = "finish"
    REOPEN = "reopen"
    DROP = "drop"
    OFFER = "offer"


_MOVES: Final[Mapping[tuple[State, Move], State]] = MappingProxyType(
    {
        (State.OFFERED, Move.TAKE): State.OPEN,
        (State.OFFERED, Move.DECLINE): State.DECLINED,
        (State.DECLINED, Move.TAKE): State.OPEN,
        (State.DECLINED, Move.OFFER): State.OFFERED,
        (State.PREPARED, Move.RELEASE): State.OPEN,
        (State.OPEN, Move.FINISH): State.DONE,
        (State.DONE, Move.REOPEN): State.OPEN,
        (State.OFFERED, Move.DROP): State.DROPPED,
        (State.OPEN, Move.DROP): State.DROPPED,
        (State.PREPARED, Move.DROP): State.DROPPED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Safeguard:
    """One measure of one case. Whether there is evidence is `has_evidence`; its words stay sealed."""

    id: UUID
    organisation_id: UUID
    case_id: UUID
    template: str
    event: str
    event_id: UUID
    touches_her: bool
    is_visible_step: bool
    state: State
    opened_at: datetime
    owner_id: UUID | None = None
    due_at: datetime | None = None
    incident_id: UUID | None = None
    escalated_to_id: UUID | None = None
    escalated_at: datetime | None = None
    paged_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by_id: UUID | None = None
    has_evidence: bool = False

    @property
    def is_ended(self) -> bool:
        """Return whether nothing is left to do."""
        return self.state in ENDED


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """Who may own a measure: the roles held or on duty in, the site of work, the own manager."""

    id: UUID
    roles: frozenset[str] = frozenset()
    site_id: UUID | None = None
    manager_id: UUID | None = None
    is_on_duty: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What decides owners and deadlines of a case. `parties`: who learns nothing of it and never owns any of it.

    `workers` holds everybody active who may own something; nobody in `parties` counts, wherever he stands.
    `shift_starts`: of her shifts that begin soon, or began within the last hour.
    """

    protected_id: UUID | None
    colleague_id: UUID | None
    site_id: UUID | None
    is_released: bool
    parties: frozenset[UUID] = frozenset()
    workers: Mapping[UUID, Worker] = field(default_factory=lambda: MappingProxyType({}))
    shift_starts: tuple[datetime, ...] = ()


def moved(safeguard: Safeguard, move: Move, at: datetime, by: UUID | None) -> Safeguard | None:
    """Return the safeguard after a move, or None if there is no such way. Her yes is no end, her no is never final."""
    is_hers = move is Move.DECLINE and safeguard.touches_her and safeguard.state is State.OPEN
    state = State.DECLINED if is_hers else _MOVES.get((safeguard.state, move))
    if state is None:
        return None
    ended = state in ENDED
    return replace(
        safeguard,
        state=state,
        ended_at=at if ended else None,
        ended_by_id=by if ended else None,
    )


def begun(safeguard: Safeguard, around: Around, at: datetime) -> Safeguard:
    """Return a safeguard that she took, or that was released, with its owner and deadline from now on.

    A released step is due now: the plan was made before. What was taken is due by its template's rule.
    """
    template = BY_CODE.get(safeguard.template)
    due = at if safeguard.is_visible_step or template is None else due_at(template, around, at)
    owner = safeguard.owner_id
    if template is not None and (owner is None or not may_own(owner, around)):
        owner = owner_of(template, around)
    return replace(
        safeguard,
        owner_id=owner,
        due_at=due,
        escalated_to_id=None,
        escalated_at=None,
        paged_at=None,
    )


@dataclass(frozen=True, slots=True)
class Opening:
    """What is to be opened: the state, the owner and the deadline of one measure."""

    template: Template
    state: State
    owner_id: UUID | None
    due_at: datetime | None


def openings(
    event: Event, around: Around, at: datetime, known: Collection[str] = ()
) -> tuple[Opening, ...]:
    """Return what a fact opens. `known`: codes that are under way in this case already and are not opened twice.

    What touches her is offered, without a deadline and without an owner who would wait for it.
    """
    return tuple(
        _opening(template, around, at)
        for template in opened_by(event)
        if template.code not in known and _fits(template, around)
    )


def _fits(template: Template, around: Around) -> bool:
    if template.touches_her and around.protected_id is None:
        return False
    return around.colleague_id is not None or not template.only_colleague


def _opening(template: Template, around: Around, at: datetime) -> Opening:
    if template.touches_her:
        return Opening(template, State.OFFERED, None, None)
    owner = owner_of(template, around)
    waits = template.is_visible_step and around.colleague_id is not None and not around.is_released
    if waits:
        return Opening(template, State.PREPARED, owner, None)
    return Opening(template, State.OPEN, owner, due_at(template, around, at))


def due_at(template: Template, around: Around, at: datetime) -> datetime:
    """Return when a measure is due: so long after the fact, and if it says so before her next shift.

    Never sooner than `SOONEST`, so that it can be done at all.
    """
    due = at + timedelta(minutes=template.within_min)
    shift = next_shift(around, at)
    if template.before_shift and shift is not None:
        due = min(due, shift)
    return max(due, at + min(SOONEST, timedelta(minutes=template.within_min)))


def next_shift(around: Around, at: datetime) -> datetime | None:
    """Return when her next shift begins, None if none is planned."""
    return min((start for start in around.shift_starts if start > at), default=None)


# --- who owns it ------------------------------------------------------------------------------------------


def may_own(person_id: UUID, around: Around) -> bool:
    """Return whether a person may own a measure of this case: active, no party, and not she herself."""
    shut_out = {*around.parties, around.colleague_id, around.protected_id}
    return person_id in around.workers and person_id not in shut_out


_NEXT_BEST: Final = (OwnerRole.SAFETY_LEAD, OwnerRole.SHIFT_LEAD, OwnerRole.ADMIN)


def owner_of(template: Template, around: Around) -> UUID | None:
    """Return who owns a measure: the template's role, else her manager, else the safety lead; None if nobody may."""
    hers = _her_manager(around)
    if template.owner is OwnerRole.HER_MANAGER:
        found = hers
    else:
        found = _holder(template.owner, around) or hers
    return found or next((h for h in (_holder(r, around) for r in _NEXT_BEST) if h), None)


def _holder(role: OwnerRole, around: Around) -> UUID | None:
    holders = [w for w in around.workers.values() if role in w.roles and may_own(w.id, around)]
    best = min(
        holders,
        key=lambda w: (not w.is_on_duty, w.site_id != around.site_id, w.id),
        default=None,
    )
    return best.id if best else None


def _her_manager(around: Around) -> UUID | None:
    her = around.workers.get(around.protected_id) if around.protected_id else None
    return _up(her.manager_id, around) if her else None


def _up(person_id: UUID | None, around: Around) -> UUID | None:
    """Return the first person up the line who may own it."""
    passed: set[UUID] = set()
    while person_id is not None and person_id not in passed:
        if may_own(person_id, around):
            return person_id
        passed.add(person_id)
        worker = around.workers.get(person_id)
        person_id = worker.manager_id if worker else None
    return None


def manager_of(owner_id: UUID | None, around: Around) -> UUID | None:
    """Return to whom a measure escalates: the owner's manager, else the safety lead; never the owner again."""
    owner = around.workers.get(owner_id) if owner_id else None
    above = _up(owner.manager_id, around) if owner else None
    if above is not None and above != owner_id:
        return above
    others = (_holder(role, around) for role in (*_NEXT_BEST, OwnerRole.HER_MANAGER))
    return next((other for other in others if other is not None and other != owner_id), None)


# --- time -------------------------------------------------------------------------------------------------


def escalates_at(safeguard: Safeguard) -> datetime | None:
    """Return when a late safeguard goes to the owner's manager; None if it never does (ended, offered, prepared)."""
    if safeguard.state is not State.OPEN or safeguard.due_at is None or safeguard.escalated_at:
        return None
    # Released together, due at once: the owner has the same hours as everybody before her manager hears of it.
    grace = ESCALATES_AFTER if safeguard.is_visible_step else timedelta(0)
    return safeguard.due_at + grace


def is_late(safeguard: Safeguard, at: datetime) -> bool:
    """Return whether it should be done by now; a step has some hours after its release."""
    if safeguard.state is not State.OPEN or safeguard.due_at is None:
        return False
    grace = ESCALATES_AFTER if safeguard.is_visible_step else timedelta(0)
    return safeguard.due_at + grace < at


def pages(safeguard: Safeguard, around: Around, at: datetime) -> bool:
    """Return whether the duty lead is paged now: an hour before a deadline that lies before her next shift.

    Whatever the deadline is, an hour before that shift: an order that is entered ten minutes before it leaves half an
    hour for what is to be done. Also in the shift's first hour, if the engine was away. Once, and only for what its
    template wants done before a shift; all else, and where no shift of hers is planned, waits for its owner's manager.
    """
    template = BY_CODE.get(safeguard.template)
    shift = next_shift(around, max(safeguard.opened_at, at - PAGES_BEFORE))
    if safeguard.state is not State.OPEN or safeguard.due_at is None or safeguard.paged_at:
        return False
    if template is None or not template.before_shift or shift is None:
        return False
    return min(safeguard.due_at, shift) - PAGES_BEFORE <= at


def owner_now(safeguard: Safeguard, around: Around) -> UUID | None:
    """Return who owns it now: an owner who left, or who became a party, is replaced."""
    owner, template = safeguard.owner_id, BY_CODE.get(safeguard.template)
    if owner is not None and may_own(owner, around):
        return owner
    return owner_of(template, around) if template else None


class Telling(StrEnum):
    """As what somebody is told of a safeguard, once each."""

    OWNER = "owner"
    MANAGER = "manager"
    HER = "her"
    DUTY = "duty"


@dataclass(frozen=True, slots=True)
class Tended:
    """A safeguard after time passed: as it is now, what was done to it, and who should know by now."""

    safeguard: Safeguard
    was_assigned: bool = False
    was_escalated: bool = False
    pages_duty: bool = False
    tell: tuple[tuple[Telling, UUID], ...] = ()


def tended(safeguard: Safeguard, around: Around, at: datetime) -> Tended:
    """Return what time and the workplace do to a safeguard; doing it again does nothing more.

    Prepared steps tell nobody: until the release nothing that a colleague could notice begins. Whoever should know
    is named each time; that nobody is told twice is kept beside it (`SafeguardNotice`).
    """
    if safeguard.state is State.OFFERED and around.protected_id is not None:
        return Tended(safeguard, tell=((Telling.HER, around.protected_id),))
    if safeguard.state not in WORKED_ON:
        return Tended(safeguard)
    owner = owner_now(safeguard, around)
    changed = replace(safeguard, owner_id=owner)
    if not (changed.escalated_to_id is None or may_own(changed.escalated_to_id, around)):
        changed = replace(changed, escalated_to_id=manager_of(owner, around))
    late = escalates_at(changed)
    was_escalated = late is not None and late <= at
    if was_escalated:
        changed = replace(changed, escalated_to_id=manager_of(owner, around), escalated_at=at)
    return Tended(
        changed,
        was_assigned=owner != safeguard.owner_id,
        was_escalated=was_escalated,
        pages_duty=pages(changed, around, at),
        tell=_told(changed),
    )


def _told(safeguard: Safeguard) -> tuple[tuple[Telling, UUID], ...]:
    if safeguard.state is not State.OPEN:
        return ()
    known = (
        (Telling.OWNER, safeguard.owner_id),
        (Telling.MANAGER, safeguard.escalated_to_id),
    )
    return tuple((telling, person) for telling, person in known if person is not None)


def due_first(safeguards: Sequence[Safeguard]) -> tuple[Safeguard, ...]:
    """Return safeguards in the order of their deadlines, those without one last."""
    return tuple(sorted(safeguards, key=lambda s: (s.due_at is None, s.due_at or s.opened_at)))
