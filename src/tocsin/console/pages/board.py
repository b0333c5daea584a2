"""What is going on now? The first page of everybody who is signed in."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tocsin.console.installation import clock, key_ring, settings
from tocsin.console.pages.blind import blind_lines
from tocsin.console.pages.delivery_words import why_words
from tocsin.console.pages.page import page
from tocsin.console.pages.seen_words import title_of
from tocsin.console.pages.tags import wall
from tocsin.console.pages.words import (
    CHANNEL_WORDS,
    LOOSENING_WORDS,
    ROLE_WORDS,
    Line,
    lines,
    name_of,
)
from tocsin.decisions.access_briefings import count_waiting
from tocsin.decisions.rules.incident import ASKING, Incident, Kind
from tocsin.flow.stand_for_line import sites_of_his_lines
from tocsin.notifications.access import Board, load_board
from tocsin.notifications.rules.delivery import SLOW
from tocsin.registry.access import Viewer, load_loosenings, zone_of
from tocsin.registry.access_cases import count_broken, load_uncovered
from tocsin.registry.rules.duty import Gap, Shift, gaps
from tocsin.registry.rules.rows import ShiftRow, SiteRow
from tocsin.runtime.database import Connection
from tocsin.runtime.doorbell import held_since
from tocsin.signals.access_told import count_told
from tocsin.signals.access_walks import count_missed, load_ways
from tocsin.signals.rules.walk import Walk

SHOWN_GAPS = 3


@dataclass(frozen=True, slots=True)
class Card:
    """One incident on the board; `texts`: how many came without a code.

    `is_alarm`: an armed screen sounds as soon as it comes, and not only when its call is unclaimed.
    `is_hushed`: this screen stands where a silent SOS was raised, and must not sound for it (I22).
    """

    incident: Incident
    title: str
    site: SiteRow | None
    person: str
    lines: tuple[Line, ...]
    texts: int = 0
    is_alarm: bool = False
    is_hushed: bool = False


@dataclass(frozen=True, slots=True)
class Cover:
    """Who is on duty at a site, whether that is enough, and when it will not be.

    `on_duty`: name, role, whether she is proven, whether her carrier blocks our texts.
    """

    site: SiteRow
    on_duty: tuple[tuple[str, str, bool, bool], ...]
    proven: int
    required: int
    gaps: tuple[Gap, ...]

    @property
    def is_enough(self) -> bool:
        """Return whether as many people have proved to be reachable as the policy asks for."""
        return self.proven >= self.required


@require_GET
@page
def board(request: HttpRequest, viewer: Viewer, conn: Connection) -> HttpResponse:
    """Show open incidents, walks under way, who is on duty, and what does not work."""
    at = clock().now()
    found = load_board(conn, key_ring(), viewer, at=at)
    sites = {site.id: site for site in found.sites}
    cards = _cards(viewer, found, sites, at)
    context = {
        "viewer": viewer,
        "real": [card for card in cards if not card.incident.is_drill],
        "drills": [card for card in cards if card.incident.is_drill],
        "recent": [_card(incident, found, sites, at) for incident in found.recent],
        "walks": [_walk(walk, found, sites) for walk in found.walks],
        "cover": [_cover(site, found, at) for site in found.sites],
        "waiting": [
            (one, LOOSENING_WORDS.get(one.what, one.what), sites[one.site_id])
            for one in load_loosenings(conn, viewer, at=at)
            if one.site_id in sites
        ],
        "his_rosters": [sites[each] for each in sites_of_his_lines(conn, viewer) if each in sites],
        "uncovered": [
            (one, ROLE_WORDS.get(one.role, one.role), sites[one.site_id])
            for one in load_uncovered(conn, viewer, at=at)
            if one.site_id in sites
        ],
        "ways": load_ways(conn, key_ring(), viewer, at=at),
        "missed_looks": count_missed(conn, viewer),
        "found": found,
        "retrying": [
            (CHANNEL_WORDS.get(channel, channel), n, why_words(because), because == SLOW)
            for channel, (n, because) in found.health.retrying.items()
        ],
        "failed": [
            (CHANNEL_WORDS.get(channel, channel), n) for channel, n in found.health.failed.items()
        ],
        "held": wall(held_since(settings().run_dir), zone_of(conn, viewer)),
        "blind": blind_lines(conn, viewer, at),
        "mine": count_waiting(conn, viewer, at=at),
        "told": count_told(conn, viewer),
        "broken": count_broken(conn, viewer),
        "at": at,
    }
    is_part = request.headers.get("X-Tocsin-Part") == "board"
    return render(request, "parts/board.html" if is_part else "board.html", context)


def _walk(
    walk: Walk, found: Board, sites: dict[UUID, SiteRow]
) -> tuple[Walk, str, str, SiteRow | None]:
    walker, watcher = (name_of(each, found.names) for each in (walk.person_id, walk.watcher_id))
    return walk, walker, watcher, sites.get(walk.site_id)


def _cards(viewer: Viewer, found: Board, sites: dict[UUID, SiteRow], at: datetime) -> list[Card]:
    # Whoever is not on duty there is somewhere else, and has to be woken.
    shifts = (shift for shift in found.shifts if shift.starts_at <= at)
    here = {shift.site_id for shift in shifts if shift.person_id == viewer.person_id}
    return [
        replace(
            _card(incident, found, sites, at),
            is_alarm=not incident.is_drill and incident.kind is not Kind.INFORM,
            is_hushed=incident.is_silent and incident.site_id in here,
        )
        for incident in found.open
        if incident.kind not in ASKING
    ]


def _card(incident: Incident, found: Board, sites: dict[UUID, SiteRow], at: datetime) -> Card:
    return Card(
        incident,
        title_of(incident),
        sites.get(incident.site_id),
        "" if incident.is_about_place else name_of(incident.person_id, found.names),
        lines(incident, found.names, at),
        found.texts.get(incident.id, 0),
    )


def _cover(site: SiteRow, found: Board, at: datetime) -> Cover:
    here = [shift for shift in found.shifts if shift.site_id == site.id]
    now = [shift for shift in here if shift.starts_at <= at]
    proven = found.proven.get(site.id, set())
    required = found.required.get(site.id, 1)
    people = {shift.person_id: shift.role for shift in now}
    rows = [
        (
            name_of(person, found.names),
            str(ROLE_WORDS.get(role, role)),
            person in proven,
            person in found.blocked,
        )
        for person, role in people.items()
    ]
    until = max((shift.ends_at for shift in here), default=at)
    ahead = gaps(map(_planned, here), required, starts_at=at, ends_at=until) if here else ()
    return Cover(site, tuple(sorted(rows)), len(proven), required, tuple(ahead[:SHOWN_GAPS]))


def _planned(shift: ShiftRow) -> Shift:
    wall = shift.starts_at.replace(tzinfo=None), shift.ends_at.replace(tzinfo=None)
    return Shift(
        person_id=shift.person_id,
        role=shift.role,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        local_start=wall[0],
        local_end=wall[1],
        source=shift.source,
    )
