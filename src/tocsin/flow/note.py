"""A viewer did something: one line of the record says so, in the transaction of what she did."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from tocsin.record import store as record
from tocsin.record.rules.entries import Entry
from tocsin.registry.access import Viewer
from tocsin.runtime.database import Connection
from tocsin.runtime.ids import uuid7


def note(
    conn: Connection,
    viewer: Viewer,
    kind: str,
    body: Mapping[str, object],
    *,
    at: datetime,
    incident_id: UUID | None = None,
) -> None:
    """Append an entry of this kind by the viewer, in the viewer's organisation; about an incident, if one is named."""
    entry = Entry(uuid7(), viewer.organisation_id, at, kind, incident_id, viewer.person_id, body)
    record.append(conn, [entry])
