"""A second person agrees that somebody may read a case, and the advocate whom she named hears of it; or it is ended."""

from datetime import datetime
from uuid import UUID

import psycopg

from tocsin.flow.alarms import Change
from tocsin.flow.ask_grant import known_grant, note_grant
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.respond import Refused
from tocsin.flow.tell_quietly import Telling, tell_person
from tocsin.notifications.rules.due import GLASS
from tocsin.registry import store_grants as grants
from tocsin.registry.access import Viewer
from tocsin.registry.rules.grants import Grant, GrantKind, may_agree
from tocsin.runtime.ids import Ids


def agree_grant(
    alarms: PostgresAlarms, viewer: Viewer, grant_id: UUID, *, at: datetime, ids: Ids
) -> Refused | Change | None:
    """Let this person in from now on; the change is the note to her advocate, None if she named nobody.

    Raises:
        Hidden: there is no such grant for this viewer.
    """
    conn = alarms.conn
    grant = known_grant(conn, alarms.ring, viewer, grant_id)
    if not grant.waits(at):
        return Refused("this does not wait for anybody any more")
    if not may_agree(grant, viewer.person_id):
        return Refused("a second person must agree: neither who asked nor whom it lets in")
    try:
        with conn.transaction():
            grants.agree_to_grant(conn, grant_id, viewer.person_id, at)
    except psycopg.errors.InsufficientPrivilege:
        return Refused("somebody else must agree to this")
    note_grant(conn, viewer, "grant.agreed", grant, at=at)
    return tell_advocate(alarms, viewer, grant, ids=ids)


def tell_advocate(
    alarms: PostgresAlarms, viewer: Viewer, grant: Grant, *, ids: Ids
) -> Change | None:
    """Return the note to her advocate that somebody was let in; None: she named nobody, or it is the advocate's own.

    None too if no way to the advocate may be used now; the page on which it is listed stays.
    """
    advocate = grants.find_advocate(alarms.conn, grant.case_id)
    if advocate is None or advocate in {viewer.person_id, grant.person_id}:
        return None
    return tell_about(alarms, viewer, grant, advocate, ids=ids)


def tell_about(
    alarms: PostgresAlarms, viewer: Viewer, grant: Grant, person_id: UUID, *, ids: Ids
) -> Change | None:
    """Return the note to one person that something waits for him to read; what, only his own page says.

    Of broken glass it says that much, and to look at it today: nobody else has agreed to this reading.
    """
    site_id = grants.site_of(alarms.conn, viewer.organisation_id, person_id)
    if site_id is None:
        return None
    telling = Telling(
        organisation_id=viewer.organisation_id,
        site_id=site_id,
        case_id=grant.case_id,
        text=GLASS if grant.kind is GrantKind.BREAK_GLASS else "",
    )
    return tell_person(alarms, telling, person_id, ids=ids)


def end_grant(
    alarms: PostgresAlarms, viewer: Viewer, grant_id: UUID, *, at: datetime
) -> Refused | None:
    """End a grant, or a wish for one; the next page of whom it let in finds nothing. Tightening takes one.

    Raises:
        Hidden: there is no such grant for this viewer.
    """
    grant = known_grant(alarms.conn, alarms.ring, viewer, grant_id)
    grants.end_grant(alarms.conn, grant_id, at)
    note_grant(alarms.conn, viewer, "grant.ended", grant, at=at)
    return None


def review_grant(
    alarms: PostgresAlarms, viewer: Viewer, grant_id: UUID, *, at: datetime
) -> Refused | None:
    """Write that somebody else has looked at why the glass was broken.

    Raises:
        Hidden: there is no such grant for this viewer.
    """
    grant = known_grant(alarms.conn, alarms.ring, viewer, grant_id)
    if not grant.is_to_review or grant.person_id == viewer.person_id:
        return Refused("somebody else must look at this")
    grants.review_grant(alarms.conn, grant_id, viewer.person_id, at)
    note_grant(alarms.conn, viewer, "grant.reviewed", grant, at=at)
    return None
