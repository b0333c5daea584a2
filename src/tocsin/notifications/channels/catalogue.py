"""Which channels has this installation? Made once, from the settings and the keys."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

from tocsin.notifications.channels.email.channel import CONNECTIONS, EmailChannel, machine_of
from tocsin.notifications.channels.http import HttpClient
from tocsin.notifications.channels.live.channel import LiveChannel
from tocsin.notifications.channels.sms.channel import SmsChannel
from tocsin.notifications.channels.webhook.channel import WebhookChannel
from tocsin.notifications.channels.webpush.channel import WebPushChannel
from tocsin.notifications.channels.webpush.sealing import Vapid
from tocsin.notifications.rules.message import Channel, Message
from tocsin.runtime.clock import Clock
from tocsin.runtime.settings import Gateway, Settings

RECEIPTS_PATH = "/api/v1/receipts"


def open_channels(
    settings: Settings,
    clock: Clock,
    *,
    ring: Callable[[Message], Awaitable[None]],
    gateway_of: Callable[[Message], Gateway | None],
    vapid_private: str,
) -> dict[str, Channel]:
    """Return the channels by kind; e-mail and texts only where a server or a gateway is set.

    `ring` rings the live stream's hub, `gateway_of` finds the gateway of a message's organisation,
    `vapid_private` is `Keys.vapid_private`. The caller closes each; two of them share a client.
    """
    # Whoever runs the installation names its gateways; people name webhooks and push services.
    to_gateways = HttpClient(allow_private=True)
    to_people = HttpClient(allow_private=settings.private_webhooks)
    channels: list[Channel] = [
        LiveChannel(ring),
        WebhookChannel(to_people, clock, allow_plain=settings.private_webhooks),
        WebPushChannel(to_people, clock, Vapid(vapid_private, settings.push_contact)),
    ]
    if settings.gateways:
        callback = settings.public_url + RECEIPTS_PATH
        channels.append(SmsChannel(to_gateways, gateway_of, callback_url=callback))
    if settings.smtp_url:
        channels.append(EmailChannel(settings.smtp_url, settings.mail_from, clock))
    return {channel.kind: channel for channel in channels}


def at_once(settings: Settings) -> dict[str, int]:
    """Return how many messages may be under way with a machine, by its name, where that is fewer than with any other.

    More mails than there are connections would wait inside of their time-out, and a slow server be taken for a silent one.
    """
    found = {f"gateway:{gateway.name}": gateway.concurrency for gateway in settings.gateways}
    if settings.smtp_url:
        # An address that nobody can read costs the mails, and nothing else.
        with suppress(ValueError):
            found[machine_of(settings.smtp_url)] = CONNECTIONS
    return found
