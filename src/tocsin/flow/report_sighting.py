"""Something that was seen matches a case: it is kept, decided about, and people are called before any SOS."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID

from tocsin.decisions.rules.incident import Incident, Kind, strength
from tocsin.decisions.rules.level import Level, level_of, sighting_policy
from tocsin.decisions.rules.sighting import (
    CERTAIN,
    CaseFacts,
    Decision,
    Hit,
    decide_on_sighting,
)
from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.decide import decide, entry, facts_for
from tocsin.flow.sightings import Sightings
from tocsin.notifications.rules.disclosure import Disclosure, joined_by
from tocsin.notifications.rules.happenings import Opened, SeenAgain
from tocsin.notifications.rules.respondent import (
    MAX_REASONS,
    calls_her,
    is_to_be_located,
    kind_in,
)
from tocsin.registry.rules.policy import Policy
from tocsin.registry.rules.usual import usual_sos
from tocsin.runtime.ids import Ids, named_uuid, named_word
from tocsin.signals.rules.fix import CLOCK_WRONG
from tocsin.signals.rules.seen import Seen, Source
from tocsin.signals.rules.sighting_row import DISMISSED, SightingRow
from tocsin.signals.rules.track import again, is_counted, is_near, names_near


def report_sighting(
    alarms: Alarms,
    sightings: Sightings,
    seen: Seen,
    hits: Sequence[Hit],
    *,
    ids: Ids,
    engine: str = "",
) -> list[Change]:
    """Return what this sighting has changed, the gravest first; [] if it hits no case that is known.

    One track is one sighting of a case (`signals/rules/track.py`): the same again changes nothing, and a better reading of it (possible, then
    certain) raises what it said. A sighting joins the open incident of the one it protects, as her SOS joins a
    sighting's. Nobody who is a party of the case is ever among those who are called.
    """
    at = alarms.now()
    cases = sightings.cases(seen, {hit.case_id for hit in hits}, at)
    seen, known = _of_same(sightings, seen)
    changes = []
    for decision in decide_on_sighting(seen, hits, cases):
        before = known.get(decision.case_id)
        if before is not None and not _says_more(decision, before):
            continue
        case = cases[decision.case_id]
        changes.append(_one(alarms, sightings, seen, case, decision, (at, ids, engine)))
    return changes


def _of_same(sightings: Sightings, seen: Seen) -> tuple[Seen, dict[UUID, SightingRow]]:
    """Return what is kept of this event, by case, and the event under the name that it has there, or gets."""
    kept = sightings.of_track(seen.organisation_id, seen.track)
    if not kept or not is_counted(seen):
        return seen, kept
    for name in names_near(seen.track, seen.seen_at):
        rows = sightings.of_track(seen.organisation_id, name)
        near = {i: row for i, row in rows.items() if is_near(row.seen_at, seen.seen_at)}
        if near:
            return replace(seen, track=name), near
    return replace(seen, track=again(seen.track, seen.seen_at)), {}


def _says_more(decision: Decision, before: SightingRow) -> bool:
    if not decision.is_confirmed or before.certainty == CERTAIN:
        return False
    # "It is not he" is no answer to where his monitor is: once it is certainly inside, that says more than a person did.
    return not before.judged or (before.judged == DISMISSED and before.source == Source.MONITOR)


def _one(
    alarms: Alarms,
    sightings: Sightings,
    seen: Seen,
    case: CaseFacts,
    decision: Decision,
    how: tuple[datetime, Ids, str],
) -> Change:
    at, ids, engine = how
    row = _row(seen, decision)
    running = _running(alarms, sightings, case)
    incident = running or _new_incident(seen, case, decision, at)
    policy = policy_of(alarms, incident, decision.level, seen.site_id, tells_her=decision.tells_her)
    if running is None:
        incident = replace(incident, policy=policy)
    what = (
        SeenAgain(
            case_id=case.case_id,
            kind=decision.kind,
            is_confirmed=decision.is_confirmed,
            said=decision.said,
            policy=policy,
            site_id=seen.site_id or incident.site_id,
            is_only_where=is_only_where(seen.source, decision),
        )
        if running
        else Opened()
    )
    facts = facts_for(alarms, _with_case(incident, case.case_id), at)
    facts = replace(facts, kept_out=facts.kept_out | case.parties)
    change = decide(incident, what, facts, at, ids=ids, engine=engine)
    lines = _joining(sightings, running, case.case_id, at) if running else ()
    change = replace(change, is_new=running is None, disclosures=(*lines, *change.disclosures))
    return _saved(alarms, sightings, (seen, row, decision), change, (at, ids))


def _running(alarms: Alarms, sightings: Sightings, case: CaseFacts) -> Incident | None:
    if case.protected_id is None:
        return sightings.open_place(case.organisation_id, case.case_id)
    who = (case.organisation_id, case.protected_id)
    return alarms.open_incidents([who]).get(case.protected_id)


def _joining(
    sightings: Sightings, running: Incident, case_id: UUID, at: datetime
) -> tuple[Disclosure, ...]:
    """Return the ledger's lines of a case that joins: of all who were told of another one in it, and may not be called now."""
    if case_id in running.case_ids or not running.case_ids:
        return ()
    told = sightings.ledger_of(running)
    return joined_by(told, case_id, at, partial(named_uuid, running.id, "disclosure"))


def _with_case(incident: Incident, case_id: UUID) -> Incident:
    return replace(incident, case_ids=tuple(dict.fromkeys((*incident.case_ids, case_id))))


def _saved(
    alarms: Alarms,
    sightings: Sightings,
    what: tuple[Seen, SightingRow, Decision],
    change: Change,
    how: tuple[datetime, Ids],
) -> Change:
    seen, row, decision = what
    at, ids = how
    incident = change.incident
    if incident is None:
        return change
    first = entry(incident, "sighting.matched", _body(seen, row, decision, at), at, ids)
    change = replace(change, entries=(first, *change.entries))
    alarms.save([change])
    sightings.keep(replace(row, incident_id=incident.id), seen)
    if decision.case_id in incident.not_located:
        sightings.open_tasks(incident, decision.case_id, at)
    return change


def _row(seen: Seen, decision: Decision) -> SightingRow:
    return SightingRow(
        id=named_uuid(
            int(seen.heard_at.timestamp() * 1000), "sighting", decision.case_id, seen.track
        ),
        organisation_id=seen.organisation_id,
        case_id=decision.case_id,
        source=seen.source.value,
        seen_at=seen.seen_at,
        heard_at=seen.heard_at,
        track=seen.track,
        certainty=decision.certainty,
        score=decision.score,
        parts=(*decision.parts, *((code, 0) for code in seen.codes if code == CLOCK_WRONG)),
        sender_id=seen.sender_id,
        reported_by_id=seen.reported_by_id,
        site_id=seen.site_id,
        place_id=seen.place_id,
    )


def _body(seen: Seen, row: SightingRow, decision: Decision, at: datetime) -> dict[str, object]:
    body: dict[str, object] = {
        "sighting": row.id,
        "case": decision.case_id,
        "cause": decision.kind.value,
        "certainty": decision.certainty,
        "score": decision.score,
        "source": seen.source.value,
        "site": seen.site_id,
        "late_ms": max(0, int((at - seen.heard_at).total_seconds() * 1000)),
        "because": list(decision.because[:MAX_REASONS]),
        "parts": dict(decision.parts),
        "posture": decision.posture,
    }
    return {name: value for name, value in body.items() if value is not None}


def is_only_where(source: str, decision: Decision) -> bool:
    """Return whether who it is, is certain, and only where he is, is not: his monitor said it."""
    return source == Source.MONITOR and not decision.is_confirmed


def _new_incident(seen: Seen, case: CaseFacts, decision: Decision, at: datetime) -> Incident:
    person_id = case.protected_id or case.stands_in_id
    site_id = seen.site_id or case.her_site_id or case.any_site_id
    must = is_to_be_located(decision.kind, is_confirmed=decision.is_confirmed)
    hers = {case.her_site_id} - {None, site_id}
    # The same sighting decided again (a restart) is the same incident, with the same name and references.
    heard_ms = int(seen.heard_at.timestamp() * 1000)
    own_id = named_uuid(heard_ms, case.case_id, seen.track, "incident")
    return Incident(
        id=own_id,
        organisation_id=case.organisation_id,
        site_id=site_id,
        person_id=person_id,
        word=named_word(own_id),
        kind=decision.kind,
        is_drill=False,
        key=f"seen-{named_uuid(case.case_id, seen.track).hex}",
        opened_at=at,
        policy=usual_sos(site_id),
        ladder_from=at,
        # Nobody has pressed: her first press calls everybody, however soon it comes.
        raised_count=0,
        case_ids=(case.case_id,),
        not_located=frozenset({case.case_id}) if must else frozenset(),
        is_confirmed=decision.is_confirmed,
        is_only_where=is_only_where(seen.source, decision),
        is_about_place=case.protected_id is None,
        also_sites=tuple(site for site in hers if site),
        police=decision.police,
        because=decision.because[:MAX_REASONS],
        said=decision.said,
        told_of={strength(decision.kind, is_confirmed=decision.is_confirmed): at},
    )


def policy_of(
    alarms: Alarms,
    incident: Incident,
    level: Level,
    site_id: UUID | None = None,
    *,
    tells_her: bool = True,
) -> Policy:
    """Return the ladder of a sighting at this site: its own for sightings, else for an SOS, else the usual one."""
    site = site_id or incident.site_id
    own = alarms.policies(incident.organisation_id, [site], "sighting").get(site)
    base = own or alarms.policies(incident.organisation_id, [site], "sos").get(site)
    facts = alarms.site_facts(incident.organisation_id, (site,), alarms.now()).get(site)
    posts = facts.posts if facts else ()
    has_her = tells_her and not incident.is_about_place
    return sighting_policy(level, base or usual_sos(site), posts, has_her=has_her)


def confirmed_policy(alarms: Alarms, incident: Incident, case_id: UUID) -> Policy:
    """Return the ladder that begins when a person has confirmed a possible match of this case."""
    kind = kind_in(incident, case_id)
    # Who it was changes nothing of whether she hears of what is only told: as its first ladder had it, in her SOS not.
    tells_her = kind is not Kind.INFORM or (
        incident.kind is Kind.INFORM and calls_her(incident.policy)
    )
    return policy_of(alarms, incident, level_of(kind, is_confirmed=True), tells_her=tells_her)
