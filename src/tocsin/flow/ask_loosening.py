"""Somebody asks for less than before: it is kept, shown to the leads, and nothing changes yet (I17)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from tocsin.registry import store_sites as sites
from tocsin.registry.access import Viewer, note
from tocsin.registry.rules.loosening import MAX_OPEN, MAX_WAIT, Loosening
from tocsin.runtime.database import Connection
from tocsin.runtime.ids import uuid7


class TooManyAsked(Exception):
    """So many wait for a second person already that they hide each other."""


def ask_loosening(
    conn: Connection,
    viewer: Viewer,
    where: tuple[UUID, str],
    body: dict[str, Any],
    reasons: tuple[str, ...],
    *,
    at: datetime,
) -> Loosening:
    """Return the change that now waits, for a day, for a second person. `where`: the site, and which kind of change.

    Raises:
        TooManyAsked: `MAX_OPEN` wait already.
    """
    if len(sites.load_loosenings(conn, viewer.organisation_id, at - MAX_WAIT)) >= MAX_OPEN:
        raise TooManyAsked
    site_id, what = where
    asked = Loosening(
        id=uuid7(),
        site_id=site_id,
        what=what,
        body=body,
        reasons=reasons,
        asked_at=at,
        asked_by_id=viewer.person_id,
    )
    sites.insert_loosening(conn, viewer.organisation_id, asked)
    note_loosening(conn, viewer, "loosening.asked", asked, at=at)
    return asked


def note_loosening(
    conn: Connection, viewer: Viewer, kind: str, asked: Loosening, *, at: datetime
) -> None:
    """Write to the record what became of a loosening, and by whom."""
    body: dict[str, Any] = {"row": asked.id, "table": "loosening", "what": asked.what}
    if kind != "loosening.asked":
        body |= {"second": viewer.person_id}
    note(conn, viewer, kind, body, at=at)
