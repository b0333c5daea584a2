"""What else can be pressed on the board? The watcher saw her leave."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from tocsin.console.installation import ids, key_ring
from tocsin.console.pages.page import page
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.walks import confirm_left
from tocsin.registry.access import Hidden, Viewer
from tocsin.runtime.database import Connection


@require_POST
@page
def walk_left(
    request: HttpRequest, viewer: Viewer, conn: Connection, walk_id: UUID
) -> HttpResponse:
    """End a walk because the one who watches saw her leave."""
    alarms = PostgresAlarms(conn, key_ring())
    walk = confirm_left(alarms, viewer.organisation_id, walk_id, by=viewer.person_id, ids=ids())
    if walk is None:
        raise Hidden
    return redirect("board")
