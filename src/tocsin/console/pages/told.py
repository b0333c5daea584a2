"""What have people reported that waits for this viewer? For most people nothing, at any time; the page is the same."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from tocsin.console.installation import clock, key_ring
from tocsin.console.pages.page import page
from tocsin.console.pages.words import name_of
from tocsin.flow.settle_report import put_report_aside, take_report
from tocsin.registry.access import Hidden, Viewer
from tocsin.runtime.database import Connection
from tocsin.signals.access import load_places
from tocsin.signals.access_told import load_names, load_told

ACTS = {"take": take_report, "aside": put_report_aside}


@require_GET
@page
def reports(request: HttpRequest, viewer: Viewer, conn: Connection) -> HttpResponse:
    """Show what was told, in the words of whoever told it."""
    found = load_told(conn, key_ring(), viewer)
    names = load_names(conn, key_ring(), found)
    sites = {site.id: site for site, _posts in load_places(conn, viewer)}
    lines = [
        (
            one,
            sites.get(one.site_id),
            name_of(one.reported_by_id, names),
            name_of(one.taken_by_id, names),
        )
        for one in found
    ]
    return render(request, "reports.html", {"viewer": viewer, "lines": lines})


@require_POST
@page
def settle(request: HttpRequest, viewer: Viewer, conn: Connection, report_id: UUID) -> HttpResponse:
    """Let the viewer see to a report, or put it aside."""
    act = ACTS.get(request.POST.get("act", ""))
    if act is None:
        raise Hidden
    at: datetime = clock().now()
    act(conn, viewer, report_id, at=at)
    return redirect("reports")
