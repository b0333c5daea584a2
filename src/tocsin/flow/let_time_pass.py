"""The clock reached an incident's due time: the next step, the unclaimed call, the owner who fell silent."""

from datetime import datetime
from uuid import UUID

from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.decide import decide, facts_for
from tocsin.notifications.rules.due import next_due
from tocsin.notifications.rules.happenings import TimePassed
from tocsin.runtime.ids import Ids


def let_time_pass(
    alarms: Alarms,
    organisation_id: UUID,
    incident_id: UUID,
    due: datetime,
    *,
    ids: Ids,
    engine: str = "",
) -> Change | None:
    """Return what time has changed; None if the incident is over or its due time has moved meanwhile.

    `due`: when it was due. Time is never taken to be earlier, so that a clock set back cannot put a step off, and
    the state's own counters keep a clock set forward from doubling one (I6).
    """
    at = max(alarms.now(), due)
    incident = alarms.incident(organisation_id, incident_id)
    waiting = next_due(incident) if incident else None
    if incident is None or waiting is None or waiting[1] > at:
        return None
    change = decide(
        incident, TimePassed(), facts_for(alarms, incident, at), at, ids=ids, engine=engine
    )
    alarms.save([change])
    return change
