"""How does somebody answer from the link in a message? One page that says nothing until it has the fragment's secret."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Final

import psycopg
from django.db import InterfaceError, OperationalError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from tocsin.console.installation import all_keys, clock, ids, key_ring
from tocsin.console.pages.refusals import in_words
from tocsin.console.pages.seen_words import link_title_of
from tocsin.console.pages.walks import ASKED_HOWS, HOW_WORDS, SAW_WORDS
from tocsin.console.pages.words import acts_of, lines
from tocsin.console.ringing import ring_engine_when_kept, ring_when_kept
from tocsin.console.shared import shared_connection
from tocsin.decisions.rules.incident import ASKING, SEEN, TELLING, Doing, Kind
from tocsin.flow.answer_link import LinkView, answer_link, look_by_link, open_link
from tocsin.flow.ask_to_look import ASKED
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.respond import Refused
from tocsin.registry.access import Hidden
from tocsin.runtime.database import set_viewer
from tocsin.runtime.links import AnswerLink, read_answer_secret
from tocsin.signals.rules.hold import How, Saw

LOOK: Final = "look-"
PRESS: Final = re.compile(r"[0-9a-f]{32}")
WAITED_MS: Final = re.compile(r"[0-9]{1,9}")
# Django's, and psycopg's on the wire that we share with it.
AWAY: Final = (
    OperationalError,
    InterfaceError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
)


def _whole_or_away(view: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Return the view in one transaction of its own; 503 while the database is away, and then nothing was kept.

    A page that hears 503 keeps what was pressed and sends it again; only 404 tells it that its link is dead.
    """

    @transaction.non_atomic_requests
    @wraps(view)
    def answered(request: HttpRequest) -> HttpResponse:
        try:
            with transaction.atomic():
                return view(request)
        except AWAY:
            return HttpResponse(status=503, headers={"Retry-After": "2"})

    return answered


# Without the database too: this page is what is left then.
@transaction.non_atomic_requests
@require_GET
def answer(request: HttpRequest) -> HttpResponse:
    """Show the same page to everybody who opens any link; what follows is the script's POST."""
    return render(request, "answer.html")


# No cookie speaks here, so there is nothing to forge: the secret in the body is the whole proof.
@csrf_exempt
@require_POST
@_whole_or_away
def answer_show(request: HttpRequest) -> HttpResponse:
    """Return what the link shows, as a part of the page."""
    link, alarms = _link(request)
    return _shown(request, _view(alarms, link))


@csrf_exempt
@require_POST
@_whole_or_away
def answer_act(request: HttpRequest) -> HttpResponse:
    """Do what the person pressed and return what the link shows now."""
    link, alarms = _link(request)
    name = request.POST.get("act", "")
    if name.startswith(LOOK):
        return _look(request, link, alarms, name)
    if name not in {doing.value for doing in Doing}:
        raise Http404
    try:
        done = answer_link(alarms, link, Doing(name), ids=ids(), press=_press(request))
    except Hidden as hidden:
        raise Http404 from hidden
    if not isinstance(done, Refused):
        ring_when_kept(done)
    return _shown(
        request,
        _view(alarms, link),
        in_words(done.because) if isinstance(done, Refused) else "",
        name,
    )


def _press(request: HttpRequest) -> str:
    """Return the name of this press, the same at every try; "" if it has none: then each try is one of its own."""
    text = request.POST.get("press", "")
    return text if PRESS.fullmatch(text) else ""


def _waited(request: HttpRequest) -> timedelta:
    """Return for how long the page has kept this press, by its own clock; a page of before says nothing: it is of now."""
    said = request.POST.get("waited_ms", "")
    return timedelta(milliseconds=int(said) if WAITED_MS.fullmatch(said) else 0)


def _look(
    request: HttpRequest, link: AnswerLink, alarms: PostgresAlarms, name: str
) -> HttpResponse:
    """Keep that this link's person has looked at the way."""
    how, saw = request.POST.get("how", How.NOT_SAID.value), name.removeprefix(LOOK)
    if how not in set(How) or saw not in set(Saw):
        raise Http404
    try:
        press = _press(request)
        waited = _waited(request)
        done = look_by_link(alarms, link, How(how), Saw(saw), ids=ids(), press=press, waited=waited)
    except Hidden as hidden:
        raise Http404 from hidden
    if isinstance(done, Refused):
        return _shown(request, _view(alarms, link), in_words(done.because), name)
    for change in done:
        ring_when_kept(change)
    ring_engine_when_kept()
    return _shown(request, _view(alarms, link), "", name)


def _link(request: HttpRequest) -> tuple[AnswerLink, PostgresAlarms]:
    link = read_answer_secret(all_keys().answer, request.POST.get("secret", ""))
    if link is None:
        raise Http404
    conn = shared_connection()
    set_viewer(conn, link.organisation_id)
    return link, PostgresAlarms(conn, key_ring())


def _view(alarms: PostgresAlarms, link: AnswerLink) -> LinkView:
    try:
        return open_link(alarms, link)
    except Hidden as hidden:
        raise Http404 from hidden


def _shown(request: HttpRequest, view: LinkView, refused: str = "", done: str = "") -> HttpResponse:
    with translation.override(view.language):
        context = {
            "view": view,
            "incident": view.incident,
            "title": link_title_of(view.incident, is_work=view.is_work),
            "is_seen": view.incident.kind in SEEN,
            "is_hers": _is_hers(view),
            "lines": lines(view.incident, view.names, clock().now()),
            "usual": acts_of(view.incident)[0],
            "cover": acts_of(view.incident)[1],
            "is_proof": view.incident.kind in ASKING,
            "is_telling": view.incident.kind in TELLING,
            "is_look": view.incident.kind is Kind.LOOK and view.incident.policy.name == ASKED,
            "is_for_leads": view.incident.kind is Kind.LOOK and view.incident.policy.name != ASKED,
            "hows": [(each.value, HOW_WORDS[each]) for each in ASKED_HOWS],
            "saws": [(LOOK + each.value, words) for each, words in SAW_WORDS.items()],
            "refused": refused,
            "done": done,
        }
        shown = render(request, "parts/answer.html", context)
    # The page takes nothing else for an answer: what lies between may say 200 to anything.
    shown["X-Tocsin-Part"] = "answer"
    return shown


def _is_hers(view: LinkView) -> bool:
    """Return whether the protected person herself was told by this message."""
    return view.incident.is_told_herself(view.delivery.person_id)
