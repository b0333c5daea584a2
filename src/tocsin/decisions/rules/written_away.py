"""What is an incident to somebody who wrote one of its people away in vain? Without her; nobody else is shown it so."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from tocsin.decisions.rules.incident import Incident, without


def as_if_gone(incident: Incident, person_id: UUID, since: datetime) -> Incident:
    """Return the incident as somebody is shown it for whom this person left then: nothing stands that was hers to do.

    What was closed before stays as it was. The ladder stays where it is; of a call that she owned before she left it waits
    since then.
    """
    if incident.closed_at is not None and incident.closed_at <= since:
        return incident
    called_at = incident.called_emergency_at
    is_older = incident.caller_id == person_id and called_at is not None and called_at <= since
    charge = incident.charge
    if charge and charge.offered_to == person_id:
        charge = replace(charge, offered_to=None)
    shown = without(replace(incident, charge=charge), person_id, since)
    return replace(
        shown,
        seen_by=shown.seen_by - {person_id} if incident.opened_at >= since else shown.seen_by,
        emergency_from=since if is_older else incident.emergency_from,
        unclaimed_said=incident.unclaimed_said,
        unclaimed_said_at=incident.unclaimed_said_at,
        ladder_from=incident.ladder_from,
        next_step=incident.next_step,
    )
