"""What does the enrolled phone show? One page for everybody; who it is lies in the phone and goes to the gate only."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tocsin.console.installation import all_keys, settings


# Without the database too: this page is what is left then.
@transaction.non_atomic_requests
@require_GET
def phone(request: HttpRequest) -> HttpResponse:
    """Show the page of the SOS button. It asks nothing of this server afterwards."""
    context = {"gates": " ".join(settings().gate_urls), "vapid": all_keys().vapid_public}
    return render(request, "phone.html", context)
