"""How does a notification reach a customer's machine? By a signed POST.

`webhook-id` is the message's reference: a receiver that has seen it has the message already.
Source: Standard Webhooks 1.0; judged in the tests by its own package `standardwebhooks`.
"""

import binascii
import hmac
from base64 import b64decode, b64encode
from functools import lru_cache

from tocsin.notifications.channels.http import HttpClient, Request, check, target_of
from tocsin.notifications.channels.webhook.wording import payload
from tocsin.notifications.rules.message import Accepted, ChannelError, Message
from tocsin.runtime.clock import Clock


@lru_cache(maxsize=4096)
def _key_of(secret: str) -> bytes:
    text = secret.removeprefix("whsec_")
    try:
        key = b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise ChannelError(code="bad_secret", permanent=True)
    return key


def sign(secret: str, reference: str, at_s: int, body: bytes) -> str:
    """Return the `webhook-signature` of a body: one signature for each of the secrets, which spaces part, in their order.

    `at_s` is seconds since 1970.

    Raises:
        ChannelError: `bad_secret` (permanent) when the secret is not base64.
    """
    signed = b"%s.%d.%s" % (reference.encode(), at_s, body)
    keys = map(_key_of, secret.split(" "))
    return " ".join("v1," + b64encode(hmac.digest(key, signed, "sha256")).decode() for key in keys)


class WebhookChannel:
    """One signed POST for each notification."""

    kind = "webhook"

    def __init__(self, http: HttpClient, clock: Clock, *, allow_plain: bool) -> None:
        """Refuse http:// unless `allow_plain`: the answer link in the body is a secret."""
        self._http = http
        self._clock = clock
        self._allow_plain = allow_plain

    def peer(self, message: Message) -> str:
        """Return the host and port."""
        return target_of(message.address).peer

    async def send(self, message: Message, *, timeout_s: float) -> Accepted:
        """Post the message; a 2xx is taken, its body is of no interest."""
        if target_of(message.address).scheme != "https" and not self._allow_plain:
            raise ChannelError(code="not_encrypted", permanent=True)
        body = payload(message)
        at_s = int(self._clock.now().timestamp())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Tocsin",
            "webhook-id": message.reference,
            "webhook-timestamp": str(at_s),
        }
        if message.secret:
            headers["webhook-signature"] = sign(message.secret, message.reference, at_s, body)
        request = Request("POST", message.address, headers, body)
        check(await self._http.send(request, timeout_s=timeout_s))
        return Accepted(message.reference)

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()
