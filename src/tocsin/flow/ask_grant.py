"""Somebody asks that a person may read a case. Nothing is opened yet: a second person has to agree (I17)."""

from datetime import datetime, timedelta
from uuid import UUID

import psycopg

from tocsin.flow.respond import Refused
from tocsin.registry import store_grants as grants
from tocsin.registry.access import Hidden, Viewer, note
from tocsin.registry.rules.grants import LONGEST, MIN_REASON, Grant, GrantKind
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import uuid7

NO_CASE = "there is no such case"
NO_REASON = "say why, in a sentence"


def ask_grant(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    word: str,
    person_id: UUID,
    *,
    reason: str,
    lasting: timedelta,
    at: datetime,
) -> Grant | Refused:
    """Return the grant that waits for a second person. An unknown word and a case of the other side are one answer."""
    if len(reason.strip()) < MIN_REASON:
        return Refused(NO_REASON)
    case_id = grants.find_case(conn, word.strip().upper())
    if case_id is None:
        return Refused(NO_CASE)
    grant = Grant(
        id=uuid7(),
        case_id=case_id,
        person_id=person_id,
        kind=GrantKind.GRANTED,
        asked_at=at,
        asked_by_id=viewer.person_id,
        until_at=at + min(lasting, LONGEST),
        reason=reason.strip(),
    )
    try:
        with conn.transaction():
            grants.insert_grant(conn, ring, viewer.organisation_id, grant)
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ForeignKeyViolation, LookupError):
        return Refused(NO_CASE)
    note_grant(conn, viewer, "grant.asked", grant, at=at)
    return grant


def note_grant(conn: Connection, viewer: Viewer, kind: str, grant: Grant, *, at: datetime) -> None:
    """Write to the record what became of a grant; why it was asked for stays with the case."""
    body = {"row": grant.id, "case": grant.case_id, "person": grant.person_id}
    if grant.told_id:
        body["told"] = grant.told_id
    note(conn, viewer, kind, body, at=at)


def known_grant(conn: Connection, ring: KeyRing, viewer: Viewer, grant_id: UUID) -> Grant:
    """Return a grant that this viewer may know of.

    Raises:
        Hidden: there is none.
    """
    grant = grants.find_grant(conn, ring, viewer.organisation_id, grant_id)
    if grant is None:
        raise Hidden
    return grant
