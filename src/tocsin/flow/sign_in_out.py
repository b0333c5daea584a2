"""Somebody signs in, or a session is ended: both are on record."""

import hashlib
from datetime import datetime

from tocsin.record import store as record
from tocsin.record.rules.entries import Entry
from tocsin.registry.access import Viewer
from tocsin.runtime.database import Connection
from tocsin.runtime.ids import uuid7


def signed_in(conn: Connection, viewer: Viewer, *, at: datetime) -> None:
    """Write that this person signed in."""
    body = {"person": viewer.person_id, "account": viewer.account_id, "method": "password"}
    record.append(
        conn,
        [Entry(uuid7(), viewer.organisation_id, at, "session.begun", None, viewer.person_id, body)],
    )


def session_ended(conn: Connection, viewer: Viewer, session_key: str, *, at: datetime) -> None:
    """Write that a session of this person was ended by hand; its key stands there as a digest only."""
    digest = hashlib.sha256(session_key.encode()).hexdigest()
    body = {"account": viewer.account_id, "session": digest, "because": "ended by hand"}
    record.append(
        conn,
        [
            Entry(
                uuid7(), viewer.organisation_id, at, "session.revoked", None, viewer.person_id, body
            )
        ],
    )
