"""What is shown when there is nothing to show? One answer that tells nobody whether something exists."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def nothing_here(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return the answer to an unknown, forbidden or foreign address."""
    return render(request, "nothing_here.html", status=404)


def went_wrong(request: HttpRequest) -> HttpResponse:
    """Return the answer to a defect of ours: what was sent was not kept."""
    return render(request, "went_wrong.html", status=500)


def refused_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return the answer to a form that is too old or came from elsewhere."""
    return render(request, "refused_form.html", status=403)


def unused(request: HttpRequest) -> HttpResponse:
    """Return nothing-here for the addresses of allauth that this product does not have (sign-up, e-mail)."""
    return nothing_here(request)
