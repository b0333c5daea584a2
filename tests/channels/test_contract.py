"""Does every channel end in `Accepted` or in a true `ChannelError`, in time?"""

import asyncio
import inspect
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pytest

from tests.channels import peers
from tests.channels.messages import a_message, a_subscription, a_vapid, opened_push
from tests.channels.peers import HttpPeer, Peer, RingPeer, SmtpPeer, id_in
from tocsin.notifications.channels.email.channel import EmailChannel
from tocsin.notifications.channels.http import HttpClient
from tocsin.notifications.channels.live.channel import LiveChannel
from tocsin.notifications.channels.sms.channel import SmsChannel
from tocsin.notifications.channels.webhook.channel import WebhookChannel
from tocsin.notifications.channels.webpush.channel import WebPushChannel
from tocsin.notifications.rules.message import Accepted, Channel, ChannelError, Message
from tocsin.runtime.clock import SystemClock
from tocsin.runtime.settings import Gateway

TIMEOUT_S = 0.2
pytestmark = pytest.mark.usefixtures("loop")
HOSTILE = (
    "\r\nBcc: all@example.org\r\n.\r\nQUIT\r\n\0\x1b[2J\u202e \U0001f4a5 {secret} {to} %00"
    " <script>alert(1)</script> ' \" \\"
)


@dataclass(frozen=True)
class Setup:
    """One channel, its peer, and a message that the peer takes."""

    channel: Channel
    peer: Peer
    message: Message

    async def send(self) -> str | None:
        """Send the message; return the provider's id."""
        return (await self.channel.send(self.message, timeout_s=TIMEOUT_S)).provider_id

    async def fails(self) -> ChannelError:
        """Send the message, which must fail in its time, and return how."""
        begun = time.monotonic()
        with pytest.raises(ChannelError) as raised:
            await self.send()
        assert time.monotonic() - begun < TIMEOUT_S + 0.5
        return raised.value


def _webhook() -> tuple[Channel, Peer, Callable[[], Message]]:
    peer = HttpPeer()
    channel = WebhookChannel(HttpClient(allow_private=True), SystemClock(), allow_plain=True)
    return channel, peer, lambda: a_message(address=peer.url)


def _sms(**gateway: str) -> tuple[Channel, Peer, Callable[[], Message]]:
    peer = HttpPeer(id_of=id_in("Idempotency-Key"))

    def gateway_of(_: Message) -> Gateway:
        path = gateway.get("path", "")
        return Gateway(
            name="g1",
            organisation="o1",
            number="+15550001",
            account="acct",
            secret="s3cret",
            kind=gateway["kind"],
            url=f"{peer.url}{path}",
            method=gateway.get("method", "POST"),
            body=gateway.get("body", ""),
            content_type=gateway.get("content_type", "application/x-www-form-urlencoded"),
            id_path=gateway.get("id_path", ""),
        )

    channel = SmsChannel(HttpClient(allow_private=True), gateway_of, callback_url="http://x/r")
    return channel, peer, lambda: a_message(address="+15551234567")


def _kannel() -> tuple[Channel, Peer, Callable[[], Message]]:
    path = (
        "?to={to}&from={from}&text={text}&user={account}&pass={secret}&dlr={callback}&r={reference}"
    )
    return _sms(kind="http", method="GET", path=path, id_path='"id":"([^"]+)"')


def _json_gateway() -> tuple[Channel, Peer, Callable[[], Message]]:
    body = '{"to":"{to}","text":"{text}","ref":"{reference}"}'
    return _sms(kind="http", body=body, content_type="application/json", id_path="id")


def _email() -> tuple[Channel, Peer, Callable[[], Message]]:
    peer = SmtpPeer()
    channel = _LaterEmail(peer)
    return channel, peer, lambda: a_message(address="guard.one@example.org")


class _LaterEmail:
    """The mail channel, made when its peer has a port."""

    kind = "email"

    def __init__(self, peer: SmtpPeer) -> None:
        self._peer = peer

    @cached_property
    def _channel(self) -> EmailChannel:
        url = f"smtp://127.0.0.1:{self._peer.port}"
        return EmailChannel(url, "tocsin@example.org", SystemClock())

    def peer(self, message: Message) -> str:
        return self._channel.peer(message)

    async def send(self, message: Message, *, timeout_s: float) -> Accepted:
        return await self._channel.send(message, timeout_s=timeout_s)

    async def close(self) -> None:
        await self._channel.close()


def _webpush() -> tuple[Channel, Peer, Callable[[], Message]]:
    peer = HttpPeer(id_of=lambda request: str(opened_push(request.body)["reference"]))
    channel = WebPushChannel(HttpClient(allow_private=True), SystemClock(), a_vapid())
    return (
        channel,
        peer,
        lambda: a_message(address=a_subscription(peer.url)),
    )


def _live() -> tuple[Channel, Peer, Callable[[], Message]]:
    peer = RingPeer()
    return LiveChannel(peer.ring), peer, a_message


CHANNELS = {
    "webpush": _webpush,
    "email": _email,
    "live": _live,
    "webhook": _webhook,
    "sms by twilio": lambda: _sms(kind="twilio"),
    "sms by a GET gateway": _kannel,
    "sms by a JSON gateway": _json_gateway,
}


@asynccontextmanager
async def _set_up(name: str) -> AsyncIterator[Setup]:
    channel, peer, message = CHANNELS[name]()
    await peer.start()
    try:
        yield Setup(channel, peer, message())
    finally:
        await channel.close()
        await peer.stop()
        await asyncio.sleep(0.02)
        assert peer.open == 0, "a connection outlived close()"


@pytest.fixture(params=sorted(CHANNELS))
def name(request: pytest.FixtureRequest) -> str:
    """Return the name of one channel."""
    return str(request.param)


def test_every_folder_of_a_channel_is_put_through_this_suite(name: str) -> None:
    channel, _, _ = CHANNELS[name]()
    folder = Path(inspect.getfile(EmailChannel if name == "email" else type(channel))).parent
    assert folder.name == name.split(maxsplit=1)[0]
    folders = {path.parent.name for path in folder.parent.glob("*/channel.py")}
    assert folders == {one.split(maxsplit=1)[0] for one in CHANNELS}


async def test_a_message_is_handed_over_once(name: str) -> None:
    async with _set_up(name) as setup:
        assert await setup.send()
        assert len(setup.peer.seen) == 1


async def test_an_address_that_is_gone_fails_for_good(name: str) -> None:
    async with _set_up(name) as setup:
        setup.peer.mood = peers.PERMANENT
        failure = await setup.fails()
        assert (failure.permanent, failure.refused) == (True, False)


async def test_a_provider_in_trouble_fails_for_now(name: str) -> None:
    async with _set_up(name) as setup:
        setup.peer.mood = peers.TEMPORARY
        failure = await setup.fails()
        assert (failure.permanent, failure.refused) == (False, False)


async def test_a_provider_that_never_answers_is_timed_out(name: str) -> None:
    async with _set_up(name) as setup:
        setup.peer.mood = peers.HANG
        failure = await setup.fails()
        assert (failure.permanent, failure.code) == (False, "timeout")


async def test_a_hanging_provider_delays_the_next_message_no_longer_than_it_hangs(
    name: str,
) -> None:
    async with _set_up(name) as setup:
        setup.peer.mood = peers.HANG
        await setup.fails()
        setup.peer.mood = peers.OK
        begun = time.monotonic()
        assert await setup.send()
        assert time.monotonic() - begun < TIMEOUT_S


async def test_an_answer_that_makes_no_sense_fails_for_now(name: str) -> None:
    async with _set_up(name) as setup:
        setup.peer.mood = peers.GARBAGE
        failure = await setup.fails()
        assert (failure.permanent, failure.code) == (False, "bad_answer")


async def test_the_same_message_again_carries_the_same_id(name: str) -> None:
    async with _set_up(name) as setup:
        await setup.send()
        await setup.send()
        first, second = setup.peer.seen
        assert first == second
        assert setup.message.reference in first


async def test_a_peer_that_dies_in_mid_send_fails_for_now_and_is_reached_again(
    name: str,
) -> None:
    async with _set_up(name) as setup:
        setup.peer.mood = peers.DIES
        failure = await setup.fails()
        assert (failure.permanent, failure.code) == (False, "closed")
        setup.peer.mood = peers.OK
        assert await setup.send()


async def test_a_refused_connection_is_told_apart(name: str) -> None:
    async with _set_up(name) as setup:
        await setup.peer.stop()
        failure = await setup.fails()
        assert (failure.permanent, failure.code, failure.refused) == (False, "refused", True)


async def test_a_peer_that_comes_back_is_reached_at_once(name: str) -> None:
    async with _set_up(name) as setup:
        await setup.peer.stop()
        await setup.fails()
        await setup.peer.start()
        assert await setup.send()


async def test_closing_fails_a_send_under_way(name: str) -> None:
    async with _set_up(name) as setup:
        setup.peer.mood = peers.HANG
        sending = asyncio.ensure_future(setup.fails())
        await asyncio.sleep(0.05)
        await setup.channel.close()
        assert (await sending).permanent is False


async def test_a_cancelled_send_leaves_no_connection(name: str) -> None:
    async with _set_up(name) as setup:
        setup.peer.mood = peers.HANG
        sending = asyncio.ensure_future(setup.send())
        await asyncio.sleep(0.05)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        await asyncio.sleep(0.02)
        assert setup.peer.open == 0


async def test_hostile_text_changes_nothing_but_the_text(name: str) -> None:
    async with _set_up(name) as setup:
        hostile = replace(setup.message, text=HOSTILE, subject=HOSTILE)
        assert (await setup.channel.send(hostile, timeout_s=TIMEOUT_S)).provider_id
        assert len(setup.peer.seen) == 1
        assert setup.message.reference in setup.peer.seen[0]


async def test_a_hostile_address_or_reference_is_refused_or_stays_what_it_is(name: str) -> None:
    async with _set_up(name) as setup:
        hostile = "x\r\nX-Injected: 1"
        for changed in (
            replace(setup.message, address=f"{setup.message.address}{hostile}"),
            replace(setup.message, reference=hostile),
        ):
            try:
                await setup.channel.send(changed, timeout_s=TIMEOUT_S)
            except ChannelError as refusal:
                assert refusal.permanent  # noqa: PT017 - both ends are right
            else:
                assert setup.peer.seen[-1] == changed.reference


async def test_whatever_the_address_is_the_peer_is_named_or_the_message_refused(name: str) -> None:
    async with _set_up(name) as setup:
        for address in (
            "",
            "http://[::1",
            "https://h:port/",
            "https://h:99999/",
            "{",
            "[]",
            "\0",
            "+",
        ):
            try:
                peer = setup.channel.peer(replace(setup.message, address=address))
            except ChannelError as refusal:
                assert refusal.permanent  # noqa: PT017 - both ends are right
            else:
                assert peer


async def test_two_hundred_at_once_are_all_handed_over(name: str) -> None:
    async with _set_up(name) as setup:
        async with asyncio.TaskGroup() as group:
            for number in range(200):
                one = replace(setup.message, reference=f"r-{number}")
                group.create_task(setup.channel.send(one, timeout_s=5.0))
        assert len(set(setup.peer.seen)) == 200
