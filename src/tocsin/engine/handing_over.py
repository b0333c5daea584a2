"""How does PostgreSQL hear of what was done without it? In its order, once, and never over what others did meanwhile.

A change is kept if its incident is still at the version that it began with. If not (a page changed it, or a commit
that was never confirmed had come through), only its messages are: what people and devices did comes again
from the spool, which is read anew, and what time did is done anew under the same references.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

import psycopg

from tocsin.decisions.rules.incident import Incident
from tocsin.decisions.rules.progress import to_progress
from tocsin.engine.desk import AWAY
from tocsin.flow.alarms import Change
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.standby import Standby
from tocsin.notifications import store as notifications
from tocsin.notifications.rules.delivery import Delivery
from tocsin.record import store as record
from tocsin.runtime import logs

AT_ONCE: Final = 50

Versions = dict[UUID, int]

log = logs.get("handing_over")


@dataclass(frozen=True, slots=True)
class Part:
    """Changes in their order, and deliveries in the state that they have reached."""

    changes: tuple[Change, ...]
    deliveries: tuple[Delivery, ...]


def part_of(memory: Standby, saved: Sequence[object], touched: Sequence[UUID]) -> Part:
    """Return a part ready to be kept: every message in it is in its present state, so that nobody sends it again."""
    changes = [
        replace(one, deliveries=tuple(map(memory.as_is, one.deliveries)))
        for one in saved
        if isinstance(one, Change)
    ]
    unknown = [memory.as_is(one.delivery) for one in saved if not isinstance(one, Change)]  # type: ignore[attr-defined]
    return Part(tuple(changes), (*unknown, *memory.found(touched)))


def keep_part(alarms: PostgresAlarms, part: Part, versions: Versions) -> Versions:
    """Return the incidents' versions after this part is kept; runs inside the caller's transaction."""
    # Django's foreign keys are looked at when the transaction ends: one bad row would undo all the others.
    alarms.conn.execute("set constraints all immediate")
    after = dict(versions)
    for change in part.changes:
        _keep(alarms, change, after)
    notifications.catch_up(alarms.conn, part.deliveries)
    return after


def _keep(alarms: PostgresAlarms, change: Change, versions: Versions) -> None:
    try:
        with alarms.atomically():
            if change.incident and not _is_next(alarms, change, change.incident, versions):
                return
            if _is_ended(alarms, change):
                return
            alarms.save([change])
            for text in change.texts:
                alarms.keep_text(text)
        if change.incident:
            versions[change.incident.id] = change.incident.version
    except psycopg.IntegrityError as problem:
        log.warning("already.kept", constraint=problem.diag.constraint_name)
        _keep_lines(alarms, change)
    except AWAY:
        raise
    except Exception:
        # One change that cannot be kept must not stand in the way of all the others.
        log.exception("change.poisoned")


def _is_next(
    alarms: PostgresAlarms, change: Change, incident: Incident, versions: Versions
) -> bool:
    """Return whether this change follows on what PostgreSQL has; if not, its messages alone are kept."""
    found = alarms.incident(incident.organisation_id, incident.id)
    if found is None:
        return change.is_new
    if not change.is_new and found.version == versions.get(incident.id):
        return True
    if _is_same(found, incident):
        versions[incident.id] = incident.version
        return False
    log.warning("changed.elsewhere", incident_id=str(incident.id), version=found.version)
    notifications.insert_deliveries(alarms.conn, change.deliveries)
    return False


def _is_same(found: Incident, ours: Incident) -> bool:
    return (found.version, found.closed_at) == (ours.version, ours.closed_at) and to_progress(
        found
    ) == to_progress(ours)


def _is_ended(alarms: PostgresAlarms, change: Change) -> bool:
    walk = change.walk
    if walk is None or not walk.is_open:
        return False
    found = alarms.walk(walk.organisation_id, walk.id)
    return found is not None and not found.is_open


def _keep_lines(alarms: PostgresAlarms, change: Change) -> None:
    """Keep the lines of the record that are new, of a change that is nothing else."""
    if change.incident or change.signals or change.walk:
        return
    for entry in change.entries:
        try:
            with alarms.atomically():
                record.append(alarms.conn, [entry])
        except psycopg.errors.UniqueViolation:
            continue
