"""Somebody became inactive, or was shut out, on a page: what he held in an open incident is nobody's, and people are called."""

from tocsin.console.installation import ids, key_ring
from tocsin.console.ringing import ring_when_fewer_may_know, ring_when_kept
from tocsin.flow.let_go import let_go
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.registry.access import Viewer
from tocsin.runtime.database import Connection


def let_go_now(conn: Connection, viewer: Viewer) -> None:
    """End the parts of those who may not act any more, in the page's transaction, and ring for each incident after it."""
    for change in let_go(PostgresAlarms(conn, key_ring()), viewer.organisation_id, ids=ids()):
        ring_when_kept(change)
    ring_when_fewer_may_know()
