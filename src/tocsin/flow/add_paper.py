"""The document of an order comes in later, or somebody masks its first page for the door."""

from datetime import datetime
from uuid import UUID

from tocsin.flow.keep_doors import refresh_page
from tocsin.registry import store_papers as papers
from tocsin.registry.access import Hidden, Viewer, note
from tocsin.registry.access_cases import may_read
from tocsin.registry.rules.case_rows import Paper
from tocsin.registry.rules.order_entry import Picture
from tocsin.registry.store_cases import case_key, load_case
from tocsin.registry.store_orders import find_order
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing, PersonKey


def add_paper(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    which: tuple[UUID, UUID],
    document: Picture,
    *,
    at: datetime,
) -> Paper:
    """Return the document that is kept now. `which`: the case and the order.

    Raises:
        Hidden: no such order for this viewer.
    """
    case_id, order_id = which
    _order(conn, ring, viewer, case_id, order_id)
    return keep_document(conn, case_key(conn, ring, case_id), viewer, which, document, at=at)


def keep_document(
    conn: Connection,
    key: PersonKey,
    viewer: Viewer,
    which: tuple[UUID, UUID],
    document: Picture,
    *,
    at: datetime,
) -> Paper:
    """Return the document that is kept now, and noted, of an order that the caller has looked at. `which`: case and order."""
    case_id, order_id = which
    paper = papers.new_paper(order_id, case_id, document, at=at, by=viewer.person_id)
    papers.insert_paper(conn, key, viewer.organisation_id, paper, document.content)
    _said(conn, viewer, paper, "document", paper.size, at)
    return paper


def mask_first_page(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    which: tuple[UUID, UUID],
    page: Picture,
    *,
    at: datetime,
) -> None:
    """Write the masked first page of a paper; who masked it answers for what it shows. `which`: the case and the paper.

    It is at the doors while they show its order, now or from when that one counts.

    Raises:
        Hidden: no such document for this viewer, its order cannot be opened, or he is no supervisor.
    """
    case_id, paper_id = which
    if not may_read(conn, viewer, case_id) or not viewer.is_supervisor:
        raise Hidden
    paper = next((one for one in papers.load_papers(conn, case_id) if one.id == paper_id), None)
    if paper is None:
        raise Hidden
    # Of an order that cannot be opened no page is typed anew: its old picture would stay at the doors.
    _order(conn, ring, viewer, case_id, paper.order_id)
    case = load_case(conn, ring, case_id)
    if case is None:
        raise Hidden
    papers.set_first_page(conn, case_key(conn, ring, case_id), paper_id, page, by=viewer.person_id)
    refresh_page(conn, ring, case, at=at)
    _said(conn, viewer, paper, "first_page", len(page.content), at)


def _order(conn: Connection, ring: KeyRing, viewer: Viewer, case_id: UUID, order_id: UUID) -> None:
    if not may_read(conn, viewer, case_id):
        raise Hidden
    if find_order(conn, ring, case_id, order_id) is None:
        raise Hidden


def _said(
    conn: Connection, viewer: Viewer, paper: Paper, what: str, size: int, at: datetime
) -> None:
    body = {
        "case": paper.case_id,
        "order": paper.order_id,
        "paper": paper.id,
        "what": what,
        "size": size,
    }
    note(conn, viewer, "order.paper", body, at=at)
