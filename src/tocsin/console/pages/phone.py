"""What does the enrolled phone show? One page for everybody; who it is lies in the phone and goes to the gate only."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tocsin.console.installation import all_keys, settings
from tocsin.console.shared import shared_connection
from tocsin.flow.number_to_dial import number_to_dial
from tocsin.runtime import tokens
from tocsin.runtime.database import set_viewer


# Without the database too: this page is what is left then.
@transaction.non_atomic_requests
@require_GET
def phone(request: HttpRequest) -> HttpResponse:
    """Show the page of the SOS button. All that it asks of this server afterwards is the number to dial."""
    context = {"gates": " ".join(settings().gate_urls), "vapid": all_keys().vapid_public}
    return render(request, "phone.html", context)


@require_GET
def number(request: HttpRequest) -> HttpResponse:
    """Answer an enrolled phone the emergency number of its person's site, "" if none is known: it may have changed."""
    claims = claims_of(request)
    psap = None
    if claims is not None:
        conn = shared_connection()
        set_viewer(conn, claims.organisation_id)
        psap = number_to_dial(conn, claims)
    if psap is None:
        return JsonResponse({"error": "unknown device"}, status=401)
    return JsonResponse({"psap": psap})


def claims_of(request: HttpRequest) -> tokens.Claims | None:
    """Return what the token in a phone's Authorization header claims, None if none of ours is there."""
    words = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return tokens.verify(tokens.read_public_keys(settings().keys_dir / "device-public.txt"), words)
