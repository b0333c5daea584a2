"""Somebody signs in, or a session is ended: both are on record."""

import hashlib
from datetime import datetime

from tocsin.registry.access import Viewer, note
from tocsin.runtime.database import Connection


def signed_in(conn: Connection, viewer: Viewer, *, at: datetime) -> None:
    """Write that this person signed in."""
    body = {"person": viewer.person_id, "account": viewer.account_id, "method": "password"}
    note(conn, viewer, "session.begun", body, at=at)


def session_ended(conn: Connection, viewer: Viewer, session_key: str, *, at: datetime) -> None:
    """Write that a session of this person was ended by hand; its key stands there as a digest only."""
    digest = hashlib.sha256(session_key.encode()).hexdigest()
    body = {"account": viewer.account_id, "session": digest, "because": "ended by hand"}
    note(conn, viewer, "session.revoked", body, at=at)
