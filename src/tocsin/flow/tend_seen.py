"""Time passed over who was seen: an order or a house rule counts otherwise now than when he was seen, and it is open still.

Colleagues who are inside are `tend_inside`'s; a stranger who stands there is known by his sightings alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tocsin.decisions import store as decisions
from tocsin.decisions.rules.incident import ASKING, SEEN, Incident
from tocsin.decisions.rules.level import level_of
from tocsin.decisions.rules.said import Said, decided_anew, joined
from tocsin.decisions.rules.sighting import CERTAIN, Decision, decide_on_sighting, kind_of
from tocsin.flow.alarms import Change
from tocsin.flow.decide import decide, facts_for
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.postgres_sightings import PostgresSightings
from tocsin.flow.report_sighting import is_only_where, policy_of
from tocsin.notifications.rules.happenings import DecidedAnew, SeenAgain
from tocsin.registry.store_cases import case_key
from tocsin.registry.store_readable import UNREADABLE
from tocsin.runtime import logs
from tocsin.runtime.ids import Ids
from tocsin.signals.rules.custody import custody_at
from tocsin.signals.rules.seen import Seen
from tocsin.signals.rules.sighting_row import SightingRow, bare
from tocsin.signals.store_custody import load_custody_of
from tocsin.signals.store_sightings import load_of_incident, load_seen

log = logs.get("sightings")


@dataclass(frozen=True, slots=True)
class Kept:
    """A hit because it was one: what was matched then, or a person's word since."""

    case_id: UUID
    certainty: str
    score: int
    parts: tuple[tuple[str, int], ...]


def tend_seen(alarms: PostgresAlarms, *, ids: Ids, engine: str = "") -> list[Change]:
    """Return what has changed in open incidents by what is known of their cases now. Doing it twice changes nothing more.

    Only what became graver calls anybody; what became less is noted, and the incident stays as grave as it was (I17).
    """
    changes: list[Change] = []
    for incident in decisions.load_open_with_cases(alarms.conn):
        if incident.kind in ASKING:
            continue
        for what in list(_anew(alarms, incident, alarms.now())):
            changes += _applied(alarms, incident.organisation_id, incident.id, what, (ids, engine))
    return changes


def _anew(alarms: PostgresAlarms, incident: Incident, at: datetime) -> Iterator[DecidedAnew]:
    """Return what each case in it comes to now, where that is not what is kept."""
    rows = load_of_incident(alarms.conn, incident.organisation_id, incident.id)
    for case_id in incident.case_ids:
        found = [(row, one) for row in _places(rows, case_id) for one in _decided(alarms, row, at)]
        said: tuple[Said, ...] = ()
        for _, one in found:
            said = joined(said, one.said)
        if found and decided_anew(incident.said, said) != incident.said:
            yield _what(alarms, incident, found, said, at)


def _places(rows: Sequence[SightingRow], case_id: UUID) -> list[SightingRow]:
    """Return one sighting of the case for each place and way in which he was seen, the most certain: an order says no more."""
    ours = [row for row in rows if row.case_id == case_id and not row.is_dismissed]
    ordered = sorted(ours, key=lambda row: row.is_he)
    found = {(row.source, row.site_id, row.place_id): row for row in ordered}
    # In the order in which it was joined: where nothing forbids, the later word is what is kept.
    return sorted(found.values(), key=lambda row: (row.heard_at, row.id))


def _decided(alarms: PostgresAlarms, row: SightingRow, at: datetime) -> tuple[Decision, ...]:
    seen = _seen(alarms, row)
    cases = PostgresSightings(alarms).cases(seen, [row.case_id], at)
    certainty = CERTAIN if row.is_he else row.certainty
    return decide_on_sighting(seen, [Kept(row.case_id, certainty, row.score, row.parts)], cases)


def _seen(alarms: PostgresAlarms, row: SightingRow) -> Seen:
    """Return what was seen; of what cannot be opened what stands beside it, so that it holds up no other incident."""
    try:
        return load_seen(alarms.conn, case_key(alarms.conn, alarms.ring, row.case_id), row)
    except UNREADABLE as problem:
        # No trace: it may hold what could not be read. The case is named among what sees nothing (`find_unreadable.py`).
        log.error("seen.unreadable", case_id=str(row.case_id), problem=type(problem).__name__)  # noqa: TRY400
        return bare(row)


def _what(
    alarms: PostgresAlarms,
    incident: Incident,
    found: Sequence[tuple[SightingRow, Decision]],
    said: tuple[Said, ...],
    at: datetime,
) -> DecidedAnew:
    kind = kind_of(said)
    case_id = found[0][0].case_id
    # Of the gravest, the most certain: its place is where people are called.
    row, first = max(found, key=lambda one: (SEEN.index(one[1].kind), one[1].is_confirmed))
    level = level_of(kind, is_confirmed=first.is_confirmed)
    tells_her = any(one.tells_her for _, one in found)
    site_id = row.site_id or incident.site_id
    policy = policy_of(alarms, incident, level, site_id, tells_her=tells_her)
    # One doubt about who it is, is settled with a photograph.
    doubts = [is_only_where(row.source, one) for row, one in found if not one.is_confirmed]
    only_where = bool(doubts) and all(doubts)
    seen = SeenAgain(case_id, kind, first.is_confirmed, said, policy, site_id, only_where)
    custody = custody_at(load_custody_of(alarms.conn, [case_id]).get(case_id, ()), at)
    return DecidedAnew(seen, counts_as_free=custody.counts_as_free)


def _applied(
    alarms: PostgresAlarms,
    organisation_id: UUID,
    incident_id: UUID,
    what: DecidedAnew,
    made: tuple[Ids, str],
) -> list[Change]:
    """Lock the incident only now: her press waits for nothing that is only looked at."""
    at, (ids, engine) = alarms.now(), made
    incident = alarms.incident(organisation_id, incident_id)
    if incident is None or not incident.is_open:
        return []
    facts = facts_for(alarms, incident, at)
    change = decide(incident, what, facts, at, ids=ids, engine=engine)
    if not change.entries or change.incident is None:
        return []
    alarms.save([change])
    case_id = what.seen.case_id
    if case_id in change.incident.not_located - incident.not_located:
        PostgresSightings(alarms).open_tasks(change.incident, case_id, at)
    return [change]
