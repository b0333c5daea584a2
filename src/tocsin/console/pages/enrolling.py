"""How does a phone come in? The supervisor's QR, and the page that the phone opens with it."""

import json
from typing import Final
from uuid import UUID

import segno
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tocsin.console.installation import all_keys, clock, key_ring, settings
from tocsin.console.pages.page import page
from tocsin.console.pages.phone import claims_of
from tocsin.console.pages.refusals import in_words
from tocsin.console.ringing import ring_when_revoked
from tocsin.console.shared import shared_connection
from tocsin.flow.confirm_device import confirm_device
from tocsin.flow.enrol_device import (
    Wanted,
    add_push,
    enrol_device,
    open_enrolment,
    organisation_of,
)
from tocsin.flow.respond import Refused
from tocsin.flow.revoke_device import revoke_device
from tocsin.registry.access import Viewer, find_person, zone_of
from tocsin.runtime.database import Connection, set_viewer

# To a program: no page of ours sends such a body.
NOT_JSON: Final = "this is not a JSON object, or it is nested too deeply"


@require_http_methods(["GET", "POST"])
@page
def enrol(request: HttpRequest, viewer: Viewer, conn: Connection, person_id: UUID) -> HttpResponse:
    """Show how to enrol a phone; on a press, show one QR that is good for ten minutes."""
    person = find_person(conn, key_ring(), viewer, person_id)
    context = {"viewer": viewer, "person": person}
    if request.method == "POST":
        secret, expires_at = open_enrolment(conn, viewer, person_id, at=clock().now())
        address = f"{settings().public_url}/enrol#{secret}"
        code = segno.make(address, error="m")
        context |= {
            "qr": code.svg_data_uri(scale=6, border=2, dark="#000", light="#fff"),
            "address": address,
            "expires_at": expires_at,
            "zone": zone_of(conn, viewer),
        }
    return render(request, "enrol.html", context)


@transaction.non_atomic_requests
@require_GET
@ensure_csrf_cookie
def enrol_phone(request: HttpRequest) -> HttpResponse:
    """Show the page that the phone opens; it says the same to everybody, the secret is in the fragment."""
    return render(request, "enrol_phone.html", {"vapid": all_keys().vapid_public})


@require_POST
def enrol_now(request: HttpRequest) -> HttpResponse:
    """Answer the phone: its token, or why not."""
    said = _json(request)
    if said is None:
        return JsonResponse({"error": NOT_JSON}, status=400)
    wanted = Wanted(*(_text(said, name) for name in ("secret", "label", "code", "other_code")))
    organisation_id = organisation_of(wanted.secret)
    if organisation_id is None:
        return JsonResponse(
            {"error": _("This code is not good any more; ask for a new one.")}, status=400
        )
    conn = shared_connection()
    set_viewer(conn, organisation_id)
    done = enrol_device(conn, key_ring(), wanted, key=all_keys().device, at=clock().now())
    if isinstance(done, Refused):
        return JsonResponse({"error": in_words(done.because)}, status=400)
    return JsonResponse({"token": done.token, "gates": settings().gate_urls, "psap": done.psap})


# No cookie speaks for a phone, so there is nothing to forge: the token in the header is the whole proof.
@csrf_exempt
@require_POST
def phone_push(request: HttpRequest) -> HttpResponse:
    """Answer whether this phone is now called by Web Push."""
    claims = claims_of(request)
    if claims is None:
        return JsonResponse({"error": "unknown device"}, status=401)
    conn = shared_connection()
    set_viewer(conn, claims.organisation_id)
    said = _json(request)
    if said is None:
        return JsonResponse({"error": NOT_JSON}, status=400)
    subscription = _written(said.get("subscription"))
    refused = add_push(conn, key_ring(), claims, subscription, at=clock().now())
    if refused:
        return JsonResponse({"error": in_words(refused.because)}, status=400)
    return JsonResponse({"ok": True})


@require_POST
@page
def revoke(request: HttpRequest, viewer: Viewer, conn: Connection, device_id: UUID) -> HttpResponse:
    """Revoke a phone and go back to its person."""
    person_id, is_revoked = revoke_device(conn, viewer, device_id, at=clock().now())
    if is_revoked:
        ring_when_revoked(device_id)
    return redirect("person", person_id=person_id)


@require_POST
@page
def confirm(
    request: HttpRequest, viewer: Viewer, conn: Connection, device_id: UUID
) -> HttpResponse:
    """Say that a phone is hers, and go back to its person."""
    person_id = confirm_device(conn, viewer, device_id, at=clock().now())
    return redirect("person", person_id=person_id)


def _text(said: dict[str, object], name: str) -> str:
    value = said.get(name)
    return value[:200] if isinstance(value, str) else ""


def _written(value: object) -> str:
    """Return JSON, always the same of the same; "" for what is nested too deeply, which is no subscription either."""
    try:
        return json.dumps(value, sort_keys=True)
    except RecursionError:
        return ""


def _json(request: HttpRequest) -> dict[str, object] | None:
    try:
        said = json.loads(request.body)
    except (ValueError, RecursionError):
        # A page that nobody signed in to: a deep nesting must not be an error of ours.
        return None
    return said if isinstance(said, dict) else None
