"""A second person looks at what was entered at night, or told of it later; and two people let a door's posture go after an order's end."""

from datetime import datetime
from uuid import UUID

import psycopg

from tocsin.flow.agree_grant import tell_about
from tocsin.flow.ask_grant import note_grant
from tocsin.flow.ask_reviewers import ask_reviewers
from tocsin.flow.keep_doors import refresh_door
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.respond import Refused
from tocsin.registry import store_doors as doors
from tocsin.registry.access import Hidden, Viewer, note
from tocsin.registry.access_cases import may_read
from tocsin.registry.rules.case_rows import CaseClosed
from tocsin.registry.rules.grants import Says, says
from tocsin.registry.rules.order import Order
from tocsin.registry.rules.second_look import due_at, for_second, waits
from tocsin.registry.store_cases import load_case, look_at_case
from tocsin.registry.store_grants import agree_to_grant, find_advocate, load_grants
from tocsin.registry.store_orders import load_each_order
from tocsin.registry.store_reviews import mark_facts_reviewed, mark_reviewed
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import RandomIds


def take_on_review(
    conn: Connection, ring: KeyRing, viewer: Viewer, grant_id: UUID, *, at: datetime
) -> UUID | Refused:
    """Return the case that this viewer may read from now on, because whoever entered or told something asked him to look.

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
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    which: tuple[UUID, UUID],
    *,
    at: datetime,
    seen: int | None = None,
) -> Refused | None:
    """Say that the entry is right, or what others have told since it was looked at. None when done. `which`: case and order.

    From now on it keeps a colleague too from the sites that it names. `seen`: how many facts of it the viewer was shown;
    he says nothing of what was told meanwhile. None: all that is known.

    Of a case whose document cannot be opened it is possible as ever, if the order can be: looking at it only tightens. That
    an order is over, told and looked at or not, lets no door's posture go there (`lower_door`).

    Raises:
        Hidden: no such order for this viewer, or she is the one whom it protects.
        CaseClosed: the key of the case is lost, or the order is damaged: nobody can look at what cannot be read.
    """
    case = look_at_case(conn, ring, which[0]) if may_read(conn, viewer, which[0]) else None
    if case is None or case.protected_id == viewer.person_id or not viewer.is_supervisor:
        raise Hidden
    orders, closed = load_each_order(conn, ring, case.id)
    order = next((one for one in orders if one.id == which[1]), None)
    if order is None:
        is_there = case.is_closed or any(one.id == which[1] for one in closed)
        raise CaseClosed(case.id) if is_there else Hidden
    if seen is not None and seen != len(order.facts):
        return Refused("something more was told since you opened this page: look again")
    looked = _looked(conn, order, viewer.person_id, at)
    if isinstance(looked, Refused):
        return looked
    due = due_at(order)
    late = (at - due).total_seconds() if due else 0
    body = {"case": case.id, "order": order.id, "late_s": max(0, int(late))}
    note(conn, viewer, "order.reviewed", body | ({"facts": looked} if looked else {}), at=at)
    if order.reviewed_at is None and any(f.heard_by_id == viewer.person_id for f in order.facts):
        # What he told himself of this entry waits for somebody else from now on.
        ask_reviewers(conn, ring, viewer, case, at=at, ids=RandomIds())
    refresh_door(conn, ring, case, at=at, by=viewer.person_id)
    return None


def _looked(conn: Connection, order: Order, by: UUID, at: datetime) -> list[UUID] | Refused:
    """Return the facts that were looked at now, none with the entry, after writing it; or why this is no second person."""
    if not waits(order):
        return Refused("somebody has looked at it already")
    if not order.is_reviewed:
        if order.entered_by_id == by:
            return Refused("a second person looks at it: not the one who entered it")
        if not mark_reviewed(conn, order.id, by, at):
            return Refused("somebody has looked at it already")
        return []
    theirs = [fact.id for fact in for_second(order, by)]
    if not theirs:
        return Refused("a second person looks at it: not the one who told it")
    done = mark_facts_reviewed(conn, theirs, by, at)
    return sorted(done) if done else Refused("somebody has looked at it already")


def lower_door(
    conn: Connection, ring: KeyRing, viewer: Viewer, case_id: UUID, *, at: datetime
) -> Refused | None:
    """Ask to let the doors' posture go after an order's end, or, as the second person, let it go. None when done.

    Raises:
        Hidden: no such case for this viewer, or he is no supervisor.
    """
    case = load_case(conn, ring, case_id) if may_read(conn, viewer, case_id) else None
    door, is_damaged = doors.look_at_entry(conn, ring, case_id) if case else (None, False)
    if case is None or door is None or is_damaged or not viewer.is_supervisor:
        raise Hidden
    if load_each_order(conn, ring, case_id)[1]:
        return Refused("an order of this case cannot be opened: nobody can say that it is over")
    said = says(door.lower_asked, None, viewer.person_id, at)
    if said is Says.ASKS or door.lowered_at is not None:
        doors.ask_to_lower(conn, case_id, viewer.person_id, at)
        note(conn, viewer, "door.lower_asked", {"case": case_id}, at=at)
        return None
    if said is Says.ASKED_ALREADY or not doors.lower(conn, case_id, viewer.person_id, at):
        return Refused("a second person has to agree")
    body = {"case": case_id, "second": viewer.person_id}
    note(conn, viewer, "door.lowered", body, at=at)
    refresh_door(conn, ring, case, at=at, by=viewer.person_id)
    return None
