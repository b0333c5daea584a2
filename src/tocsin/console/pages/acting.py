"""What else leads on from the board? The watcher saw her leave; what could not be verified."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from tocsin.console.installation import ids, key_ring
from tocsin.console.pages.page import page
from tocsin.console.pages.sender_words import WHY_WORDS
from tocsin.console.ringing import ring_when_kept
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.walks import confirm_left
from tocsin.notifications.access import load_unverified
from tocsin.registry.access import Hidden, Viewer, zone_of
from tocsin.runtime.database import Connection


@require_POST
@page
def walk_left(
    request: HttpRequest, viewer: Viewer, conn: Connection, walk_id: UUID
) -> HttpResponse:
    """End a walk because the one who watches saw her leave."""
    alarms = PostgresAlarms(conn, key_ring())
    changes = confirm_left(alarms, viewer.organisation_id, walk_id, by=viewer.person_id, ids=ids())
    if changes is None:
        raise Hidden
    for change in changes:
        ring_when_kept(change)
    return redirect("board")


@require_GET
@page
def unverified(request: HttpRequest, viewer: Viewer, conn: Connection) -> HttpResponse:
    """Show what came without a proof of its sender, for a lead to judge."""
    found = [(one, WHY_WORDS.get(one.why, one.why)) for one in load_unverified(conn, viewer)]
    context = {"viewer": viewer, "signals": found, "zone": zone_of(conn, viewer)}
    return render(request, "unverified.html", context)
