"""A drill takes the identical path, with a word, a colour and counters of its own; a proof asks who is reachable."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from tocsin.decisions.rules.incident import Incident, Kind
from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.decide import decide, entry, facts_for
from tocsin.flow.respond import Refused
from tocsin.notifications.rules.happenings import Opened, StoodDown
from tocsin.registry.rules.policy import MAX_SELECTORS, Policy, Step
from tocsin.registry.rules.usual import usual_sos
from tocsin.runtime.ids import Ids

PROOF_DEADLINE_S = 300


def run_drill(
    alarms: Alarms, organisation_id: UUID, site_id: UUID, *, by: UUID, ids: Ids, engine: str = ""
) -> Change | Refused:
    """Return the drill that begins: the site's own policy and roster, everything said with the word DRILL."""
    if alarms.open_incidents([(organisation_id, by)], is_drill=True):
        return Refused("your drill is still running")
    policy = alarms.policies(organisation_id, [site_id], "sos").get(site_id) or usual_sos(site_id)
    return _begun(
        alarms,
        _incident(alarms, organisation_id, site_id, by, (Kind.SOS, policy, ids)),
        ids,
        engine,
    )


def prove_reachable(
    alarms: Alarms, organisation_id: UUID, site_id: UUID, *, by: UUID, ids: Ids, engine: str = ""
) -> Change | Refused:
    """Return the proof that begins: everybody on duty is asked on every channel to answer once."""
    policy = alarms.policies(organisation_id, [site_id], "sos").get(site_id) or usual_sos(site_id)
    asking = replace(
        policy, steps=(Step(offset_s=0, who=("everyone_on_duty",)),), deadline_s=PROOF_DEADLINE_S
    )
    return _begun(
        alarms,
        _incident(alarms, organisation_id, site_id, by, (Kind.PROOF, asking, ids)),
        ids,
        engine,
    )


def prove_at_start(
    alarms: Alarms,
    organisation_id: UUID,
    site_id: UUID,
    began: tuple[datetime, frozenset[UUID]],
    *,
    ids: Ids,
    engine: str = "",
) -> Change | None:
    """Return the proof asked of the people whose shift has just begun (`began`: when, who); None if it was asked.

    No lead has to remember it. It is about nobody and everybody of them is asked, on every channel.
    """
    starts_at, people = began
    key = f"proof-{site_id.hex[:12]}-{starts_at:%Y%m%dT%H%M%S}"
    if not people or alarms.was_opened(organisation_id, key):
        return None
    policy = alarms.policies(organisation_id, [site_id], "sos").get(site_id) or usual_sos(site_id)
    first = sorted(people)[:MAX_SELECTORS]
    step = Step(offset_s=0, who=tuple(f"person:{person_id}" for person_id in first))
    if len(people) > MAX_SELECTORS:
        step = Step(offset_s=0, who=("everyone_on_duty",))
    asking = replace(policy, steps=(step,), deadline_s=PROOF_DEADLINE_S)
    incident = replace(
        _incident(alarms, organisation_id, site_id, first[0], (Kind.PROOF, asking, ids)), key=key
    )
    return _begun(alarms, incident, ids, engine)


def end_drill(
    alarms: Alarms, organisation_id: UUID, incident_id: UUID, *, ids: Ids
) -> Change | Refused:
    """Return the drill or proof stood down by whoever may run one."""
    at = alarms.now()
    incident = alarms.incident(organisation_id, incident_id)
    if incident is None or not incident.is_open or not incident.is_drill:
        return Refused("there is no such drill")
    change = decide(
        incident, StoodDown("drill ended"), facts_for(alarms, incident, at), at, ids=ids
    )
    alarms.save([change])
    return change


def _incident(
    alarms: Alarms, organisation_id: UUID, site_id: UUID, by: UUID, what: tuple[Kind, Policy, Ids]
) -> Incident:
    kind, policy, ids = what
    at = alarms.now()
    return Incident(
        id=ids.uuid(),
        organisation_id=organisation_id,
        site_id=site_id,
        person_id=by,
        word=ids.word(),
        kind=kind,
        is_drill=True,
        key=f"drill-{ids.word()}-{ids.word()}",
        opened_at=at,
        policy=policy,
        ladder_from=at,
        last_raised_at=at,
    )


def _begun(alarms: Alarms, incident: Incident, ids: Ids, engine: str) -> Change:
    at = incident.opened_at
    change = decide(incident, Opened(), facts_for(alarms, incident, at), at, ids=ids, engine=engine)
    kind = "proof" if incident.kind is Kind.PROOF else "drill"
    body = {"drill": incident.id, "site": incident.site_id, "notice": kind}
    begun = entry(incident, "drill.begun", body, at, ids, incident.person_id)
    change = replace(change, is_new=True, entries=(begun, *change.entries))
    alarms.save([change])
    return change
