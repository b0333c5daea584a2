"""What is shown when there is nothing to show? One answer that tells nobody whether something exists."""

from collections.abc import Callable
from http import HTTPStatus

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


class TypedAddressMiddleware:
    """Answers whoever types or reloads the address of a form with a page instead of the browser's own error."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep what answers."""
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the answer; of one that only takes what is sent, to a browser, nothing-here with that status."""
        response = self._get_response(request)
        is_typed = request.method == "GET" and "text/html" in request.headers.get("Accept", "")
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or not is_typed:
            return response
        page = nothing_here(request)
        page.status_code = response.status_code
        page.headers["Allow"] = response.headers["Allow"]
        return page
