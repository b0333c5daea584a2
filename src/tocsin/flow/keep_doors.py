"""What an order, a house rule or the mere passing of time changes at the doors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import psycopg

from tocsin.record import store as record
from tocsin.record.rules.entries import Entry
from tocsin.registry import store_doors as doors
from tocsin.registry.rules import first_page
from tocsin.registry.rules.at_sites import at_sites, no_looser
from tocsin.registry.rules.case_rows import CaseRow, DoorEntryRow
from tocsin.registry.rules.door import DoorMatch, KnownPlate
from tocsin.registry.rules.house_rule import HouseRule
from tocsin.registry.rules.known import doubted
from tocsin.registry.rules.not_his import SignKind
from tocsin.registry.rules.order import Order
from tocsin.registry.rules.order_entry import Picture
from tocsin.registry.rules.posture import Instruction, Posture, kept_places, posture
from tocsin.registry.store_cases import case_key, load_case, load_case_ids, load_cases
from tocsin.registry.store_orders import load_each_order, load_orders_of
from tocsin.registry.store_papers import load_masked, open_first_page
from tocsin.registry.store_people import find_people
from tocsin.registry.store_readable import UNREADABLE
from tocsin.registry.store_sites import load_sites
from tocsin.runtime import logs
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing, PersonKey
from tocsin.runtime.ids import uuid7

log = logs.get("doors")


@dataclass(frozen=True, slots=True)
class Known:
    """What of a case decides at the doors. `is_closed`: one of its orders cannot be opened, and is not here."""

    orders: Sequence[Order]
    rules: Sequence[HouseRule]
    is_closed: bool = False


def keep_doors(conn: Connection, ring: KeyRing, organisation_id: UUID, *, at: datetime) -> int:
    """Return how many entries changed because time has passed: an order began or ended, a rule or fourteen days ran out.

    As the engine, which sees every case. One that is damaged holds up no other: then each is kept by itself.
    """
    try:
        with conn.transaction():
            return _keep_all(conn, ring, organisation_id, at)
    except (psycopg.OperationalError, psycopg.InterfaceError):
        raise
    except Exception as problem:
        # No trace, here and below: it may hold what could not be read.
        log.error("doors.damaged", problem=type(problem).__name__)  # noqa: TRY400
    return sum(
        _keep_one(conn, ring, case_id, at) for case_id in load_case_ids(conn, organisation_id)
    )


def _keep_one(conn: Connection, ring: KeyRing, case_id: UUID, at: datetime) -> bool:
    try:
        with conn.transaction():
            case = load_case(conn, ring, case_id)
            return case is not None and refresh_door(conn, ring, case, at=at)
    except (psycopg.OperationalError, psycopg.InterfaceError):
        raise
    except Exception as problem:
        log.error("door.damaged", case_id=str(case_id), problem=type(problem).__name__)  # noqa: TRY400
        return False


def _keep_all(conn: Connection, ring: KeyRing, organisation_id: UUID, at: datetime) -> int:
    cases = load_cases(conn, ring, organisation_id)
    orders = load_orders_of(conn, ring, [case.id for case in cases])
    rules = doors.load_house_rules_of(conn, ring, [case.id for case in cases])
    sites = [site.id for site in load_sites(conn, organisation_id)]
    masked = load_masked(conn, [case.id for case in cases])
    changed = 0
    for case in cases:
        known = Known(orders.get(case.id, ()), rules.get(case.id, ()))
        _keep_page(conn, ring, case, known, masked, at)
        changed += _kept(conn, ring, case, known, sites, at=at)
    return changed


def refresh_door(
    conn: Connection,
    ring: KeyRing,
    case: CaseRow,
    *,
    at: datetime,
    by: UUID | None = None,
    photo: Picture | None = None,
) -> bool:
    """Return whether what the doors know of this case changed, after writing it.

    While it, or one of its orders, cannot be opened nothing is loosened, whatever the others say.
    """
    known = _known(conn, ring, case.id)
    sites = [site.id for site in load_sites(conn, case.organisation_id)]
    if case.is_closed:
        # Whom to know stays as the doors know him, and so does the page for police.
        known = replace(known, is_closed=True)
    else:
        _keep_page(conn, ring, case, known, load_masked(conn, [case.id]), at)
    return _kept(conn, ring, case, known, sites, at=at, by=by, photo=photo)


def _kept(
    conn: Connection,
    ring: KeyRing,
    case: CaseRow,
    known: Known,
    sites: Sequence[UUID],
    *,
    at: datetime,
    by: UUID | None = None,
    photo: Picture | None = None,
) -> bool:
    before, is_damaged = doors.look_at_entry(conn, ring, case.id)
    old = None if is_damaged else before
    lowered_at = old.lowered_at if old else None
    if case.is_closed and old is None:
        return False
    entry, found = door_entry(case, known, sites, at, lowered_at=lowered_at)
    if case.is_closed and old is not None:
        entry = replace(entry, match=old.match)
    if known.is_closed and before is not None and case.closed_at is None:
        entry = no_looser(before, entry, sites)
    if photo is not None:
        entry = replace(entry, photo=photo.content, photo_type=photo.media_type)
    # What cannot be opened is written anew from the case, whatever it said.
    if old is None and not is_damaged and not entry.is_active:
        return False
    if old is not None and photo is None and _same(old, entry):
        return False
    version = doors.save_door_entry(conn, case_key(conn, ring, case.id), entry)
    body = {
        "case": case.id,
        "instruction": entry.instruction,
        "standing": found.standing.value,
        "sites": list(entry.sites),
        "informs": list(entry.informs),
        "places": list(entry.places),
        "version": version,
    }
    record.append(conn, [Entry(uuid7(), case.organisation_id, at, "door.changed", None, by, body)])
    return True


def refresh_page(conn: Connection, ring: KeyRing, case: CaseRow, *, at: datetime) -> None:
    """Write the first page for police anew, though it may say the same: what is masked on its picture changed."""
    known = _known(conn, ring, case.id)
    _keep_page(conn, ring, case, known, load_masked(conn, [case.id]), at, is_anew=True)


def _known(conn: Connection, ring: KeyRing, case_id: UUID) -> Known:
    orders, closed = load_each_order(conn, ring, case_id)
    rules = doors.load_house_rules(conn, ring, case_id)
    return Known(orders, rules, is_closed=bool(closed))


def _keep_page(
    conn: Connection,
    ring: KeyRing,
    case: CaseRow,
    known: Known,
    masked: Mapping[UUID, UUID],
    at: datetime,
    *,
    is_anew: bool = False,
) -> None:
    """Write the first page for police, if what it would say has changed or anew, with the picture of the very order.

    That of an order which cannot be opened stays while no other counts: nobody knows that it is over.
    """
    protected = ""
    if case.protected_id is not None:
        person = find_people(conn, ring, [case.protected_id]).get(case.protected_id)
        protected = person.name if person else ""
    page = first_page.page_of(known.orders, case.respondent, protected, at, masked)
    old = _old_page(conn, ring, case.id)
    if page is None:
        if not known.is_closed or (old and first_page.is_of_one(old, known.orders)):
            doors.delete_door_page(conn, case.id)
        return
    typed = first_page.to_text(page)
    if is_anew or old != typed:
        key = case_key(conn, ring, case.id)
        picture = _picture(conn, key, UUID(page.paper_id)) if page.paper_id else None
        doors.save_door_page(conn, key, case.organisation_id, case.id, (typed, picture), at)


def _old_page(conn: Connection, ring: KeyRing, case_id: UUID) -> str | None:
    """Return what is typed on the page at the doors; None: there is none, or none that can be opened."""
    try:
        old = doors.open_door_page(conn, ring, case_id)
    except UNREADABLE as problem:
        log.error("page.unreadable", case_id=str(case_id), problem=type(problem).__name__)  # noqa: TRY400
        return None
    return old[0] if old else None


def _picture(conn: Connection, key: PersonKey, paper_id: UUID) -> Picture | None:
    """Return the masked picture; None: there is none, or it cannot be opened: what is typed goes to the doors without it."""
    try:
        return open_first_page(conn, key, paper_id)
    except UNREADABLE as problem:
        log.error("picture.unreadable", paper_id=str(paper_id), problem=type(problem).__name__)  # noqa: TRY400
        return None


def door_entry(
    case: CaseRow,
    known: Known,
    sites: Sequence[UUID],
    at: datetime,
    *,
    lowered_at: datetime | None = None,
) -> tuple[DoorEntryRow, Posture]:
    """Return what the doors are to know of a case at `at`, and the posture that weighs most."""
    by_site = {
        site: posture(
            known.orders,
            known.rules,
            at,
            is_colleague=case.colleague_id is not None,
            lowered_at=lowered_at,
            released_at=case.released_at,
            site_id=site,
        )
        for site in (sites or (None,))
    }
    best = max(by_site.values(), key=lambda one: list(Instruction).index(one.instruction) * -1)
    where = at_sites({site: one.instruction for site, one in by_site.items()})
    # Whoever is no colleague is kept from all of it anyway.
    places = (
        kept_places(known.orders, at, released_at=case.released_at)
        if case.colleague_id and not where.is_everywhere
        else frozenset()
    )
    entry = DoorEntryRow(
        case_id=case.id,
        organisation_id=case.organisation_id,
        match=_match(case, at),
        instruction=best.instruction.value,
        sites=where.sites,
        informs=where.informs,
        places=tuple(sorted(places)),
        is_active=best.instruction is not Instruction.NONE and case.closed_at is None,
        updated_at=at,
    )
    return entry, best


def _match(case: CaseRow, at: datetime) -> DoorMatch:
    respondent = case.respondent
    asked = doubted(respondent, at)
    return DoorMatch(
        names=(respondent.name, *respondent.aliases),
        born_on=respondent.born_on,
        phones=respondent.phones,
        badges=respondent.badges,
        plates=respondent.plates,
        colleague_id=case.colleague_id,
        description=respondent.description,
        addresses=respondent.addresses,
        doubted_badges=tuple(one.text for one in asked if one.kind is SignKind.BADGE),
        doubted_plates=tuple(
            KnownPlate(one.text, one.region) for one in asked if one.kind is SignKind.PLATE
        ),
    )


def _same(old: DoorEntryRow, new: DoorEntryRow) -> bool:
    of_old, of_new = (
        (one.match, one.instruction, one.sites, one.informs, one.places, one.is_active)
        for one in (old, new)
    )
    return of_old == of_new
