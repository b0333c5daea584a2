"""A post asks who somebody is: whom it may be, what to do and whom to call. One tap reports that he is there.

Matching sees every entry (role `door`); what is shown is read again as the viewer, through the database's wall. So whoever
is a party finds what everybody finds who asks about a stranger. What was typed is kept only in what is reported.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from threading import local
from typing import Final
from uuid import UUID

import psycopg

from tocsin.decisions.index import MAX_CANDIDATES, Found, Index, Indexes
from tocsin.decisions.rules.matching import Certainty, Match
from tocsin.flow.receive_report import receive_report
from tocsin.registry.access import Hidden, Viewer
from tocsin.registry.access_doors import (
    OnCall,
    Shown,
    find_post_site,
    find_visible,
    load_on_call,
    load_photo,
    load_shown,
)
from tocsin.registry.store_index import load_organisations
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import Ids
from tocsin.signals.rules.seen import PlateRead, Seen, Source
from tocsin.signals.store_desk import count_check

# What one answer shows: each is a look that she sees, and a face to compare.
MAX_SHOWN: Final = 10

__all__ = [
    "Answer",
    "Asked",
    "Doors",
    "Known",
    "Tap",
    "check_at_desk",
    "load_photo",
    "report_from_desk",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a post typed: checked, at least one of name, phone, badge and plate. `phone` in E.164 where it can be."""

    name: str = ""
    born_on: date | None = None
    born_year: int | None = None
    phone: str = ""
    badge: str = ""
    plate: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody whom this may be, and what the viewer may know of him."""

    match: Match
    shown: Shown

    @property
    def is_certain(self) -> bool:
        """Return whether something singles him out; all else is for a person to compare."""
        return self.match.certainty is Certainty.CERTAIN


@dataclass(frozen=True, slots=True)
class Answer:
    """Whom it may be, best first; none: no entry found, which is no clearance. `more` than are shown may be meant."""

    known: tuple[Known, ...]
    more: bool
    on_call: tuple[OnCall, ...]
    site_id: UUID | None


@dataclass(frozen=True, slots=True)
class Tap:
    """What the person at the post says after comparing: it is he (`case_id`), or she cannot tell (None).

    `track` is of one answer: pressed twice, it is one sighting.
    """

    case_id: UUID | None
    track: UUID


class Doors:
    """The indexes of this process, each thread's connection to what they are made from (role `door`)."""

    def __init__(self, connect: Callable[[], Connection], ring: KeyRing) -> None:
        """Take how a connection is made, and the ring that opens the entries."""
        self._connect = connect
        self._indexes = Indexes(ring)
        self._own = local()

    def find(self, seen: Seen, at_most: int = MAX_CANDIDATES) -> Found:
        """Return whom of the entries of its organisation this may be, as new as the database.

        Raises:
            psycopg.Error: the database is away.
        """
        return self._index(seen.organisation_id).find(seen, at_most)

    def warm(self) -> None:
        """Make every index now, so that the first question at a desk does not wait for it."""
        for organisation_id in load_organisations(self._connection()):
            self._index(organisation_id)

    def close(self) -> None:
        """Close this thread's connection."""
        conn: Connection | None = getattr(self._own, "conn", None)
        if conn is not None:
            conn.close()
        self._own.conn = None

    def _index(self, organisation_id: UUID) -> Index:
        try:
            return self._indexes.of(self._connection(), organisation_id)
        except psycopg.OperationalError:
            # It may have been restarted since; once more on a new connection.
            self.close()
            return self._indexes.of(self._connection(), organisation_id)

    def _connection(self) -> Connection:
        conn: Connection | None = getattr(self._own, "conn", None)
        if conn is None or conn.closed:
            conn = self._own.conn = self._connect()
        return conn


def check_at_desk(
    doors: Doors, conn: Connection, ring: KeyRing, viewer: Viewer, asked: Asked, *, at: datetime
) -> Answer:
    """Return whom this may be, as far as the viewer may know; every entry that is shown is on record before.

    Raises:
        psycopg.Error: the database is away.
    """
    site_id = find_post_site(conn, viewer, at)
    count_check(conn, viewer.organisation_id, at.date())
    found = doors.find(_seen(viewer, asked, at, "asked", site_id))
    by_case = {match.case_id: match for match in found.matches}
    visible = find_visible(conn, list(by_case))
    shown = load_shown(conn, ring, viewer, visible[:MAX_SHOWN], at=at, site_id=site_id)
    known = tuple(
        Known(by_case[case_id], shown[case_id]) for case_id in visible if case_id in shown
    )
    on_call = load_on_call(conn, ring, viewer, list(shown), at=at, site_id=site_id)
    more = bool(known) and (len(visible) > MAX_SHOWN or found.more > 0)
    return Answer(known, more, on_call, site_id)


def report_from_desk(
    doors: Doors,
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    asked: Asked,
    tap: Tap,
    *,
    at: datetime,
    ids: Ids,
) -> UUID:
    """Return the id of the report that the engine now matches and acts on. The caller rings it after the commit.

    Raises:
        Hidden: what was typed does not match this case, or it is not for this viewer; or nothing matches at all.
    """
    site_id = find_post_site(conn, viewer, at)
    seen = _seen(viewer, asked, at, f"desk:{tap.track.hex}", site_id)
    visible = find_visible(conn, [match.case_id for match in doors.find(seen).matches])
    if not visible or (tap.case_id and tap.case_id not in visible):
        raise Hidden
    return receive_report(conn, ring, replace(seen, case_id=tap.case_id), ids=ids)


def _seen(viewer: Viewer, asked: Asked, at: datetime, track: str, site_id: UUID | None) -> Seen:
    return Seen(
        organisation_id=viewer.organisation_id,
        source=Source.DESK,
        track=track,
        seen_at=at,
        heard_at=at,
        reported_by_id=viewer.person_id,
        site_id=site_id,
        name=asked.name,
        born_on=asked.born_on,
        born_year=asked.born_year,
        phone=asked.phone,
        badge=asked.badge,
        plates=(PlateRead(asked.plate, 1.0, asked.region),) if asked.plate else (),
    )
