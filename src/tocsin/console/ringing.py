"""How do the engine and the screens learn at once what a page has changed? After the commit, never inside it."""

import json
from functools import cache
from uuid import UUID

from django.db import connection, transaction

from tocsin.console.installation import settings
from tocsin.flow.alarms import Change
from tocsin.registry.access import LIVE_CHANNEL
from tocsin.runtime.doorbell import ENGINE, GATE, LESS, LOOK, REPORT, Sender


@cache
def _engine_bell() -> Sender:
    settings().run_dir.mkdir(parents=True, exist_ok=True)
    return Sender(settings().run_dir, ENGINE)


@cache
def _gate_bell() -> Sender:
    settings().run_dir.mkdir(parents=True, exist_ok=True)
    return Sender(settings().run_dir, GATE)


def ring_when_revoked(device_id: UUID) -> None:
    """Have the gate forget what it told this phone, once its revocation is committed, and the engine know of it.

    Should PostgreSQL go away a moment later, the phone is not believed for the rest of the snapshot's time. Where gate
    or engine run elsewhere, the engine's next telling leaves the phone out, and its next snapshot.
    """
    transaction.on_commit(lambda: _revoked(device_id))


def ring_when_fewer_may_know() -> None:
    """Have the engine write down anew whom it would call without the database, once somebody is shut out or has left."""
    transaction.on_commit(lambda: _engine_bell().ring(LESS))


def _revoked(device_id: UUID) -> None:
    _gate_bell().ring_all([{"x": str(device_id)}])
    _engine_bell().ring(LESS)


def ring_when_kept(change: Change) -> None:
    """Tell the engine and every screen about this change, once its transaction is committed.

    Of a walk alone only the engine: it tells her phone.
    """
    incident, walk = change.incident, change.walk
    if incident is None and walk:
        transaction.on_commit(lambda: _ring_engine(walk.organisation_id, walk.id))
    if incident is None:
        return
    organisation_id, incident_id, version = incident.organisation_id, incident.id, incident.version
    transaction.on_commit(lambda: _ring(organisation_id, incident_id, version))


def ring_engine_when_kept() -> None:
    """Tell the engine that something is due now, once the transaction is committed."""
    transaction.on_commit(lambda: _engine_bell().ring(LOOK))


def ring_report_when_kept() -> None:
    """Tell the engine that something seen waits to be matched, once the transaction is committed."""
    transaction.on_commit(_ring_report)


def _ring_report() -> None:
    _engine_bell().ring(REPORT)


def _ring(organisation_id: UUID, incident_id: UUID, version: int) -> None:
    _ring_engine(organisation_id, incident_id)
    payload = json.dumps({"o": str(organisation_id), "i": str(incident_id), "v": version})
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify(%s, %s)", (LIVE_CHANNEL, payload))


def _ring_engine(organisation_id: UUID, row_id: UUID) -> None:
    said = {"organisation": str(organisation_id), "incident": str(row_id)}
    _engine_bell().ring(json.dumps(said).encode())
