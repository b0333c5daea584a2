"""What has a page changed? An incident, or a walk that the one who watches has confirmed."""

from datetime import datetime
from uuid import UUID

from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.walks import walk_due
from tocsin.runtime.ids import Ids
from tocsin.signals.rules.walk import CONFIRMED


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
