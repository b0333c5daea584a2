"""Which channels does an installation have?"""

from pathlib import Path

from tests.channels.messages import VAPID_KEY, a_message, base64url
from tests.channels.peers import RingPeer
from tocsin.notifications.channels.catalogue import at_once, open_channels
from tocsin.notifications.channels.email.channel import CONNECTIONS
from tocsin.notifications.rules.message import Channel
from tocsin.runtime.clock import SystemClock
from tocsin.runtime.settings import load

SCALAR = base64url(VAPID_KEY.private_numbers().private_value.to_bytes(32, "big"))


def _channels(**environment: str) -> dict[str, Channel]:
    return open_channels(
        load(environment),
        SystemClock(),
        ring=RingPeer().ring,
        gateway_of=lambda _: None,
        vapid_private=SCALAR,
    )


async def test_without_settings_there_is_what_needs_none() -> None:
    assert sorted(_channels()) == ["live", "webhook", "webpush"]


async def test_a_gateway_and_a_mail_server_add_theirs(tmp_path: Path) -> None:
    gateways = tmp_path / "gateways.toml"
    gateways.write_text(
        '[main]\nkind = "twilio"\norganisation = "o"\nurl = "http://127.0.0.1/"\nnumber = "+1"\n'
        'account = "AC1"\nsecret = "token"\n'
    )
    channels = _channels(TOCSIN_GATEWAYS=str(gateways), TOCSIN_SMTP_URL="smtp://mail.example.org")
    assert sorted(channels) == ["email", "live", "sms", "webhook", "webpush"]
    message = a_message(address="a@example.org")
    assert channels["email"].peer(message) == "mail.example.org:25"
    for channel in channels.values():
        await channel.close()


async def test_no_more_mails_are_under_way_than_there_are_connections_to_their_server() -> None:
    url = "smtp+tls://tocsin:secret@mail.example.org"
    channels = _channels(TOCSIN_SMTP_URL=url)
    server = channels["email"].peer(a_message(address="a@example.org"))

    assert at_once(load({"TOCSIN_SMTP_URL": url})) == {server: CONNECTIONS}
    for channel in channels.values():
        await channel.close()
