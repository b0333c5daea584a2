"""Who is called next, and when?

`step(incident, what, facts, now)` is the whole of it: an incident and something that happened (or just time that
passed) go in, the incident as it is now and its effects come out. Pure: the same facts give the same decision
in production, in the simulator and in a court room. Times are aware UTC.

The ladder counts from `ladder_from`. A step that rings nobody is skipped at once; after the last one it loops (I3).
"""

from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.decisions.rules.incident import (
    ASKING,
    TELLING,
    Charge,
    Doing,
    Incident,
    Kind,
    acted,
    may_stand_down,
)
from tocsin.notifications.rules import hers, respondent
from tocsin.notifications.rules.calling import (
    EVERYBODY,
    Result,
    anew,
    ask,
    call_all,
    counted,
    emergency_since,
    loop,
    or_leads,
    person_step,
    stand_down,
    template_of,
    told_too_late,
    wave,
    without_gone,
)
from tocsin.notifications.rules.due import (
    again_due,
    charge_due,
    ladder_due,
    seconds,
    unclaimed_due,
)
from tocsin.notifications.rules.happenings import (
    Acted,
    AfterAll,
    Call,
    Cancelled,
    Compared,
    DecidedAnew,
    Effect,
    HandedOver,
    Located,
    LookedTooLate,
    Note,
    Opened,
    RaisedAgain,
    SeenAgain,
    StoodDown,
    TimePassed,
    Usual,
    WalkOverdue,
    What,
)
from tocsin.registry.rules.contacts import Recipient
from tocsin.registry.rules.policy import PRIVATE, SiteFacts, rings_nobody, select

MOST_AT_ONCE: Final = 64


def step(incident: Incident, what: What, facts: SiteFacts, now: datetime) -> Result:
    """Return the incident after `what`, and what has to be done about it.

    A closed incident changes no more. `facts` are who may be called at `now`. Never raises for a late, repeated
    or out-of-order `what`: the worst is an empty result.
    """
    if not incident.is_open and not isinstance(what, AfterAll):
        return incident, ()
    # An incident's time never goes back: after a clock was set back, what people do then and what waits from
    # before would lie in two times, and one would hide the other.
    now = max(now, incident.latest_at or incident.opened_at)
    before, left = without_gone(incident, facts, now)
    if isinstance(what, SeenAgain | DecidedAnew | Compared | Located):
        changed, effects = respondent.step(before, what, facts, now)
    elif isinstance(what, LookedTooLate):
        changed, effects = told_too_late(before, what.person_id, facts)
    else:
        changed, effects = _apply(before, what, facts, now)
    changed, timed = _run_due(changed, facts, now)
    changed = replace(changed, version=incident.version + 1, latest_at=now)
    return changed, (*left, *effects, *timed)


def _apply(incident: Incident, what: Usual, facts: SiteFacts, now: datetime) -> Result:
    match what:
        case Acted():
            return _act(incident, what, facts, now)
        case RaisedAgain():
            return hers.press_again(incident, what, facts, now)
        case WalkOverdue():
            return hers.walk_overdue(incident, what, facts, now)
        case Cancelled():
            return hers.cancel(incident, what, facts, now)
        case HandedOver():
            return _hand_over(incident, what, facts, now)
        case StoodDown():
            return stand_down(incident, what.how, facts, now)
        case Opened() | TimePassed():
            opened = Note("incident.opened", _opening(incident), incident.person_id)
            return incident, (opened,) if isinstance(what, Opened) else ()


def _opening(incident: Incident) -> tuple[tuple[str, str | int | bool | UUID], ...]:
    fields: tuple[tuple[str, str | int | bool | UUID], ...] = (
        ("cause", incident.kind.value),
        ("word", incident.word),
        ("site", incident.site_id),
        ("policy", incident.policy.id),
        ("silent", incident.is_silent),
        ("drill", incident.is_drill),
    )
    return (*fields, ("walk", incident.walk_id)) if incident.walk_id else fields


# --- time ---------------------------------------------------------------------------------------------


def _run_due(incident: Incident, facts: SiteFacts, now: datetime) -> Result:
    effects: list[Effect] = []
    for _ in range(MOST_AT_ONCE):
        changed, more = _run_one(incident, facts, now)
        if changed is incident:
            break
        incident = changed
        effects += more
    return incident, tuple(effects)


def _run_one(incident: Incident, facts: SiteFacts, now: datetime) -> Result:
    if not incident.is_open:
        return incident, ()
    ladder, unclaimed, charge = ladder_due(incident), unclaimed_due(incident), incident.charge
    again = again_due(incident)
    if incident.kind in ASKING and incident.opened_at + seconds(incident.policy.deadline_s) <= now:
        return stand_down(incident, "the time to answer is over", facts, now)
    if charge and charge_due(incident, charge)[1] <= now:
        return _charge_time(incident, charge, facts, now)
    if again and again[1] <= now:
        return hers.call_again(incident, facts)
    if ladder and ladder[1] <= now:
        return _begin(incident, facts, now)
    if unclaimed and unclaimed[1] <= now:
        return _call_unclaimed(incident, facts, now)
    return incident, ()


# --- the ladder -------------------------------------------------------------------------------------------


def _begin(incident: Incident, facts: SiteFacts, now: datetime) -> Result:
    steps = incident.policy.steps
    if incident.next_step >= len(steps):
        return loop(incident, facts, now)
    number, rung = incident.next_step, steps[incident.next_step]
    is_hers = set(rung.who) <= {"herself"}
    # After a silent press her own phone must not ring for a ladder that a sighting began (I22).
    recipients = () if is_hers and incident.is_silent else select(rung, facts)
    if rings_nobody(recipients):
        return _skip(incident, number, recipients, facts, now)
    template = template_of(incident, rung)
    changed, call = wave(incident, template, recipients, rung, number, now)
    changed = replace(
        changed,
        next_step=number + 1,
        emergency_from=emergency_since(changed, rung, now),
        unheard=incident.unheard - {number},
    )
    return changed, (Note("step.begun", (("step", number), counted(recipients, facts))), call)


def _skip(
    incident: Incident,
    number: int,
    recipients: tuple[Recipient, ...],
    facts: SiteFacts,
    now: datetime,
) -> Result:
    """Skip a step that rings nobody: the next one is due at once, not after this one's wait (field.md C1).

    Whom it would have called, had there been a way, is a call that nothing comes of: it is said who that is.
    """
    steps, rung = incident.policy.steps, incident.policy.steps[number]
    following = steps[number + 1].offset_s if number + 1 < len(steps) else rung.offset_s
    # Hers and her watcher's are no news to others: she may have no watcher, or have pressed silently.
    unheard = frozenset[int]() if set(rung.who) <= PRIVATE else frozenset({number})
    changed = replace(
        incident,
        next_step=number + 1,
        ladder_from=now - seconds(following),
        unheard=incident.unheard | unheard,
    )
    if number + 1 == len(steps):
        changed = replace(
            changed,
            called_at=incident.called_at or now,
            emergency_from=emergency_since(changed, EVERYBODY, now),
        )
    because = (("step", number), ("because", "nobody on duty can be reached by it"))
    skipped = Note("step.skipped", because)
    others = select(or_leads(changed, EVERYBODY, facts), facts)
    is_owed = changed.needs_emergency_call and changed.has_rung_nobody
    if is_owed and not rings_nobody(others):
        # Nobody has heard of it yet: those who are called in their place do not wait for the next round.
        changed, effects = loop(changed, facts, now, is_instead=True)
        return changed, (skipped, *effects)
    without = tuple(recipient for recipient in recipients if not recipient.contacts)
    if not without:
        return changed, (skipped,)
    call = Call(incident.calls, template_of(incident, rung), without, number)
    return replace(changed, calls=incident.calls + 1), (skipped, call)


def _call_unclaimed(incident: Incident, facts: SiteFacts, now: datetime) -> Result:
    changed = replace(incident, unclaimed_said=incident.unclaimed_said + 1, unclaimed_said_at=now)
    changed, call = call_all(changed, "call_unclaimed", facts)
    return changed, (
        Note(
            "call.unclaimed",
            (
                ("times", changed.unclaimed_said),
                ("drill", incident.is_drill),
            ),
        ),
        call,
    )


# --- the one in charge ------------------------------------------------------------------------------------


def _charge_time(incident: Incident, charge: Charge, facts: SiteFacts, now: datetime) -> Result:
    if charge.asked_at is None:
        changed = replace(incident, charge=replace(charge, asked_at=now))
        return ask(
            changed,
            "confirm_charge",
            charge.person_id,
            facts,
            "no act of hers for half of the time",
        )
    changed = anew(replace(incident, charge=None), now)
    return changed, (Note("charge.lapsed", (("person", charge.person_id),)),)


def _hand_over(incident: Incident, what: HandedOver, facts: SiteFacts, now: datetime) -> Result:
    may_be = what.to_id not in {incident.person_id, what.from_id}
    if incident.charge is None or incident.charge.person_id != what.from_id or not may_be:
        return incident, ()
    # A hand-over that nobody hears must not look done, nor renew the one who wanted to be rid of it.
    if rings_nobody(select(person_step(what.to_id), facts)):
        return incident, ()
    # The one before keeps it until the other takes it: a hand-over to somebody who never reads it is no gap.
    changed, effects = ask(incident, "hand_over", what.to_id, facts, "hand-over")
    changed = acted(changed, what.from_id, Doing.IN_CHARGE, now)
    return _offered(changed, what.to_id), effects


def _offered(incident: Incident, to_id: UUID | None) -> Incident:
    charge = incident.charge
    return replace(incident, charge=replace(charge, offered_to=to_id)) if charge else incident


def _declined(incident: Incident, what: Acted, facts: SiteFacts) -> Result:
    """Tell the one in charge that whom she asked cannot: else she may go, and wait for a word that never comes."""
    charge = incident.charge
    if charge is None or what.doing is not Doing.CANNOT or charge.offered_to != what.person_id:
        return incident, ()
    recipients = select(person_step(charge.person_id), facts)
    call = Call(incident.calls, "hand_over_declined", recipients)
    return replace(_offered(incident, None), calls=incident.calls + 1), (call,)


# --- what people do ---------------------------------------------------------------------------------------


def _act(incident: Incident, what: Acted, facts: SiteFacts, now: datetime) -> Result:
    if incident.is_raised_by(what.person_id):
        return _her_answer(incident, what, now)
    if what.person_id in facts.kept_out | facts.gone:
        return incident, ()
    before = incident.charge
    changed = acted(incident, what.person_id, what.doing, now)
    effects: list[Effect] = [_said(f"act.{what.doing.value}", what)]
    effects += _of_charge(before, changed.charge, what)
    changed, told = _declined(changed, what, facts)
    effects += told
    if before and changed.charge is None:
        changed = anew(changed, now)
    how = may_stand_down(changed) if what.doing is Doing.OVER else None
    if incident.kind in TELLING:
        how = "a lead has seen it" if incident.kind is Kind.GAP else "seen by whom it was told"
    if how:
        changed, more = stand_down(changed, how, facts, now)
        effects += more
    return changed, tuple(effects)


def _her_answer(incident: Incident, what: Acted, now: datetime) -> Result:
    """Keep that she has read it, once. It is no act of a responder: it stops nothing and counts for nobody (I4)."""
    is_first = incident.her_answer_at is None
    if what.doing is not Doing.SEEN or not is_first or not incident.is_told_herself(what.person_id):
        return incident, ()
    return replace(incident, her_answer_at=now), (_said("her.answered", what),)


def _said(kind: str, what: Acted) -> Note:
    """Return the line about an act; of one that answers a message it says which: that a person saw it (I2)."""
    on = (("delivery", what.delivery_id),) if what.delivery_id else ()
    return Note(kind, (("via", what.via), *on), what.person_id)


def _of_charge(before: Charge | None, after: Charge | None, what: Acted) -> tuple[Note, ...]:
    """Return the line about who is in charge: another now, or the same, who had been asked to confirm."""
    if before is None or after is None:
        return ()
    if before.person_id != after.person_id:
        went = (("from_person", before.person_id), ("to_person", after.person_id))
        return (Note("charge.handed_over", went, what.person_id),)
    if before.asked_at is None or after.asked_at is not None:
        return ()
    return (
        Note("charge.confirmed", (("person", after.person_id), ("via", what.via)), what.person_id),
    )
