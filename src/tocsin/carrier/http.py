"""How does the carrier serve HTTP? A small server on `httptools` that can misbehave on purpose.

A general server cannot: a provider that hangs or cuts the line is what the demo must show. Bounded
in size, in connections and in waiting requests; a request that is none gets 400.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, cast
from urllib.parse import parse_qsl, urlsplit

import httptools

HEAD_MAX_BYTES: Final = 32 * 1024
BODY_MAX_BYTES: Final = 256 * 1024
CONNECTIONS_MAX: Final = 512
WAITING_MAX: Final = 16
FIELDS_MAX: Final = 100
IDLE_MAX_S: Final = 75.0
REASONS: Final = {
    200: "OK",
    201: "Created",
    202: "Accepted",
    303: "See Other",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    413: "Content Too Large",
    500: "Internal Server Error",
    502: "Bad Gateway",
}


@dataclass(frozen=True, slots=True)
class Request:
    """One request; header names in lower case, of equal names in query and form the last counts."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def form(self) -> dict[str, str]:
        """Return the fields of a form; raises ValueError when it is none."""
        return _fields(self.body.decode("utf-8"))


@dataclass(frozen=True, slots=True)
class Response:
    """One answer."""

    status: int
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


Handler = Callable[[Request], Awaitable[Response | None]]


@dataclass(slots=True)
class Incoming:
    """A request on its way in."""

    target: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)
    unread: int = 0
    has_head: bool = False


class Server:
    """Connections to one handler; a handler that returns None has the line cut."""

    def __init__(self, handler: Handler) -> None:
        """Hold no socket yet: `listen` makes it."""
        self.handler = handler
        self.open: set[Line] = set()
        self._listening: asyncio.Server | None = None

    async def listen(self, host: str, port: int) -> int:
        """Listen and return the port."""
        loop = asyncio.get_running_loop()
        self._listening = await loop.create_server(lambda: Line(self), host, port, backlog=1024)
        return int(self._listening.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening and cut every connection."""
        if self._listening is not None:
            self._listening.close()
        tasks = [line.task for line in self.open if line.task is not None]
        for line in list(self.open):
            line.cut()
        await asyncio.gather(*tasks, return_exceptions=True)


class Line(asyncio.Protocol):
    """One connection; its requests are answered one after the other."""

    def __init__(self, server: Server) -> None:
        """Wait for the transport."""
        self.task: asyncio.Task[None] | None = None
        self._server = server
        self._parser = httptools.HttpRequestParser(self)
        self._now = Incoming()
        self._waiting: deque[Request] = deque()
        self._idle: asyncio.TimerHandle | None = None

    def cut(self) -> None:
        """End the connection with a reset."""
        if self.task is not None:
            self.task.cancel()
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection, or cut it when there are too many."""
        self._transport = cast("asyncio.Transport", transport)
        self._server.open.add(self)
        self._wait()
        if len(self._server.open) > CONNECTIONS_MAX:
            self.cut()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let the request under way go."""
        del exc
        self._server.open.discard(self)
        if self._idle is not None:
            self._idle.cancel()
        if self.task is not None:
            self.task.cancel()

    def data_received(self, data: bytes) -> None:
        """Feed the parser."""
        if self._transport.is_closing():
            return
        self._now.unread += 0 if self._now.has_head else len(data)
        if self._now.unread > HEAD_MAX_BYTES + BODY_MAX_BYTES:
            self._refuse(413)
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade, ValueError):
            self._refuse(400)

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._now = Incoming()

    def on_url(self, url: bytes) -> None:
        """Keep a piece of the target."""
        self._now.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header."""
        self._now.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """Refuse a head that is too long."""
        self._now.has_head = True
        size = sum(len(name) + len(value) for name, value in self._now.headers.items())
        if size + len(self._now.target) > HEAD_MAX_BYTES:
            self._refuse(413)

    def on_body(self, body: bytes) -> None:
        """Keep a piece of the body."""
        self._now.body += body
        if len(self._now.body) > BODY_MAX_BYTES:
            self._refuse(413)

    def on_message_complete(self) -> None:
        """Answer it, after those before it."""
        if self._transport.is_closing():
            return
        parts = urlsplit(self._now.target.decode("ascii"))
        method = self._parser.get_method().decode("ascii")
        request = Request(
            method, parts.path, _fields(parts.query), self._now.headers, bytes(self._now.body)
        )
        self._waiting.append(request)
        if len(self._waiting) > WAITING_MAX:
            self.cut()
        elif self.task is None:
            self.task = asyncio.get_running_loop().create_task(self._answer_all())

    async def _answer_all(self) -> None:
        try:
            while self._waiting:
                response = await self._server.handler(self._waiting.popleft())
                if response is None:
                    self._transport.abort()
                    return
                self._transport.write(_bytes_of(response))
                self._wait()
        finally:
            self.task = None

    def _refuse(self, status: int) -> None:
        if not self._transport.is_closing():
            self._transport.write(
                _bytes_of(Response(status, b"no", headers=(("Connection", "close"),)))
            )
            self._transport.close()

    def _wait(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        self._idle = asyncio.get_running_loop().call_later(IDLE_MAX_S, self._sweep)

    def _sweep(self) -> None:
        if self.task is None:
            self._transport.close()


def _fields(text: str) -> dict[str, str]:
    return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS_MAX))


def _bytes_of(response: Response) -> bytes:
    lines = [f"HTTP/1.1 {response.status} {REASONS[response.status]}"]
    lines += [f"{name}: {value}" for name, value in response.headers]
    lines += [f"Content-Type: {response.content_type}", f"Content-Length: {len(response.body)}"]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + response.body
