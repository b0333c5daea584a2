"""Whoever was told of a report sees to it, or puts it aside: then it is gone, and that she did is on record."""

from datetime import datetime
from uuid import UUID

from tocsin.registry.access import Hidden, Viewer, note
from tocsin.runtime.database import Connection
from tocsin.signals import store_told as store


def take_report(conn: Connection, viewer: Viewer, report_id: UUID, *, at: datetime) -> None:
    """Let the viewer see to it: nobody else is told any more.

    Raises:
        Hidden: she was not told of such a report.
    """
    if not store.take_told(conn, viewer.organisation_id, report_id, viewer.person_id):
        raise Hidden
    note(conn, viewer, "report.taken", {"row": report_id}, at=at)


def put_report_aside(conn: Connection, viewer: Viewer, report_id: UUID, *, at: datetime) -> None:
    """Let go of it: nothing of it is kept.

    Raises:
        Hidden: she was not told of such a report.
    """
    if not store.delete_told(conn, viewer.organisation_id, report_id):
        raise Hidden
    note(conn, viewer, "report.put_aside", {"row": report_id}, at=at)
