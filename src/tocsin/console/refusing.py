"""What comes to the pages and call-backs and is not taken? It hears so in a sentence, and is counted.

A count has a fixed name, of the door and the answer, and nothing of what was sent. What was wrong with a request is
counted, and never what it was about. The operator alone reads it, in the log.
"""

from collections import Counter
from collections.abc import Callable
from threading import Lock
from typing import Any, Final

from django.core.exceptions import RequestDataTooBig
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import parse_header_parameters

from tocsin.runtime.charsets import UTF_8, encoding_of

UNREADABLE: Final = frozenset({400, 413, 415})
PAGES: Final = "pages"
# By the name of the address; whatever has none here is a page. At a page neither 403 nor 404 is counted: there they may
# say who looked for what.
DOORS: Final = {
    "receipts": UNREADABLE | {403, 404},
    "sightings": UNREADABLE | {401, 409, 429},
    "answer_show": UNREADABLE | {404},
    "answer_act": UNREADABLE | {404},
    "enrol_now": UNREADABLE | {403},
    "phone_push": UNREADABLE | {401},
    "phone_number": UNREADABLE | {401},
    "account_login": UNREADABLE | {403, 429},
    PAGES: UNREADABLE,
}
CALL_BACKS: Final = "/api/"
WITHOUT_BODY: Final = frozenset({"GET", "HEAD"})


class Refused:
    """Counts what was not taken. Threads may share it; it has as many names as `DOORS` has answers."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._lock = Lock()
        self._counts: Counter[str] = Counter()

    def note(self, door: str, status: int) -> None:
        """Count one answer, if it is a refusal of this door."""
        if status in DOORS[door]:
            with self._lock:
                self._counts[f"{door}_{status}"] += 1

    def counts(self) -> dict[str, int]:
        """Return how often each was refused since the start; what never was is left out."""
        with self._lock:
            return dict(self._counts)


refused: Final = Refused()


def not_readable(
    request: HttpRequest, exception: Exception | None = None, status: int = 400
) -> HttpResponse:
    """Return the answer to what cannot be read; it looks at no form, for that may be what cannot. To a program in one line."""
    if isinstance(exception, RequestDataTooBig):
        status = 413
    if request.path_info.startswith(CALL_BACKS):
        words = "too large" if status == 413 else "not readable"
        return HttpResponse(words, status=status, content_type="text/plain")
    return render(request, "not_readable.html", status=status)


class Incoming(WSGIRequest):
    """Django's request, made without looking for the codec that somebody names: that may fail before anybody can answer."""

    is_read = True

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        self.content_type, self.content_params = "", {}
        try:
            self.content_type, self.content_params = parse_header_parameters(
                meta.get("CONTENT_TYPE", "")
            )
        except (ValueError, LookupError, TypeError):
            self.is_read = False


class Handler(WSGIHandler):
    """Django's handler, with our request."""

    request_class = Incoming


class RefusingMiddleware:
    """Refuses what says of itself that we cannot read it, and counts every refusal. Call-backs look at their charset themselves."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep what answers."""
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the answer."""
        status = _refusal(request)
        response = not_readable(request, status=status) if status else self._get_response(request)
        name = request.resolver_match.url_name if request.resolver_match else None
        refused.note(name if name in DOORS else PAGES, response.status_code)
        return response


def _refusal(request: HttpRequest) -> int | None:
    if not getattr(request, "is_read", True):
        return 400
    if request.method in WITHOUT_BODY or request.path_info.startswith(CALL_BACKS):
        return None
    charset = (request.content_params or {}).get("charset")
    return None if encoding_of(charset) == UTF_8 else 415
