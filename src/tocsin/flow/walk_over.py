"""What becomes of a walk whose alarm was stood down? It ends too: nobody waits for it, and nobody follows her any more."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from tocsin.flow.alarms import Alarms, Change
from tocsin.record.rules.entries import Entry
from tocsin.runtime.ids import Ids
from tocsin.signals.rules.walk import OVERDUE, Walk, ended


def with_its_walk(
    alarms: Alarms, change: Change, how: str, at: datetime, ids: Ids, *, by: UUID | None = None
) -> Change:
    """Return the change with the overdue walk ended that its incident asked about, if that is closed now.

    Also if her code only seems to have closed it: her phone must not hear anything else of the walk (I9). A walk that she extended meanwhile is under way, and goes on. `by`: who stood it down, if not she.
    """
    incident = change.incident
    if incident is None or incident.walk_id is None or change.walk:
        return change
    walk = alarms.walk(incident.organisation_id, incident.walk_id)
    if walk is None or walk.state != OVERDUE:
        return change
    if incident.is_open and walk.key not in incident.cancelled_keys:
        return change
    closing = end_overdue(walk, how, at, ids, by=by)
    return replace(change, walk=closing.walk, entries=(*change.entries, *closing.entries))


def end_overdue(walk: Walk, how: str, at: datetime, ids: Ids, *, by: UUID | None = None) -> Change:
    """Return the walk ended with its alarm, on record; nothing is saved."""
    body: dict[str, Any] = {"walk": walk.id, "person": walk.person_id, "via": how}
    actor = by or walk.person_id
    entry = Entry(ids.uuid(), walk.organisation_id, at, "walk.ended", None, actor, body)
    return Change(walk=ended(walk, how, at), entries=(entry,))
