"""How does a person report what she saw, who called, or who is expected? In a few taps, at night, on a phone."""

from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from tocsin.console.installation import clock, ids, key_ring
from tocsin.console.pages.page import page
from tocsin.console.pages.sender_words import WHY_WORDS
from tocsin.console.ringing import ring_report_when_kept
from tocsin.flow import report_seen as verbs
from tocsin.registry.access import Viewer, find_person
from tocsin.registry.access_cases import load_own_open
from tocsin.registry.rules.rows import SiteRow
from tocsin.runtime.database import Connection
from tocsin.signals.access import load_places
from tocsin.signals.forms_seen import AttemptForm, SeenForm, VisitorsForm
from tocsin.signals.forms_senders import place_of, place_words
from tocsin.signals.rules.quarantine import Why

SHOWN_BAD: Final = 20
SHOWN_OF_A_LINE: Final = 120


@require_http_methods(["GET", "POST"])
@page
def seen(request: HttpRequest, viewer: Viewer, conn: Connection) -> HttpResponse:
    """Take a report of somebody or a vehicle; the answer is the same whoever it was."""
    sites = load_places(conn, viewer)
    places = place_words(sites)
    context: dict[str, object] = {"viewer": viewer}
    if request.method == "POST":
        form = SeenForm(request.POST, places=places)
        if not form.is_valid():
            return render(request, "seen.html", context | {"form": form}, status=400)
        at = clock().now()
        verbs.report_seen(conn, key_ring(), viewer, _report(form), at=at, ids=ids())
        ring_report_when_kept()
        # The next report is from the same place.
        first = form.cleaned_data["where"]
        context |= {"kept_at": at, "zone": _zone(sites, first)}
    else:
        first = _own_place(conn, viewer, places)
    initial = {"track": ids().uuid(), "where": first, "before_s": "0"}
    form = SeenForm(places=places, initial=initial)
    return render(request, "seen.html", context | {"form": form})


def _report(form: SeenForm) -> verbs.Report:
    values = form.cleaned_data
    site_id, post_id = place_of(values["where"])
    return verbs.Report(
        track=values["track"],
        site_id=site_id,
        post_id=post_id,
        name=values["name"],
        plate=values["plate"],
        words=values["words"],
        before_s=int(values["before_s"]),
    )


def _zone(sites: list[tuple[SiteRow, list[tuple[UUID, str]]]], where: str) -> str:
    return next((site.time_zone for site, _posts in sites if where.startswith(str(site.id))), "UTC")


def _own_place(conn: Connection, viewer: Viewer, places: list[tuple[str, str]]) -> str:
    person = find_person(conn, key_ring(), viewer, viewer.person_id)
    return next((value for value, _words in places if value == str(person.site_id)), "")


@require_http_methods(["GET", "POST"])
@page
def attempt(request: HttpRequest, viewer: Viewer, conn: Connection) -> HttpResponse:
    """Take who called or wrote, on the employer's lines or to her who forwards it."""
    sites = load_places(conn, viewer)
    where = _own_place(conn, viewer, place_words(sites))
    context: dict[str, object] = {"viewer": viewer, "zone": _zone(sites, where or "-")}
    own = [(str(case.case_id), case.word) for case in load_own_open(conn, viewer)]
    if request.method == "POST":
        form = AttemptForm(request.POST, own=own)
        if not form.is_valid():
            return render(request, "attempt.html", context | {"form": form}, status=400)
        values, at = form.cleaned_data, clock().now()
        said = verbs.Attempt(
            track=values["track"],
            kind=values["kind"],
            at=form.at(at),
            phone=values["phone"],
            name=values["name"],
            words=values["words"],
            is_he=values["is_he"],
            which_id=UUID(values["which"]) if values.get("which") else None,
        )
        verbs.report_attempt(conn, key_ring(), viewer, said, at=at, ids=ids())
        ring_report_when_kept()
        context["kept_at"] = at
    form = AttemptForm(initial={"track": ids().uuid()}, own=own)
    return render(request, "attempt.html", context | {"form": form})


@require_http_methods(["GET", "POST"])
@page
def visitors(request: HttpRequest, viewer: Viewer, conn: Connection) -> HttpResponse:
    """Take a list of who is expected; each line that cannot be taken is said, the others are kept."""
    places = [(str(site.id), site.name) for site, _posts in load_places(conn, viewer)]
    form = VisitorsForm(request.POST or None, request.FILES or None, places=places)
    context: dict[str, object] = {"viewer": viewer, "form": form}
    if request.method == "POST" and form.is_valid():
        values, at = form.cleaned_data, clock().now()
        site_id = UUID(values["where"])
        done = verbs.report_visitors(
            conn, key_ring(), viewer, values["body"], site_id=site_id, at=at, ids=ids()
        )
        if done.kept:
            ring_report_when_kept()
        context |= {"done": done, "bad": [_bad(one.why, one.raw) for one in done.bad[:SHOWN_BAD]]}
    return render(request, "visitors.html", context, status=400 if form.errors else 200)


def _bad(why: Why, raw: bytes) -> tuple[str, str]:
    return WHY_WORDS[why], raw.decode("utf-8", "replace")[:SHOWN_OF_A_LINE]
