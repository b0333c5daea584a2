"""What of the orders may this viewer see? Each look is on record before it is answered (`access_cases.py`)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import UUID

from tocsin.registry import store_doors as doors
from tocsin.registry import store_papers as papers
from tocsin.registry.access import Hidden, Viewer
from tocsin.registry.access_cases import Reading, load_cases, log_read
from tocsin.registry.access_doors import log_look
from tocsin.registry.rules.case_rows import CaseRow, ClosedOrder, DoorEntryRow, Paper
from tocsin.registry.rules.first_page import FirstPage, from_text
from tocsin.registry.rules.grants import Grant
from tocsin.registry.rules.house_rule import HouseRule
from tocsin.registry.rules.order import Order
from tocsin.registry.rules.order_entry import Picture
from tocsin.registry.rules.rows import PlaceRow, SiteRow
from tocsin.registry.rules.second_look import tellers, waits
from tocsin.registry.store import load_short_names
from tocsin.registry.store_at_door import load_outlines
from tocsin.registry.store_cases import case_key, look_at_case
from tocsin.registry.store_grants import case_word, load_grants
from tocsin.registry.store_orders import load_each_order, load_orders_of
from tocsin.registry.store_papers import Draft, load_drafts
from tocsin.registry.store_people import load_people
from tocsin.registry.store_readable import opened
from tocsin.registry.store_reviews import is_crossed, load_reviewers
from tocsin.registry.store_sites import load_places, load_sites
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing

ORDERS: str = "orders"
DOCUMENT: str = "document"
FIRST_PAGE: str = "first_page"


@dataclass(frozen=True, slots=True)
class OrdersView:
    """The orders of one case with everything that their page shows. `names`: of people who did something.

    `reviewers`: by order that waits for a second person, who can be that: for its entry, or for what was told since; nobody
    where the word of one of its tellers finds nobody. `drawn`: which of our sites and places have an outline. `closed`: the
    orders that cannot be opened; of what counts then, only the doors' entry tells.
    """

    reading: Reading
    case: CaseRow
    orders: tuple[Order, ...]
    rules: tuple[HouseRule, ...]
    door: DoorEntryRow | None
    papers: tuple[Paper, ...]
    is_crossed: bool
    names: dict[UUID, str]
    sites: tuple[SiteRow, ...]
    has_first_page: bool
    reviewers: dict[UUID, tuple[UUID, ...]]
    drawn: frozenset[UUID]
    closed: tuple[ClosedOrder, ...]


@dataclass(frozen=True, slots=True)
class OrdersLine:
    """A case in the list: its word, and its orders, of which only codes and times are shown.

    `is_damaged`: there are such as cannot be opened; then none is here.
    """

    case_id: UUID
    word: str
    is_hers: bool
    orders: tuple[Order, ...]
    rules: tuple[HouseRule, ...]
    is_damaged: bool = False


@dataclass(frozen=True, slots=True)
class Choices:
    """Whom and what an order can name: people by name, our sites with their places."""

    people: tuple[tuple[UUID, str], ...]
    places: tuple[tuple[SiteRow, tuple[PlaceRow, ...]], ...]


def load_orders_view(
    conn: Connection, ring: KeyRing, viewer: Viewer, case_id: UUID, *, at: datetime
) -> OrdersView:
    """Return the orders of a case, after writing down that the viewer reads them.

    Raises:
        Hidden, StepUp: as `access_cases.log_read`.
    """
    reading = log_read(conn, viewer, case_id, at=at, what=ORDERS)
    case = look_at_case(conn, ring, case_id)
    if case is None:
        raise Hidden
    orders, closed = load_each_order(conn, ring, case_id)
    rules = doors.load_house_rules(conn, ring, case_id)
    reviewers = {
        order.id: _reviewers(conn, viewer, case, order, at) for order in orders if waits(order)
    }
    door, is_damaged = doors.look_at_entry(conn, ring, case_id)
    if is_damaged and not case.is_closed:
        # It is written anew from the case: what it said counts no more.
        door = None
    people = _who(case, orders, rules, door) | {
        one for several in reviewers.values() for one in several
    }
    return OrdersView(
        reading,
        case,
        orders,
        rules,
        door,
        papers.load_papers(conn, case_id),
        is_crossed(conn, case_id),
        load_short_names(conn, ring, people),
        tuple(load_sites(conn, viewer.organisation_id)),
        doors.has_door_page(conn, case_id),
        reviewers,
        frozenset(load_outlines(conn, viewer.organisation_id)),
        closed,
    )


def _reviewers(
    conn: Connection, viewer: Viewer, case: CaseRow, order: Order, at: datetime
) -> tuple[UUID, ...]:
    found = [
        load_reviewers(
            conn,
            viewer.organisation_id,
            case.id,
            entered_by=teller,
            protected=case.protected_id,
            at=at,
        )
        for teller in sorted(tellers(order))
    ]
    return tuple(sorted({one for several in found for one in several})) if all(found) else ()


def _who(
    case: CaseRow,
    orders: tuple[Order, ...],
    rules: tuple[HouseRule, ...],
    door: DoorEntryRow | None,
) -> set[UUID]:
    found = {case.protected_id, case.colleague_id, case.opened_by_id}
    for order in orders:
        found |= {order.entered_by_id, order.reviewed_by_id}
        found |= {fact.heard_by_id for fact in order.facts}
        found |= {fact.reviewed_by_id for fact in order.facts}
    for rule in rules:
        found |= {rule.owner_id, rule.lifted_by_id}
    wishes = [rule.lift_asked for rule in rules] + [door.lower_asked if door else None]
    found |= {wish.by_id for wish in wishes if wish}
    for one in case.respondent.not_his:
        found |= {one.asked_by_id, one.agreed_by_id}
    return {person_id for person_id in found if person_id is not None}


def load_order_list(conn: Connection, ring: KeyRing, viewer: Viewer) -> tuple[OrdersLine, ...]:
    """Return the cases that the viewer may read with their orders; the list names nobody, so it is no look."""
    lines = load_cases(conn, viewer)
    ids = [line.case_id for line in lines]
    orders = opened(partial(load_orders_of, conn, ring), ids)
    rules = opened(partial(doors.load_house_rules_of, conn, ring), ids)
    return tuple(
        OrdersLine(
            line.case_id,
            line.word,
            line.is_hers,
            orders.found.get(line.case_id, ()),
            rules.found.get(line.case_id, ()),
            line.case_id in orders.damaged | rules.damaged,
        )
        for line in lines
    )


def load_review_asks(
    conn: Connection, ring: KeyRing, viewer: Viewer, *, at: datetime
) -> tuple[Grant, ...]:
    """Return what this viewer was asked to look at and has not taken on yet."""
    return tuple(
        grant
        for grant in load_grants(conn, ring, viewer.organisation_id)
        if grant.person_id == viewer.person_id
        and grant.asked_by_id != viewer.person_id
        and grant.waits(at)
    )


def load_own_drafts(conn: Connection, ring: KeyRing, viewer: Viewer) -> tuple[Draft, ...]:
    """Return what the viewer typed of orders that could not be taken yet."""
    return load_drafts(conn, ring, viewer.person_id)


def draft_to_go(drafts: Sequence[Draft]) -> Draft | None:
    """Return which of somebody's drafts, the newest first, goes when one more is kept; None while there is room."""
    return drafts[-1] if len(drafts) >= papers.MAX_DRAFTS else None


def load_choices(conn: Connection, ring: KeyRing, viewer: Viewer) -> Choices:
    """Return whom and what an order that this viewer enters can name."""
    people = load_people(conn, ring, viewer.organisation_id)
    sites = load_sites(conn, viewer.organisation_id)
    return Choices(
        tuple((person.id, person.name) for person in people if person.is_active),
        tuple((site, tuple(load_places(conn, site.id))) for site in sites),
    )


def open_document(
    conn: Connection, ring: KeyRing, viewer: Viewer, case_id: UUID, paper_id: UUID, *, at: datetime
) -> Picture:
    """Return the whole document of an order, for who may read the case; the look is on record.

    Raises:
        Hidden, StepUp: as `access_cases.log_read`, or there is no such document.
    """
    log_read(conn, viewer, case_id, at=at, what=DOCUMENT)
    found = papers.open_paper(conn, case_key(conn, ring, case_id), paper_id)
    if found is None:
        raise Hidden
    return found


@dataclass(frozen=True, slots=True)
class PageForPolice:
    """The first page as a guard shows it: typed, and as a masked picture if somebody made one.

    `word`: of its case. What is said to police of several cases is said by their words; which number is whose stands here.
    """

    word: str
    typed: FirstPage
    picture: Picture | None
    made_at: datetime
    # What the distances are measured from, by the ids of the typed page.
    places: dict[str, str] = field(default_factory=dict)


def find_page(conn: Connection, viewer: Viewer, case_id: UUID) -> str:  # noqa: ARG001 - who looks, as everywhere
    """Return the word of the case whose first page this viewer may open for police; it is not opened yet.

    Raises:
        Hidden: there is none for this viewer.
    """
    if not doors.has_door_page(conn, case_id):
        raise Hidden
    return case_word(conn, case_id)


def open_first_page(
    conn: Connection, ring: KeyRing, viewer: Viewer, case_id: UUID, *, at: datetime
) -> PageForPolice:
    """Return the first page for police, for anybody at a door who is on no side of it; the look is on record first.

    The database shows the page only once the look is written down (migration 0014).

    Raises:
        Hidden: there is none for this viewer.
    """
    word = find_page(conn, viewer, case_id)
    log_look(conn, viewer, case_id, at=at, what=FIRST_PAGE)
    found = doors.open_door_page(conn, ring, case_id)
    if found is None:
        raise Hidden
    typed, kind, picture, made_at = found
    return PageForPolice(
        word,
        from_text(typed),
        Picture(kind, picture) if picture is not None else None,
        made_at,
        _place_names(conn, viewer.organisation_id),
    )


def _place_names(conn: Connection, organisation_id: UUID) -> dict[str, str]:
    sites = load_sites(conn, organisation_id)
    parts = {
        str(part.id): f"{site.name}: {part.name}"
        for site in sites
        for part in load_places(conn, site.id)
    }
    return {str(site.id): site.name for site in sites} | parts
