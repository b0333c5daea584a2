"""What does the carrier send by itself? Receipts for texts, and the replies that people write.

It sends to Tocsin's own addresses only, whatever a text's call-back says.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tocsin.carrier.boxes import Box, Boxes, Item, an_item
from tocsin.carrier.signing import signed_form
from tocsin.notifications.channels.http import HttpClient, Request
from tocsin.notifications.rules.message import ChannelError
from tocsin.runtime.clock import Clock
from tocsin.runtime.ids import uuid7
from tocsin.runtime.settings import Gateway, Settings

RECEIPTS_MAX: Final = 2000
WORKERS: Final = 8
RECEIPT_AFTER_S: Final = 0.05
TIMEOUT_S: Final = 3.0
# A carrier tries again when the gate is away: an SOS by text is not lost by a restart.
TRIES: Final = 6
TRY_AGAIN_S: Final = 0.5
TAKEN: Final = 200
TRY_AGAIN_FROM: Final = 500
# Twilio's default keywords, as its documentation lists them; the text comes in all the same.
STOPS: Final = frozenset(
    ("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout")
)
STARTS: Final = frozenset(("start", "yes", "unstop"))


@dataclass(frozen=True, slots=True)
class Receipt:
    """A call-back that is due at a moment of the loop's clock."""

    due: float
    request: Request


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a reply: the gate's status, or a word."""

    is_taken: bool
    outcome: str


class Outgoing:
    """The carrier's own requests."""

    def __init__(self, settings: Settings, boxes: Boxes, clock: Clock) -> None:
        """Know the gateways and Tocsin's addresses."""
        self.gateways = {gateway.name: gateway for gateway in settings.gateways}
        self._ours = (settings.public_url, *settings.gate_urls)
        self._gates = settings.gate_urls
        self._boxes, self._clock = boxes, clock
        self._http = HttpClient(allow_private=True)
        self._receipts: asyncio.Queue[Receipt] = asyncio.Queue(RECEIPTS_MAX)

    async def work(self) -> None:
        """Send receipts until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(WORKERS):
                group.create_task(self._send_receipts())

    def owe(self, request: Request, *, after_s: float = RECEIPT_AFTER_S) -> None:
        """Send a receipt in a while; one that goes elsewhere, or is one too many, is dropped."""
        if self._receipts.full() or not request.url.startswith(self._ours):
            return
        due = asyncio.get_running_loop().time() + after_s
        self._receipts.put_nowait(Receipt(due, request))

    def owe_form(self, gateway: Gateway, url: str, fields: Mapping[str, str]) -> None:
        """Send a receipt as a signed form."""
        self.owe(signed_form(gateway, url, fields, at_s=self._now_s()))

    async def reply(self, number: str, text: str, *, gateway: str = "") -> Sent:
        """Hand in a text from a phone, as its network would, and keep it on the phone."""
        box = self._boxes.box(number)
        used = gateway or next((one.gateway for one in reversed(box.items) if one.gateway), "")
        found = self.gateways.get(used) or next(iter(self.gateways.values()), None)
        if found is None:
            return Sent(is_taken=False, outcome="no gateway is set up")
        item = an_item(number, found.name, text)
        item.is_reply, item.gateway, item.id = True, found.name, f"SM{uuid7().hex}"
        item = await self._boxes.put(item)
        if found.kind == "twilio":
            self._heed(self._boxes.box(number), found, text)
        sent = await self._hand_in(found, item)
        item.outcome = sent.outcome
        return sent

    @staticmethod
    def _heed(box: Box, gateway: Gateway, text: str) -> None:
        """Block this gateway's texts to a phone that says so, or let them through again, as Twilio does by itself."""
        word = text.strip().lower()
        if word in STOPS:
            box.blocks.add(gateway.name)
        elif word in STARTS:
            box.blocks.discard(gateway.name)

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()

    async def _hand_in(self, gateway: Gateway, item: Item) -> Sent:
        outcome = ""
        for number in range(TRIES):
            url = f"{self._gates[number % len(self._gates)]}/in/{gateway.name}"
            request = signed_form(gateway, url, _inbound(gateway, item), at_s=self._now_s())
            try:
                reply = await self._http.send(request, timeout_s=TIMEOUT_S)
            except ChannelError as problem:
                outcome = problem.code
            else:
                outcome = f"http_{reply.status}"
                if reply.status < TRY_AGAIN_FROM:
                    return Sent(is_taken=reply.status == TAKEN, outcome=outcome)
            await asyncio.sleep(TRY_AGAIN_S)
        return Sent(is_taken=False, outcome=outcome)

    async def _send_receipts(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            receipt = await self._receipts.get()
            await asyncio.sleep(max(0.0, receipt.due - loop.time()))
            try:
                await self._http.send(receipt.request, timeout_s=TIMEOUT_S)
            except ChannelError:
                continue  # a lost receipt is part of life

    def _now_s(self) -> int:
        return int(self._clock.now().timestamp())


def _inbound(gateway: Gateway, item: Item) -> dict[str, str]:
    if gateway.kind != "twilio":
        return {
            gateway.inbound_from: item.box,
            gateway.inbound_text: item.text,
            "to": gateway.number,
            "id": item.id,
        }
    return {
        "MessageSid": item.id,
        "SmsSid": item.id,
        "AccountSid": gateway.account,
        "From": item.box,
        "To": gateway.number,
        "Body": item.text,
        "NumMedia": "0",
        "NumSegments": "1",
        "ApiVersion": "2010-04-01",
    }
