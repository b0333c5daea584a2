"""An administrator takes the record away: all of it, or one incident. That he did is in the record too."""

import tempfile
from datetime import datetime
from functools import partial
from typing import IO, Final
from uuid import UUID

from tocsin.notifications.access import load_incident
from tocsin.record import store as record
from tocsin.record import store_incident as of_incident
from tocsin.record.rules.heads import Head, Signer
from tocsin.registry.access import Hidden, Viewer, note
from tocsin.registry.access_cases import may_read
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing

IN_MEMORY_BYTES: Final = 4 * 1024 * 1024


def latest_head(conn: Connection, viewer: Viewer) -> Head | None:
    """Return the newest signed head of the organisation's record.

    Raises:
        Hidden: the viewer is no administrator.
    """
    if not viewer.is_administrator:
        raise Hidden
    return record.latest_head(conn, viewer.organisation_id)


def export_record(conn: Connection, viewer: Viewer, *, signer: Signer, at: datetime) -> IO[bytes]:
    """Return everything that is sealed as JSON Lines, which `tocsin verify` checks.

    Raises:
        Hidden: the viewer is no administrator.
    """
    head = latest_head(conn, viewer)
    _note(conn, viewer, "record", head.size if head else 0, None, at=at)
    file = _file()
    for line in record.export_record(conn, viewer.organisation_id, signer=signer, at=at):
        file.write(line)
    file.seek(0)
    return file


def export_incident(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    incident_id: UUID,
    *,
    signer: Signer,
    at: datetime,
) -> IO[bytes]:
    """Return the entries of one incident as a log of its own, as JSON Lines, which say nothing of the log they lie in.

    Nor which case it is, unless the viewer may read that case.

    Raises:
        Hidden: the viewer is no administrator, or may not see this incident.
    """
    if not viewer.is_administrator:
        raise Hidden
    load_incident(conn, ring, viewer, incident_id)
    _note(conn, viewer, "incident", None, incident_id, at=at)
    file = _file()
    lines = of_incident.export_incident(
        conn,
        viewer.organisation_id,
        incident_id,
        signer=signer,
        at=at,
        may_read=partial(may_read, conn, viewer),
    )
    for line in lines:
        file.write(line)
    file.seek(0)
    return file


def _file() -> IO[bytes]:
    # The answer outlives this function; the web server closes it.
    return tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)


def _note(
    conn: Connection,
    viewer: Viewer,
    what: str,
    size: int | None,
    incident_id: UUID | None,
    *,
    at: datetime,
) -> None:
    body = {"what": what, "size": size}
    note(conn, viewer, "record.exported", body, at=at, incident_id=incident_id)
