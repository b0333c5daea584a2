"""What is the state of an incident, and what does a person's act change?

Pure. The escalation of an incident (who is called when) is `notifications/rules/escalation.py`; here is the
state itself, what people do about it, and what the one who pressed is shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

from tocsin.decisions.rules.said import Said
from tocsin.registry.rules.policy import PRIVATE, Policy


class Kind(StrEnum):
    """Why an incident was opened."""

    SOS = "sos"
    WALK = "walk"
    PROOF = "proof"
    GAP = "gap"
    LOOK = "look"
    TASK = "task"
    TASK_DUE = "task_due"
    BLIND = "blind"
    SEES = "sees"
    POSSIBLE_BREACH = "possible_breach"
    HOUSE_RULE = "house_rule"
    INFORM = "inform"


# They ask or tell once, with nobody to rescue: no emergency call, no second round, over at their deadline.
ASKING: Final = frozenset(
    {Kind.PROOF, Kind.GAP, Kind.LOOK, Kind.TASK, Kind.TASK_DUE, Kind.BLIND, Kind.SEES}
)
# A question about a way is about her who waits inside: she is never asked to look, nor whoever is kept from her.
ABOUT_NOBODY: Final = frozenset(
    {Kind.PROOF, Kind.GAP, Kind.TASK, Kind.TASK_DUE, Kind.BLIND, Kind.SEES}
)
# They tell one person of work that waits: seen is enough. A task is never an alarm; one that is due before her shift pages.
TELLING: Final = frozenset({Kind.GAP, Kind.TASK, Kind.TASK_DUE, Kind.BLIND, Kind.SEES})
# A sighting opened them, the weakest first. The first only tells: no emergency call, one person may close it.
SEEN: Final = (Kind.INFORM, Kind.HOUSE_RULE, Kind.POSSIBLE_BREACH)


class Doing(StrEnum):
    """What one person does about an incident (design, 4). Only *in charge* stops escalation."""

    SEEN = "seen"
    CALLING = "calling"
    GOING = "going"
    IN_CHARGE = "in_charge"
    THERE = "there"
    OVER = "over"
    CANNOT = "cannot"
    LOCKING = "locking"
    WATCHING = "watching"
    HOLDING_CREWS_OFF = "holding_crews_off"
    MEETING_POLICE = "meeting_police"


MAX_KEYS: Final = 50
NOT_LOCATED: Final = "not located"


class Shown(StrEnum):
    """What the device that raised it shows: the truth, or always *stored*, or always *cancelled*."""

    TRUTH = "truth"
    STORED = "stored"
    CANCELLED = "cancelled"


COUNTS_AS_COMING: Final = frozenset(
    {Doing.GOING, Doing.IN_CHARGE, Doing.THERE, Doing.WATCHING, Doing.LOCKING, Doing.MEETING_POLICE}
)


@dataclass(frozen=True, slots=True)
class Charge:
    """Who is in charge, and until when without another act of hers. `offered_to`: whom she has asked to take it over."""

    person_id: UUID
    since: datetime
    last_act_at: datetime
    asked_at: datetime | None = None
    offered_to: UUID | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person last said she does."""

    doing: Doing
    at: datetime


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident as the rules see it. Times are aware UTC; `ladder_from` is where the policy's offsets begin.

    `calls` numbers every wave of messages, so that a reference names one message for ever. `emergency_from`
    is when everybody was first called: from then on somebody must own the emergency call. `over` are the
    people who said that it is over, and have done nothing else since: a new SOS of hers, a duress code or an overdue walk
    empties it. `is_under_duress`: her duress code was heard, and no code of hers ends it any more. `keys` are the presses whose device is told the grade; those that a duress code has
    seemed to cancel are `cancelled_keys`, and stay "cancelled" there whatever comes (I9). Those of them that were withdrawn
    by either code while a newer press stood are `outlived_keys`.

    `is_again_owed`: she pressed again so soon after the last call (`last_raised_at`) that nobody was called for it yet.

    `unheard`: the steps of the ladder, by their number, that rang nobody; the repeat of all has the number after the last.

    `labels`: what people must know of a press of it: from a revoked phone, of somebody inactive.
    `is_from_doubted`: every press so far was a text from a number that nobody has confirmed to be hers.

    Of an incident with a respondent: `case_ids` are his cases, the first one first; `not_located` those of which no
    person has recorded custody since. `is_confirmed` False: only a possible match, which a person has to compare.
    `is_only_where`: while that is so, his monitor said it, by the court: who it is, is certain, and only where, is not.
    `is_about_place`: no protected person; `person_id` only stands in for the one who raises. `also_sites`: other sites
    whose people are called as well. `police`: codes of what may be said to police, `because` of what decided
    (`rules/sighting.py`), both by what each order `said`. `told_of`: when people were last called for something seen of this strength (`strength`).
    """

    id: UUID
    organisation_id: UUID
    site_id: UUID
    person_id: UUID
    word: str
    kind: Kind
    is_drill: bool
    key: str
    opened_at: datetime
    policy: Policy
    ladder_from: datetime
    walk_id: UUID | None = None
    watcher_id: UUID | None = None
    shown: Shown = Shown.TRUTH
    keys: tuple[str, ...] = ()
    cancelled_keys: tuple[str, ...] = ()
    outlived_keys: tuple[str, ...] = ()
    calls: int = 0
    next_step: int = 0
    called_at: datetime | None = None
    loops: int = 0
    unheard: frozenset[int] = frozenset()
    raised_count: int = 1
    last_raised_at: datetime | None = None
    is_again_owed: bool = False
    emergency_from: datetime | None = None
    unclaimed_said: int = 0
    unclaimed_said_at: datetime | None = None
    caller_id: UUID | None = None
    called_emergency_at: datetime | None = None
    charge: Charge | None = None
    standing: Mapping[UUID, Standing] = field(default_factory=lambda: MappingProxyType({}))
    is_under_duress: bool = False
    seen_by: frozenset[UUID] = frozenset()
    over: frozenset[UUID] = frozenset()
    case_ids: tuple[UUID, ...] = ()
    not_located: frozenset[UUID] = frozenset()
    is_confirmed: bool = True
    is_only_where: bool = False
    is_about_place: bool = False
    is_from_doubted: bool = False
    labels: tuple[str, ...] = ()
    also_sites: tuple[UUID, ...] = ()
    police: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    said: tuple[Said, ...] = ()
    told_of: Mapping[str, datetime] = field(default_factory=lambda: MappingProxyType({}))
    her_notice_at: datetime | None = None
    her_answer_at: datetime | None = None
    closed_at: datetime | None = None
    closed_how: str = ""
    latest_at: datetime | None = None
    version: int = 0

    @property
    def is_open(self) -> bool:
        """Return whether people still have to act."""
        return self.closed_at is None

    @property
    def is_silent(self) -> bool:
        """Return whether nothing may sound, light or vibrate on the devices of the one who raised it."""
        return self.shown is not Shown.TRUTH

    @property
    def is_only_a_walk(self) -> bool:
        """Return whether it is a walk that was not ended in time, and she has not pressed since."""
        return self.kind is Kind.WALK and self.raised_count == 1

    @property
    def needs_emergency_call(self) -> bool:
        """Return whether somebody must own the emergency call: not for a question, a note, or what nobody confirmed."""
        return self.kind not in ASKING and self.kind is not Kind.INFORM and self.is_confirmed

    @property
    def has_rung_nobody(self) -> bool:
        """Return whether the ladder is used up, and none of its steps rang anybody but her and who watches her walk."""
        steps = self.policy.steps
        public = {number for number, step in enumerate(steps) if not set(step.who) <= PRIVATE}
        return self.next_step >= len(steps) and public <= self.unheard

    def is_raised_by(self, person_id: UUID) -> bool:
        """Return whether it is about this person, or her drill: she is no responder of it, and none of her acts counts."""
        is_hers = person_id == self.person_id and self.kind not in ASKING
        return is_hers and not self.is_about_place

    @property
    def stands_for_nobody(self) -> bool:
        """Return whether `person_id` is not the one in danger: a lead who is told, the owner of a place's rule."""
        return self.kind in TELLING or self.is_about_place

    def is_told_herself(self, person_id: UUID) -> bool:
        """Return whether this is the protected person, and she is told of what was seen: her answer is no act (I4)."""
        is_she = person_id == self.person_id and not self.stands_for_nobody and not self.is_drill
        return is_she and (self.kind in SEEN or self.her_notice_at is not None)

    @property
    def nobody_answered(self) -> bool:
        """Return whether the whole ladder ran and nobody is in charge: the loudest state there is.

        The first call to those who are called in place of a ladder that rang nobody is no second round: nobody had time to
        answer it, and nothing starts again.
        """
        is_first = self.loops == 1 and self.has_rung_nobody
        return self.is_open and self.loops > 0 and not is_first and self.charge is None


def strength(kind: Kind, *, is_confirmed: bool) -> str:
    """Return how strong a sighting is, as a code: by its kind, and whether it is certain."""
    return f"{kind.value} {'certain' if is_confirmed else 'possible'}"


def coming(incident: Incident) -> int:
    """Return how many people have said that they go, are there, watch or are in charge.

    The one in charge counts whatever she said last: her *over* waits for a second person and must not call others.
    """
    found = {p for p, standing in incident.standing.items() if standing.doing in COUNTS_AS_COMING}
    return len(found | ({incident.charge.person_id} if incident.charge else set()))


def stopped(incident: Incident) -> bool:
    """Return whether escalation rests: somebody is in charge, and as many are coming as the step asked for."""
    return incident.charge is not None and coming(incident) >= quorum(incident)


def quorum(incident: Incident) -> int:
    """Return how many people the steps begun so far ask for; at least one."""
    return max((step.quorum for step in incident.policy.steps[: incident.next_step]), default=1)


def acted(incident: Incident, person_id: UUID, doing: Doing, at: datetime) -> Incident:
    """Return the incident after a person said what she does. Saying it again renews it.

    *in charge* has one owner: the later one takes over, which is a hand-over that the one before can see.
    Whatever the owner does counts as her next expected act. *seen* is never taken back; *over* is, by any other act of
    hers. *cannot* gives back the charge and the emergency call that the person held; *over* keeps both: it waits for a
    second person, and until then somebody has to be in charge.
    """
    changed = replace(
        incident,
        seen_by=incident.seen_by | {person_id},
        standing=incident.standing
        if doing is Doing.SEEN
        else MappingProxyType({**incident.standing, person_id: Standing(doing, at)}),
    )
    if doing is not Doing.SEEN:
        changed = replace(changed, over=changed.over - {person_id})
    if doing is Doing.OVER:
        changed = replace(changed, over=changed.over | {person_id})
    if doing is Doing.CALLING:
        changed = replace(changed, caller_id=person_id, called_emergency_at=at)
    return _charge_after(changed, person_id, doing, at)


def _charge_after(incident: Incident, person_id: UUID, doing: Doing, at: datetime) -> Incident:
    charge = incident.charge
    if doing is Doing.IN_CHARGE:
        since = charge.since if charge and charge.person_id == person_id else at
        return replace(incident, charge=Charge(person_id, since, at))
    if doing is Doing.CANNOT:
        return _gave_back(incident, person_id, at)
    if charge and charge.person_id == person_id:
        return replace(incident, charge=replace(charge, last_act_at=at, asked_at=None))
    return incident


def _gave_back(incident: Incident, person_id: UUID, at: datetime) -> Incident:
    changed = incident
    if incident.caller_id == person_id:
        changed = replace(
            changed, caller_id=None, emergency_from=at, unclaimed_said=0, unclaimed_said_at=None
        )
    if incident.charge and incident.charge.person_id == person_id:
        changed = replace(changed, charge=None, ladder_from=at, next_step=0)
    return changed


def without(incident: Incident, person_id: UUID, at: datetime) -> Incident:
    """Return the incident as if this person had done nothing but see it: what was hers to do is nobody's again."""
    standing = {who: what for who, what in incident.standing.items() if who != person_id}
    changed = replace(
        incident, standing=MappingProxyType(standing), over=incident.over - {person_id}
    )
    return _gave_back(changed, person_id, at)


def closed(incident: Incident, how: str, at: datetime) -> Incident:
    """Return the incident stood down, with the reason that the record keeps."""
    return replace(incident, closed_at=at, closed_how=how, charge=None)


def may_stand_down(incident: Incident) -> str | None:
    """Return how the incident may be stood down by its people now, or None.

    A real one needs two people who say *over* (I17), both after her last press, duress code or overdue walk; a drill
    or a proof needs one. The protected person's own true code closes it without anybody (`hers.cancel`).
    """
    needed = 1 if incident.is_drill or not incident.needs_emergency_call else 2
    if incident.not_located and len(incident.over) >= needed:
        return f"{len(incident.over)} people said it is over; {NOT_LOCATED}"
    return f"{len(incident.over)} people said it is over" if len(incident.over) >= needed else None


@dataclass(frozen=True, slots=True)
class Grade:
    """What is true, for the one who pressed (I15): a word and, where a person did it, who."""

    word: str
    person_id: UUID | None = None


def grade(incident: Incident, *, was_sent: bool) -> Grade:
    """Return the highest true grade for the device that raised it; a silent one says *stored* until her code ends it.

    `was_sent`: at least one message was handed to a provider. Never "help is coming": who did what.
    """
    if incident.closed_how == "her code":
        # Before the silence: under duress the same press shows *cancelled* too (I9).
        return Grade("cancelled")
    if incident.shown is not Shown.TRUTH:
        return Grade(incident.shown.value)
    if not incident.is_open:
        return Grade("over")
    there = _first(incident, Doing.THERE)
    if there:
        return Grade("there", there)
    if incident.charge:
        return Grade("in_charge", incident.charge.person_id)
    if incident.caller_id:
        return Grade("calling", incident.caller_id)
    if incident.seen_by:
        return Grade("seen", min(incident.seen_by))
    return Grade(_before_anybody(incident, was_sent=was_sent))


def grade_withdrawn(incident: Incident, key: str) -> Grade:
    """Return what one of the `cancelled_keys` is told: *cancelled*, or *goes_on* while a newer press of hers stands.

    It is read from what both codes change alike (I9). Of a newest press that is silent no other phone of hers says
    anything (I22).
    """
    stands = incident.is_open and incident.shown is Shown.TRUTH and key in incident.outlived_keys
    return Grade("goes_on" if stands else "cancelled")


def _before_anybody(incident: Incident, *, was_sent: bool) -> str:
    """Return how far it went; *unheard* where nobody is there whom it may ring: she must not wait for that."""
    is_nobody = not incident.loops or len(incident.policy.steps) in incident.unheard
    if was_sent or not (incident.has_rung_nobody and is_nobody):
        return "sent" if was_sent else "stored"
    return "unheard"


def _first(incident: Incident, doing: Doing) -> UUID | None:
    matches = [(s.at, person) for person, s in incident.standing.items() if s.doing is doing]
    return min(matches)[1] if matches else None
