"""Does a mail arrive as it was meant, whatever its words and its server do?"""

import asyncio
import email
import email.policy
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

from tests.channels.messages import a_message
from tests.channels.peers import SmtpPeer
from tocsin.notifications.channels.email.channel import EmailChannel
from tocsin.notifications.channels.email.wording import check_address, mail
from tocsin.notifications.rules.message import ChannelError, Message
from tocsin.runtime.clock import SystemClock

DATE = "Sun, 01 Nov 2026 05:30:00 +0000"
SENDER = "tocsin@example.org"


def _mail(**changes: object) -> email.message.EmailMessage:
    message = a_message(address="guard.one@example.org", **changes)
    raw = mail(message, sender=SENDER, date=DATE)
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(parsed, email.message.EmailMessage)
    return parsed


class Inbox:
    """A real mail server (aiosmtpd) that keeps what it takes."""

    def __init__(self) -> None:
        """Begin empty."""
        self.envelopes: list[Envelope] = []

    async def handle_DATA(self, *given: object) -> str:
        """Keep the mail."""
        envelope = given[-1]
        assert isinstance(envelope, Envelope)
        self.envelopes.append(envelope)
        return "250 OK queued as 4711"


def test_a_mail_has_its_reference_as_message_id_and_asks_for_no_answer() -> None:
    made = _mail()
    assert made["Message-ID"] == "<01f0c1d2.1.person.webhook@example.org>"
    assert made["Subject"] == "Tocsin needs you"
    assert made["Auto-Submitted"] == "auto-generated"
    assert made["Date"] == DATE
    assert made.get_content().splitlines() == a_message().text.splitlines()


def test_a_text_cannot_add_a_header_or_end_the_mail() -> None:
    hostile = "x\r\nBcc: all@example.org\r\n\r\nbody\r\n.\r\nMAIL FROM:<x@example.org>\r\n"
    made = _mail(subject=hostile, text=hostile)
    assert made["Bcc"] is None
    assert made["Subject"] == "x Bcc: all@example.org body . MAIL FROM:<x@example.org>"
    assert made.get_content().splitlines()[1] == "Bcc: all@example.org"


@pytest.mark.parametrize("text", ["¡Señal! \U0001f4a5", "x" * 5000, "", "\ud800", "é" * 998])
def test_any_text_makes_a_mail(text: str) -> None:
    assert _mail(text=text, subject=text)["To"] == "guard.one@example.org"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a",
        "a@",
        "@b",
        "a b@c.org",
        "a@b\r\nX: 1",
        "a@b.org,c@d.org",
        "<a@b.org>",
        "a..b@c.org",
        "a@-b.org",
        "é@c.org",
        "a" * 250 + "@b.org",
    ],
)
def test_what_is_no_address_fails_for_good(address: str) -> None:
    with pytest.raises(ChannelError, match="bad_address") as raised:
        check_address(address)
    assert raised.value.permanent


async def _listening(server: Callable[[], SMTP]) -> tuple[asyncio.Server, int]:
    listening = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0)
    return listening, listening.sockets[0].getsockname()[1]


async def test_a_real_server_takes_it_on_a_kept_connection() -> None:
    inbox = Inbox()
    server, port = await _listening(lambda: SMTP(inbox))
    channel = EmailChannel(f"smtp://127.0.0.1:{port}", SENDER, SystemClock())
    message = a_message(address="guard.one@example.org", text=".\r\n..\r\nline")
    for _ in range(3):
        assert "4711" in ((await channel.send(message, timeout_s=3.0)).provider_id or "")
    assert [one.rcpt_tos for one in inbox.envelopes] == [["guard.one@example.org"]] * 3
    raw = inbox.envelopes[0].content
    assert isinstance(raw, bytes)
    content = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(content, email.message.EmailMessage)
    assert content.get_content().split() == [".", "..", "line"]
    await channel.close()
    server.close()


def _secured(inbox: Inbox, context: ssl.SSLContext) -> SMTP:
    def check(*given: object) -> AuthResult:
        login = given[-1]
        assert isinstance(login, LoginPassword)
        return AuthResult(success=login.password == b"p@ss", handled=False)

    return SMTP(
        inbox, tls_context=context, require_starttls=True, auth_required=True, authenticator=check
    )


async def test_starttls_and_a_password_are_used_and_required(certificate: Path) -> None:
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    ours = ssl.create_default_context(cafile=str(certificate / "cert.pem"))
    inbox = Inbox()
    server, port = await _listening(lambda: _secured(inbox, theirs))
    message = a_message(address="guard.one@example.org")

    async def outcome(url: str, tls: ssl.SSLContext | None) -> str:
        channel = EmailChannel(url, SENDER, SystemClock(), tls=tls)
        try:
            await channel.send(message, timeout_s=3.0)
        except ChannelError as problem:
            return problem.code
        finally:
            await channel.close()
        return "taken"

    assert await outcome(f"smtp+tls://me:p%40ss@localhost:{port}", ours) == "taken"
    assert await outcome(f"smtp+tls://me:wrong@localhost:{port}", ours) == "smtp_535"
    assert await outcome(f"smtp+tls://me:p%40ss@localhost:{port}", None) == "tls"
    assert len(inbox.envelopes) == 1
    server.close()


async def test_a_server_without_starttls_is_not_sent_to_in_the_clear() -> None:
    peer = SmtpPeer()
    await peer.start()
    channel = EmailChannel(f"smtp+tls://127.0.0.1:{peer.port}", SENDER, SystemClock())
    with pytest.raises(ChannelError, match="tls"):
        await channel.send(a_message(address="guard.one@example.org"), timeout_s=1.0)
    assert peer.mails == []
    await channel.close()
    await peer.stop()


async def test_at_most_eight_connections_carry_a_wave() -> None:
    peer = SmtpPeer()
    await peer.start()
    channel = EmailChannel(f"smtp://127.0.0.1:{peer.port}", SENDER, SystemClock())

    async def one(number: int) -> None:
        message: Message = a_message(address="guard.one@example.org", reference=f"r{number}")
        await channel.send(message, timeout_s=5.0)

    await asyncio.gather(*(one(number) for number in range(100)))
    assert peer.open == 8
    assert len(set(peer.seen)) == 100
    await channel.close()
    await peer.stop()
