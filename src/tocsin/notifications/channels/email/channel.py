"""How does a mail leave? Over a few kept connections to one mail server.

ChannelError
  temporary    refused (`refused=True`), timeout, closed, tls, bad_answer, smtp_4xx, smtp_greeting
  permanent    smtp_5xx, bad_address, bad_reference
"""

import asyncio
import ssl
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Final, cast
from urllib.parse import SplitResult, unquote, urlsplit

import aiosmtplib

from tocsin.notifications.channels.email.wording import check_address, mail
from tocsin.notifications.rules.message import Accepted, ChannelError, Message
from tocsin.runtime.clock import Clock

CONNECTIONS: Final = 8
IDLE_MAX_S: Final = 20.0
ID_MAX_CHARS: Final = 120
REFUSED_FOR_NOW: Final = 4
REFUSED_FOR_GOOD: Final = 5
PORTS: Final = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


@dataclass(slots=True)
class Kept:
    """An open connection that waits for its next mail."""

    smtp: aiosmtplib.SMTP
    since: float


def machine_of(url: str) -> str:
    """Return the host and port of a mail server's address.

    Raises:
        ValueError: it has no port that can be read.
    """
    parts = urlsplit(url)
    return f"{parts.hostname}:{_port_of(parts)}"


def _port_of(parts: SplitResult) -> int:
    return parts.port or PORTS[parts.scheme]


class EmailChannel:
    """One mail for each notification."""

    kind = "email"

    def __init__(
        self, url: str, sender: str, clock: Clock, *, tls: ssl.SSLContext | None = None
    ) -> None:
        """Take `smtp://`, `smtp+tls://` (STARTTLS required) or `smtps://`, and any login."""
        self._address, self._url = url, urlsplit(url)
        self._sender = check_address(sender)
        self._clock = clock
        self._tls = tls
        self._slots = asyncio.Semaphore(CONNECTIONS)
        self._kept: list[Kept] = []
        self._every: set[aiosmtplib.SMTP] = set()

    def peer(self, message: Message) -> str:
        """Return the mail server: one for all."""
        del message
        return machine_of(self._address)

    async def send(self, message: Message, *, timeout_s: float) -> Accepted:
        """Hand the mail to the server and return its word about the queue."""
        date = format_datetime(self._clock.now())
        raw = mail(message, sender=self._sender, date=date)
        try:
            async with asyncio.timeout(timeout_s), self._slots:
                return Accepted(await self._send(message.address, raw))
        except (TimeoutError, aiosmtplib.SMTPException, OSError) as problem:
            raise _error_of(problem) from problem

    async def close(self) -> None:
        """Cut every connection."""
        for smtp in list(self._every):
            self._drop(smtp)
        self._kept.clear()
        await asyncio.sleep(0)

    async def _send(self, address: str, raw: bytes) -> str:
        smtp = self._take()
        if smtp is not None:
            try:
                return await self._exchange(smtp, address, raw)
            except aiosmtplib.SMTPServerDisconnected:
                # The server hung up on a kept connection; the Message-ID makes two mails one.
                pass
        return await self._exchange(await self._connect(), address, raw)

    async def _exchange(self, smtp: aiosmtplib.SMTP, address: str, raw: bytes) -> str:
        is_whole = False
        try:
            _, answer = await smtp.sendmail(self._sender, [address], raw)
            is_whole = True
        except (aiosmtplib.SMTPResponseException, aiosmtplib.SMTPRecipientsRefused):
            is_whole = smtp.is_connected
            raise
        finally:
            if is_whole:
                self._kept.append(Kept(smtp, asyncio.get_running_loop().time()))
            else:
                self._drop(smtp)
        return answer[:ID_MAX_CHARS]

    def _take(self) -> aiosmtplib.SMTP | None:
        oldest = asyncio.get_running_loop().time() - IDLE_MAX_S
        while self._kept:
            kept = self._kept.pop()
            if kept.smtp.is_connected and kept.since > oldest:
                return kept.smtp
            self._drop(kept.smtp)
        return None

    async def _connect(self) -> aiosmtplib.SMTP:
        smtp = aiosmtplib.SMTP(
            hostname=self._url.hostname,
            port=_port_of(self._url),
            # Its default asks the name server who we are, and waits for that.
            local_hostname=self._sender.rpartition("@")[2],
            use_tls=self._url.scheme == "smtps",
            start_tls=False,
            tls_context=self._tls,
            timeout=None,
        )
        self._every.add(smtp)
        try:
            await smtp.connect()
            if self._url.scheme == "smtp+tls":
                await _secure(smtp)
            if self._url.username:
                await smtp.login(unquote(self._url.username), unquote(self._url.password or ""))
        except BaseException:
            self._drop(smtp)
            raise
        return smtp

    def _drop(self, smtp: aiosmtplib.SMTP) -> None:
        self._every.discard(smtp)
        if smtp.transport is not None:
            cast("asyncio.Transport", smtp.transport).abort()
        smtp.close()


async def _secure(smtp: aiosmtplib.SMTP) -> None:
    await smtp.ehlo()
    if not smtp.supports_extension("starttls"):
        # Never in the clear instead: whoever sits in between may have taken the offer out.
        raise ssl.SSLError
    await smtp.starttls()


def _error_of(problem: Exception) -> ChannelError:
    match problem:
        case aiosmtplib.SMTPRecipientsRefused(recipients=[first, *_]):
            return _error_of(first)
        case aiosmtplib.SMTPConnectResponseError() | aiosmtplib.SMTPHeloError():
            return ChannelError(code=f"smtp_{max(problem.code, 0)}")
        case aiosmtplib.SMTPResponseException(code=code):
            kind = code // 100
            if kind not in {REFUSED_FOR_NOW, REFUSED_FOR_GOOD}:
                return ChannelError(code="bad_answer")
            return ChannelError(code=f"smtp_{code}", permanent=kind == REFUSED_FOR_GOOD)
        case TimeoutError():
            return ChannelError(code="timeout")
    return _error_of_the_line(problem)


def _error_of_the_line(problem: Exception) -> ChannelError:
    cause = problem.__cause__ if isinstance(problem, aiosmtplib.SMTPConnectError) else problem
    match cause:
        case ConnectionRefusedError():
            return ChannelError(code="refused", refused=True)
        case ssl.SSLError():
            return ChannelError(code="tls")
        case ConnectionError() | None:
            return ChannelError(code="closed")
        case OSError():
            return ChannelError(code="unreachable")
    return ChannelError(code="bad_answer")
