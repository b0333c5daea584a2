"""How do one process and one port serve both the live streams and the pages?

Starlette holds the streams and the files; everything else is Django under WSGI in a few threads. A request's body is
read here first, within a bound of size and time: a slow sender holds a socket and never one of those threads.
"""

import asyncio
import contextlib
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final, cast
from uuid import UUID

from a2wsgi import WSGIMiddleware
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    Response,
)
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from tocsin.console.django_settings import HERE, SESSION_COOKIE_NAME
from tocsin.console.doors import warm
from tocsin.console.headers import of_every_answer
from tocsin.console.live import Hub, Receive, Scope, Send
from tocsin.console.live_rights import Rights
from tocsin.console.refusing import Handler, refused
from tocsin.console.uploads import MAX_REQUEST_BYTES
from tocsin.runtime.keys import Keys
from tocsin.runtime.logs import get
from tocsin.runtime.postgres import database_url
from tocsin.runtime.settings import Settings

WORKERS: Final = 6
MAX_BODY: Final = 1_200_000
BODY_WITHIN_S: Final = 15.0
# An order's papers, of somebody who is signed in: larger, slower, one form a person and few at once, since they lie in memory.
PAPERS_WITHIN_S: Final = 60.0
PAPERS_AT_ONCE: Final = 4
PAPERS: Final = ("/orders/", "/cases/")
STATIC: Final = HERE / "static"
# What is said to whoever sends what is not taken, by the name under which it is counted: status and words. In both
# languages, since nobody knows yet whose it is.
REFUSALS: Final = {
    "cut": (
        400,
        "This was cut off on its way. Nothing of it was kept.\nEsto se cortó por el camino. No se ha guardado nada.",
    ),
    "slow": (
        408,
        "This came too slowly. Nothing of it was kept; try again.\nEsto llegó demasiado despacio. No se ha guardado nada; inténtelo otra vez.",
    ),
    "too_large": (
        413,
        "This is larger than what this address takes. Nothing of it was kept.\nEsto es más grande de lo que admite esta dirección. No se ha guardado nada.",
    ),
    "busy": (
        503,
        "Papers are being handed in at this moment. Try again in a few seconds.\nSe están entregando documentos en este momento. Inténtelo otra vez en unos segundos.",
    ),
}
# A browser draws bare words as on a wide desk: on a telephone nobody can read them.
REFUSED_PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Tocsin</title>
<main><h1>{}</h1><h1 lang="es">{}</h1></main>
</html>
"""

log = get(__name__)


Whose = Callable[[dict[str, str]], Awaitable[UUID | None]]


class NotTakenError(Exception):
    """A body that did not come whole and in time; says which of `REFUSALS`."""


class BoundedBody:
    """Reads the whole body before the application sees the request; `counts` what it refuses.

    Whoever could hold every place would keep an order out, and see by the last one when somebody hands one in: so papers are
    of somebody who is signed in, and one person has one place.
    """

    def __init__(self, app: Any, whose: Whose) -> None:
        """Keep the application. `whose`: which account a request's headers are of, None for nobody's."""
        self._app = app
        self._whose = whose
        self.counts: Counter[str] = Counter(dict.fromkeys(REFUSALS, 0))
        self._handing_in: set[UUID] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request whose body came whole and in time."""
        account = await self._whose(_headers(scope)) if _has_papers(scope) else None
        if account is None:
            await self._serve(scope, receive, send, MAX_BODY, BODY_WITHIN_S)
            return
        if account in self._handing_in or len(self._handing_in) >= PAPERS_AT_ONCE:
            await self._refuse("busy", scope, receive, send)
            return
        self._handing_in.add(account)
        try:
            await self._serve(scope, receive, send, MAX_REQUEST_BYTES, PAPERS_WITHIN_S)
        finally:
            self._handing_in.discard(account)

    async def _serve(
        self, scope: Scope, receive: Receive, send: Send, most: int, within_s: float
    ) -> None:
        try:
            async with asyncio.timeout(within_s):
                body = await _body(receive, most)
        except TimeoutError:
            await self._refuse("slow", scope, receive, send)
            return
        except NotTakenError as problem:
            await self._refuse(str(problem), scope, receive, send)
            return
        is_told = False

        async def whole() -> dict[str, Any]:
            nonlocal is_told
            if is_told:
                return {"type": "http.disconnect"}
            is_told = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, whole, send)

    async def _refuse(self, why: str, scope: Scope, receive: Receive, send: Send) -> None:
        self.counts[why] += 1
        status, words = REFUSALS[why]
        # What is left of the body must not be read as the next request.
        headers = {"Connection": "close"} | ({"Retry-After": "5"} if why == "busy" else {})
        answer: Response = PlainTextResponse(words + "\n", status, headers)
        if _is_browser(scope):
            answer = HTMLResponse(REFUSED_PAGE.format(*words.split("\n")), status, headers)
        await answer(scope, receive, send)


def _is_browser(scope: Scope) -> bool:
    return b"text/html" in dict(scope["headers"]).get(b"accept", b"")


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def _has_papers(scope: Scope) -> bool:
    # Whoever has no session sends no papers; whether it is a good one is asked of these alone.
    headers = dict(scope["headers"])
    return (
        scope["method"] == "POST"
        and scope["path"].startswith(PAPERS)
        and headers.get(b"content-type", b"").startswith(b"multipart/form-data")
        and f"{SESSION_COOKIE_NAME}=".encode() in headers.get(b"cookie", b"")
    )


async def _body(receive: Receive, most: int) -> bytes:
    """Return the body.

    Raises:
        NotTakenError: it was cut, or is larger than `most` bytes.
    """
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise NotTakenError("cut")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > most:
            raise NotTakenError("too_large")
        if not message.get("more_body", False):
            return b"".join(parts)


class WithHeaders:
    """Adds our headers to the answers that Django does not make."""

    def __init__(self, app: Any, settings: Settings) -> None:
        """Work out the headers once."""
        self._app = app
        self._headers = [
            (name.lower().encode(), value.encode())
            for name, value in of_every_answer(settings).items()
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request with the headers on its answer."""

        async def with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _ in message["headers"]}
                added = [pair for pair in self._headers if pair[0] not in present]
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        await self._app(scope, receive, with_headers)


async def _health(_request: Request) -> Response:
    # Anybody may ask: a number that moves with what others send would tell him that papers are being handed in.
    return JSONResponse({"ok": True})


async def _service_worker(_request: Request) -> Response:
    # From the root, because a service worker only serves pages below its own address.
    return FileResponse(
        STATIC / "sw.js", media_type="text/javascript", headers={"Cache-Control": "no-cache"}
    )


async def _manifest(_request: Request) -> Response:
    return FileResponse(STATIC / "manifest.webmanifest", media_type="application/manifest+json")


def routes_of(live: Any, pages: Any) -> list[Route | Mount]:
    """Return every address that is answered outside Django, and last what Django answers."""
    return [
        Route("/live", live),
        Route("/health", _health),
        Route("/sw.js", _service_worker),
        Route("/manifest.webmanifest", _manifest),
        Mount("/static", StaticFiles(directory=STATIC)),
        Mount("/", pages),
    ]


def application(settings: Settings, keys: Keys) -> Any:
    """Return the whole web application. Django must be configured."""
    hub = Hub(database_url(settings, "web"), Rights(settings, keys.answer))

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.hub = hub
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, tell_counts)
        running = asyncio.ensure_future(hub.run())
        warm()
        yield
        hub.end_all()
        running.cancel()
        log.info("console.stopped", **pages.counts, **refused.counts())

    def tell_counts() -> None:
        # For the operator alone: he has the log.
        log.info("console.counts", counts={**pages.counts, **refused.counts()})

    # Django's handler is a WSGI application; its stubs name its own answer instead.
    pages = BoundedBody(
        WSGIMiddleware(cast("Any", Handler()), workers=WORKERS),
        Rights(settings, keys.answer).account_of,
    )
    starlette = Starlette(routes=routes_of(hub, pages), lifespan=lifespan)
    return WithHeaders(starlette, settings)
