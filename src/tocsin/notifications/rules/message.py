"""What is handed to a channel, and what can come back?

A channel takes a `Message` and ends in exactly one of two ways: it returns `Accepted` (a peer took
the message; this says nothing about a person), or it raises a `ChannelError`:

    ChannelError
      permanent=True    this address or this message will never work: go to the next channel now
      permanent=False   the world failed: try again, and go to the next channel meanwhile
        refused=True    nobody listens there: probe the host every 0.3 s, one success releases all
"""

from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

RETRY_AFTER_MAX_S: Final = 60.0
# Its owner has texted STOP, and the carrier takes nothing for this number any more, until she texts START.
OPTED_OUT: Final = "opted_out"


@dataclass(frozen=True, slots=True)
class Message:
    """One text for one person on one channel, already worded by `wording.word`.

    `reference` is the idempotency key: one per (incident, step, person, channel), the same at
    every attempt. `key` is the signal's key, chosen by the sender. `address` is a phone number
    (E.164), a mail address, a webhook's URL or a push subscription (JSON). `link` carries its
    secret in the fragment. `secret` signs a webhook. `is_quiet`: work that waits; never sounds like an alarm.
    `is_alarm` False: a drill, a question, a task; at its provider it waits for every real alarm.
    """

    reference: str
    delivery_id: UUID
    organisation_id: UUID
    incident_id: UUID
    person_id: UUID
    step: int
    key: str
    address: str
    subject: str
    text: str
    link: str | None
    code: str | None
    is_drill: bool
    is_silent: bool
    secret: str | None
    is_quiet: bool = False
    is_alarm: bool = True


@dataclass(frozen=True, slots=True)
class Accepted:
    """The peer took the message, under its own id if it has one."""

    provider_id: str | None


class ChannelError(Exception):
    """A message that was not handed over: why, for how long, and whether trying again can help."""

    def __init__(
        self,
        code: str,
        *,
        permanent: bool = False,
        retry_after_s: float | None = None,
        refused: bool = False,
    ) -> None:
        """Keep the facts; `retry_after_s` is bounded to `RETRY_AFTER_MAX_S`."""
        super().__init__(code)
        self.code = code
        self.permanent = permanent
        self.refused = refused
        self.retry_after_s = (
            None if retry_after_s is None else min(max(retry_after_s, 0.0), RETRY_AFTER_MAX_S)
        )


class Channel(Protocol):
    """A way to reach a person. Every channel passes `tests/channels/test_contract.py`."""

    kind: str

    def peer(self, message: Message) -> str:
        """Return the machine that takes this message, whose failures others share; no secrets."""
        ...

    async def send(self, message: Message, *, timeout_s: float) -> Accepted:
        """Hand the message over within `timeout_s` seconds, or raise `ChannelError`."""
        ...

    async def close(self) -> None:
        """Give every connection back; a send under way fails."""
        ...
