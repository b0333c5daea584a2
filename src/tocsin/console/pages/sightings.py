"""What was seen of a respondent: compared by a person, read by who may read the case; and who was told of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from tocsin.console.installation import clock, ids, key_ring
from tocsin.console.pages.page import page
from tocsin.console.pages.refusals import in_words
from tocsin.console.pages.seen_words import (
    GROUND_WORDS,
    NOTICE_WORDS,
    NOTICED,
    SOURCE_WORDS,
    judged_words,
    police_words,
    reasons_of,
    seen_part,
    told_words,
)
from tocsin.console.pages.words import ROLE_WORDS, name_of
from tocsin.console.ringing import ring_when_kept
from tocsin.decisions.rules.incident import SEEN, Incident
from tocsin.flow.compare_sighting import compare_sighting
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.postgres_sightings import PostgresSightings
from tocsin.flow.respond import Refused
from tocsin.flow.want_notices import want_notices
from tocsin.notifications.access import load_incident
from tocsin.notifications.access_seen import SeenView, load_case_seen, load_ledger, load_seen
from tocsin.registry.access import Viewer, zone_of
from tocsin.registry.access_cases import may_read
from tocsin.registry.access_doors import Shown
from tocsin.runtime.database import Connection
from tocsin.signals.rules.seen import Source
from tocsin.signals.rules.sighting_row import SightingRow

IT_IS_HE = "he"
PLACEHOLDER = re.compile(r"\{(\w+)\}")
# The ledger keeps which words were sent, not what stood in these gaps.
GAP_WORDS: Final = {
    "incident": gettext_lazy("[its word]"),
    "place": gettext_lazy("[the place]"),
    "site": gettext_lazy("[the site]"),
    "instruction": gettext_lazy("[what to do]"),
}


@dataclass(frozen=True, slots=True)
class SeenLine:
    """One sighting as a page shows it. `may_compare`: a person may still say whether it is he."""

    row: SightingRow
    source: str
    place: str
    parts: tuple[tuple[str, int], ...]
    judged: str
    judged_by: str
    door: Shown | None
    may_compare: bool
    word: str = ""

    @property
    def is_about_place(self) -> bool:
        """Return whether it is his for certain, by the court, and only where it is, is not."""
        return self.row.source == Source.MONITOR and not self.row.is_he


@dataclass(frozen=True, slots=True)
class ToldLine:
    """One telling as its page shows it."""

    at: datetime
    name: str
    role: str
    ground: str
    text: str
    what: tuple[str, ...]
    notice_at: datetime | None
    notice: str
    is_noticed: bool


def seen_context(viewer: Viewer, conn: Connection, incident: Incident) -> dict[str, object]:
    """Return what the incident's page shows of a respondent; nothing if nobody was seen in it."""
    if not incident.case_ids:
        return {}
    view = load_seen(conn, key_ring(), viewer, incident, at=clock().now())
    lines = [_line(row, view, is_open=incident.is_open) for row in view.rows]
    return {
        "seen": lines,
        "is_about_place": bool(lines) and all(line.is_about_place for line in lines),
        "reasons": reasons_of(incident),
        "police": police_words(incident, view.words) if incident.needs_emergency_call else [],
        "may_read_case": may_read(conn, viewer, incident.case_ids[0]),
        "is_sighting": incident.kind in SEEN,
        "is_unconfirmed": not incident.is_confirmed,
        "has_first_page": "first_page" in incident.police,
        "is_not_located": bool(incident.not_located),
        "to_locate": _to_locate(viewer, conn, incident, view.words),
    }


def _to_locate(
    viewer: Viewer, conn: Connection, incident: Incident, words: Mapping[UUID, str]
) -> list[tuple[UUID, str]]:
    """Return the cases for which this viewer may record custody here, each with its word where the incident has several."""
    if not viewer.is_lead:
        return []
    several = len(incident.case_ids) > 1
    return [
        (case_id, words.get(case_id, "") if several else "")
        for case_id in incident.case_ids
        if case_id in incident.not_located and may_read(conn, viewer, case_id)
    ]


def _line(row: SightingRow, view: SeenView, *, is_open: bool) -> SeenLine:
    late = int((row.heard_at - row.seen_at).total_seconds()) // 60
    return SeenLine(
        row=row,
        source=str(SOURCE_WORDS.get(row.source, row.source)),
        place=view.places.get(row.site_id, "") if row.site_id else "",
        parts=tuple((seen_part(code, late), points) for code, points in row.parts),
        judged=judged_words(row),
        judged_by=name_of(row.judged_by_id, view.names),
        door=view.doors.get(row.case_id),
        may_compare=is_open and not row.is_he and row.judged != "confirmed",
        word=view.words.get(row.case_id, ""),
    )


@require_POST
@page
def compare(
    request: HttpRequest, viewer: Viewer, conn: Connection, incident_id: UUID, sighting_id: UUID
) -> HttpResponse:
    """Keep what the person who compared says, then show the incident; a refusal is shown on it."""
    load_incident(conn, key_ring(), viewer, incident_id)
    alarms = PostgresAlarms(conn, key_ring())
    done = compare_sighting(
        alarms,
        PostgresSightings(alarms),
        viewer.organisation_id,
        sighting_id,
        by=viewer.person_id,
        is_he=request.POST.get("who") == IT_IS_HE,
        ids=ids(),
    )
    if isinstance(done, Refused):
        context = {"viewer": viewer, "because": in_words(done.because), "incident_id": incident_id}
        return render(request, "not_compared.html", context, status=409)
    ring_when_kept(done)
    return redirect("incident", incident_id=incident_id)


@require_GET
@page
def case_sightings(
    request: HttpRequest, viewer: Viewer, conn: Connection, case_id: UUID
) -> HttpResponse:
    """Show every sighting of a case that is kept."""
    found = load_case_seen(conn, key_ring(), viewer, case_id, at=clock().now())
    view = SeenView(found.rows, {}, found.places, found.names, {})
    context = {
        "viewer": viewer,
        "case_id": case_id,
        "zone": zone_of(conn, viewer),
        "seen": [_line(row, view, is_open=False) for row in found.rows],
    }
    return render(request, "case_sightings.html", context)


@require_GET
@page
def who_was_told(
    request: HttpRequest, viewer: Viewer, conn: Connection, case_id: UUID
) -> HttpResponse:
    """Show who was told what of a case, on which ground, and when she had notice of it."""
    found = load_ledger(conn, key_ring(), viewer, case_id, at=clock().now())
    language = translation.get_language() or "en"
    lines = []
    for line in found.lines:
        text, what = told_words(line.what, language)
        lines.append(
            ToldLine(
                at=line.at,
                name=name_of(line.to_id, found.names) or _("police"),
                role=str(ROLE_WORDS.get(line.to_role, line.to_role)),
                ground=str(GROUND_WORDS.get(line.ground, line.ground)),
                text=PLACEHOLDER.sub(_gap, text),
                what=tuple(what),
                notice_at=line.notice_at,
                notice=str(NOTICE_WORDS.get(line.notice, "")),
                is_noticed=line.notice in NOTICED,
            )
        )
    context = {
        "viewer": viewer,
        "case_id": case_id,
        "zone": zone_of(conn, viewer),
        "lines": lines,
        "is_hers": found.wants is not None,
        "wants": found.wants,
    }
    return render(request, "who_was_told.html", context)


def _gap(found: re.Match[str]) -> str:
    return str(GAP_WORDS.get(found[1], "…"))


@require_POST
@page
def her_notices(
    request: HttpRequest, viewer: Viewer, conn: Connection, case_id: UUID
) -> HttpResponse:
    """Keep whether she is sent a notice when people were told of her case."""
    at = clock().now()
    found = load_ledger(conn, key_ring(), viewer, case_id, at=at)
    want_notices(conn, found.reading, wants=request.POST.get("wants") == "1", at=at)
    return redirect("who_was_told", case_id=case_id)
