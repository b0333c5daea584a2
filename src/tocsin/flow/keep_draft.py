"""What was typed of an order is kept as it was typed, until it is entered or thrown away. Its author alone sees it."""

from datetime import datetime
from uuid import UUID

from tocsin.registry import store_papers as papers
from tocsin.registry.access import Hidden, Viewer
from tocsin.registry.rules.order_entry import Picture
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing


def keep_draft(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    draft_id: UUID,
    typed: tuple[dict[str, list[str]], dict[str, Picture]],
    *,
    at: datetime,
) -> None:
    """Write the fields and files of a draft, new or in place of what it was.

    Raises:
        Hidden: the viewer may not enter orders, so there is nothing to draft.
    """
    if not viewer.is_supervisor:
        raise Hidden
    fields, files = typed
    draft = papers.Draft(draft_id, at, fields, files)
    papers.save_draft(conn, ring, viewer.organisation_id, viewer.person_id, draft)


def drop_draft(conn: Connection, viewer: Viewer, draft_id: UUID) -> None:
    """Throw a draft of the viewer's own away."""
    papers.delete_draft(conn, viewer.person_id, draft_id)
