"""How does a post ask who somebody is, and report that he is there?"""

from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tocsin.console.doors import doors
from tocsin.console.installation import clock, ids, key_ring
from tocsin.console.pages.desk_words import TELL, TELL_OF_PLACES, part_words
from tocsin.console.pages.page import page
from tocsin.console.ringing import ring_report_when_kept
from tocsin.decisions.forms import DeskForm
from tocsin.flow.check_at_desk import (
    Answer,
    Asked,
    Known,
    Tap,
    check_at_desk,
    load_photo,
    report_from_desk,
)
from tocsin.registry.access import Hidden, Viewer
from tocsin.runtime.database import Connection

UNSURE: Final = "unsure"


@require_http_methods(["GET", "POST"])
@page
def desk(request: HttpRequest, viewer: Viewer, conn: Connection) -> HttpResponse:
    """Ask, and answer on the same page: what was typed is in no address and in no history."""
    if request.method == "GET":
        return render(request, "desk.html", {"viewer": viewer, "form": DeskForm()})
    form = DeskForm(request.POST)
    if not form.is_valid():
        return render(request, "desk.html", {"viewer": viewer, "form": form}, status=400)
    answer = check_at_desk(doors(), conn, key_ring(), viewer, _asked(form), at=clock().now())
    return render(request, "desk.html", _context(viewer, form, answer))


@require_POST
@page
def report(request: HttpRequest, viewer: Viewer, conn: Connection) -> HttpResponse:
    """Report that he is there; the engine calls people once this is kept."""
    form = DeskForm(request.POST)
    if not form.is_valid():
        raise Hidden
    who = request.POST.get("who", "")
    report_from_desk(
        doors(),
        conn,
        key_ring(),
        viewer,
        _asked(form),
        Tap(None if who == UNSURE else _uuid(who), _uuid(request.POST.get("track", ""))),
        at=clock().now(),
        ids=ids(),
    )
    ring_report_when_kept()
    reported = {"viewer": viewer, "form": DeskForm(), "reported": True, "is_sure": who != UNSURE}
    return render(request, "desk.html", reported)


@require_GET
@page
def photo(request: HttpRequest, viewer: Viewer, conn: Connection, case_id: UUID) -> HttpResponse:
    """Return the photograph that a person compares with; kept by no browser."""
    content, media_type = load_photo(conn, key_ring(), viewer, case_id, at=clock().now())
    return HttpResponse(content, content_type=media_type)


def _context(viewer: Viewer, form: DeskForm, answer: Answer) -> dict[str, object]:
    return {
        "viewer": viewer,
        "form": form,
        "answer": answer,
        "known": [_line(one) for one in answer.known],
        "track": ids().uuid() if answer.known else None,
        "unsure": UNSURE,
    }


def _line(one: Known) -> dict[str, object]:
    keeps_out = one.shown.instruction == "do_not_admit" and one.shown.stands_here
    places = () if keeps_out else one.shown.places
    return {
        "one": one,
        "tell": TELL_OF_PLACES[one.is_certain] if places else TELL[one.is_certain, keeps_out],
        "places": places,
        "is_certain": one.is_certain,
        "parts": [(part_words(code), points) for code, points in one.match.parts],
    }


def _asked(form: DeskForm) -> Asked:
    values = form.cleaned_data
    return Asked(
        name=values["name"],
        born_on=values["born_on"],
        born_year=values["born_year"],
        phone=values["phone"],
        badge=values["badge"],
        plate=values["plate"],
        region=values["region"],
    )


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Hidden from error
