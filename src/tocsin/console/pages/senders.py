"""Which machines report, when was each last heard, and what did they send that could not be read?"""

import base64
import json
from typing import Final
from uuid import UUID

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tocsin.console.installation import clock, ids, key_ring, settings
from tocsin.console.pages.page import page
from tocsin.console.pages.sender_words import WHY_WORDS
from tocsin.flow import change_senders as change
from tocsin.flow.change_senders import Enrolled, Wrong
from tocsin.flow.respond import Refused
from tocsin.registry.access import Hidden, Viewer
from tocsin.registry.access_cases import load_cases, load_other_side
from tocsin.registry.rules.sender import Proof, SenderKind, SenderRow
from tocsin.runtime.database import Connection
from tocsin.signals.access import (
    SenderView,
    load_from_pages,
    load_own_tracker,
    load_places,
    load_raw,
    load_sender,
    load_senders,
)
from tocsin.signals.forms_senders import KIND_WORDS, PROBLEMS, SenderForm, place_words

OWN_KINDS: Final = {"owntracks": SenderKind.OWNTRACKS, "osmand": SenderKind.OSMAND}
# What the form calls a field of the rules, where it differs.
FIELDS: Final = {"site": "where"}


@require_GET
@page
def senders(request: HttpRequest, viewer: Viewer, conn: Connection) -> HttpResponse:
    """Show the machines that report."""
    found = load_senders(conn, viewer)
    words = _places(conn, viewer)
    cases = {case.case_id: case.word for case in load_cases(conn, viewer)}
    others = load_other_side(conn, viewer)
    rows = [_row(view, words, cases, others) for view in found]
    pages = [(one, WHY_WORDS.get(one.why, one.why)) for one in load_from_pages(conn, viewer)]
    return render(request, "senders.html", {"viewer": viewer, "rows": rows, "pages": pages})


def _row(
    view: SenderView, places: dict[str, str], cases: dict[UUID, str], others: frozenset[UUID]
) -> dict[str, object]:
    sender, now = view.sender, clock().now()
    silent_s = (now - sender.heard_at).total_seconds() if sender.heard_at else None
    state = "revoked" if sender.revoked_at else "never" if silent_s is None else "heard"
    if state == "heard" and silent_s is not None and silent_s > 2 * sender.interval_s:
        state = "silent"
    where = f"{sender.site_id}:{sender.post_id}" if sender.post_id else str(sender.site_id)
    return {
        "view": view,
        "sender": sender,
        "kind": KIND_WORDS.get(SenderKind(sender.kind), sender.kind),
        "state": state,
        "where": places.get(where, ""),
        "case": cases.get(sender.case_id) if sender.case_id else None,
        "holder": _holder(sender, others),
    }


def _holder(sender: SenderRow, others: frozenset[UUID]) -> str:
    """Return what must be said of who was shown the key: a code, "" if nothing."""
    if sender.revoked_at or sender.person_id:
        return ""
    if sender.key_held_by is None:
        return "unknown"
    return "other_side" if sender.key_held_by in others else ""


@require_http_methods(["GET", "POST"])
@page
def enrol(request: HttpRequest, viewer: Viewer, conn: Connection) -> HttpResponse:
    """Enrol a machine; its key is shown on the answer, once."""
    if not viewer.is_administrator:
        raise Hidden
    places = place_words(load_places(conn, viewer))
    form = SenderForm(request.POST or None, places=places)
    if request.method == "POST" and form.is_valid():
        done = change.enrol_sender(
            conn, key_ring(), viewer, form.sender(), case_word=form.cleaned_data["case"], at=clock().now(), ids=ids()
        )  # fmt: skip
        if isinstance(done, Enrolled):
            return _key(request, viewer, done)
        _add_wrong(form, done)
    status = 400 if form.errors else 200
    return render(request, "sender_new.html", {"viewer": viewer, "form": form}, status=status)


@require_GET
@page
def sender(request: HttpRequest, viewer: Viewer, conn: Connection, sender_id: UUID) -> HttpResponse:
    """Show one machine, and what of it was set aside."""
    view = load_sender(conn, viewer, sender_id, at=clock().now())
    cases = {case.case_id: case.word for case in load_cases(conn, viewer)}
    aside = [(one, WHY_WORDS.get(one.why, one.why)) for one in view.set_aside]
    context = {"viewer": viewer, "aside": aside, "address": _address(view.sender)}
    row = _row(view, _places(conn, viewer), cases, load_other_side(conn, viewer))
    return render(request, "sender.html", context | row)


@require_POST
@page
def change_sender(
    request: HttpRequest, viewer: Viewer, conn: Connection, sender_id: UUID
) -> HttpResponse:
    """Give it another key, revoke it, or put away what was set aside."""
    what, at = request.POST.get("do"), clock().now()
    if what == "key":
        done = change.change_key(conn, key_ring(), viewer, sender_id, at=at)
        if isinstance(done, Refused):
            raise Hidden
        return _key(request, viewer, done)
    if what == "revoke":
        change.revoke_sender(conn, viewer, sender_id, at=at)
    elif what == "clear":
        change.remove_set_aside(conn, viewer, sender_id)
    else:
        raise Hidden
    return redirect("sender", sender_id=sender_id)


@require_GET
@page
def raw(
    request: HttpRequest, viewer: Viewer, conn: Connection, sender_id: UUID, row_id: UUID
) -> HttpResponse:
    """Show one message as it came."""
    load_sender(conn, viewer, sender_id, at=clock().now())
    text = load_raw(conn, key_ring(), viewer, row_id, at=clock().now())
    context = {"viewer": viewer, "text": text, "sender_id": sender_id}
    return render(request, "sender_raw.html", context)


@require_http_methods(["GET", "POST"])
@page
def own_tracker(request: HttpRequest, viewer: Viewer, conn: Connection) -> HttpResponse:
    """Let whoever looks enrol her own phone, and nobody else's."""
    at = clock().now()
    kind = OWN_KINDS.get(request.POST.get("do", ""))
    if request.method == "POST" and kind:
        done = change.enrol_own_phone(conn, key_ring(), viewer, kind, at=at, ids=ids())
        if isinstance(done, Enrolled):
            return _key(request, viewer, done)
    elif request.method == "POST":
        change.stop_own_phone(conn, viewer, at=at)
        return redirect("own_tracker")
    context = {"viewer": viewer, "tracker": load_own_tracker(conn, viewer)}
    return render(request, "own_tracker.html", context)


def _key(request: HttpRequest, viewer: Viewer, done: Enrolled) -> HttpResponse:
    """Show a key, once."""
    one = done.sender
    context: dict[str, object] = {
        "viewer": viewer,
        "sender": one,
        "key": done.key,
        "address": _address(one),
        "signs": one.proof is Proof.SIGNATURE,
        "has_broker": bool(one.topic),
    }
    if one.kind == SenderKind.OWNTRACKS:
        code = segno.make(_owntracks(done), error="l")
        context["qr"] = code.svg_data_uri(scale=4, border=2, dark="#000", light="#fff")
    return render(request, "sender_key.html", context)


def _owntracks(done: Enrolled) -> str:
    """Return the address by which OwnTracks takes all its settings at once."""
    said = {
        "_type": "configuration", "mode": 3, "url": _address(done.sender), "auth": True, "username": "tocsin",
        "password": done.key, "deviceId": "phone", "tid": "me", "monitoring": 1,
    }  # fmt: skip
    inline = base64.urlsafe_b64encode(json.dumps(said, separators=(",", ":")).encode()).decode()
    return f"owntracks:///config?inline={inline}"


def _add_wrong(form: SenderForm, wrong: Wrong) -> None:
    for field in wrong.fields:
        name = FIELDS.get(field, field)
        form.add_error(name if name in form.fields else None, str(PROBLEMS.get(field, "")))


def _places(conn: Connection, viewer: Viewer) -> dict[str, str]:
    return dict(place_words(load_places(conn, viewer)))


def _address(sender: SenderRow) -> str:
    return f"{settings().public_url}/api/v1/sightings/{sender.id}"
