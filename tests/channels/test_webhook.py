"""Can the receiver of a webhook prove that it is ours, and read what it needs?"""

from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from tests.channels.messages import SECRET, a_message
from tests.channels.peers import HttpPeer, json_of
from tocsin.notifications.channels.http import HttpClient
from tocsin.notifications.channels.webhook.channel import WebhookChannel, sign
from tocsin.notifications.rules.message import ChannelError
from tocsin.runtime.clock import SystemClock

NEWER, OTHER = ("whsec_" + b64encode(bytes([n] * 32)).decode() for n in (1, 2))


async def _posted(**changes: object) -> tuple[HttpPeer, str | None]:
    peer = HttpPeer()
    await peer.start()
    channel = WebhookChannel(HttpClient(allow_private=True), SystemClock(), allow_plain=True)
    accepted = await channel.send(a_message(address=peer.url, **changes), timeout_s=1.0)
    await channel.close()
    await peer.stop()
    return peer, accepted.provider_id


async def test_the_signature_is_verified_by_the_standards_own_library() -> None:
    peer, _ = await _posted(text="¡Socorro! \U0001f4a5")
    request = peer.requests[0]
    assert Webhook(SECRET).verify(request.body, request.headers)["key"] == "press-0001"
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(request.body + b" ", request.headers)


def test_the_signature_is_the_one_that_the_library_makes() -> None:
    at = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    theirs = Webhook(SECRET).sign("msg_1", at, '{"a":1}')
    assert sign(SECRET, "msg_1", int(at.timestamp()), b'{"a":1}') == theirs
    later = at + timedelta(seconds=1)
    assert sign(SECRET, "msg_1", int(later.timestamp()), b'{"a":1}') != theirs


async def test_while_a_secret_is_replaced_a_receiver_with_either_takes_the_message() -> None:
    peer, _ = await _posted(secret=f"{NEWER} {SECRET}")
    request = peer.requests[0]
    for secret in (NEWER, SECRET):
        assert Webhook(secret).verify(request.body, request.headers)["key"] == "press-0001"
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER).verify(request.body, request.headers)


async def test_the_body_carries_key_reference_person_and_step() -> None:
    peer, provider_id = await _posted(is_drill=True)
    assert json_of(peer.requests[0]) == {
        "type": "notification",
        "key": "press-0001",
        "reference": "01f0c1d2.1.person.webhook",
        "organisation": "00000000-0000-0000-0000-000000000002",
        "incident": "00000000-0000-0000-0000-000000000003",
        "person": "00000000-0000-0000-0000-000000000004",
        "step": 1,
        "drill": True,
        "silent": False,
        "subject": "Tocsin needs you",
        "text": a_message().text,
        "link": "https://tocsin.example.org/a#k3y",
    }
    assert provider_id == peer.requests[0].headers["webhook-id"] == "01f0c1d2.1.person.webhook"


async def test_a_hook_without_a_secret_gets_no_signature() -> None:
    peer, _ = await _posted(secret=None)
    assert "webhook-signature" not in peer.requests[0].headers


@pytest.mark.parametrize("secret", ["whsec_", "whsec_%%%", "é"])
async def test_a_secret_that_is_none_fails_for_good(secret: str) -> None:
    with pytest.raises(ChannelError, match="bad_secret") as raised:
        await _posted(secret=secret)
    assert raised.value.permanent


async def test_the_answer_link_is_never_sent_in_the_clear_to_the_outside() -> None:
    channel = WebhookChannel(HttpClient(allow_private=False), SystemClock(), allow_plain=False)
    with pytest.raises(ChannelError, match="not_encrypted") as raised:
        await channel.send(a_message(address="http://hook.example.org/"), timeout_s=1.0)
    assert raised.value.permanent
