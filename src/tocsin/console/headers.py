"""What may a browser do with our pages? The headers on every answer, of Django and of the live part alike."""

from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings as django_conf
from django.http import HttpRequest, HttpResponse

from tocsin.runtime.settings import Settings

FIXED: Final = {
    # Not `no-referrer`: with it a browser sends `Origin: null` with a form, and the check against forged forms refuses it.
    # Other sites get nothing with this either.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), camera=(), geolocation=(self), gyroscope=(), magnetometer=(), "
        "microphone=(), midi=(), payment=(), usb=(), screen-wake-lock=(self)"
    ),
}
NO_STORE: Final = "no-store"


def policy(settings: Settings) -> str:
    """Return the content security policy: our own files, the gates for an SOS, nothing inline."""
    gates = " ".join(
        f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, settings.gate_urls)
    )
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        f"connect-src 'self' {gates}; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


def of_every_answer(settings: Settings) -> dict[str, str]:
    """Return the headers that every answer carries."""
    headers = {**FIXED, "Content-Security-Policy": policy(settings)}
    if settings.public_url.startswith("https:"):
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


class HeadersMiddleware:
    """Adds the headers; an answer that says nothing else about keeping it is kept nowhere."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Work out the headers once."""
        self._get_response = get_response
        self._headers = of_every_answer(django_conf.TOCSIN)  # type: ignore[misc] # set by `configure`

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the answer with the headers."""
        response = self._get_response(request)
        for name, value in self._headers.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", NO_STORE)
        return response
