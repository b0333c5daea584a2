"""Somebody is asked to look at the way: the posts, then the shift lead, then the duty lead; never who is kept from her.

A question is an incident that only asks. It names no person and gives no reason: a way, and how many minutes are left.
"""

from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.decisions.rules.incident import Incident, Kind, Shown
from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.decide import decide, entry, facts_for
from tocsin.notifications.rules.delivery import Delivery, is_left_out
from tocsin.notifications.rules.happenings import Acted, Opened, StoodDown
from tocsin.record.rules.entries import Entry
from tocsin.registry.rules.policy import Policy, SiteFacts, Step, rings_nobody, select
from tocsin.registry.rules.usual import usual_sos
from tocsin.runtime.ids import Ids, named_uuid, named_word
from tocsin.signals.rules import hold as holds
from tocsin.signals.rules.hold import Hold

ASKED: Final = "look_asked"
SOMETHING: Final = "look_something"
UNWATCHED: Final = "look_unwatched"
# Not her screen: a phrase that lies open on a desk is read by others.
HER_CHANNELS: Final = ("sms", "webpush", "email")
HERSELF: Final = Step(offset_s=0, who=("herself",), channels=HER_CHANNELS)
LEADS: Final = ("shift_lead", "role:safety_lead")
LOOKED: Final = "looked"
# Of these texts (whether she is reachable; that something is there to read) her own alarm's record says that they wait.
NOTICED: Final = "task"
OF_HER_ALARM: Final = {"proof": "proof.held_back", NOTICED: "notice.held_back"}
# How a question is closed because she goes another way: a late answer to it is a look at the old one.
ANOTHER_WAY: Final = "she goes another way"


def ask(
    alarms: Alarms, hold: Hold, what: str, at: datetime, *, ids: Ids, engine: str = ""
) -> Change:
    """Return the question about this hold (`what`: the name of its text) and the hold after it. Nothing is saved.

    She is sent her phrase the first time, and when something was seen; never while a silent SOS of hers is open.
    """
    incident = _question(alarms, hold, what, at)
    facts = facts_for(alarms, incident, at)
    policy = _steps(incident.policy, hold, what, facts, at)
    incident = replace(
        incident, policy=replace(policy, steps=(*_hers(alarms, hold, what), *policy.steps))
    )
    change = decide(incident, Opened(), facts, at, ids=ids, engine=engine)
    told = {d.person_id for d in change.deliveries if not is_left_out(d)}
    asked = told - {hold.person_id}
    body = {"hold": hold.id, "site": hold.site_id, "left_s": _left_s(hold, at), "what": what}
    said = entry(incident, "look.asked", body | {"asked": sorted(asked)}, at, ids)
    told_at = at if hold.person_id in told else None
    until = at + holds.seconds(holds.ask_for_s(_left_s(hold, at)) + 1)
    after = holds.asked_of_her(hold, told_at, is_new=what == SOMETHING)
    after = holds.waits(after, until, at)
    return replace(change, is_new=True, holds=(after,), entries=(said, *change.entries))


def close(
    alarms: Alarms, question: Incident, how: str, at: datetime, *, ids: Ids, by: Acted | None = None
) -> Change:
    """Return the question closed, with what a person did about it first. Nothing is saved."""
    facts = facts_for(alarms, question, at)
    first = decide(question, by, facts, at, ids=ids) if by else Change(incident=question)
    last = decide(first.incident or question, StoodDown(how), facts, at, ids=ids)
    return replace(
        last,
        acts=first.acts,
        deliveries=(*first.deliveries, *last.deliveries),
        entries=(*first.entries, *last.entries),
    )


def next_one(alarms: Alarms, question: Incident, by: Acted, at: datetime, *, ids: Ids) -> Change:
    """Return the question after somebody said that she cannot see it: the next are asked at once."""
    steps = question.policy.steps
    if question.next_step < len(steps):
        offset = holds.seconds(steps[question.next_step].offset_s)
        question = replace(question, ladder_from=at - offset)
    return decide(question, by, facts_for(alarms, question, at), at, ids=ids)


def can_look(steps: tuple[Step, ...], facts: SiteFacts) -> bool:
    """Return whether any of these steps reaches somebody who could look."""
    return any(not rings_nobody(select(step, facts)) for step in steps)


def lookers(facts: SiteFacts, offsets: tuple[int, int, int]) -> tuple[Step, ...]:
    """Return who is asked to look: the site's posts (or its guards), the shift lead, the duty lead."""
    posts = tuple(f"post:{post_id}" for post_id in sorted(facts.posts)) or ("role:guard",)
    return (
        Step(offset_s=offsets[0], who=posts),
        Step(offset_s=offsets[1], who=("shift_lead",)),
        Step(offset_s=offsets[2], who=LEADS),
    )


def with_phrases_held_back(alarms: Alarms, change: Change, at: datetime, *, ids: Ids) -> Change:
    """Return a silent press of hers with her phrase held back, where it waits to be sent or to be tried again (I22).

    Only what would go to herself about her own way, asks whether she is reachable, or is a notice of her case. Each question
    about her way says in the record how many of its messages that were. Of the others her own alarm says it, which nobody
    reads who must not hear of her press (I11): a proof is everybody's.
    """
    incident = change.incident
    waiting = alarms.phrases(incident.organisation_id, incident.person_id) if incident else []
    if not waiting:
        return change
    notices = [one.incident_id for one in waiting if one.template == NOTICED]
    cases = alarms.cases_of(notices) if notices else {}
    count = Counter((*_said_where(one, incident), cases.get(one.incident_id)) for one in waiting)
    # What names a case is kept in its log: her alarm may have begun in the employer's, which a party may take out (I11).
    said = tuple(
        Entry(ids.uuid(), organisation_id, at, kind, incident_id, None, {"messages": n} | ({"case": case} if case else {}))
        for (organisation_id, kind, incident_id, case), n in count.items()
    )  # fmt: skip
    held_back = tuple(one.id for one in waiting)
    return replace(change, held_back=held_back, entries=(*change.entries, *said))


def _said_where(held_back: Delivery, alarm: Incident | None) -> tuple[UUID, str, UUID]:
    if alarm and held_back.template in OF_HER_ALARM:
        return alarm.organisation_id, OF_HER_ALARM[held_back.template], alarm.id
    return held_back.organisation_id, "look.held_back", held_back.incident_id


def _hers(alarms: Alarms, hold: Hold, what: str) -> tuple[Step, ...]:
    """Return the step that sends her phrase, if it is to be sent now.

    Whoever is beside her after a silent press must not hear her phone (I22); what it shows, it shows all the same. After a
    code it is sent as ever: the duress code looks like the true one (I9).
    """
    is_hers = what == SOMETHING or (what == ASKED and hold.told_at is None)
    # Arriving she is outside, and once she went she has a watcher: *stay inside* would be wrong then.
    is_inside = hold.kind is holds.Kind.LEAVING and hold.left_at is None
    if not (is_hers and is_inside):
        return ()
    running = alarms.open_incidents([(hold.organisation_id, hold.person_id)]).get(hold.person_id)
    return () if running and running.shown is Shown.STORED else (HERSELF,)


def _steps(policy: Policy, hold: Hold, what: str, facts: SiteFacts, at: datetime) -> Policy:
    left = _left_s(hold, at)
    steps = (
        lookers(replace(facts, raiser_id=hold.person_id), holds.ask_offsets(left))
        if what == ASKED
        else (Step(offset_s=0, who=LEADS),)
    )
    return replace(
        policy,
        name=what,
        kind="walk",
        steps=steps,
        deadline_s=holds.ask_for_s(left),
        # What a text says as "in so many minutes".
        confirm_every_s=max(60, round(left)),
    )


def _question(alarms: Alarms, hold: Hold, what: str, at: datetime) -> Incident:
    found = alarms.policies(hold.organisation_id, [hold.site_id], "sos").get(hold.site_id)
    own_id = named_uuid(hold.id, hold.id, what, at.isoformat())
    return Incident(
        id=own_id,
        organisation_id=hold.organisation_id,
        site_id=hold.site_id,
        person_id=hold.person_id,
        word=named_word(own_id),
        kind=Kind.LOOK,
        is_drill=False,
        key=f"{what}-{hold.id.hex[-12:]}-{at:%H%M%S%f}"[:64],
        opened_at=at,
        policy=found or usual_sos(hold.site_id),
        ladder_from=at,
        walk_id=hold.id,
        last_raised_at=at,
    )


def _left_s(hold: Hold, at: datetime) -> int:
    return max(0, round((hold.edge_at - at).total_seconds()))
