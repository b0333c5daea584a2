"""A roster becomes shifts: sixty days ahead, after every change and once a day."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from tocsin.record import store as record
from tocsin.record.rules.entries import Entry
from tocsin.registry import store_sites as sites
from tocsin.registry.access import Hidden, Viewer
from tocsin.registry.rules import roster_document
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
    today = wall_of(at, ZoneInfo(site.time_zone)).date()
    until = at + timedelta(days=DAYS_AHEAD)
    roster = load_roster(conn, site)
    planned = [
        shift
        for shift in shifts(roster, today - timedelta(days=2), until.date())
        if shift.ends_at > at and shift.starts_at < until
    ]
    return sites.replace_shifts(conn, organisation_id, site_id, planned, at, until)


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
) -> int:
    """Keep more lines of a site's roster, plan anew, and return how many shifts there are now.

    The lines are sound (`roster_check.check`).

    Raises:
        Hidden: the viewer is no supervisor, or there is no such site here.
    """
    if not viewer.is_supervisor:
        raise Hidden
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
) -> int:
    """Remove one line of a site's roster, plan anew, and return how many shifts there are now.

    Raises:
        Hidden: the viewer is no supervisor, or there is no such line here.
    """
    if not viewer.is_supervisor or not sites.delete_roster_line(conn, site_id, line_id):
        raise Hidden
    count = plan_shifts(conn, viewer.organisation_id, site_id, at=at)
    _changed(conn, viewer, line_id, at=at)
    return count


def _changed(conn: Connection, viewer: Viewer, line_id: UUID, *, at: datetime) -> None:
    body = {"row": line_id, "table": ROSTER}
    entry = Entry(
        uuid7(), viewer.organisation_id, at, "roster.changed", None, viewer.person_id, body
    )
    record.append(conn, [entry])
