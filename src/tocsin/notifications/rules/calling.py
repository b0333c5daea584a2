"""How is a wave of messages called, and when does an incident end? The parts that every rule of escalation shares.

Pure; times are aware UTC.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.decisions.rules.incident import (
    ASKING,
    NOT_LOCATED,
    SEEN,
    Incident,
    Kind,
    closed,
    stopped,
    without,
)
from tocsin.notifications.rules.due import (
    asked_with,
    first_public_step,
    public_offset,
    seconds,
)
from tocsin.notifications.rules.happenings import Call, Effect, Note, StopSending
from tocsin.registry.rules.contacts import Recipient
from tocsin.registry.rules.policy import PRIVATE, SiteFacts, Step, rings_nobody, select

# So many messages go out about one question: whoever writes late again and again is not answered for ever.
MAX_WAVES: Final = 24
EVERYBODY: Final = Step(offset_s=0, who=("everyone_on_duty",))
# Whoever leads anywhere in the organisation, on duty or not: the last to be called, where nobody else can be.
LEADS: Final = ("shift_lead", "role:safety_lead", "role:manager", "role:admin")

Result = tuple[Incident, tuple[Effect, ...]]
# What a rung says of a sighting: to her, while nobody has compared, of what is not valid, of what is.
HERSELF: Final = "sighting_her"
CHECK: Final = "sighting_check"
LOOK_WHERE: Final = "sighting_where"
TELL: Final = "sighting_inform"
TELL_HER: Final = "sighting_inform_her"
KEEP_AWAY: Final = "sighting"
KEEP_AWAY_AGAIN: Final = "sighting_again"


def wave(
    incident: Incident,
    template: str,
    recipients: tuple[Recipient, ...],
    rung: Step,
    number: int,
    now: datetime,
) -> tuple[Incident, Call]:
    """Return the incident and the call of one rung, from which the wait for the next one counts."""
    call = Call(incident.calls, template, recipients, number, rung.reach == "in_order")
    return replace(incident, calls=incident.calls + 1, called_at=now), call


def named(recipients: tuple[Recipient, ...], facts: SiteFacts) -> list[UUID]:
    """Return whom of those who are called the employer's record names, and counts.

    Whoever wrote in vain that one of them left may read it: for him she is not called, and her messages are in the log of
    the case (`runtime/case_logs.py`).
    """
    return on_record((recipient.person_id for recipient in recipients), facts)


def on_record(person_ids: Iterable[UUID], facts: SiteFacts) -> list[UUID]:
    """Return whom of these people the employer's record names (see `named`)."""
    people = facts.people
    return [one for one in person_ids if one not in people or not people[one].is_said_gone]


def counted(recipients: tuple[Recipient, ...], facts: SiteFacts) -> tuple[str, int]:
    """Return, as a note has it, how many of those who are called the employer's record counts."""
    return "called", len(named(recipients, facts))


def template_of(incident: Incident, rung: Step) -> str:
    """Return which text this rung sends."""
    if incident.kind in ASKING:
        return asked_with(incident, rung)
    if incident.kind in SEEN and not incident.raised_count:
        return template_hers(incident) if set(rung.who) <= PRIVATE else template_seen(incident)
    if set(rung.who) <= PRIVATE:
        return "walk_asked" if set(rung.who) <= {"herself"} else "walk_watcher"
    return "walk_overdue" if incident.is_only_a_walk else sos_of(incident)


def template_again(incident: Incident) -> str:
    """Return which text goes out when the whole ladder was called and nobody is in charge."""
    if incident.kind in SEEN and not incident.raised_count:
        return template_seen(incident, again=True)
    return "walk_overdue" if incident.is_only_a_walk else sos_of(incident, again=True)


def sos_of(incident: Incident, *, again: bool = False) -> str:
    """Return which text says her SOS: who may have written it is said with it, and calls everybody all the same."""
    if incident.is_from_doubted:
        return "sos_doubted_again" if again else "sos_doubted"
    return "sos_again" if again else "sos"


def template_hers(incident: Incident) -> str:
    """Return what she is told of a sighting: what is not valid any more sends nobody inside."""
    return TELL_HER if incident.kind is Kind.INFORM else HERSELF


def template_seen(incident: Incident, *, again: bool = False) -> str:
    """Return what is said of a sighting; what nobody has compared is never said as a fact (I14)."""
    if incident.kind is Kind.INFORM:
        return TELL
    if not incident.is_confirmed:
        return LOOK_WHERE if incident.is_only_where else CHECK
    return KEEP_AWAY_AGAIN if again else KEEP_AWAY


def emergency_since(incident: Incident, rung: Step, now: datetime) -> datetime | None:
    """Return from when somebody must own the emergency call: from when everybody was first called."""
    is_asked = set(rung.who) <= PRIVATE or not incident.needs_emergency_call
    return incident.emergency_from if incident.emergency_from or is_asked else now


def call_all(incident: Incident, template: str, facts: SiteFacts) -> tuple[Incident, Call]:
    """Call everybody on duty and whoever has to do with it by now, without moving the ladder's own clock.

    The steps that have begun may have called people who are on no roster, and shifts end: what is new is for them, too.
    """
    begun = incident.policy.steps[: incident.next_step]
    acting = [f"person:{person_id}" for person_id in sorted(involved(incident))]
    rung = or_leads(incident, _of_all(begun, EVERYBODY.who), facts)
    rung = replace(rung, who=tuple(dict.fromkeys((*rung.who, *acting))))
    call = Call(incident.calls, template, select(rung, facts))
    return replace(incident, calls=incident.calls + 1), call


def loop(
    incident: Incident, facts: SiteFacts, now: datetime, *, is_instead: bool = False
) -> Result:
    """Call everybody of the whole ladder once more, and say that nobody is in charge (I3).

    `is_instead`: its steps rang nobody, and nobody waited for an answer. The record says that, and not *unanswered*.
    """
    steps = incident.policy.steps
    usual = _of_all(steps)
    rung = or_leads(incident, usual, facts)
    recipients = select(rung, facts)
    is_first = not incident.loops and incident.has_rung_nobody
    template = template_of(incident, rung) if is_first else template_again(incident)
    changed = replace(incident, loops=incident.loops + 1)
    changed, call = wave(changed, template, recipients, rung, len(steps), now)
    unheard = incident.unheard | {len(steps)}
    if not rings_nobody(recipients):
        # That nobody on duty could be called stays so when others were, in their place.
        unheard = frozenset() if rung is usual else incident.unheard - {len(steps)}
    since = emergency_since(changed, rung, now)
    changed = replace(changed, emergency_from=since, unheard=unheard)
    said = (("loop", changed.loops), counted(recipients, facts))
    kind = "incident.called_instead" if is_instead else "incident.unanswered"
    return changed, (Note(kind, said), call)


def _of_all(steps: Iterable[Step], first: tuple[str, ...] = ()) -> Step:
    named = [who for step in steps for who in step.who if who not in PRIVATE]
    return replace(EVERYBODY, who=tuple(dict.fromkeys((*first, *named))) or EVERYBODY.who)


def or_leads(incident: Incident, rung: Step, facts: SiteFacts) -> Step:
    """Return this rung; where it rings nobody, one that calls everybody on duty and every lead of the organisation as well.

    So it is where all who are on duty are kept from her: by a case of hers, or because she ruled them out. Who is a party
    of other cases alone is called like anybody. For what only asks, or nobody has compared, no lead is woken.
    """
    if not incident.needs_emergency_call or not rings_nobody(select(rung, facts)):
        return rung
    return replace(rung, who=tuple(dict.fromkeys((*rung.who, *EVERYBODY.who, *LEADS))))


def involved(incident: Incident) -> frozenset[UUID]:
    """Return who has taken a part in it: in charge, with the emergency call, going or there. They may be on no roster."""
    charge = {incident.charge.person_id} if incident.charge else set()
    caller = {incident.caller_id} if incident.caller_id else set()
    return frozenset(charge | caller | set(incident.standing))


def without_gone(incident: Incident, facts: SiteFacts, now: datetime) -> Result:
    """Return the incident without the parts of those who may not, or cannot, act on it any more, and a line for each.

    A charge that nobody can renew must not keep others from being called, nor an *over* of his end it; an emergency call
    that somebody took who has left is nobody's (I3).
    """
    out = involved(incident) & (facts.kept_out | facts.gone)
    if not incident.is_open or incident.kind in ASKING or not out:
        return incident, ()
    changed = incident
    for person_id in sorted(out):
        changed = without(changed, person_id, now)
    if incident.charge and changed.charge is None:
        changed = anew(changed, now)
    return changed, tuple(Note("part.ended", _part(incident, who)) for who in sorted(out))


def _part(incident: Incident, person_id: UUID) -> tuple[tuple[str, UUID | bool], ...]:
    charge = incident.charge
    return (
        ("person", person_id),
        ("in_charge", charge is not None and charge.person_id == person_id),
        ("calling", incident.caller_id == person_id),
    )


def everybody_now(incident: Incident, facts: SiteFacts, now: datetime) -> Result:
    """Leave what only asked about a walk. Her watcher may be in charge of that: everybody is called all the same."""
    changed = anew(incident, now)
    if not stopped(changed):
        return changed, ()
    changed, call = call_all(replace(changed, emergency_from=now), sos_of(changed), facts)
    return changed, (call,)


def anew(incident: Incident, now: datetime) -> Incident:
    """Begin the ladder anew with the first step that is not hers or her watcher's, now and not after its wait."""
    return replace(
        incident,
        ladder_from=now - seconds(public_offset(incident)),
        next_step=first_public_step(incident),
    )


def ask(
    incident: Incident, template: str, person_id: UUID, facts: SiteFacts, because: str
) -> Result:
    """Ask one person whether she is, or will be, in charge."""
    recipients = select(person_step(person_id), facts)
    call = Call(incident.calls, template, recipients)
    return replace(incident, calls=incident.calls + 1), (
        Note("charge.confirm_asked", (("person", person_id), ("because", because))),
        call,
    )


def ask_to_confirm(incident: Incident, facts: SiteFacts, now: datetime, because: str) -> Result:
    """Ask whoever is in charge to confirm it: something new happened. Nobody is asked twice at once, nor if nobody is."""
    charge = incident.charge
    if charge is None or charge.asked_at is not None:
        return incident, ()
    changed = replace(incident, charge=replace(charge, asked_at=now))
    return ask(changed, "confirm_charge", charge.person_id, facts, because)


def told_too_late(question: Incident, person_id: UUID, facts: SiteFacts) -> Result:
    """Return the answer to a look that came too late: by text, as she wrote; no more once `MAX_WAVES` went out."""
    recipients = select(replace(person_step(person_id), channels=("sms",)), facts)
    if rings_nobody(recipients) or question.calls >= MAX_WAVES:
        return question, ()
    call = Call(question.calls, "look_late", recipients)
    late = Note("look.late", (("via", "text"),), person_id)
    return replace(question, calls=question.calls + 1), (late, call)


def person_step(person_id: UUID) -> Step:
    """Return a rung that is one person."""
    return Step(offset_s=0, who=(f"person:{person_id}",))


def stand_down(incident: Incident, how: str, facts: SiteFacts, now: datetime) -> Result:
    """End the incident; who was called hears of it, and that he is not located while nobody has said where he is."""
    effects: list[Effect] = [
        StopSending(),
        # It lies in the log in which the incident began, and that may be the employer's: of his case only what names it.
        Note(
            "incident.stood_down",
            (("because", how.removesuffix(f"; {NOT_LOCATED}")), ("drill", incident.is_drill)),
        ),
    ]
    effects += [
        Note("incident.ended_not_located", (("case", case_id),))
        for case_id in incident.case_ids
        if case_id in incident.not_located
    ]
    changed = incident
    if incident.kind not in ASKING and incident.emergency_from is not None:
        changed, call = call_all(
            incident, "stood_down_not_located" if incident.not_located else "stood_down", facts
        )
        effects.append(call)
    return closed(changed, how, now), tuple(effects)
