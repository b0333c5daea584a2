"""A supervisor brings a roster from a table or a calendar: the whole file, or nothing of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from tocsin.flow.import_report import Report, administrator, note_import, report
from tocsin.flow.plan_shifts import (
    DAYS_AHEAD,
    Found,
    UnsoundLines,
    add_roster_lines,
    find_unsound,
    load_roster,
)
from tocsin.registry import store_people as people
from tocsin.registry import store_sites as sites
from tocsin.registry.access import Hidden, Viewer
from tocsin.registry.feeds.csv_roster.reader import read as read_table
from tocsin.registry.rules.imports import Import, Refused, ShiftRow
from tocsin.registry.rules.roster import ADD, Override
from tocsin.registry.rules.rows import PersonRow, SiteRow
from tocsin.registry.rules.wall_time import wall_of
from tocsin.registry.store import find_by_address
from tocsin.registry.store_turns import hold_staff_numbers
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import uuid7


def import_roster(
    conn: Connection, ring: KeyRing, viewer: Viewer, site_id: UUID, raw: bytes, *, at: datetime, save: bool
) -> Report:  # fmt: skip
    """Return what this roster brings to a site; with `save` and nothing refused, its shifts are planned.

    A file that begins with BEGIN:VCALENDAR is a calendar: sixty days of it are read. Each shift becomes a line of
    the roster of its own, so that it can be taken back. One that is there already is not added again: written after
    the line that took her out, it would put whoever is sick on duty, and a site would count as covered by her.

    Raises:
        Hidden: the viewer is no administrator, or there is no such site here.
    """
    administrator(viewer)
    site = sites.find_site(conn, viewer.organisation_id, site_id)
    if site is None:
        raise Hidden
    read = _read(raw, site, at)
    ids = _people(conn, ring, viewer, read.rows)
    posts = {post.name: post.id for post in sites.load_posts(conn, site_id)}
    refused = [*read.refused]
    for row in read.rows:
        if row.person not in ids:
            refused.append(Refused(row.line, "person", "there is no such person here", row.person))
        if row.post and row.post not in posts:
            refused.append(Refused(row.line, "post", "there is no such post here", row.post))
    if refused:
        return report(len(read.rows), len(read.rows), refused, read.warned)
    there = _there(conn, viewer, site, at=at, save=save)
    made = [(row, _line(row, ids[row.person], posts.get(row.post))) for row in read.rows]
    fresh = [(row, line) for row, line in made if _same(line) not in there]
    lines = [line for _row, line in fresh]
    found = _found(read, fresh, find_unsound(conn, site, lines, at=at))
    if not save or not found.may_be_saved:
        return found
    try:
        add_roster_lines(conn, viewer, site_id, lines, at=at)
    except UnsoundLines as problem:
        return _found(read, fresh, problem.found)
    note_import(conn, viewer, "roster", raw, found, at=at)
    return replace(found, is_saved=True)


def _there(
    conn: Connection, viewer: Viewer, site: SiteRow, *, at: datetime, save: bool
) -> set[Override]:
    """Return the shifts that are there already. Pressed twice, the second file waits and finds those of the first."""
    if save:
        hold_staff_numbers(conn, viewer.organisation_id)
    return {_same(line) for line in load_roster(conn, site, at=at).overrides}


def _same(line: Override) -> Override:
    """Return what makes two lines the same shift."""
    return replace(line, id=UUID(int=0))


def _found(
    read: Import[ShiftRow], fresh: Sequence[tuple[ShiftRow, Override]], unsound: Found
) -> Report:
    """Return the report with what the roster's linter says, at the line of the file."""
    number = {line.id: row.line for row, line in fresh}
    refused = [
        Refused(
            number.get(line_id, 1) if line_id else 1,
            one.path.rpartition(".")[2],
            one.words,
            code=one.code,
        )
        for line_id, of in unsound.items()
        for one in of
    ]
    return report(len(read.rows), len(fresh), refused, read.warned)


def _read(raw: bytes, site: SiteRow, at: datetime) -> Import[ShiftRow]:
    zone = ZoneInfo(site.time_zone)
    if not raw.lstrip(b"\xef\xbb\xbf \r\n\t").upper().startswith(b"BEGIN:VCALENDAR"):
        return read_table(raw, zone=zone)
    today = wall_of(at, zone).date()
    # Here, not above: the pages load this module, and few of them read a calendar (3 MB).
    from tocsin.registry.feeds.icalendar_roster.reader import read as read_calendar  # noqa: PLC0415

    return read_calendar(
        raw, zone=zone, from_date=today - timedelta(days=1), until_date=today + timedelta(days=DAYS_AHEAD)
    )  # fmt: skip


def _people(
    conn: Connection, ring: KeyRing, viewer: Viewer, rows: Sequence[ShiftRow]
) -> dict[str, UUID]:
    """Return whom the file means: by staff number, by the mail address that we have, or by the only such name."""
    wanted = sorted({row.person for row in rows})
    found = people.find_by_staff_number(conn, viewer.organisation_id, wanted)
    names = _only_names(people.load_people(conn, ring, viewer.organisation_id))
    for text in wanted:
        if text in found:
            continue
        owner = (
            find_by_address(conn, ring, viewer.organisation_id, "email", text)
            if "@" in text
            else None
        )
        person_id = owner.person_id if owner else names.get(text.casefold())
        if person_id:
            found[text] = person_id
    return found


def _only_names(everybody: Sequence[PersonRow]) -> dict[str, UUID]:
    names: dict[str, list[UUID]] = {}
    for person in everybody:
        for name in {person.name.casefold(), person.short_name.casefold()}:
            names.setdefault(name, []).append(person.id)
    return {name: ids[0] for name, ids in names.items() if len(ids) == 1}


def _line(row: ShiftRow, person_id: UUID, post_id: UUID | None) -> Override:
    return Override(
        id=uuid7(),
        action=ADD,
        person_id=person_id,
        starts=row.starts,
        ends=row.ends,
        role=row.role,
        post_id=post_id,
        at_position=row.at_position,
    )
