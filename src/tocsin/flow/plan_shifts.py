"""A roster becomes shifts: sixty days ahead, after every change and once a day.

A line that cannot be followed is not kept; one that came about all the same is left out, and the site's page says so at
the line. What is wrong with one site's roster stops no other site's planning:

    UnsoundLines    lines that are refused; nothing of them was written
    FAILURES        what planning a site may fail with: its shifts stay as they were
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from psycopg import DataError, IntegrityError, Rollback

from tocsin.flow.ask_loosening import ask_loosening
from tocsin.registry import store_people as people
from tocsin.registry import store_sites as sites
from tocsin.registry.access import Hidden, Viewer, note
from tocsin.registry.rules import policy_document, roster_document
from tocsin.registry.rules.duty import Shift
from tocsin.registry.rules.findings import ERROR, Finding, error, errors
from tocsin.registry.rules.loosening import (
    EMPTIED,
    ROSTER_ADD,
    ROSTER_REMOVE,
    Loosening,
    empties_roster,
)
from tocsin.registry.rules.roster import Override, Pattern, Roster, Swap, shifts, without_past
from tocsin.registry.rules.roster_check import (
    REFUSED_WHEN_NEW,
    UNPLANNABLE,
    check,
    line_of,
    overlaps,
    without_unsound,
)
from tocsin.registry.rules.roster_document import Line
from tocsin.registry.rules.rows import RosterLineRow, SiteRow
from tocsin.registry.rules.wall_time import wall_of
from tocsin.registry.store_turns import hold_roster
from tocsin.runtime.database import Connection

DAYS_AHEAD: Final = 60
ROSTER: Final = "roster"
LOOKS_AHEAD: Final = timedelta(days=14)
MAX_OVERLAPS: Final = 5
# An addition that ended so long ago has no part in any shift that is still planned.
OVER_AFTER: Final = timedelta(days=7)
# No shift that runs now began earlier on the wall: it lasts two days at most (`roster.MAX_LENGTH_MIN`).
BEGAN_WITHIN: Final = timedelta(days=2)
FAILURES: Final = (ValueError, ArithmeticError, LookupError, TypeError, DataError, IntegrityError)

T = TypeVar("T", Pattern, Override, Swap)

# What is found, by the line of which it is found; None: of the whole roster.
Found = dict[UUID | None, list[Finding]]


class UnsoundLines(Exception):
    """Lines that cannot be followed or would do nothing: none of them was kept. `found` says why, by line."""

    def __init__(self, found: Found) -> None:
        """Keep what was found."""
        super().__init__("lines of a roster that are not sound")
        self.found = found


@dataclass(frozen=True, slots=True)
class Planned:
    """How many shifts were planned, the sites that keep those of before because planning them failed, and why.

    `left_out`: by site, the lines that cannot be followed and are left out, with what is wrong with them.
    """

    count: int
    stopped: dict[UUID, str]
    left_out: dict[UUID, str]


def plan_shifts(conn: Connection, organisation_id: UUID, site_id: UUID, *, at: datetime) -> int:
    """Return how many shifts there are from now on, after planning them anew from the roster's lines.

    A shift that runs now is planned anew too: who was taken out of the roster is off duty at once.

    Raises:
        Hidden: there is no such site.
    """
    site = sites.find_site(conn, organisation_id, site_id)
    if site is None:
        raise Hidden
    hold_roster(conn, site_id)
    until = at + timedelta(days=DAYS_AHEAD)
    planned = _planned(conn, site, at)
    return sites.replace_shifts(conn, organisation_id, site_id, planned, at, until)


def _planned(conn: Connection, site: SiteRow, at: datetime) -> list[Shift]:
    known = people.load_person_ids(conn, site.organisation_id)
    return shifts_from(load_roster(conn, site, at=at), known, at=at)


def shifts_from(roster: Roster, known: Collection[UUID], *, at: datetime) -> list[Shift]:
    """Return the shifts of these people that a roster has from now on, what cannot be followed left out.

    One that runs now is among them, from its beginning.
    """
    until = at + timedelta(days=DAYS_AHEAD)
    sound = without_unsound(roster, check(roster))
    return [
        shift
        for shift in shifts(sound, _today(roster.zone, at) - BEGAN_WITHIN, until.date())
        if shift.ends_at > at and shift.starts_at < until and shift.person_id in known
    ]


def _today(zone: str, at: datetime) -> date:
    return wall_of(at, ZoneInfo(zone)).date()


def load_roster(
    conn: Connection, site: SiteRow, *, at: datetime, more: Sequence[Line] = ()
) -> Roster:
    """Return the site's roster as its lines say, those that are over left out, and `more` lines after them."""
    return roster_of(conn, site, sites.load_roster_lines(conn, site.id), at=at, more=more)


def roster_of(
    conn: Connection,
    site: SiteRow,
    rows: Sequence[RosterLineRow],
    *,
    at: datetime,
    more: Sequence[Line] = (),
) -> Roster:
    """Return the roster that these lines make for the site, those that are over left out, and `more` lines after them."""
    kept = [roster_document.line_from_dict(row.kind, row.body) for row in rows]
    lines = (*kept, *more)
    roster = Roster(
        id=site.id,
        name=site.name,
        zone=site.time_zone,
        site_id=site.id,
        patterns=tuple(line for line in lines if isinstance(line, Pattern)),
        overrides=tuple(line for line in lines if isinstance(line, Override)),
        swaps=tuple(line for line in lines if isinstance(line, Swap)),
        teams={team.id: team.members for team in sites.load_teams(conn, site.organisation_id)},
    )
    return without_past(roster, _today(site.time_zone, at) - OVER_AFTER)


def roster_findings(conn: Connection, site: SiteRow, *, at: datetime) -> Found:
    """Return what is wrong with a site's roster, by line; under None, whether its shifts cannot be planned at all."""
    try:
        with conn.transaction():
            roster = load_roster(conn, site, at=at)
            found = check(roster, people.load_person_ids(conn, site.organisation_id))
            _planned(conn, site, at)
            today = _today(site.time_zone, at)
            sound = without_unsound(roster, found)
            twice = overlaps(sound, today, today + LOOKS_AHEAD)[:MAX_OVERLAPS]
    except FAILURES:
        return {None: [_unplannable()]}
    return _by_line(roster, (*found, *twice))


def _unplannable() -> Finding:
    return error(UNPLANNABLE, "roster", "The shifts of this roster cannot be planned.")


def _by_line(roster: Roster, found: Sequence[Finding]) -> Found:
    ids = {
        **_named("patterns", roster.patterns),
        **_named("overrides", roster.overrides),
        **_named("swaps", roster.swaps),
    }
    by_line: Found = {}
    for finding in found:
        by_line.setdefault(ids.get(line_of(finding)), []).append(finding)
    return by_line


def _named(kind: str, lines: Sequence[Line]) -> dict[str, UUID]:
    return {f"{kind}[{index}]": line.id for index, line in enumerate(lines)}


def find_unsound(conn: Connection, site: SiteRow, lines: Sequence[Line], *, at: datetime) -> Found:
    """Return why these new lines may not be kept, by line; under None, why none of them; empty if they may.

    What is wrong with a line that is there already keeps no new one out.
    """
    kept = load_roster(conn, site, at=at)
    sound = without_unsound(kept, check(kept))
    old = {
        line_id
        for lines_of in (sound.patterns, sound.overrides, sound.swaps)
        for line_id in _named("", lines_of).values()
    }
    roster = load_roster(conn, site, at=at, more=lines)
    roster = replace(
        roster,
        patterns=_those(roster.patterns, old, lines),
        overrides=_those(roster.overrides, old, lines),
        swaps=_those(roster.swaps, old, lines),
    )
    found = _by_line(roster, check(roster, people.load_person_ids(conn, site.organisation_id)))
    bad = {
        line_id: [one for one in of if one.level == ERROR or one.code in REFUSED_WHEN_NEW]
        for line_id, of in found.items()
        if line_id not in old
    }
    return {line_id: of for line_id, of in bad.items() if of}


def _those(found: tuple[T, ...], old: set[UUID], lines: Sequence[Line]) -> tuple[T, ...]:
    wanted = old | {line.id for line in lines}
    return tuple(line for line in found if line.id in wanted)


def plan_all(conn: Connection, organisation_id: UUID, *, at: datetime) -> Planned:
    """Return how many shifts there are at all sites of an organisation, planned anew; for the daily round.

    A site without a roster line is left as it is: a round must never empty a duty roster (I17). Each site is planned
    for itself: one that fails keeps the shifts that it has, and is named with why.
    """
    count = 0
    stopped: dict[UUID, str] = {}
    left_out: dict[UUID, str] = {}
    for site in sites.load_sites(conn, organisation_id):
        try:
            with conn.transaction():
                if sites.load_roster_lines(conn, site.id):
                    count += plan_shifts(conn, organisation_id, site.id, at=at)
                    wrong = _left_out(load_roster(conn, site, at=at))
                    left_out |= {site.id: wrong} if wrong else {}
        except FAILURES as problem:
            stopped[site.id] = type(problem).__name__
    return Planned(count, stopped, left_out)


def _left_out(roster: Roster) -> str:
    found = _by_line(roster, errors(check(roster)))
    return " ".join(sorted(f"{line_id}:{one.code}" for line_id, of in found.items() for one in of))


def add_roster_lines(
    conn: Connection, viewer: Viewer, site_id: UUID, lines: Sequence[Line], *, at: datetime
) -> int | Loosening:
    """Keep more lines of a site's roster, plan anew, and return how many shifts there are now.

    Lines that leave too few on duty where there were enough (an
    override that takes somebody out) wait for a second person and are returned as what waits (I17).

    Raises:
        Hidden: the viewer is no supervisor, or there is no such site here.
        UnsoundLines: one of them cannot be followed, or would do nothing; nothing was kept.
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
    """Write lines of a roster, plan anew, and return how many shifts there are now.

    Raises:
        Hidden: there is no such site here.
        UnsoundLines: one of them cannot be followed, or would do nothing; nothing was kept.
    """
    site = sites.find_site(conn, viewer.organisation_id, site_id)
    if site is None:
        raise Hidden
    hold_roster(conn, site_id)
    found = find_unsound(conn, site, lines, at=at)
    if found:
        raise UnsoundLines(found)
    try:
        with conn.transaction():
            for line in lines:
                kind, body = roster_document.kind_of(line), roster_document.line_to_dict(line)
                row = RosterLineRow(line.id, kind, body)
                sites.insert_roster_line(conn, viewer.organisation_id, site_id, row, at=at)
            count = plan_shifts(conn, viewer.organisation_id, site_id, at=at)
    except FAILURES as problem:
        raise UnsoundLines({None: [_unplannable()]}) from problem
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
    """Return whether too few would be on duty after `change`, which is tried and taken back.

    A roster that cannot be planned is not counted: who mends it must not wait for a second person.
    """
    site = sites.find_site(conn, viewer.organisation_id, site_id)
    if site is None:
        raise Hidden
    # Before the first look, and outside of what is taken back: two who each take out one of the last two see each other.
    hold_roster(conn, site_id)
    body = sites.load_policies(conn, site_id).get("sos")
    required = policy_document.from_dict(body).required_proven if body else 1
    try:
        before = _planned(conn, site, at)
        with conn.transaction() as tried:
            change()
            after = _planned(conn, site, at)
            raise Rollback(tried)
    except FAILURES:
        return False
    until = at + timedelta(days=DAYS_AHEAD)
    return empties_roster(before, after, required, starts_at=at, ends_at=until)


def take_roster_line(
    conn: Connection, viewer: Viewer, site_id: UUID, line_id: UUID, *, at: datetime
) -> int | None:
    """Remove a line, plan anew, and return how many shifts there are now; None if there is no such line.

    Where the lines that are left cannot be planned, the shifts stay as they were, and 0 is returned: of two bad lines
    one goes first.
    """
    hold_roster(conn, site_id)
    if not sites.delete_roster_line(conn, site_id, line_id):
        return None
    try:
        with conn.transaction():
            count = plan_shifts(conn, viewer.organisation_id, site_id, at=at)
    except FAILURES:
        count = 0
    _changed(conn, viewer, line_id, at=at)
    return count


def _changed(conn: Connection, viewer: Viewer, line_id: UUID, *, at: datetime) -> None:
    body = {"row": line_id, "table": ROSTER}
    note(conn, viewer, "roster.changed", body, at=at)
