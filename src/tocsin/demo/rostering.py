"""Who is on duty while the demo runs? Its night shift, whatever the hour is.

The shifts are patterns in local wall time like any other; the demo writes them anew when the hour has moved on, as an
import does: nobody is asked to agree that a made-up night is over.
"""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from tocsin.demo.keepsakes import Workplace
from tocsin.demo.sample import Sample
from tocsin.flow.plan_shifts import keep_roster_lines, take_roster_line
from tocsin.registry import store_sites as sites
from tocsin.registry.access import Viewer
from tocsin.registry.rules.duty import Shift
from tocsin.registry.rules.imports import ShiftRow
from tocsin.registry.rules.roster import Pattern, Turn
from tocsin.registry.rules.wall_time import earliest, latest, wall_of
from tocsin.runtime.database import Connection
from tocsin.runtime.ids import uuid7

QUARTER_MIN: Final = 15
ENDS_SOON_MIN: Final = 60
# Whoever plays a part is on duty for as long as the story takes, and for a reader who goes on afterwards.
AT_LEAST: Final = timedelta(minutes=20)
FEED: Final = "feed"


def write_roster(conn: Connection, sample: Sample, workplace: Workplace, *, at: datetime) -> bool:
    """Return whether the roster had to be written: everybody of the sample's shifts is on duty from here on."""
    administrator = workplace.people[sample.body["administrator"]]
    viewer = Viewer(workplace.id, administrator.id, "admin")
    is_written = False
    for site in sample.body["site"]:
        site_id = workplace.sites[site["name"]]
        _write_calendar(conn, sample, workplace, site, at=at)
        if _is_on_duty(conn, workplace, site, at=at):
            continue
        for line in sites.load_roster_lines(conn, site_id):
            take_roster_line(conn, viewer, site_id, line.id, at=at)
        posts = {post.name: post.id for post in sites.load_posts(conn, site_id)}
        lines = [_pattern(shift, workplace, posts, at, site) for shift in site["shift"]]
        keep_roster_lines(conn, viewer, site_id, lines, at=at)
        is_written = True
    return is_written


def _is_on_duty(
    conn: Connection, workplace: Workplace, site: dict[str, Any], *, at: datetime
) -> bool:
    """Return whether everybody is on duty until `AT_LEAST` from now; a shift that ends tonight may end."""
    tonight = [shift for shift in site.get("shift", ()) if shift["began_min_ago"] >= 0]
    running = sites.load_shifts(conn, workplace.id, at, at + timedelta(seconds=1))
    until = {shift.person_id: shift.ends_at for shift in running}
    for shift in tonight:
        # The one whose shift ends tonight may go; the others stay for as long as the story takes.
        needed = at if _left_min(shift) <= ENDS_SOON_MIN else at + AT_LEAST
        for number in shift["people"]:
            if until.get(workplace.people[number].id, at) <= needed:
                return False
    return True


def _left_min(shift: dict[str, Any]) -> int:
    if "ends_in_min" in shift:
        return int(shift["ends_in_min"])
    return int(shift["length_min"]) - int(shift["began_min_ago"])


def _pattern(
    shift: dict[str, Any],
    workplace: Workplace,
    posts: dict[str, UUID],
    at: datetime,
    site: dict[str, Any],
) -> Pattern:
    now = wall_of(at, ZoneInfo(site["time_zone"]))
    quarter = now.replace(minute=now.minute - now.minute % QUARTER_MIN, second=0, microsecond=0)
    begins = quarter - timedelta(minutes=shift["began_min_ago"])
    if "ends_in_min" in shift:
        ends = now.replace(second=0, microsecond=0) + timedelta(minutes=shift["ends_in_min"])
        begins = ends - timedelta(minutes=shift["length_min"])
    people = tuple(workplace.people[number].id for number in shift["people"])
    return Pattern(
        id=uuid7(),
        first_date=begins.date(),
        start=begins.time(),
        turns=(Turn(people=people),),
        length_min=shift["length_min"],
        role=shift["role"],
        post_id=posts.get(shift.get("post", "")),
        at_position=shift.get("at_position", False),
    )


def _write_calendar(
    conn: Connection,
    sample: Sample,
    workplace: Workplace,
    site: dict[str, Any],
    *,
    at: datetime,
) -> None:
    """Import a site's calendar, unless its shifts of today are there."""
    site_id, zone = workplace.sites[site["name"]], ZoneInfo(site["time_zone"])
    known = sites.load_shifts(conn, workplace.id, at, at + timedelta(days=1))
    if any(shift.site_id == site_id and shift.source == FEED for shift in known):
        return
    rows = sample.calendar(site, wall_of(at, zone).date())
    shifts = [_shift(row, workplace, site_id, zone) for row in rows]
    fresh = [shift for shift in shifts if shift.ends_at > at]
    if fresh:
        sites.insert_shifts(conn, workplace.id, site_id, fresh)


def _shift(row: ShiftRow, workplace: Workplace, site_id: UUID, zone: ZoneInfo) -> Shift:
    return Shift(
        person_id=workplace.people[row.person.upper()].id,
        role=row.role,
        starts_at=earliest(row.starts, zone),
        ends_at=latest(row.ends, zone),
        local_start=row.starts,
        local_end=row.ends,
        source=FEED,
        site_id=site_id,
    )
