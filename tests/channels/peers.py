"""What do the other ends of the channels do? Fakes with the moods of real providers."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from tocsin.notifications.rules.message import ChannelError, Message

OK, PERMANENT, TEMPORARY, HANG, GARBAGE, DIES = (
    "ok",
    "permanent",
    "temporary",
    "hang",
    "garbage",
    "dies",
)
HTTP_ANSWERS = {
    OK: b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
    PERMANENT: b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    TEMPORARY: b"HTTP/1.1 503 Unavailable\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n",
    GARBAGE: b"\x16\x03\x01 this is not HTTP at all\r\n\r\n",
    DIES: b"HTTP/1.1 201 Created\r\nContent-Length: 400\r\n\r\nhalf",
}


RING_FAILURES = {
    PERMANENT: ChannelError("gone", permanent=True),
    TEMPORARY: ChannelError("busy"),
    GARBAGE: ChannelError("bad_answer"),
    DIES: ConnectionResetError(),
}


class Peer(Protocol):
    """The other end, as the contract suite sees it."""

    mood: str
    seen: list[str]
    open: int

    async def start(self) -> None:
        """Listen."""

    async def stop(self) -> None:
        """Be gone: from now on connections are refused."""


@dataclass
class Request:
    """What an HTTP peer was sent."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


def id_in(header: str) -> Callable[[Request], str]:
    """Return what reads the idempotency id from a header."""
    return lambda request: request.headers.get(header, "")


@dataclass
class HttpPeer:
    """A server that keeps what it gets and answers as its mood is."""

    mood: str = OK
    id_of: Callable[[Request], str] = field(default_factory=lambda: id_in("webhook-id"))
    answer: bytes = b'{"sid":"SM1","id":"x1"}'
    raw: bytes | None = None
    seen: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    open: int = 0
    most_open: int = 0
    port: int = 0

    async def start(self) -> None:
        """Listen on a free port, on the same one after a stop."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening."""
        self._server.close()

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}/hook"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        self.most_open = max(self.open, self.most_open)
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open -= 1
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        exact = dict(line.split(": ", 1) for line in head[1:] if line)
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        method, path, _ = head[0].split(" ")
        self.requests.append(Request(method, path, exact, body))
        self.seen.append(self.id_of(self.requests[-1]))
        if self.mood == HANG:
            await reader.read()
            return False
        answer = self.raw or HTTP_ANSWERS[self.mood]
        if self.mood == OK and self.raw is None:
            answer %= (len(self.answer), self.answer)
        writer.write(answer)
        await writer.drain()
        return self.mood == OK and self.raw is None


@dataclass
class SmtpPeer:
    """A mail server that keeps Message-IDs."""

    mood: str = OK
    seen: list[str] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)
    open: int = 0
    port: int = 0

    async def start(self) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening."""
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        try:
            writer.write(b"HTTP/1.1 400 no\r\n" if self.mood == GARBAGE else b"220 peer ESMTP\r\n")
            while line := await reader.readline():
                if not await self._answer(line, reader, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open -= 1
            writer.close()

    async def _answer(
        self, line: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        verb = line.split()[0].upper() if line.split() else b""
        if verb == b"RCPT" and self.mood in {PERMANENT, TEMPORARY}:
            writer.write(b"550 no such box\r\n" if self.mood == PERMANENT else b"451 later\r\n")
        elif verb == b"DATA":
            writer.write(b"354 go on\r\n")
            mail = await reader.readuntil(b"\r\n.\r\n")
            self.mails.append(mail)
            heads = [one for one in mail.split(b"\r\n") if one.lower().startswith(b"message-id:")]
            self.seen.append(heads[0].decode())
            if self.mood == HANG:
                await reader.read()
            if self.mood in {HANG, DIES}:
                return False
            writer.write(b"250 2.0.0 queued as Q1\r\n")
        else:
            writer.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 fine\r\n")
        return verb != b"QUIT"


@dataclass
class RingPeer:
    """The live stream's bell."""

    mood: str = OK
    is_there: bool = True
    seen: list[str] = field(default_factory=list)
    open: int = 0

    async def start(self) -> None:
        """Be there."""
        self.is_there = True

    async def stop(self) -> None:
        """Be gone."""
        self.is_there = False

    async def ring(self, message: Message) -> None:
        """Be rung."""
        if not self.is_there:
            raise ConnectionRefusedError
        if self.mood in RING_FAILURES:
            raise RING_FAILURES[self.mood]
        if self.mood == HANG:
            await asyncio.sleep(60)
        self.seen.append(message.reference)


def json_of(request: Request) -> dict[str, object]:
    """Return the JSON that a peer was sent."""
    found = json.loads(request.body)
    assert isinstance(found, dict)
    return found
