"""An administrator changes who and where: people, sign-ins, sites, posts, teams. All of it on record.

The record says what changed and by whom, never the values.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from tocsin.flow.respond import Refused
from tocsin.registry import store_people as people
from tocsin.registry import store_sign_ins as sign_ins
from tocsin.registry import store_sites as sites
from tocsin.registry.access import Hidden, Viewer, note
from tocsin.registry.rules.rows import PersonRow, PlaceRow, PostRow, SiteRow, TeamRow
from tocsin.registry.store_turns import hold_staff_numbers
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing

PERSON: str = "person"


def save_person(
    conn: Connection, ring: KeyRing, viewer: Viewer, person: PersonRow, *, at: datetime
) -> Refused | None:
    """Write a new person, or the new state of a known one; None when it is done.

    Who becomes inactive loses every session at once; her SOS still alarms, labelled. What somebody writes who is
    kept from her, or from a case that she reads, is so on his own screens: she goes on being called, and signed in.

    Raises:
        Hidden: the viewer is no administrator.
    """
    _administrator(viewer)
    person = replace(person, organisation_id=viewer.organisation_id)
    known = people.find_people(conn, ring, [person.id])
    works_here = person.is_active
    hold_staff_numbers(conn, person.organisation_id)
    if _is_taken(conn, person):
        return Refused("another person has this staff number")
    try:
        with conn.transaction():
            if known:
                works_here = people.update_person(conn, ring, person)
            else:
                people.insert_person(conn, ring, person)
    except psycopg.errors.UniqueViolation:
        return Refused("another person has this staff number")
    if not works_here:
        sign_ins.end_sessions(conn, person.id)
    note_changed(conn, viewer, PERSON, person.id, person_id=person.id, at=at)
    return None


def _is_taken(conn: Connection, person: PersonRow) -> bool:
    """Return whether somebody else has this staff number, whatever its letters' case: an import would take both for one."""
    number = person.staff_number
    found = people.find_by_staff_number(conn, person.organisation_id, [number])
    return found.get(number, person.id) != person.id


def add_account(
    conn: Connection,
    viewer: Viewer,
    person: PersonRow,
    login: str,
    password_hash: str,
    *,
    at: datetime,
) -> Refused | None:
    """Write a sign-in for this person; None when it is done. The second factor is set up at its first use.

    What somebody who is kept from her makes lets nobody in: with a password that he chose he would be her, and read her
    case (I12). It is kept and shown to him as ever; a new first password from somebody else puts it in use.

    Raises:
        Hidden: the viewer is no administrator, or the person is of elsewhere.
    """
    _administrator(viewer)
    if person.organisation_id != viewer.organisation_id:
        raise Hidden
    try:
        with conn.transaction():
            account_id = sign_ins.insert_account(
                conn,
                viewer.organisation_id,
                person.id,
                login,
                password_hash,
                in_vain=people.is_kept_from(conn, person.id),
            )
    except psycopg.errors.UniqueViolation:
        return Refused("this login is taken, or the person has one already")
    note_changed(conn, viewer, "account", account_id, person_id=person.id, at=at)
    return None


def save_site(conn: Connection, viewer: Viewer, site: SiteRow, *, at: datetime) -> Refused | None:
    """Write a new site, or the new state of a known one; None when it is done.

    Raises:
        Hidden: the viewer is no administrator.
    """
    _administrator(viewer)
    try:
        with conn.transaction():
            sites.save_site(conn, replace(site, organisation_id=viewer.organisation_id))
    except psycopg.errors.UniqueViolation:
        return Refused("another site has this name")
    note_changed(conn, viewer, "site", site.id, person_id=None, at=at)
    return None


def add_part(
    conn: Connection,
    viewer: Viewer,
    site_id: UUID,
    part: PostRow | PlaceRow,
    *,
    at: datetime,
) -> Refused | None:
    """Write a post or a named place of a site; None when it is done.

    Raises:
        Hidden: the viewer is no administrator, or there is no such site here.
    """
    _administrator(viewer)
    if sites.find_site(conn, viewer.organisation_id, site_id) is None:
        raise Hidden
    try:
        with conn.transaction():
            if isinstance(part, PostRow):
                sites.insert_post(conn, viewer.organisation_id, site_id, part)
            else:
                sites.insert_place(conn, viewer.organisation_id, site_id, part)
    except psycopg.errors.UniqueViolation:
        return Refused("the site has one of this name")
    note_changed(
        conn,
        viewer,
        "post" if isinstance(part, PostRow) else "place",
        part.id,
        person_id=None,
        at=at,
    )
    return None


def add_team(conn: Connection, viewer: Viewer, team: TeamRow, *, at: datetime) -> Refused | None:
    """Write a team with its members; None when it is done.

    Raises:
        Hidden: the viewer is no administrator.
    """
    _administrator(viewer)
    try:
        with conn.transaction():
            sites.insert_team(conn, viewer.organisation_id, team)
    except psycopg.errors.UniqueViolation:
        return Refused("another team has this name")
    note_changed(conn, viewer, "team", team.id, person_id=None, at=at)
    return None


def _administrator(viewer: Viewer) -> None:
    if not viewer.is_administrator:
        raise Hidden


def note_changed(
    conn: Connection,
    viewer: Viewer,
    table: str,
    row_id: UUID,
    *,
    person_id: UUID | None,
    at: datetime,
) -> None:
    """Write that a row of the registry changed and who did it; never what it holds."""
    body: dict[str, Any] = {"row": row_id, "table": table, "person": person_id}
    note(conn, viewer, "registry.changed", body, at=at)
