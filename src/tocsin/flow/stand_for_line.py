"""A party of somebody's case has written of a roster, and her walk hangs on it: a safety lead says what is right.

Until then her walk is held as if he had not written (`flow/keep_her_shifts.py`). To stand for a line makes what he wrote
count for her, too; to put one back makes it the lead's own, for everybody.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.flow.plan_shifts import add_roster_lines
from tocsin.registry import store_kept_shifts as store
from tocsin.registry.access import Hidden, Viewer, note
from tocsin.registry.rules import roster_document
from tocsin.registry.rules.loosening import Loosening
from tocsin.registry.rules.rows import HisLine
from tocsin.runtime.database import Connection

CONFIRMED: Final = "roster.confirmed"
ROSTER: Final = "roster"


def his_lines(conn: Connection, viewer: Viewer, site_id: UUID) -> list[HisLine]:
    """Return the lines of a site that wait for a safety lead; to others, and to whoever is on a side of it, none."""
    return store.load_his_lines(conn, site_id) if viewer.is_administrator else []


def sites_of_his_lines(conn: Connection, viewer: Viewer) -> list[UUID]:
    """Return the sites at which such lines wait for this viewer."""
    return store.sites_of_his_lines(conn) if viewer.is_administrator else []


def stand_for_line(conn: Connection, viewer: Viewer, line_id: UUID, *, at: datetime) -> None:
    """Write that what he wrote, or took out, is right.

    Raises:
        Hidden: no such line waits for this viewer.
    """
    case_id = store.stand_for_line(conn, line_id) if viewer.is_administrator else None
    if case_id is None:
        raise Hidden
    # In the log of the case: in the employer's it would say that there is one.
    body = {"row": line_id, "table": ROSTER, "case": case_id}
    note(conn, viewer, CONFIRMED, body, at=at)


def put_back(
    conn: Connection, viewer: Viewer, site_id: UUID, line_id: UUID, *, at: datetime
) -> None:
    """Put a line that he took out into the roster again, as the viewer's.

    Where that leaves too few on duty it waits for a second person, and the line waits on with it.

    Raises:
        Hidden: no such line waits for this viewer.
        UnsoundLines: it cannot be followed any more, or would do nothing.
        TooManyAsked: too much waits for a second person already.
    """
    waiting = {one.line.id: one.line for one in his_lines(conn, viewer, site_id) if one.is_taken}
    if line_id not in waiting:
        raise Hidden
    row = waiting[line_id]
    line = roster_document.line_from_dict(row.kind, row.body)
    done = add_roster_lines(conn, viewer, site_id, [line], at=at)
    if not isinstance(done, Loosening):
        stand_for_line(conn, viewer, line_id, at=at)
