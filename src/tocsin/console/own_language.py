"""In which language are the pages of signing in shown to whoever is signed in already? In her own, as every other page."""

from collections.abc import Callable
from typing import Final

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from tocsin.console.shared import shared_connection
from tocsin.registry.access import find_viewer

# How the names of those pages begin; ours choose the language themselves (`pages.page`).
OF_SIGNING_IN: Final = ("account_", "mfa_")


class OwnLanguageMiddleware:
    """Before a page of signing in is made, take the language of who is signed in, not the one that the browser asks for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the answer."""
        return self._get_response(request)

    def process_view(self, request: HttpRequest, *_what: object) -> None:
        """Take her language until the next request takes another; without a signed-in person the browser's stays."""
        match, account = request.resolver_match, request.user
        is_of_signing_in = match is not None and (match.url_name or "").startswith(OF_SIGNING_IN)
        if not (is_of_signing_in and account.is_authenticated and account.pk):
            return
        with transaction.atomic():
            viewer = find_viewer(shared_connection(), account.pk)
        if viewer:
            translation.activate(viewer.language)
