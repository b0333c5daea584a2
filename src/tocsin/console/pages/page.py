"""What is true of every signed-in page? One decorator: who looks, in whose organisation, in one transaction.

A page function gets the request, the viewer and a psycopg connection that shares the transaction of the request
(`ATOMIC_REQUESTS`): row-level security shows it the viewer's organisation, and everything it does is kept together or
not at all. Unknown, forbidden and elsewhere are one answer.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import quote

from django.contrib.auth import logout
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation

from tocsin.console.shared import shared_connection
from tocsin.console.sign_in import has_second_factor, proved_at
from tocsin.registry.access import Hidden, Viewer, find_viewer
from tocsin.registry.access_cases import StepUp, may_read
from tocsin.registry.rules.case_rows import CaseClosed
from tocsin.runtime.database import Connection

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, Viewer, Connection, P], HttpResponseBase]


def page(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Return the view for signed-in staff with a second factor; others go where they can get one."""

    @wraps(view)
    def shown(request: HttpRequest, /, *arguments: P.args, **named: P.kwargs) -> HttpResponseBase:
        account = request.user
        if not account.is_authenticated or account.pk is None:
            return _to_sign_in(request)
        if not has_second_factor(account.pk):
            return HttpResponseRedirect(reverse("mfa_activate_totp"))
        conn = shared_connection()
        viewer = find_viewer(conn, account.pk)
        if viewer is None:
            logout(request)
            return _to_sign_in(request)
        viewer = replace(viewer, proved_at=proved_at(request))
        # Until the next request takes another: what is not found is said in her language too.
        translation.activate(viewer.language)
        return _shown(request, viewer, conn, lambda: view(request, viewer, conn, *arguments, **named))  # fmt: skip

    return shown


def _shown(
    request: HttpRequest, viewer: Viewer, conn: Connection, view: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    try:
        return view()
    except StepUp:
        transaction.set_rollback(True)
        wanted = request.get_full_path() if request.method == "GET" else "/"
        return HttpResponseRedirect(f"{reverse('mfa_reauthenticate')}?next={quote(wanted)}")
    except CaseClosed as closed:
        # Of what was begun nothing stays; the page of its orders says what still protects her, to who may read it.
        transaction.set_rollback(True)
        context = {
            "viewer": viewer,
            "is_pressed": request.method == "POST",
            "case_id": closed.case_id if may_read(conn, viewer, closed.case_id) else None,
        }
        return render(request, "closed_case.html", context, status=409)
    except Hidden as refused:
        # Nothing of a refused act may stay.
        transaction.set_rollback(True)
        raise Http404 from refused


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    if request.method != "GET" or request.headers.get("X-Tocsin-Part"):
        # A form or a part of a page cannot be continued after signing in; the screen reloads itself.
        return HttpResponse(status=401)
    return HttpResponseRedirect(f"{reverse('account_login')}?next={quote(request.get_full_path())}")
