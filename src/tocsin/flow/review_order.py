"""A second person looks at what was entered at night; and two people let a door's posture go after an order's end."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import psycopg

from tocsin.flow.agree_grant import tell_about
from tocsin.flow.ask_grant import note_grant
from tocsin.flow.keep_doors import refresh_door
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.respond import Refused
from tocsin.record import store as record
from tocsin.record.rules.entries import Entry
from tocsin.registry import store_doors as doors
from tocsin.registry.access import Hidden, Viewer
from tocsin.registry.access_cases import may_read
from tocsin.registry.store_cases import load_case, load_orders
from tocsin.registry.store_grants import agree_to_grant, find_advocate, load_grants
from tocsin.registry.store_reviews import mark_reviewed
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import RandomIds, uuid7


def take_on_review(
    conn: Connection, ring: KeyRing, viewer: Viewer, grant_id: UUID, *, at: datetime
) -> UUID | Refused:
    """Return the case that this viewer may read from now on, because who opened it asked him to look at its entry.

    As at every grant, the advocate whom she named hears of it.

    Raises:
        Hidden: nobody asked him.
    """
    asked = next(
        (
            grant
            for grant in load_grants(conn, ring, viewer.organisation_id)
            if grant.id == grant_id and grant.person_id == viewer.person_id
        ),
        None,
    )
    if asked is None:
        raise Hidden
    if not asked.waits(at):
        return Refused("this does not wait for you any more")
    try:
        with conn.transaction():
            agree_to_grant(conn, grant_id, viewer.person_id, at)
    except psycopg.errors.InsufficientPrivilege:
        return Refused("somebody else has to agree that you read this case")
    note_grant(conn, viewer, "grant.agreed", asked, at=at)
    advocate = find_advocate(conn, asked.case_id)
    if advocate is not None and advocate != viewer.person_id:
        tell_about(PostgresAlarms(conn, ring), viewer, asked, advocate, ids=RandomIds())
    return asked.case_id


def review_order(
    conn: Connection, ring: KeyRing, viewer: Viewer, case_id: UUID, order_id: UUID, *, at: datetime
) -> Refused | None:
    """Say that the entry is right; from now on it keeps a colleague too from the sites that it names. None when done.

    Raises:
        Hidden: no such order for this viewer, or she is the one whom it protects.
    """
    case = load_case(conn, ring, case_id) if may_read(conn, viewer, case_id) else None
    if case is None or case.protected_id == viewer.person_id or not viewer.is_supervisor:
        raise Hidden
    order = next((o for o in load_orders(conn, ring, case_id) if o.id == order_id), None)
    if order is None:
        raise Hidden
    if order.entered_by_id == viewer.person_id:
        return Refused("a second person looks at it: not the one who entered it")
    if not mark_reviewed(conn, order_id, viewer.person_id, at):
        return Refused("somebody has looked at it already")
    late = (at - order.review_due_at).total_seconds() if order.review_due_at else 0
    body = {"case": case_id, "order": order_id, "late_s": max(0, int(late))}
    _said(conn, viewer, "order.reviewed", body, at)
    refresh_door(conn, ring, case, at=at, by=viewer.person_id)
    return None


def lower_door(
    conn: Connection, ring: KeyRing, viewer: Viewer, case_id: UUID, *, at: datetime
) -> Refused | None:
    """Ask to let the doors' posture go after an order's end, or, as the second person, let it go. None when done.

    Raises:
        Hidden: no such case for this viewer, or he is no supervisor.
    """
    case = load_case(conn, ring, case_id) if may_read(conn, viewer, case_id) else None
    door = doors.load_door_entry(conn, ring, case_id) if case else None
    if case is None or door is None or not viewer.is_supervisor:
        raise Hidden
    if door.lower_asked_by_id is None or door.lowered_at is not None:
        doors.ask_to_lower(conn, case_id, viewer.person_id)
        _said(conn, viewer, "door.lower_asked", {"case": case_id}, at)
        return None
    if not doors.lower(conn, case_id, viewer.person_id, at):
        return Refused("a second person has to agree")
    body = {"case": case_id, "second": viewer.person_id}
    _said(conn, viewer, "door.lowered", body, at)
    refresh_door(conn, ring, case, at=at, by=viewer.person_id)
    return None


def _said(
    conn: Connection, viewer: Viewer, kind: str, body: Mapping[str, object], at: datetime
) -> None:
    entry = Entry(uuid7(), viewer.organisation_id, at, kind, None, viewer.person_id, body)
    record.append(conn, [entry])
