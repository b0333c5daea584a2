"""How does a decision become rows? One call of the pure rule, its effects as deliveries and entries.

Every verb about an incident goes through `decide`: there is no second way to change one.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from tocsin.decisions.rules.incident import ABOUT_NOBODY, Doing, Incident, Kind
from tocsin.flow.alarms import ActDone, Alarms, Change
from tocsin.notifications.rules import escalation
from tocsin.notifications.rules.calling import involved
from tocsin.notifications.rules.delivery import Delivery, left_out, plan
from tocsin.notifications.rules.disclosure import Disclosure, disclosures, is_her
from tocsin.notifications.rules.happenings import (
    Acted,
    Call,
    Cancelled,
    Note,
    RaisedAgain,
    StopSending,
    What,
)
from tocsin.record.rules.entries import Entry
from tocsin.registry.rules.policy import Policy, SiteFacts, parse_selector
from tocsin.runtime.ids import Ids, named_uuid


def decide(
    incident: Incident, what: What, facts: SiteFacts, at: datetime, *, ids: Ids, engine: str = ""
) -> Change:
    """Return everything that follows from `what` for this incident, ready to be saved.

    `engine`: the engine that will send at once; its deliveries are born leased to it, so that nothing lies
    between the commit and the first send. Empty (a page): they are pending until an engine takes them.
    """
    # What only asks or tells is about nobody: whoever began it stands in for the one who raises, and is asked too.
    raiser = None if incident.kind in ABOUT_NOBODY else incident.person_id
    own = replace(
        facts,
        at=at,
        raiser_id=raiser,
        watcher_id=incident.watcher_id,
        asks_unverified=incident.kind is Kind.PROOF,
        protected_id=raiser or facts.protected_id,
    )
    after, effects = escalation.step(incident, what, own, at)
    calls = [effect for effect in effects if isinstance(effect, Call)]
    notes = [effect for effect in effects if isinstance(effect, Note)]
    deliveries = [d for call in calls for d in _planned(after, call, at, ids, engine)]
    has_notice = any(is_her(after, r) and r.contacts for call in calls for r in call.recipients)
    if has_notice and after.case_ids and after.her_notice_at is None:
        after = replace(after, her_notice_at=at)
    return Change(
        incident=after,
        disclosures=_disclosures(after, calls, at),
        has_notice=has_notice and bool(after.case_ids),
        acts=_acts(what, notes, at),
        deliveries=tuple(deliveries),
        # Whoever pressed has answered what she was asked: after a silent press her phone must not ring for it (I22).
        answered=(incident.person_id,) if _has_answered(what, after) else (),
        stop_sending=any(isinstance(effect, StopSending) for effect in effects),
        entries=tuple(
            entry(after, note.kind, dict(note.fields), at, ids, note.actor_id) for note in notes
        ),
    )


def _planned(incident: Incident, call: Call, at: datetime, ids: Ids, engine: str) -> list[Delivery]:
    new_id = partial(named_uuid, incident.id)
    sent = plan(incident, call, at, new_id=new_id, new_code=ids.code, engine=engine)
    return sent + left_out(incident, call, at, new_id=new_id)


def _disclosures(incident: Incident, calls: list[Call], at: datetime) -> tuple[Disclosure, ...]:
    return disclosures(
        incident, calls, at, lambda *told: named_uuid(incident.id, "disclosure", *told)
    )


def _has_answered(what: What, after: Incident) -> bool:
    """Return whether she has answered: she pressed, or said that she has read what was seen."""
    if isinstance(what, Acted):
        is_hers = what.doing is Doing.SEEN and after.is_told_herself(what.person_id)
        return is_hers and after.is_open and after.her_answer_at is not None
    return isinstance(what, RaisedAgain | Cancelled)


def _acts(what: What, notes: Sequence[Note], at: datetime) -> tuple[ActDone, ...]:
    """Return the act that counted: none of who may not act any more, though what he did before is known."""
    if not isinstance(what, Acted):
        return ()
    said = (f"act.{what.doing.value}", what.person_id)
    if said not in {(note.kind, note.actor_id) for note in notes}:
        return ()
    return (ActDone(what.person_id, what.doing, what.via, at),)


def entry(
    incident: Incident,
    kind: str,
    body: dict[str, Any],
    at: datetime,
    ids: Ids,
    actor_id: UUID | None = None,
) -> Entry:
    """Return one line of the record about an incident."""
    return Entry(ids.uuid(), incident.organisation_id, at, kind, incident.id, actor_id, body)


def facts_for(
    alarms: Alarms, incident: Incident, at: datetime, besides: Collection[UUID] = ()
) -> SiteFacts:
    """Return who may be called about this incident now, with whoever she ruled out left out. `besides`: on duty or not."""
    organisation, site, raiser = incident.organisation_id, incident.site_id, incident.person_id
    also = {raiser, *besides, *called_by_name(incident.policy), *involved(incident)} | (
        {incident.watcher_id} if incident.watcher_id else set()
    )
    found = alarms.site_facts(organisation, (site, *incident.also_sites), at, also)
    facts = together(found[site], [found[i] for i in incident.also_sites if i in found])
    unknown = involved(incident) - facts.people.keys()
    gone = alarms.inactive(organisation, unknown) if unknown else frozenset()
    out = facts.kept_out | alarms.kept_out(organisation, raiser)
    # His own cases once more by their ids: a place has no protected person whose list could name him (I11).
    parties = alarms.parties(organisation, incident.case_ids) if incident.case_ids else frozenset()
    return replace(facts, kept_out=out | parties, gone=gone)


def together(facts: SiteFacts, others: Sequence[SiteFacts]) -> SiteFacts:
    """Return who may be called about something that concerns several sites: everybody of each, once."""
    for other in others:
        known = {(duty.person_id, duty.site_id) for duty in facts.on_duty}
        more = tuple(d for d in other.on_duty if (d.person_id, d.site_id) not in known)
        facts = replace(
            facts,
            people={**other.people, **facts.people},
            on_duty=(*facts.on_duty, *more),
            teams={**other.teams, **facts.teams},
            posts={**other.posts, **facts.posts},
            kept_out=facts.kept_out | other.kept_out,
        )
    return facts


def called_by_name(policy: Policy) -> frozenset[UUID]:
    """Return the people whom a policy calls by name: they may work anywhere."""
    selectors = (parse_selector(text) for step in policy.steps for text in step.who)
    return frozenset(UUID(s.argument) for s in selectors if s and s.kind == "person")
