"""Time passed over the safeguards: steps are released, late ones escalate, people are told of what is theirs.

Everything here may be done twice, or stop in the middle: what was done is in the same transaction as the row that says
so (`SafeguardNotice`, `escalated_at`, `paged_at`, `released_at`).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.decisions import store_releases as releases
from tocsin.decisions import store_safeguards as store
from tocsin.decisions.rules import safeguards as rules
from tocsin.decisions.rules.safeguards import Around, Safeguard, Tended, tended
from tocsin.decisions.rules.waking import may_be_told
from tocsin.flow.alarms import Change
from tocsin.flow.open_safeguards import said
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.release_steps import release
from tocsin.flow.tell_quietly import Telling, page_duty, tell_person
from tocsin.record import store as record
from tocsin.record.rules.entries import Entry
from tocsin.runtime.ids import Ids

AT_ONCE: Final = 200
RELEASES_AT_ONCE: Final = 20
FIRST: Final = UUID(int=0)

# What one person is told of in one message: as what, of which safeguard of one case.
_Parcel = list[tuple[rules.Telling, Safeguard]]


@dataclass(frozen=True, slots=True)
class Done:
    """What one batch did. `last` is the highest id looked at; `FIRST` when the round is over."""

    changes: tuple[Change, ...] = ()
    last: UUID = FIRST


@dataclass(slots=True)
class _Batch:
    """One batch's memory: the cases it met, and who was told of what."""

    alarms: PostgresAlarms
    at: datetime
    made: tuple[Ids, str]
    arounds: dict[UUID, Around] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)


def release_due(alarms: PostgresAlarms) -> int:
    """Release what was agreed for now, and return how many steps that were."""
    at = alarms.now()
    plans = releases.due_releases(alarms.conn, at, RELEASES_AT_ONCE)
    return sum(len(release(alarms.conn, plan, at=at)) for plan in plans)


def drop_closed(alarms: PostgresAlarms) -> int:
    """Drop what was still to be done of cases that are over, and return how much that was."""
    at = alarms.now()
    dropped = store.drop_of_closed(alarms.conn, at, AT_ONCE)
    record.append(alarms.conn, [said(s, "safeguard.dropped", at, None) for s in dropped])
    return len(dropped)


def tend_safeguards(
    alarms: PostgresAlarms, after: UUID = FIRST, *, ids: Ids, engine: str = ""
) -> Done:
    """Do what time asks of the next safeguards above `after`, and return what was changed, to be sent."""
    at = alarms.now()
    found = store.load_untended(
        alarms.conn, at=at, soon=at + rules.PAGES_BEFORE, after=after, limit=AT_ONCE
    )
    batch = _Batch(alarms, at, (ids, engine))
    _load_arounds(batch, found)
    told = store.load_notices(alarms.conn, [s.id for s in found])
    parcels: dict[tuple[UUID, UUID], _Parcel] = defaultdict(list)
    pages: dict[UUID, list[Safeguard]] = defaultdict(list)
    for safeguard in found:
        result = tended(safeguard, batch.arounds[safeguard.case_id], at)
        _keep(batch, safeguard, result)
        for as_what, person_id in result.tell:
            if (safeguard.id, person_id, as_what.value) not in told:
                parcels[safeguard.case_id, person_id].append((as_what, result.safeguard))
        if result.pages_duty:
            pages[safeguard.case_id].append(result.safeguard)
    for (_case_id, person_id), parcel in parcels.items():
        _tell(batch, person_id, parcel)
    for several in pages.values():
        _page(batch, several)
    last = found[-1].id if len(found) == AT_ONCE else FIRST
    return Done(tuple(batch.changes), last)


def _load_arounds(batch: _Batch, found: Sequence[Safeguard]) -> None:
    """Load what decides owners and deadlines of every case of the batch, with the managers of all its owners."""
    owners: dict[tuple[UUID, UUID], set[UUID]] = defaultdict(set)
    for s in found:
        owners[s.organisation_id, s.case_id] |= {p for p in (s.owner_id, s.escalated_to_id) if p}
    for (organisation_id, case_id), people in owners.items():
        around = store.load_around(
            batch.alarms.conn, organisation_id, case_id, at=batch.at, also=people
        )
        if around is None:
            raise LookupError(case_id)
        batch.arounds[case_id] = around


def _keep(batch: _Batch, before: Safeguard, result: Tended) -> None:
    after = result.safeguard
    if after == before:
        return
    conn = batch.alarms.conn
    store.update_safeguard(conn, after)
    entries = []
    if result.was_assigned:
        entries.append(said(after, "safeguard.assigned", batch.at, None, owner=after.owner_id))
    if result.was_escalated:
        more = {"to": after.escalated_to_id, "owner": after.owner_id, "due_at": after.due_at}
        entries.append(said(after, "safeguard.escalated", batch.at, None, **more))
    record.append(conn, entries)


def _tell(batch: _Batch, person_id: UUID, parcel: _Parcel) -> None:
    """Tell one person of everything of one case that is hers now, in one message, when she is awake."""
    conn, (_as_what, first) = batch.alarms.conn, parcel[0]
    around = batch.arounds[first.case_id]
    worker = around.workers.get(person_id)
    sites = [worker.site_id if worker else None, around.site_id]
    place = store.load_site_of(conn, first.organisation_id, sites)
    if place is None:
        return
    site_id, zone = place
    stints = store.load_stints(conn, first.organisation_id, person_id, at=batch.at)
    # While an incident runs, what belongs to it waits for nobody's morning.
    is_now = any(safeguard.incident_id for _, safeguard in parcel)
    if not is_now and not may_be_told(batch.at, zone, stints):
        return
    # That she was offered something is on record; when she was told of it is hers.
    others = [(w, s) for w, s in parcel if w is not rules.Telling.HER]
    entries = tuple(_told(s, person_id, as_what, batch.at) for as_what, s in others)
    telling = replace(_telling(first, around, site_id), entries=entries)
    ids, engine = batch.made
    change = tell_person(batch.alarms, telling, person_id, ids=ids, engine=engine)
    if change is None:
        return
    for as_what, safeguard in parcel:
        store.insert_notices(conn, [safeguard], person_id, as_what.value, batch.at)
    batch.changes.append(change)


def _told(safeguard: Safeguard, person_id: UUID, as_what: rules.Telling, at: datetime) -> Entry:
    entry = said(safeguard, "safeguard.told", at, None, to=person_id)
    return replace(entry, body={**entry.body, "as": as_what.value})


def _page(batch: _Batch, several: Sequence[Safeguard]) -> None:
    """Page the duty lead once for everything of one case that is due before her next shift."""
    conn, around = batch.alarms.conn, batch.arounds[several[0].case_id]
    place = store.load_site_of(conn, several[0].organisation_id, [around.site_id])
    if place is None:
        return
    ids, engine = batch.made
    done = page_duty(batch.alarms, _telling(several[0], around, place[0]), ids=ids, engine=engine)
    if done is None:
        return
    change, people = done
    batch.changes.append(change)
    for safeguard in several:
        paged = replace(safeguard, paged_at=batch.at)
        store.update_safeguard(conn, paged)
        for person_id in people:
            store.insert_notices(conn, [paged], person_id, rules.Telling.DUTY.value, batch.at)
    entries = [said(s, "safeguard.paged", batch.at, None, due_at=s.due_at) for s in several]
    told = [replace(e, body={**e.body, "told": list(people)}) for e in entries]
    record.append(conn, told)


def _telling(safeguard: Safeguard, around: Around, site_id: UUID) -> Telling:
    shut_out = {*around.parties} | ({around.colleague_id} if around.colleague_id else set())
    return Telling(
        organisation_id=safeguard.organisation_id,
        site_id=site_id,
        case_id=safeguard.case_id,
        her_id=around.protected_id,
        ground="task",
        what=("measure",),
        kept_out=frozenset(shut_out),
    )
