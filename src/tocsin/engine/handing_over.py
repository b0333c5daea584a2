"""How does PostgreSQL hear of what was done without it? In its order, once, and never over what others did meanwhile.

A change is kept if its incident is still at the version that it began with. If not (a page changed it, or a commit
that was never confirmed had come through), only its messages are: what people and devices did comes again
from the spool, which is read anew, and what time did is done anew under the same references.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol
from uuid import UUID

import psycopg

from tocsin.decisions.rules.incident import Incident
from tocsin.decisions.rules.progress import to_progress
from tocsin.engine.desk import AWAY, KEEP, StoreAwayError
from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.standby import Standby
from tocsin.notifications import store as notifications
from tocsin.notifications.rules.delivery import Delivery
from tocsin.record import store as record
from tocsin.record.rules.entries import Entry
from tocsin.runtime import logs

AT_ONCE: Final = 50

Versions = dict[UUID, int]

log = logs.get("handing_over")


@dataclass(frozen=True, slots=True)
class Part:
    """Changes in their order, and deliveries in the state that they have reached."""

    changes: tuple[Change, ...]
    deliveries: tuple[Delivery, ...]


class Keeper(Protocol):
    """The store that is handed over to, and what only this asks of it."""

    @property
    def alarms(self) -> Alarms:
        """Return the store, inside the caller's transaction."""
        ...

    @property
    def double(self) -> type[Exception]:
        """Return what it raises for a row that it has already."""
        ...

    def begin(self) -> None:
        """Have each row judged when it is kept, not when the transaction ends."""
        ...

    def catch_up(self, deliveries: Sequence[Delivery]) -> None:
        """Bring messages to the state that they have reached; never back from a later one."""
        ...

    def put(self, deliveries: Sequence[Delivery]) -> None:
        """Keep messages alone; a reference that is there already stays as it is."""
        ...

    def append(self, entry: Entry) -> None:
        """Keep one line of the record."""
        ...


class PostgresKeeper:
    """PostgreSQL, when it is back."""

    double: type[Exception] = psycopg.IntegrityError

    def __init__(self, alarms: Alarms) -> None:
        """Take PostgreSQL's store.

        Raises:
            StoreAwayError: it is another one.
        """
        if not isinstance(alarms, PostgresAlarms):
            raise StoreAwayError(KEEP)
        self.alarms: PostgresAlarms = alarms

    def begin(self) -> None:
        """Look at foreign keys at once: Django's wait for the end, where one bad row would undo all the others."""
        self.alarms.conn.execute("set constraints all immediate")

    def catch_up(self, deliveries: Sequence[Delivery]) -> None:
        """Bring rows to the state that they reached."""
        notifications.catch_up(self.alarms.conn, deliveries)

    def put(self, deliveries: Sequence[Delivery]) -> None:
        """Insert messages."""
        notifications.insert_deliveries(self.alarms.conn, deliveries)

    def append(self, entry: Entry) -> None:
        """Append one line."""
        record.append(self.alarms.conn, [entry])


def part_of(memory: Standby, saved: Sequence[object], touched: Sequence[UUID]) -> Part:
    """Return a part ready to be kept: every message in it is in its present state, so that nobody sends it again."""
    changes = [
        replace(one, deliveries=tuple(map(memory.as_is, one.deliveries)))
        for one in saved
        if isinstance(one, Change)
    ]
    unknown = [memory.as_is(one.delivery) for one in saved if not isinstance(one, Change)]  # type: ignore[attr-defined]
    return Part(tuple(changes), (*unknown, *memory.found(touched)))


def keep_part(keeper: Keeper, part: Part, versions: Versions) -> Versions:
    """Return the incidents' versions after this part is kept; runs inside the caller's transaction."""
    keeper.begin()
    after = dict(versions)
    for change in part.changes:
        _keep(keeper, change, after)
    keeper.catch_up(part.deliveries)
    return after


def _keep(keeper: Keeper, change: Change, versions: Versions) -> None:
    alarms = keeper.alarms
    try:
        with alarms.atomically():
            if change.incident and not _is_next(keeper, change, change.incident, versions):
                return
            still = _without_ended_walk(alarms, change)
            if still is None:
                return
            alarms.save([still])
            for text in change.texts:
                alarms.keep_text(text)
        if change.incident:
            versions[change.incident.id] = change.incident.version
    except keeper.double as problem:
        constraint = problem.diag.constraint_name if isinstance(problem, psycopg.Error) else None
        log.warning("already.kept", constraint=constraint)
        _keep_lines(keeper, change)
    except AWAY:
        raise
    except Exception:
        # One change that cannot be kept must not stand in the way of all the others.
        log.exception("change.poisoned")


def _is_next(keeper: Keeper, change: Change, incident: Incident, versions: Versions) -> bool:
    """Return whether this change follows on what PostgreSQL has; if not, its messages alone are kept."""
    found = keeper.alarms.incident(incident.organisation_id, incident.id)
    if found is None:
        return change.is_new
    if not change.is_new and found.version == versions.get(incident.id):
        return True
    if _is_same(found, incident):
        versions[incident.id] = incident.version
        return False
    log.warning("changed.elsewhere", incident_id=str(incident.id), version=found.version)
    keeper.put(change.deliveries)
    return False


def _is_same(found: Incident, ours: Incident) -> bool:
    return (found.version, found.closed_at) == (ours.version, ours.closed_at) and to_progress(
        found
    ) == to_progress(ours)


def _without_ended_walk(alarms: Alarms, change: Change) -> Change | None:
    """Return the change without its walk if that is ended meanwhile; None if it is about nothing else.

    Whom memory called about it stays on record, and what they did; `flow.stop_asking` tells them that it is over.
    """
    walk = change.walk
    if walk is None or not walk.is_open:
        return change
    found = alarms.walk(walk.organisation_id, walk.id)
    if found is None or found.is_open:
        return change
    return replace(change, walk=None) if change.incident else None


def _keep_lines(keeper: Keeper, change: Change) -> None:
    """Keep the lines of the record that are new, of a change that is nothing else."""
    if change.incident or change.signals or change.walk:
        return
    for entry in change.entries:
        try:
            with keeper.alarms.atomically():
                keeper.append(entry)
        except keeper.double:
            continue
