"""Somebody may not, or cannot, act on an incident any more: what was his to do there is nobody's at once (I3, I18).

Asked after a person became inactive or was shut out. Without it he would be in charge until he lapses, and whoever owns
an emergency call owns it for good.
"""

from uuid import UUID

from tocsin.decisions import store as incidents
from tocsin.flow.alarms import Change
from tocsin.flow.decide import decide, facts_for
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.notifications.rules.calling import involved
from tocsin.notifications.rules.happenings import TimePassed
from tocsin.registry.rules.rows import PersonRow
from tocsin.runtime.ids import Ids

ENDED = "part.ended"


def may_act_otherwise(before: PersonRow | None, after: PersonRow) -> bool:
    """Return whether what this person holds must be looked at after she was saved; a new name or language changes none of it.

    Whoever is saved as inactive is looked at also if she was so before: another may have let her work here in between. A new
    role and another site are looked at, too: a look too many costs little, one too few leaves her in charge.
    """
    if not after.is_active:
        return True
    return before is not None and (before.role, before.site_id) != (after.role, after.site_id)


def let_go(alarms: PostgresAlarms, organisation_id: UUID, *, ids: Ids) -> list[Change]:
    """Return what it has changed in the open incidents that the viewer may know of; the others find out at their next step."""
    open_now = incidents.load_open(alarms.conn, organisation_id)
    # Locked in one order: two pages at once must not wait for each other.
    found = sorted(one.id for one in open_now if involved(one))
    changes = [_without_gone(alarms, organisation_id, incident_id, ids) for incident_id in found]
    kept = [change for change in changes if change]
    alarms.save(kept)
    return kept


def _without_gone(
    alarms: PostgresAlarms, organisation_id: UUID, incident_id: UUID, ids: Ids
) -> Change | None:
    at = alarms.now()
    incident = alarms.incident(organisation_id, incident_id)
    if incident is None or not incident.is_open:
        return None
    change = decide(incident, TimePassed(), facts_for(alarms, incident, at), at, ids=ids)
    return change if any(entry.kind == ENDED for entry in change.entries) else None
