"""Is he held, who says so, and what did we believe when? One page of a case."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from tocsin.console.installation import clock, key_ring
from tocsin.console.pages.page import page
from tocsin.console.ringing import ring_when_kept
from tocsin.flow.alarms import Change
from tocsin.flow.hear_custody_notice import NoticeIn, hear_about_case
from tocsin.flow.record_custody import record_custody
from tocsin.flow.respond import Refused
from tocsin.flow.take_back_custody import take_back_custody
from tocsin.registry.access import Hidden, Viewer
from tocsin.runtime.database import Connection
from tocsin.runtime.ids import uuid7
from tocsin.signals.access_custody import CustodyView, load_custody_view
from tocsin.signals.forms import AskForm, CustodyForm, NoticeForm, instant
from tocsin.signals.rules.custody import (
    Because,
    CustodyBody,
    CustodyFact,
    Source,
    State,
)

MAX_DIGITS: Final = 7
STATE_WORDS: Final = {
    State.HELD: _("held"),
    State.RELEASED: _("released"),
    State.ESCAPED: _("escaped"),
    State.LEAVE: _("out on leave"),
    State.TRANSFERRED: _("moved to another place"),
    State.UNKNOWN: _("they do not know"),
    State.NOT_UNDERSTOOD: _("not understood"),
}
SOURCE_WORDS: Final = {
    Source.JAIL: _("the jail"),
    Source.POLICE: _("police"),
    Source.COURT: _("the court"),
    Source.PROSECUTOR: _("the prosecutor"),
    Source.SUPERVISION: _("supervision"),
    Source.PROTECTED: _("the protected person"),
    Source.SOMEBODY: _("somebody"),
    Source.MAIL_NOTICE: _("a notice by mail"),
    Source.SMS_NOTICE: _("a notice by text"),
}
BECAUSE_WORDS: Final = {
    Because.CONFIRMED: _("Somebody asked, and it is not yet time to ask again."),
    Because.NOBODY_TOLD: _("Nobody has said anything. He counts as free."),
    Because.SAID_FREE: _("He is said to be out. He counts as free."),
    Because.SAID_UNKNOWN: _("Those who should know do not know where he is. He counts as free."),
    Because.DISAGREE: _("Two sources disagree. He counts as free until a person decides."),
    Because.UNREAD: _("A notice came that could not be read. He counts as free until somebody has asked since, or has written down what it says."),
    Because.NOT_CONFIRMED: _("Only a notice or hearsay says that he is held, and it may be wrong. He counts as free until somebody asks."),
    Because.SILENCE: _("He was held, but nobody has asked again in time. He counts as free."),
}  # fmt: skip
# What the verbs refuse with, so that it can be said in her language.
REFUSALS: Final = (
    gettext_noop("nobody can be said to be held from a time that has not come"),
    gettext_noop(
        "it lies ahead by more than a year: look at the year, or write it down when it is nearer"
    ),
    gettext_noop("until when it counts must lie ahead"),
    gettext_noop("say why it is taken back"),
    gettext_noop("there is no such word, or it was taken back before"),
)
REASON_WORDS: Final = {
    "false_notice": _("the notice was false"),
    "mistyped": _("it was typed wrongly"),
    "other_person": _("it is about somebody else"),
    "read_by_a_person": _("I have read it and written down what it says"),
}


@require_GET
@page
def custody(request: HttpRequest, viewer: Viewer, conn: Connection, case_id: UUID) -> HttpResponse:
    """Show whether he counts as held, and everything that was said; or what was known at another time."""
    at = clock().now()
    ask = AskForm(request.GET or None)
    page_no = _page(request)
    view = load_custody_view(conn, key_ring(), viewer, case_id, at=at, page=page_no)
    asked = known = None
    if ask.is_bound and ask.is_valid():
        asked = instant(ask.cleaned_data["asked_at"], view.zone)
        known = instant(ask.cleaned_data["known_at"], view.zone)
        view = load_custody_view(
            conn, key_ring(), viewer, case_id, at=at, asked_at=asked, known_at=known, page=page_no
        )
    context = {"ask_form": ask, "asked_at": asked or (known and at), "known_at": known}
    return _shown(request, viewer, view, **context)


@require_POST
@page
def record(request: HttpRequest, viewer: Viewer, conn: Connection, case_id: UUID) -> HttpResponse:
    """Keep what somebody has just heard."""
    at = clock().now()
    view = load_custody_view(conn, key_ring(), viewer, case_id, at=at)
    form = CustodyForm(request.POST)
    if form.is_valid():
        body = CustodyBody(place=form.cleaned_data["place"], words=form.cleaned_data["words"])
        fact = _fact(form, viewer, view, at)
        done = record_custody(conn, key_ring(), viewer.organisation_id, fact, body)
        if not isinstance(done, Refused):
            return _kept(done.changes, case_id)
        form.add_error("true_at", gettext(done.because))
    return _shown(request, viewer, view, form=form)


@require_POST
@page
def notice(request: HttpRequest, viewer: Viewer, conn: Connection, case_id: UUID) -> HttpResponse:
    """Keep a notice that was pasted, as it came, and what could be read of it."""
    at = clock().now()
    view = load_custody_view(conn, key_ring(), viewer, case_id, at=at)
    form = NoticeForm(request.POST)
    if form.is_valid():
        text = form.cleaned_data["text"]
        said = NoticeIn(
            organisation_id=viewer.organisation_id,
            source=Source(form.cleaned_data["kind"]),
            text=text,
            digest=hashlib.sha256(" ".join(text.split()).encode()).hexdigest(),
            heard_at=at,
            by=viewer.person_id,
            is_by_words=True,
        )
        done = hear_about_case(conn, key_ring(), said, case_id)
        if not isinstance(done, Refused):
            return _kept(done.changes, case_id)
        form.add_error("text", gettext(done.because))
    return _shown(request, viewer, view, notice_form=form)


@require_POST
@page
def take_back(
    request: HttpRequest, viewer: Viewer, conn: Connection, case_id: UUID, fact_id: UUID
) -> HttpResponse:
    """Take a word back; it stays to be read."""
    at = clock().now()
    view = load_custody_view(conn, key_ring(), viewer, case_id, at=at)
    if fact_id not in view.ids:
        raise Hidden
    done = take_back_custody(
        conn,
        key_ring(),
        viewer.organisation_id,
        case_id,
        fact_id,
        by=viewer.person_id,
        because=request.POST.get("because", ""),
        at=at,
    )
    if isinstance(done, Refused):
        return _shown(request, viewer, view, refused=gettext(done.because))
    return _kept(done, case_id)


def _page(request: HttpRequest) -> int:
    """Return which page of the words is asked for, from 1 on the screen; the first for anything else."""
    said = request.GET.get("page", "")
    return int(said) - 1 if said.isascii() and said.isdigit() and len(said) < MAX_DIGITS else 0


def _kept(changes: Iterable[Change], case_id: UUID) -> HttpResponse:
    for change in changes:
        ring_when_kept(change)
    return redirect("custody", case_id)


def _fact(form: CustodyForm, viewer: Viewer, view: CustodyView, at: datetime) -> CustodyFact:
    said = form.cleaned_data
    is_held = said["state"] == State.HELD
    return CustodyFact(
        id=uuid7(),
        case_id=view.case.case_id,
        state=State(said["state"]),
        source=Source(said["source"]),
        heard_at=at,
        true_at=instant(said["true_at"], view.zone),
        heard_by_id=viewer.person_id,
        is_confirmed=said["asked_myself"],
        settles=said["settles"] and said["asked_myself"],
        confirm_by=at + form.counts_for() if is_held else None,
    )


def _shown(request: HttpRequest, viewer: Viewer, view: CustodyView, **more: Any) -> HttpResponse:
    context = {
        "viewer": viewer,
        "view": view,
        "word": STATE_WORDS[view.custody.state],
        "because": BECAUSE_WORDS[view.custody.because],
        "disagree": view.custody.because is Because.DISAGREE,
        "rows": [
            (row, STATE_WORDS[row.fact.state], SOURCE_WORDS[row.fact.source], REASON_WORDS.get(row.fact.taken_back_because, ""))
            for row in view.rows
        ],
        "unread": view.unread,
        "page": view.page + 1,
        "later": view.page,
        "earlier": view.page + 2 if view.page + 1 < view.pages else 0,
        "reasons": REASON_WORDS.items(),
        "form": CustodyForm(),
        "notice_form": NoticeForm(),
        "ask_form": AskForm(),
        **more,
    }  # fmt: skip
    return render(request, "custody.html", context)
