"""A roster becomes shifts: sixty days ahead, after every change and once a day."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from psycopg import Rollback

from tocsin.flow.ask_loosening import ask_loosening
from tocsin.record import store as record
from tocsin.record.rules.entries import Entry
from tocsin.registry import store_sites as sites
from tocsin.registry.access import Hidden, Viewer
from tocsin.registry.rules import policy_document, roster_document
from tocsin.registry.rules.duty import Shift
from tocsin.registry.rules.loosening import (
    EMPTIED,
    ROSTER_ADD,
    ROSTER_REMOVE,
    Loosening,
    empties_roster,
)
from tocsin.registry.rules.roster import Override, Pattern, Roster, Swap, shifts
from tocsin.registry.rules.roster_document import Line
from tocsin.registry.rules.rows import RosterLineRow, SiteRow
from tocsin.registry.rules.wall_time import wall_of
from tocsin.runtime.database import Connection
from tocsin.runtime.ids import uuid7

DAYS_AHEAD: Final = 60
ROSTER: Final = "roster"


def plan_shifts(conn: Connection, organisation_id: UUID, site_id: UUID, *, at: datetime) -> int:
    """Return how many shifts there are from now on, after planning them anew from the roster's lines.

    A shift that runs now is planned anew too: who was taken out of the roster is off duty at once.

    Raises:
        Hidden: there is no such site.
    """
    site = sites.find_site(conn, organisation_id, site_id)
    if site is None:
        raise Hidden
    until = at + timedelta(days=DAYS_AHEAD)
    planned = _planned(conn, site, at)
    return sites.replace_shifts(conn, organisation_id, site_id, planned, at, until)


def _planned(conn: Connection, site: SiteRow, at: datetime) -> list[Shift]:
    today = wall_of(at, ZoneInfo(site.time_zone)).date()
    until = at + timedelta(days=DAYS_AHEAD)
    return [
        shift
        for shift in shifts(load_roster(conn, site), today - timedelta(days=2), until.date())
        if shift.ends_at > at and shift.starts_at < until
    ]


def load_roster(conn: Connection, site: SiteRow) -> Roster:
    """Return the site's roster as its lines say."""
    lines = [
        roster_document.line_from_dict(line.kind, line.body)
        for line in sites.load_roster_lines(conn, site.id)
    ]
    return Roster(
        id=site.id,
        name=site.name,
        zone=site.time_zone,
        site_id=site.id,
        patterns=tuple(line for line in lines if isinstance(line, Pattern)),
        overrides=tuple(line for line in lines if isinstance(line, Override)),
        swaps=tuple(line for line in lines if isinstance(line, Swap)),
        teams={team.id: team.members for team in sites.load_teams(conn, site.organisation_id)},
    )


def plan_all(conn: Connection, organisation_id: UUID, *, at: datetime) -> int:
    """Return how many shifts there are at all sites of an organisation, planned anew; for the daily round.

    A site without a roster line is left as it is: a round must never empty a duty roster (I17).
    """
    return sum(
        plan_shifts(conn, organisation_id, site.id, at=at)
        for site in sites.load_sites(conn, organisation_id)
        if sites.load_roster_lines(conn, site.id)
    )


def add_roster_lines(
    conn: Connection, viewer: Viewer, site_id: UUID, lines: Sequence[Line], *, at: datetime
) -> int | Loosening:
    """Keep more lines of a site's roster, plan anew, and return how many shifts there are now.

    The lines are sound (`roster_check.check`). Lines that leave too few on duty where there were enough (an
    override that takes somebody out) wait for a second person and are returned as what waits (I17).

    Raises:
        Hidden: the viewer is no supervisor, or there is no such site here.
        TooManyAsked: too much waits for a second person already.
    """
    if not viewer.is_supervisor:
        raise Hidden
    change = partial(keep_roster_lines, conn, viewer, site_id, lines, at=at)
    if not _empties(conn, viewer, site_id, change, at):
        return keep_roster_lines(conn, viewer, site_id, lines, at=at)
    document = [
        {"kind": roster_document.kind_of(line), "body": roster_document.line_to_dict(line)}
        for line in lines
    ]
    return ask_loosening(
        conn, viewer, (site_id, ROSTER_ADD), {"lines": document}, (EMPTIED,), at=at
    )


def keep_roster_lines(
    conn: Connection, viewer: Viewer, site_id: UUID, lines: Sequence[Line], *, at: datetime
) -> int:
    """Write lines of a roster, plan anew, and return how many shifts there are now."""
    for line in lines:
        kind, body = roster_document.kind_of(line), roster_document.line_to_dict(line)
        row = RosterLineRow(line.id, kind, body)
        sites.insert_roster_line(conn, viewer.organisation_id, site_id, row, at=at)
    count = plan_shifts(conn, viewer.organisation_id, site_id, at=at)
    for line in lines:
        _changed(conn, viewer, line.id, at=at)
    return count


def remove_roster_line(
    conn: Connection, viewer: Viewer, site_id: UUID, line_id: UUID, *, at: datetime
) -> int | Loosening:
    """Remove one line of a site's roster, plan anew, and return how many shifts there are now.

    A line without which too few are on duty waits for a second person, and is returned as what waits (I17).

    Raises:
        Hidden: the viewer is no supervisor, or there is no such line here.
        TooManyAsked: too much waits for a second person already.
    """
    if not viewer.is_supervisor:
        raise Hidden
    change = partial(take_roster_line, conn, viewer, site_id, line_id, at=at)
    if _empties(conn, viewer, site_id, change, at):
        body = {"line": str(line_id)}
        return ask_loosening(conn, viewer, (site_id, ROSTER_REMOVE), body, (EMPTIED,), at=at)
    count = take_roster_line(conn, viewer, site_id, line_id, at=at)
    if count is None:
        raise Hidden
    return count


def _empties(
    conn: Connection,
    viewer: Viewer,
    site_id: UUID,
    change: Callable[[], object],
    at: datetime,
) -> bool:
    """Return whether too few would be on duty after `change`, which is tried and taken back."""
    site = sites.find_site(conn, viewer.organisation_id, site_id)
    if site is None:
        raise Hidden
    body = sites.load_policies(conn, site_id).get("sos")
    required = policy_document.from_dict(body).required_proven if body else 1
    before = _planned(conn, site, at)
    with conn.transaction() as tried:
        change()
        after = _planned(conn, site, at)
        raise Rollback(tried)
    until = at + timedelta(days=DAYS_AHEAD)
    return empties_roster(before, after, required, starts_at=at, ends_at=until)


def take_roster_line(
    conn: Connection, viewer: Viewer, site_id: UUID, line_id: UUID, *, at: datetime
) -> int | None:
    """Remove a line, plan anew, and return how many shifts there are now; None if there is no such line."""
    if not sites.delete_roster_line(conn, site_id, line_id):
        return None
    count = plan_shifts(conn, viewer.organisation_id, site_id, at=at)
    _changed(conn, viewer, line_id, at=at)
    return count


def _changed(conn: Connection, viewer: Viewer, line_id: UUID, *, at: datetime) -> None:
    body = {"row": line_id, "table": ROSTER}
    entry = Entry(
        uuid7(), viewer.organisation_id, at, "roster.changed", None, viewer.person_id, body
    )
    record.append(conn, [entry])
