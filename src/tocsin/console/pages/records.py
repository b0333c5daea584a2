"""What can be proved, and how does it leave the house?"""

from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from tocsin.console.installation import all_keys, clock, key_ring
from tocsin.console.pages.page import page
from tocsin.flow.export_incident import tell_incident
from tocsin.flow.export_record import export_incident, export_record, latest_head
from tocsin.registry.access import Viewer, zone_of
from tocsin.runtime.database import Connection

JSON_LINES = "application/jsonl"


@require_GET
@page
def record(request: HttpRequest, viewer: Viewer, conn: Connection) -> HttpResponse:
    """Show the newest signed head, and how to check an export."""
    head = latest_head(conn, viewer)
    context = {
        "viewer": viewer,
        "head": head,
        "root": head.root.hex() if head else "",
        "zone": zone_of(conn, viewer),
    }
    return render(request, "record.html", context)


@require_POST
@page
def export(request: HttpRequest, viewer: Viewer, conn: Connection) -> HttpResponseBase:
    """Return the whole record as a file."""
    file = export_record(conn, viewer, signer=all_keys().record, at=clock().now())
    return FileResponse(file, as_attachment=True, filename="record.jsonl", content_type=JSON_LINES)


@require_POST
@page
def export_one(
    request: HttpRequest,
    viewer: Viewer,
    conn: Connection,
    incident_id: UUID,
) -> HttpResponseBase:
    """Return one incident's entries as a file."""
    file = export_incident(
        conn, key_ring(), viewer, incident_id, signer=all_keys().record, at=clock().now()
    )
    return FileResponse(
        file, as_attachment=True, filename="incident.jsonl", content_type=JSON_LINES
    )


@require_POST
@page
def timeline_of(
    request: HttpRequest, viewer: Viewer, conn: Connection, incident_id: UUID
) -> HttpResponse:
    """Return one incident's time line as a text for people, with names."""
    zone = ZoneInfo(zone_of(conn, viewer))
    told = tell_incident(conn, key_ring(), viewer, incident_id, zone=zone, at=clock().now())
    return HttpResponse(
        told,
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="timeline.txt"'},
    )
