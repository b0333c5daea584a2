"""How does a notification reach a browser that is not open? Through its push service.

The push service is the browser's choice and so an outsider's: private addresses are refused like
a webhook's.
"""

from typing import Final

from tocsin.notifications.channels.http import HttpClient, Request, check, target_of
from tocsin.notifications.channels.webpush.sealing import Vapid, seal
from tocsin.notifications.channels.webpush.subscription import parse_subscription
from tocsin.notifications.channels.webpush.wording import payload
from tocsin.notifications.rules.message import Accepted, ChannelError, Message
from tocsin.runtime.clock import Clock

TTL_S: Final = 60
# Work that waits may come when the phone wakes; an alarm that old would only mislead.
QUIET_TTL_S: Final = 12 * 3600
GONE: Final = frozenset({404, 410})
ID_MAX_CHARS: Final = 120


class WebPushChannel:
    """One encrypted push for each notification; a later one about the same incident replaces it."""

    kind = "webpush"

    def __init__(self, http: HttpClient, clock: Clock, vapid: Vapid) -> None:
        """Take the client, the clock for signatures, and our signed name."""
        self._http = http
        self._clock = clock
        self._vapid = vapid

    def peer(self, message: Message) -> str:
        """Return the push service."""
        return target_of(parse_subscription(message.address).endpoint).peer

    async def send(self, message: Message, *, timeout_s: float) -> Accepted:
        """Push the message; a subscription that is no more fails as `gone` for good."""
        subscription = parse_subscription(message.address)
        target = target_of(subscription.endpoint)
        origin = f"{target.scheme}://{target.authority}"
        headers = {
            "Authorization": self._vapid.header(origin, int(self._clock.now().timestamp())),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(QUIET_TTL_S if message.is_quiet else TTL_S),
            "Urgency": "normal" if message.is_quiet else "high",
            # 32 letters of the base64url alphabet, as RFC 8030 5.4 allows.
            "Topic": message.incident_id.hex,
        }
        body = seal(payload(message), subscription)
        request = Request("POST", subscription.endpoint, headers, body)
        reply = await self._http.send(request, timeout_s=timeout_s)
        if reply.status in GONE:
            raise ChannelError(code="gone", permanent=True)
        location = check(reply).headers.get("location", "")
        return Accepted(location.rpartition("/")[2][:ID_MAX_CHARS] or message.reference)

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()
