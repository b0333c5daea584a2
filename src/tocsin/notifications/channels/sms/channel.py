"""How does a text message reach a phone? Through the HTTP gateway of the message's organisation.

Of its own it fails with `no_gateway`, `bad_address`, and `opted_out`: the carrier blocks what we send to this number.
"""

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from tocsin.notifications.channels.http import HttpClient, check
from tocsin.notifications.channels.sms.receipts import says_opted_out
from tocsin.notifications.channels.sms.template import Outgoing, provider_id, request_of
from tocsin.notifications.channels.sms.wording import fit
from tocsin.notifications.channels.wire import Reply
from tocsin.notifications.rules.message import OPTED_OUT, Accepted, ChannelError, Message
from tocsin.runtime.settings import Gateway

E164: Final = re.compile(r"\+[1-9][0-9]{6,14}")


class SmsChannel:
    """One text for each notification, in at most three segments."""

    kind = "sms"

    def __init__(
        self,
        http: HttpClient,
        gateway_of: Callable[[Message], Gateway | None],
        *,
        callback_url: str,
    ) -> None:
        """Ask `gateway_of` for each message's gateway; receipts go to `callback_url`/<gateway>."""
        self._http = http
        self._gateway_of = gateway_of
        self._callback_url = callback_url

    def peer(self, message: Message) -> str:
        """Return the gateway's name."""
        return f"gateway:{self._gateway(message).name}"

    async def send(self, message: Message, *, timeout_s: float) -> Accepted:
        """Hand the text to the gateway and return the gateway's id."""
        gateway = self._gateway(message)
        if not E164.fullmatch(message.address):
            raise ChannelError(code="bad_address", permanent=True)
        outgoing = Outgoing(
            to=message.address,
            text=fit(message.text),
            reference=message.reference,
            callback=f"{self._callback_url}/{gateway.name}",
        )
        reply = await self._http.send(request_of(gateway, outgoing), timeout_s=timeout_s)
        try:
            return _accepted(gateway, reply)
        except ChannelError:
            # A gateway that is down may answer with any page: what it could not do is tried again, unless what stands there
            # is its own word for it, as whoever set it up wrote it down.
            is_error_page = reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR
            said = reply.body.decode("utf-8", "replace")
            if says_opted_out(said, gateway.opted_out, is_error_page=is_error_page):
                raise ChannelError(code=OPTED_OUT, permanent=True) from None
            raise

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()

    def _gateway(self, message: Message) -> Gateway:
        gateway = self._gateway_of(message)
        if gateway is None:
            raise ChannelError(code="no_gateway", permanent=True)
        return gateway


def _accepted(gateway: Gateway, reply: Reply) -> Accepted:
    if reply.status not in gateway.ok_status:
        check(reply)
        raise ChannelError(code="bad_answer")
    return Accepted(provider_id(gateway, reply.body))
