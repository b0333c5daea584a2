"""Is a push closed as RFC 8291 says, signed as RFC 8292 says, and neutral to who carries it?"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any

import http_ece  # type: ignore[import-untyped]
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02  # type: ignore[import-untyped]

from tests.channels.messages import a_message, a_subscription, a_vapid, opened_push
from tests.channels.peers import HttpPeer
from tocsin.notifications.channels.http import HttpClient
from tocsin.notifications.channels.webpush.channel import WebPushChannel
from tocsin.notifications.channels.webpush.sealing import (
    PAYLOAD_MAX_BYTES,
    seal,
)
from tocsin.notifications.channels.webpush.subscription import (
    Subscription,
    parse_subscription,
    pushed_to,
)
from tocsin.notifications.channels.webpush.wording import payload
from tocsin.notifications.rules.delivery import GONE
from tocsin.notifications.rules.message import Accepted, ChannelError
from tocsin.runtime.clock import SystemClock

AT = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _key(scalar: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(_bytes(scalar), "big"), ec.SECP256R1())


async def _pushed(peer: HttpPeer, **changes: Any) -> Accepted:
    await peer.start()
    channel = WebPushChannel(HttpClient(allow_private=True), SystemClock(), a_vapid())
    message = a_message(address=a_subscription(peer.url), **changes)
    try:
        return await channel.send(message, timeout_s=1.0)
    finally:
        await channel.close()
        await peer.stop()


def test_the_example_of_rfc_8291_comes_out_to_the_byte() -> None:
    browser = _key("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")
    point = browser.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    subscription = Subscription(
        "https://push.example.net/", point, _bytes("BTBZMqHH6r4Tts7J_aSIgg")
    )
    sealed = seal(
        b"When I grow up, I want to be a watermelon",
        subscription,
        private_key=_key("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"),
        salt=_bytes("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert sealed == _bytes(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml"
        "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
        "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


async def test_the_browser_reads_what_we_sent_and_the_service_only_our_name() -> None:
    peer = HttpPeer()
    await _pushed(peer, text="Tocsin K7QF: SOS, patio 2 ¡ya!")
    request = peer.requests[0]
    assert opened_push(request.body) == {
        "title": "Tocsin needs you",
        "body": "Tocsin K7QF: SOS, patio 2 ¡ya!",
        "link": "https://tocsin.example.org/a#k3y",
        "incident": "00000000-0000-0000-0000-000000000003",
        "reference": "01f0c1d2.1.person.webhook",
        "drill": False,
        "silent": False,
        "quiet": False,
    }
    assert request.headers["TTL"] == "60"
    assert request.headers["Urgency"] == "high"
    assert request.headers["Topic"] == "0" * 31 + "3"
    assert request.headers["Content-Encoding"] == "aes128gcm"
    assert Vapid02.verify(request.headers["Authorization"])
    claims = json.loads(_bytes(request.headers["Authorization"].split(".")[1]))
    assert claims["aud"] == f"http://127.0.0.1:{peer.port}"
    assert claims["sub"] == "mailto:tests@example.org"


async def test_work_that_waits_is_pushed_without_a_sound_and_may_come_late() -> None:
    peer = HttpPeer()
    await _pushed(peer, is_quiet=True)
    request = peer.requests[0]
    said = opened_push(request.body)
    assert (said["silent"], said["quiet"]) == (True, True)
    assert request.headers["Urgency"] == "normal"
    assert request.headers["TTL"] == "43200"


async def test_a_silent_sos_sounds_on_the_phone_of_who_is_called() -> None:
    peer = HttpPeer()
    await _pushed(peer, is_silent=True)
    assert opened_push(peer.requests[0].body)["silent"] is False


def test_our_name_is_signed_again_only_after_half_its_time() -> None:
    vapid, at_s = a_vapid(), int(AT.timestamp())
    first = vapid.header("https://push.example.net", at_s)
    assert vapid.header("https://push.example.net", at_s + 21_599) == first
    assert vapid.header("https://push.example.net", at_s + 21_600) != first
    assert vapid.header("https://other.example.net", at_s) != first


@pytest.mark.parametrize("status", [404, 410])
async def test_a_subscription_that_is_no_more_is_gone(status: int) -> None:
    peer = HttpPeer(raw=b"HTTP/1.1 %d Gone\r\nContent-Length: 0\r\n\r\n" % status)
    with pytest.raises(ChannelError, match="gone") as raised:
        await _pushed(peer)
    assert (raised.value.code, raised.value.permanent) == (GONE, True)


async def test_a_service_that_asks_for_patience_gets_it() -> None:
    peer = HttpPeer(raw=b"HTTP/1.1 429 Slow\r\nRetry-After: 4\r\nContent-Length: 0\r\n\r\n")
    with pytest.raises(ChannelError, match="http_429") as raised:
        await _pushed(peer)
    assert (raised.value.permanent, raised.value.retry_after_s) == (False, 4.0)


async def test_the_services_own_id_is_kept() -> None:
    raw = b"HTTP/1.1 201 Created\r\nLocation: https://x/m/abc\r\nContent-Length: 0\r\n\r\n"
    assert (await _pushed(HttpPeer(raw=raw))).provider_id == "abc"


@pytest.mark.parametrize("text", ["", "x" * 100_000, "\U0001f4a5" * 10_000, "\ud800" * 9000])
def test_every_push_fits_and_shows_nothing_by_its_length(text: str) -> None:
    link = "https://tocsin.example.org/a#" + "k" * 300
    made = payload(a_message(text=text, subject=text, link=link))
    assert len(made) in {1024, 2048, 3072}
    sealed = seal(made, parse_subscription(a_subscription("https://push.example.net/")))
    assert len(sealed) <= 4096
    assert json.loads(made)["link"] == link


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        "[" * 9000,
        '{"endpoint":"https://x/","keys":{"p256dh":"AA","auth":"AA"}}',
        '{"endpoint":"https://x/","keys":{"p256dh":1,"auth":null}}',
        '{"endpoint":"https://x/","keys":{"p256dh":"!!","auth":"é"}}',
    ],
)
def test_what_is_no_subscription_fails_for_good(text: str) -> None:
    with pytest.raises(ChannelError, match="bad_address") as raised:
        parse_subscription(text)
    assert raised.value.permanent


def test_a_key_that_is_no_point_fails_for_good() -> None:
    with pytest.raises(ChannelError, match="bad_address"):
        seal(b"x", Subscription("https://x/", b"\x04" + b"\1" * 64, b"\0" * 16))


def test_what_no_push_can_be_made_to_is_known_before_one_is() -> None:
    good = a_subscription("https://push.example.net/a")
    assert pushed_to(good).peer == "push.example.net:443"
    value = json.loads(good)
    no_point = urlsafe_b64encode(b"\x04" + b"\1" * 64).decode().rstrip("=")
    for bad in (
        {"endpoint": "https://["},
        {"endpoint": "https://push.example.net:99999999/a"},
        {"keys": {**value["keys"], "p256dh": no_point}},
    ):
        with pytest.raises(ChannelError, match="bad_address"):
            pushed_to(json.dumps({**value, **bad}))


def test_a_payload_over_the_bound_is_not_sent() -> None:
    subscription = parse_subscription(a_subscription("https://push.example.net/"))
    assert seal(b"x" * PAYLOAD_MAX_BYTES, subscription)
    with pytest.raises(ChannelError, match="too_large"):
        seal(b"x" * (PAYLOAD_MAX_BYTES + 1), subscription)


def test_the_example_of_rfc_8188_opens() -> None:
    body = _bytes("I1BsxtFttlv3u_Oo94xnmwAAEAAA-NAVub2qFgBEuQKRapoZu-IxkIva3MEB1PD-ly8Thjg")
    key = _bytes("yqdlZ-tYemfogSmv7Ws5PQ")
    assert http_ece.decrypt(body, key=key) == b"I am the walrus"
