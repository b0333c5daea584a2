"""Where is this person signed in, and how does she end it?"""

from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from tocsin.console.installation import clock
from tocsin.console.pages.page import page
from tocsin.console.sign_in import ring_revoked
from tocsin.flow.sign_in_out import session_ended
from tocsin.registry.access import Viewer, zone_of
from tocsin.runtime.database import Connection


@require_http_methods(["GET", "POST"])
@page
def sessions(request: HttpRequest, viewer: Viewer, conn: Connection) -> HttpResponse:
    """Show her sessions; on a press, end one or all others, at once."""
    found = UserSession.objects.purge_and_list(request.user)
    if request.method == "POST":
        chosen = request.POST.get("end", "")
        for session in found:
            is_here = session.session_key == request.session.session_key
            if str(session.pk) == chosen or (chosen == "others" and not is_here):
                session_ended(conn, viewer, session.session_key, at=clock().now())
                session.end()
        ring_revoked()
        return redirect("sessions")
    rows = sorted(found, key=lambda session: session.created_at, reverse=True)
    context = {
        "viewer": viewer,
        "sessions": rows,
        "here": request.session.session_key,
        "zone": zone_of(conn, viewer),
    }
    return render(request, "sessions.html", context)
