"""What does a post have to know? The briefing of a case, its receipt, and a card to print for the door."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tocsin.console.installation import clock, key_ring
from tocsin.console.pages.page import page
from tocsin.console.pages.safeguard_words import INSTRUCTION_WORDS
from tocsin.decisions.access_briefings import (
    CARD,
    BriefingView,
    load_briefing,
    load_briefings,
)
from tocsin.flow.brief import print_card, read_briefing
from tocsin.registry.access import Hidden, Viewer
from tocsin.runtime.database import Connection


@require_GET
@page
def briefings(request: HttpRequest, viewer: Viewer, conn: Connection) -> HttpResponse:
    """Show what the viewer is to read, and to whoever may read the cases, which posts have not."""
    view = load_briefings(conn, key_ring(), viewer, at=clock().now())
    return render(request, "briefings.html", {"viewer": viewer, "view": view})


@require_http_methods(["GET", "POST"])
@page
def briefing(request: HttpRequest, viewer: Viewer, conn: Connection, case_id: UUID) -> HttpResponse:
    """Show what the door knows of a case; a press is the receipt."""
    at = clock().now()
    if request.method == "POST":
        read_briefing(conn, viewer, case_id, at=at)
        return redirect("briefings")
    view = load_briefing(conn, key_ring(), viewer, case_id, at=at)
    return render(request, "briefing.html", _context(viewer, view))


def _context(viewer: Viewer, view: BriefingView) -> dict[str, object]:
    match = view.entry.match
    return {
        "viewer": viewer,
        "view": view,
        "entry": view.entry,
        "name": match.names[0] if match.names else "",
        "also": match.names[1:],
        "match": match,
        "plates": [(plate, plate in match.doubted_plates) for plate in match.plates],
        "instruction": INSTRUCTION_WORDS.get(
            view.entry.instruction, INSTRUCTION_WORDS["do_not_admit"]
        ),
        "number": view.site.psap.get("number", "") if view.site else "",
        "zone": view.site.time_zone if view.site else "UTC",
    }


@require_GET
@page
def photo(request: HttpRequest, viewer: Viewer, conn: Connection, case_id: UUID) -> HttpResponse:
    """Return the photograph, for a person to compare; nothing keeps it."""
    view = load_briefing(conn, key_ring(), viewer, case_id, at=clock().now())
    if not view.entry.photo:
        raise Hidden
    answer = HttpResponse(view.entry.photo, content_type=view.entry.photo_type)
    answer["Cache-Control"] = "no-store"
    answer["Content-Disposition"] = "inline"
    return answer


@require_POST
@page
def card(request: HttpRequest, viewer: Viewer, conn: Connection, case_id: UUID) -> HttpResponse:
    """Show the door card, ready to print; that it was printed is written down first."""
    at = clock().now()
    view = load_briefing(conn, key_ring(), viewer, case_id, at=at, what=CARD)
    if not view.may_print:
        raise Hidden
    print_card(conn, viewer, case_id, view.entry.version, at=at)
    return render(request, "door_card.html", {**_context(viewer, view), "at": at})
