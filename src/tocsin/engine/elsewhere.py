"""What has a page changed? An incident, or a walk that the one who watches has confirmed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tocsin.decisions import store as decisions
from tocsin.decisions.rules.incident import Incident
from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.walks import walk_due
from tocsin.runtime.ids import Ids
from tocsin.signals import store as signals
from tocsin.signals.rules.walk import CONFIRMED, Walk

# Her phone asks about its walk until it hears that it has ended; one that was off for longer shows what it knew.
ASKED_FOR: Final = timedelta(days=1)


def look_up(about: tuple[UUID, UUID], alarms: Alarms) -> tuple[Change | None, datetime]:
    """Return what this (organisation, incident or walk) is now, to be told and timed, and the store's clock."""
    at = alarms.now()
    incident = alarms.incident(*about)
    if incident:
        return Change(incident=incident, stop_sending=not incident.is_open), at
    walk = alarms.walk(*about)
    if walk is None or walk.ended_how != CONFIRMED:
        return None, at
    running = alarms.open_incidents([(walk.organisation_id, walk.person_id)]).get(walk.person_id)
    # What a duress code seemed to cancel stays *cancelled* on her phone, whatever becomes of it (I9).
    is_silent = running is not None and walk.key in running.cancelled_keys
    return (None if is_silent else Change(walk=walk)), at


def walk_time(
    alarms: Alarms,
    organisation_id: UUID,
    walk_id: UUID,
    due: datetime,
    *,
    ids: Ids,
    engine: str = "",
) -> Change | None:
    """Return what a walk's timer changes; of one that was confirmed meanwhile its end, should the bell be lost."""
    change = walk_due(alarms, organisation_id, walk_id, due, ids=ids, engine=engine)
    return change or look_up((organisation_id, walk_id), alarms)[0]


def open_and_confirmed(alarms: PostgresAlarms) -> tuple[list[Incident], list[Walk]]:
    """Return the open incidents, and the walks of the past day that were confirmed: what a new gate is to be told."""
    running = decisions.load_all_open(alarms.conn)
    walks = signals.load_walks_ended(alarms.conn, CONFIRMED, alarms.now() - ASKED_FOR)
    return running, to_be_told(walks, running)


def to_be_told(walks: Sequence[Walk], running: Sequence[Incident]) -> list[Walk]:
    """Return those of the confirmed walks that her phone may hear of: not what stays *cancelled* there (I9)."""
    silent = {(one.person_id, key) for one in running for key in one.cancelled_keys}
    return [walk for walk in walks if (walk.person_id, walk.key) not in silent]
