"""What may this viewer read of a briefing? Whoever keeps a post: what the door knows, once asked. A lead: who has not read.

    Hidden      she was not asked, or keeps no post now that it concerns, and may not read the case

Whoever was asked once reads it while she keeps a post: her shift is over, and it is closed to her; her receipt stays.

What a briefing says is what the door needs: whom to know, what to do, whom to call. Never why, never for whom.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.decisions import store_briefings as store
from tocsin.decisions import store_safeguards as safeguards
from tocsin.decisions.rules.briefing import Keeper, Receipt, is_for, keepers, unread
from tocsin.registry import store_sites as sites
from tocsin.registry.access import Hidden, Viewer, note
from tocsin.registry.access_cases import log_read, may_read
from tocsin.registry.rules.case_rows import DoorEntryRow
from tocsin.registry.rules.rows import SiteRow
from tocsin.registry.store import load_short_names, load_site_facts
from tocsin.registry.store_doors import has_door_page, load_door_entry
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing

BRIEFING: Final = "briefing"
CARD: Final = "door_card"
DO_NOT_ADMIT: Final = "do_not_admit"


@dataclass(frozen=True, slots=True)
class ToRead:
    """One briefing of the viewer's, in a list: the case's word only."""

    case_id: UUID
    word: str
    asked_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class PostLine:
    """One person who keeps a post now, and whether she has read the version that holds."""

    name: str
    site: str
    has_read: bool


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case of a lead's list: its posts now, those that have not read first."""

    case_id: UUID
    word: str
    version: int
    posts: tuple[PostLine, ...]

    @property
    def unread(self) -> int:
        """Return how many posts have not read it."""
        return sum(1 for post in self.posts if not post.has_read)


@dataclass(frozen=True, slots=True)
class Briefings:
    """What the viewer is to read, and for whoever may read the cases, who has not read."""

    to_read: tuple[ToRead, ...]
    cases: tuple[CaseLine, ...]
    zone: str


@dataclass(frozen=True, slots=True)
class BriefingView:
    """What a door knows of one case, opened. `asked`: the viewer's own receipt, if she keeps a post.

    `may_print`: he is kept out; until the visible steps are released, no card of a colleague hangs at a door.
    `has_first_page`: there is a page to open for police. Its number stands there alone: whoever has it finds out at the
    court's for whom it is.
    """

    entry: DoorEntryRow
    word: str
    asked: Receipt | None
    site: SiteRow | None
    may_print: bool
    has_first_page: bool


def count_waiting(conn: Connection, viewer: Viewer, *, at: datetime) -> tuple[int, int, int]:
    """Return how many tasks, briefings and offers wait for the viewer; of whom and what is not said."""
    kept = _sites_kept(conn, viewer, at)
    return (
        safeguards.count_owned(conn, viewer.organisation_id, viewer.person_id),
        store.count_unread(conn, viewer.organisation_id, viewer.person_id, kept),
        safeguards.count_offers(conn, viewer.organisation_id, viewer.person_id),
    )


def load_briefings(conn: Connection, ring: KeyRing, viewer: Viewer, *, at: datetime) -> Briefings:
    """Return what the viewer is to read, and the posts of the cases that she may read. It names no respondent."""
    mine = _sites_kept(conn, viewer, at)
    asked = store.load_asked_of(conn, viewer.organisation_id, viewer.person_id, mine)
    entries = store.load_entries(conn)
    words = store.load_words(conn, {*(row[0] for row in asked), *(e.case_id for e in entries)})
    kept, names, where = _posts(conn, ring, viewer, at) if entries else ([], {}, {})
    receipts = store.load_receipts(conn, [entry.case_id for entry in entries])
    lines = []
    for entry in entries:
        missing = {k.person_id for k in unread(entry, kept, receipts.get(entry.case_id, ()))}
        here = [k for k in kept if is_for(entry, k)]
        posts = [
            PostLine(
                names.get(k.person_id, ""), where.get(k.site_id, ""), k.person_id not in missing
            )
            for k in here
        ]
        ordered = tuple(sorted(posts, key=lambda p: (p.has_read, p.name)))
        lines.append(CaseLine(entry.case_id, words.get(entry.case_id, ""), entry.version, ordered))
    site = sites.find_site(conn, viewer.organisation_id, kept[0].site_id) if kept else None
    return Briefings(
        to_read=tuple(
            ToRead(case_id, words.get(case_id, ""), asked_at, read_at)
            for case_id, _version, _site, _post, asked_at, read_at in asked
        ),
        cases=tuple(lines),
        zone=site.time_zone if site else "UTC",
    )


def _sites_kept(conn: Connection, viewer: Viewer, at: datetime) -> tuple[UUID, ...]:
    """Return the sites of which the viewer keeps a post now."""
    duties = sites.load_shifts(conn, viewer.organisation_id, at, at)
    ids = sorted({duty.site_id for duty in duties if duty.person_id == viewer.person_id})
    if not ids:
        return ()
    facts = load_site_facts(conn, viewer.organisation_id, ids, at=at)
    return tuple(
        site_id
        for site_id, found in facts.items()
        if any(keeper.person_id == viewer.person_id for keeper in keepers(site_id, found))
    )


def _posts(
    conn: Connection, ring: KeyRing, viewer: Viewer, at: datetime
) -> tuple[list[Keeper], dict[UUID, str], dict[UUID, str]]:
    places: Sequence[SiteRow] = sites.load_sites(conn, viewer.organisation_id)
    ids = [place.id for place in places]
    facts = load_site_facts(conn, viewer.organisation_id, ids, at=at)
    kept = [keeper for site_id, found in facts.items() for keeper in keepers(site_id, found)]
    names = load_short_names(conn, ring, {keeper.person_id for keeper in kept})
    return kept, names, {place.id: place.name for place in places}


def load_briefing(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    case_id: UUID,
    *,
    at: datetime,
    what: str = BRIEFING,
) -> BriefingView:
    """Return what the door knows of a case, after writing down that the viewer reads it.

    Raises:
        Hidden: it was not asked of her, or she keeps no post that it concerns any more, and she may not read the case.
        StepUp: as `access_cases.log_read`.
    """
    kept = _sites_kept(conn, viewer, at)
    asked = store.find_asked(conn, viewer.organisation_id, case_id, viewer.person_id, kept)
    if asked:
        _log_post(conn, viewer, case_id, at)
    elif may_read(conn, viewer, case_id):
        log_read(conn, viewer, case_id, at=at, what=what)
    else:
        raise Hidden
    known = load_door_entry(conn, ring, case_id)
    if known is None or not known.is_active:
        raise Hidden
    # A post is told what to do there, and not what another site does.
    entry = replace(known, instruction=known.instruction_at(kept)) if asked else known
    return BriefingView(
        entry=entry,
        word=store.load_words(conn, [case_id]).get(case_id, ""),
        asked=asked,
        site=_site(conn, viewer, entry, at),
        may_print=entry.instruction == DO_NOT_ADMIT,
        has_first_page=has_door_page(conn, case_id),
    )


def _log_post(conn: Connection, viewer: Viewer, case_id: UUID, at: datetime) -> None:
    look = (viewer.organisation_id, case_id, viewer.person_id)
    store.insert_readings(conn, [look], BRIEFING, "post", at)
    body = {"what": BRIEFING, "subject": case_id, "because": "keeps a post"}
    note(conn, viewer, "record.read", body, at=at)


def _site(conn: Connection, viewer: Viewer, entry: DoorEntryRow, at: datetime) -> SiteRow | None:
    """Return the site whose emergency number stands on the page: where the viewer is on duty, else the entry's."""
    places = {place.id: place for place in sites.load_sites(conn, viewer.organisation_id)}
    duties = sites.load_shifts(conn, viewer.organisation_id, at, at)
    hers = [d.site_id for d in duties if d.person_id == viewer.person_id and d.starts_at <= at]
    for site_id in (*hers, *entry.sites, *places):
        if site_id in places:
            return places[site_id]
    return None
