"""Somebody reads a case without waiting for a second: with a reason, for an hour, and a second person is told at once."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import psycopg

from tocsin.flow.agree_grant import tell_about, tell_advocate
from tocsin.flow.alarms import Change
from tocsin.flow.ask_grant import NO_CASE, NO_REASON, note_grant
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.respond import Refused
from tocsin.registry import store_grants as grants
from tocsin.registry.access import Hidden, Viewer
from tocsin.registry.rules.grants import BREAK_GLASS_FOR, MIN_REASON, Grant, GrantKind
from tocsin.registry.store_glass import load_seconds
from tocsin.runtime.ids import Ids, uuid7


def break_glass(
    alarms: PostgresAlarms, viewer: Viewer, word: str, *, reason: str, at: datetime, ids: Ids
) -> tuple[Grant, tuple[Change, ...]] | Refused:
    """Return the grant of the next hour, and the notes to the second person and to her advocate.

    Told is the first lead to whom a message can be saved: of those on duty, then by role; `told_id` is nobody else. If none of
    them can be reached now, it is granted all the same, with no `told_id`: glass is broken in an emergency, and whoever
    stands at the door must not wait until somebody has mended his telephone. Every look is on record, she sees it, the page
    says that nobody could be told yet, and the engine tells all whom it can as soon as it can (`tell_glass.py`). But where
    there is no second at all, it is refused: nobody would ever look at why (authorisation fails closed).

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
    seconds = load_seconds(conn, viewer.organisation_id, case_id, viewer.person_id, at)
    if not seconds:
        return Refused("there is nobody who could be told of it")
    grant = Grant(
        id=uuid7(),
        case_id=case_id,
        person_id=viewer.person_id,
        kind=GrantKind.BREAK_GLASS,
        asked_at=at,
        asked_by_id=viewer.person_id,
        until_at=at + BREAK_GLASS_FOR,
        reason=reason.strip(),
    )
    try:
        with conn.transaction():
            grant, notes = _told(alarms, viewer, grant, seconds, ids)
            grants.insert_grant(conn, alarms.ring, viewer.organisation_id, grant)
    except (psycopg.errors.InsufficientPrivilege, LookupError):
        return Refused(NO_CASE)
    note_grant(conn, viewer, "grant.broken", grant, at=at)
    return grant, notes


def _told(
    alarms: PostgresAlarms, viewer: Viewer, grant: Grant, seconds: Iterable[UUID], ids: Ids
) -> tuple[Grant, tuple[Change, ...]]:
    """Return the grant with the one who is told, and the notes; her advocate hears beside the second."""
    notes: list[Change] = []
    for person_id in seconds:
        note = tell_about(alarms, viewer, grant, person_id, ids=ids)
        if note is not None:
            notes.append(note)
            grant = replace(grant, told_id=person_id)
            break
    advocate = grants.find_advocate(alarms.conn, grant.case_id)
    if advocate not in {None, viewer.person_id, grant.told_id}:
        note = tell_advocate(alarms, viewer, grant, ids=ids)
        notes += [note] if note else []
    return grant, tuple(notes)
