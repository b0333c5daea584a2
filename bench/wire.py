"""How do the benchmarks speak HTTP/1.1? The least that a door, a sink and a load generator need, on kept connections.

All times are CLOCK_MONOTONIC in nanoseconds, which the processes of one machine share.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

MAX_BUFFER = 1 << 20


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: status and body."""

    status: int
    body: bytes


class Answering(asyncio.Protocol):
    """One connection of a door: calls `hit(at_ns, path, body, self)` for each request; the callee calls `answer`."""

    def __init__(self, hit: Callable[[int, bytes, bytes, "Answering"], None]) -> None:
        """Keep what is called."""
        self._hit, self._buffer = hit, b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Take whole requests out of what has come."""
        at_ns = time.monotonic_ns()
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end]
            whole = end + 4 + _content_length(head)
            if len(self._buffer) < whole:
                return
            body, self._buffer = self._buffer[end + 4 : whole], self._buffer[whole:]
            self._hit(at_ns, head.split(b" ", 2)[1], body, self)

    def answer(self, status: bytes = b"200 OK") -> None:
        """Answer the oldest request that has no answer yet."""
        if self._transport and not self._transport.is_closing():
            self._transport.write(b"HTTP/1.1 %s\r\nContent-Length: 2\r\n\r\nok" % status)


class Line(asyncio.Protocol):
    """One kept connection to a door; one request at a time. Opened again when the peer closed it."""

    def __init__(self, url: str) -> None:
        """Prepare; the first request connects."""
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._transport: asyncio.Transport | None = None
        self._reply: asyncio.Future[Reply] | None = None
        self._buffer = b""

    async def open(self) -> None:
        """Connect, unless the connection is there."""
        if self._transport is None or self._transport.is_closing():
            self._buffer = b""
            loop = asyncio.get_running_loop()
            await loop.create_connection(lambda: self, self._host, self._port)

    async def ask(self, raw: bytes) -> Reply:
        """Return the answer to one request.

        Raises:
            OSError: refused, or closed before the answer.
        """
        await self.open()
        self._reply = asyncio.get_running_loop().create_future()
        assert self._transport is not None
        self._transport.write(raw)
        return await self._reply

    def close(self) -> None:
        """Hang up."""
        if self._transport:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Complete the answer."""
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        whole = end + 4 + _content_length(self._buffer[:end])
        if len(self._buffer) < whole or self._reply is None or self._reply.done():
            return
        reply = Reply(int(self._buffer.split(b" ", 2)[1]), self._buffer[end + 4 : whole])
        self._buffer = self._buffer[whole:]
        self._reply.set_result(reply)

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail what waits."""
        self._transport = None
        if self._reply and not self._reply.done():
            self._reply.set_exception(exc or ConnectionResetError("closed before the answer"))


def post(path: str, body: bytes, *, token: str = "") -> bytes:
    """Return the bytes of a POST of JSON."""
    head = [f"POST {path} HTTP/1.1", "Host: bench", "Content-Type: application/json"]
    head += [f"Authorization: Bearer {token}"] if token else []
    return "\r\n".join([*head, f"Content-Length: {len(body)}", "", ""]).encode() + body


def _content_length(head: bytes) -> int:
    low = head.lower()
    at = low.find(b"content-length:")
    return int(low[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
