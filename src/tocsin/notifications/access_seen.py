"""What may this viewer see of what was seen, and of who was told?

On duty: what the door knows, of an incident that is open, each look written down before it is shown. Who may read the
case, and she herself: every sighting of it, and the ledger of who was told what, on which ground.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tocsin.decisions.rules.incident import Incident
from tocsin.decisions.store_briefings import load_words
from tocsin.notifications import store_disclosures as ledger
from tocsin.notifications.store_disclosures import Line
from tocsin.registry import store as registry
from tocsin.registry import store_sites as sites
from tocsin.registry.access import Viewer
from tocsin.registry.access_cases import HERSELF, Reading, log_read
from tocsin.registry.access_doors import Shown, find_visible, load_shown
from tocsin.registry.store_grants import wants_notices
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.signals import store_sightings as signals
from tocsin.signals.rules.sighting_row import SightingRow

SIGHTINGS = "sightings"
LEDGER = "who_was_told"


@dataclass(frozen=True, slots=True)
class SeenView:
    """What was seen in one incident. `doors`: by case, what to compare with; a party finds nothing here.

    `words`: of the cases, so that what is said of one is not taken for another's.
    """

    rows: tuple[SightingRow, ...]
    doors: dict[UUID, Shown]
    places: dict[UUID, str]
    names: dict[UUID, str]
    words: dict[UUID, str]


@dataclass(frozen=True, slots=True)
class CaseSeen:
    """Every sighting of a case that is kept, and by which right it is read."""

    reading: Reading
    rows: tuple[SightingRow, ...]
    places: dict[UUID, str]
    names: dict[UUID, str]


@dataclass(frozen=True, slots=True)
class Ledger:
    """Who was told what of a case, the latest first. `wants`: whether she is sent notices of it; None: it is not hers."""

    reading: Reading
    wants: bool | None
    lines: tuple[Line, ...]
    names: dict[UUID, str]


def load_seen(
    conn: Connection, ring: KeyRing, viewer: Viewer, incident: Incident, *, at: datetime
) -> SeenView:
    """Return what was seen in an incident that the viewer may see, after writing down that she looks at each door entry."""
    rows = (
        signals.load_of_incident(conn, viewer.organisation_id, incident.id)
        if incident.case_ids
        else []
    )
    cases = find_visible(conn, tuple(dict.fromkeys(row.case_id for row in rows)))
    doors = load_shown(conn, ring, viewer, cases, at=at, site_id=incident.site_id) if cases else {}
    seen = tuple(row for row in rows if row.case_id in doors)
    words = load_words(conn, incident.case_ids) if incident.case_ids else {}
    return SeenView(seen, doors, *_named(conn, ring, viewer, seen), words)


def load_case_seen(
    conn: Connection, ring: KeyRing, viewer: Viewer, case_id: UUID, *, at: datetime
) -> CaseSeen:
    """Return the sightings of a case, after writing down that the viewer reads them.

    Raises:
        Hidden, StepUp: as `access_cases.log_read`.
    """
    reading = log_read(conn, viewer, case_id, at=at, what=SIGHTINGS)
    rows = tuple(signals.load_of_case(conn, viewer.organisation_id, case_id))
    return CaseSeen(reading, rows, *_named(conn, ring, viewer, rows))


def load_ledger(
    conn: Connection, ring: KeyRing, viewer: Viewer, case_id: UUID, *, at: datetime
) -> Ledger:
    """Return who was told what of a case, after writing down that the viewer reads it; she herself has notice by that.

    Raises:
        Hidden, StepUp: as `access_cases.log_read`.
    """
    reading = log_read(conn, viewer, case_id, at=at, what=LEDGER)
    if reading.why == HERSELF:
        # Of a briefing or a task no message tells her, as one does of an incident.
        ledger.give_notice_of_case(conn, viewer.organisation_id, case_id, at)
    lines = tuple(ledger.load_of_case(conn, viewer.organisation_id, case_id))
    wants = wants_notices(conn, case_id) if reading.why == HERSELF else None
    people = {line.to_id for line in lines if line.to_id}
    return Ledger(reading, wants, lines, registry.load_short_names(conn, ring, people))


def _named(
    conn: Connection, ring: KeyRing, viewer: Viewer, rows: Iterable[SightingRow]
) -> tuple[dict[UUID, str], dict[UUID, str]]:
    several = tuple(rows)
    people = {p for row in several for p in (row.reported_by_id, row.judged_by_id) if p}
    places = {site.id: site.name for site in sites.load_sites(conn, viewer.organisation_id)}
    return places, registry.load_short_names(conn, ring, people)
