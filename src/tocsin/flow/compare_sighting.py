"""A person compared a possible match with the photograph: it is he, or it is not. The sighting keeps both."""

from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.decisions.rules.sighting import KEEP_WITHOUT_INCIDENT
from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.decide import decide, facts_for
from tocsin.flow.report_sighting import confirmed_policy
from tocsin.flow.respond import Refused
from tocsin.flow.sightings import Sightings
from tocsin.notifications.rules.happenings import Compared
from tocsin.runtime.ids import Ids
from tocsin.signals.rules.sighting_row import DISMISSED, SightingRow

CONFIRMED: Final = "confirmed"


def compare_sighting(
    alarms: Alarms,
    sightings: Sightings,
    organisation_id: UUID,
    sighting_id: UUID,
    *,
    by: UUID,
    is_he: bool,
    ids: Ids,
) -> Change | Refused:
    """Return what it has changed. A dismissal can be overruled by a confirmation, never the reverse (I14).

    Confirmed, everybody is called and she is told first; in her SOS, or a walk that ran out, everybody but her: to keep
    away. Dismissed, an incident in which nothing else was seen ends, and the sighting is erased after 30 days.
    """
    at = alarms.now()
    row = sightings.find(organisation_id, sighting_id)
    incident = (
        alarms.incident(organisation_id, row.incident_id) if row and row.incident_id else None
    )
    # Read anew: only with the incident locked nobody else judges.
    row = sightings.find(organisation_id, sighting_id)
    if row is None or incident is None:
        return Refused("there is no such sighting")
    if row.judged == CONFIRMED:
        return Refused("somebody has confirmed it already")
    if row.is_he and not is_he:
        return Refused("a certain match is ended by two people who say that it is over")
    if not incident.is_open:
        return Refused("this incident is over")
    others = [
        other
        for other in sightings.of_incident(organisation_id, incident.id)
        if other.id != row.id and not other.is_dismissed
    ]
    policy = confirmed_policy(alarms, incident, row.case_id)
    what = Compared(by, row.case_id, is_he, policy, ends_it=not others)
    change = decide(incident, what, facts_for(alarms, incident, at), at, ids=ids)
    if not change.entries:
        return Refused("this incident is not yours to act on")
    alarms.save([change])
    sightings.judge(_judged(row, by, at, is_he=is_he))
    if change.incident and row.case_id in change.incident.not_located - incident.not_located:
        sightings.open_tasks(change.incident, row.case_id, at)
    return change


def _judged(row: SightingRow, by: UUID, at: datetime, *, is_he: bool) -> SightingRow:
    return replace(
        row,
        judged=CONFIRMED if is_he else DISMISSED,
        judged_by_id=by,
        judged_at=at,
        erase_at=None if is_he else at + KEEP_WITHOUT_INCIDENT,
    )
