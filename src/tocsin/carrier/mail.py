"""How does the carrier take mail? By aiosmtpd, a mail server that nobody here wrote."""

import asyncio
import email
import email.policy
from email.message import EmailMessage
from typing import Final

from aiosmtpd.smtp import SMTP, Envelope, Session

from tocsin.carrier import moods
from tocsin.carrier.boxes import Boxes, an_item
from tocsin.carrier.moods import Moods
from tocsin.runtime.ids import uuid7

MAIL_MAX_BYTES: Final = 256 * 1024
SUBJECT_MAX_CHARS: Final = 200


class Line(SMTP):
    """One session, whose connection can be cut from outside."""

    def __init__(self, handler: object, lines: set[asyncio.BaseTransport]) -> None:
        """Say nothing about the program and its version."""
        super().__init__(
            handler, data_size_limit=MAIL_MAX_BYTES, enable_SMTPUTF8=True, ident="sandbox"
        )
        self._lines = lines
        self._line: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the line."""
        super().connection_made(transport)
        self._line = transport
        self._lines.add(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Forget the line."""
        super().connection_lost(error)
        if self._line is not None:
            self._lines.discard(self._line)


class MailServer:
    """One SMTP port; told to refuse, it is closed."""

    def __init__(self, boxes: Boxes, mood: Moods, *, host: str, port: int) -> None:
        """Hold no socket yet."""
        self._boxes, self._moods, self._host, self.port = boxes, mood, host, port
        self._listening: asyncio.Server | None = None
        self._lines: set[asyncio.BaseTransport] = set()

    async def open(self) -> None:
        """Listen, on the same port again after a close."""
        loop = asyncio.get_running_loop()
        self._listening = await loop.create_server(self._session, self._host, self.port)
        self.port = int(self._listening.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening and end every session."""
        if self._listening is not None:
            self._listening.close()
            self._listening = None
        for transport in list(self._lines):
            transport.close()
        self._lines.clear()

    async def changed(self, provider: str, mode: str) -> None:
        """Follow the mood of `smtp`."""
        if provider != "smtp":
            return
        if mode == moods.REFUSE:
            await self.close()
        elif self._listening is None:
            await self.open()

    def _session(self) -> SMTP:
        return Line(self, self._lines)

    async def handle_DATA(  # noqa: N802 - aiosmtpd's hook
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep a mail in the box of each recipient."""
        del server, session
        if await self._moods.meet("smtp") == moods.FAIL:
            return "451 4.3.0 the sandbox was told to fail"
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        parsed = email.message_from_bytes(raw, policy=email.policy.default)
        queue_id = uuid7().hex[-12:]
        for address in envelope.rcpt_tos:
            item = an_item(address, "smtp", _text_of(parsed))
            item.subject = str(parsed.get("Subject", ""))[:SUBJECT_MAX_CHARS]
            item.sender = envelope.mail_from or ""
            item.reference = str(parsed.get("Message-ID", ""))[:SUBJECT_MAX_CHARS]
            item.id = queue_id
            await self._boxes.put(item)
        return f"250 2.0.0 OK queued as {queue_id}"


def _text_of(parsed: email.message.Message) -> str:
    body = parsed.get_body(("plain",)) if isinstance(parsed, EmailMessage) else None
    if body is None:
        return ""
    try:
        return str(body.get_content())
    except (LookupError, UnicodeError, ValueError):
        return ""
