"""Somebody reads a case without waiting for a second: with a reason, for an hour, and a second person is told at once."""

from datetime import datetime

import psycopg

from tocsin.flow.agree_grant import tell_about
from tocsin.flow.alarms import Change
from tocsin.flow.ask_grant import NO_CASE, NO_REASON, note_grant
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.respond import Refused
from tocsin.registry import store_grants as grants
from tocsin.registry.access import Hidden, Viewer
from tocsin.registry.rules.grants import BREAK_GLASS_FOR, MIN_REASON, Grant, GrantKind
from tocsin.runtime.ids import Ids, uuid7


def break_glass(
    alarms: PostgresAlarms, viewer: Viewer, word: str, *, reason: str, at: datetime, ids: Ids
) -> tuple[Grant, tuple[Change, ...]] | Refused:
    """Return the grant of the next hour, and the notes to the second person and to her advocate.

    Raises:
        Hidden: the viewer is no supervisor.
    """
    if not viewer.is_supervisor:
        raise Hidden
    if len(reason.strip()) < MIN_REASON:
        return Refused(NO_REASON)
    conn = alarms.conn
    case_id = grants.find_case(conn, word.strip().upper())
    if case_id is None:
        return Refused(NO_CASE)
    second = grants.find_second(conn, viewer.organisation_id, case_id, viewer.person_id)
    if second is None:
        return Refused("there is nobody who could be told of it")
    grant = Grant(
        id=uuid7(),
        case_id=case_id,
        person_id=viewer.person_id,
        kind=GrantKind.BREAK_GLASS,
        asked_at=at,
        asked_by_id=viewer.person_id,
        told_id=second,
        until_at=at + BREAK_GLASS_FOR,
        reason=reason.strip(),
    )
    try:
        with conn.transaction():
            grants.insert_grant(conn, alarms.ring, viewer.organisation_id, grant)
    except (psycopg.errors.InsufficientPrivilege, LookupError):
        return Refused(NO_CASE)
    note_grant(conn, viewer, "grant.broken", grant, at=at)
    told = {second, grants.find_advocate(conn, case_id)} - {None, viewer.person_id}
    notes = [
        tell_about(alarms, viewer, grant, person_id, ids=ids)
        for person_id in sorted(found for found in told if found)
    ]
    return grant, tuple(note for note in notes if note)
