"""How is one source heard at the broker, for ever, and without a message lost?

A connection of its own with a lasting session: the broker keeps what comes while we are away, and gives again what we did
not acknowledge. A message is acknowledged (QoS 1) after it is committed, or set aside, and never before; what was taken twice is
one event, by its track. What another source does, hangs or floods is nothing to this one.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import aiomqtt

from tocsin.registry.rules.sender import SenderKind, SenderRow
from tocsin.runtime import logs
from tocsin.runtime.pool import Busy
from tocsin.signals.feeds.reading import Message

FIRST_PAUSE_S: Final = 0.5
# What comes back is heard within this: a sighting that waits is people who are not called.
LONGEST_PAUSE_S: Final = 5.0
# Beyond these QoS 0 messages are dropped, which their sender has agreed to; QoS 1 is never, the broker holds it back.
MAX_WAITING: Final = 1_000
MAX_WAITING_BYTES: Final = 16_777_216
MAX_BODY: Final = 262_144
DROPS_SAID_EVERY: Final = 1_000
MAX_PROBLEM: Final = 200
KEEPALIVE_S: Final = 20
MQTT_PORT: Final = 1_883
MQTTS_PORT: Final = 8_883
AT_LEAST_ONCE: Final = 1
TOPICS: Final = {
    SenderKind.FRIGATE: ("/events", "/available", "/stats"),
    SenderKind.OWNTRACKS: ("", "/event"),
}

log = logs.get("listener")

Take = Callable[[SenderRow, Message], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is and how it knows us."""

    host: str
    port: int
    name: str | None = None
    password: str | None = None
    is_tls: bool = False


def broker_of(url: str) -> Broker:
    """Return the parts of `mqtt://name:password@host:port` or `mqtts://...`."""
    parts = urlsplit(url)
    is_tls = parts.scheme == "mqtts"
    return Broker(
        host=parts.hostname or "localhost",
        port=parts.port or (MQTTS_PORT if is_tls else MQTT_PORT),
        name=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        is_tls=is_tls,
    )


class _Client(aiomqtt.Client):
    """A client that acknowledges when it is told to, and holds no more than it may of what waits.

    aiomqtt's own bound drops QoS 1 too; unacknowledged, twenty of those stop a source until it connects anew.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._client.manual_ack_set(True)
        self._waiting = self._waiting_bytes = self.dropped = 0

    def _on_message(self, client: Any, userdata: Any, message: Any) -> None:
        # Cut, it is no JSON any more, and is set aside with that reason.
        message.payload = message.payload[:MAX_BODY]
        size = len(message.payload)
        is_full = self._waiting >= MAX_WAITING or self._waiting_bytes + size > MAX_WAITING_BYTES
        if is_full and not message.qos:
            self.dropped += 1
            if self.dropped % DROPS_SAID_EVERY == 1:
                log.warning("listener.flooded", client=self.identifier, dropped=self.dropped)
            return
        self._waiting += 1
        self._waiting_bytes += size
        super()._on_message(client, userdata, message)

    def acknowledge(self, message: aiomqtt.Message) -> None:
        self._waiting -= 1
        self._waiting_bytes -= len(message.payload) if isinstance(message.payload, bytes) else 0
        if message.qos:
            self._client.ack(message.mid, message.qos)


class Source:
    """One sender at the broker."""

    def __init__(self, broker: Broker, sender: SenderRow, take: Take) -> None:
        """`take` keeps a message and returns after the commit; it raises `Busy` when that must be tried again."""
        self._broker, self._sender, self._take = broker, sender, take
        # Set while the broker has our subscriptions.
        self.listening = asyncio.Event()

    async def run(self) -> None:
        """Listen until cancelled; connect again with a pause that grows."""
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                async with self._client() as client:
                    for ending in TOPICS[SenderKind(self._sender.kind)]:
                        await client.subscribe(self._sender.topic + ending, qos=AT_LEAST_ONCE)
                    log.info("listener.connected", sender_id=str(self._sender.id))
                    self.listening.set()
                    pause_s = FIRST_PAUSE_S
                    async for message in client.messages:
                        await self._hear(message)
                        client.acknowledge(message)
            except (aiomqtt.MqttError, OSError) as problem:
                # Of the broker or the network, never of a message: a refused password, a certificate, a host that is away.
                log.warning(
                    "listener.away", sender_id=str(self._sender.id), problem=str(problem)[:MAX_PROBLEM], pause_s=pause_s
                )  # fmt: skip
            except Exception as problem:
                # Not acknowledged, it comes again; whatever it is, no other source is to stop for it.
                log.error(  # noqa: TRY400 - no trace: it may hold what was sent
                    "listener.broken",
                    sender_id=str(self._sender.id),
                    problem=type(problem).__name__,
                )
            self.listening.clear()
            await asyncio.sleep(pause_s)
            pause_s = min(LONGEST_PAUSE_S, pause_s * 2)

    def _client(self) -> _Client:
        broker = self._broker
        return _Client(
            broker.host,
            broker.port,
            username=broker.name,
            password=broker.password,
            identifier=f"tocsin-{self._sender.id.hex}",
            clean_session=False,
            keepalive=KEEPALIVE_S,
            tls_context=ssl.create_default_context() if broker.is_tls else None,
        )

    async def _hear(self, message: aiomqtt.Message) -> None:
        """Keep one message, however often that must be tried."""
        body = message.payload if isinstance(message.payload, bytes) else b""
        ending = str(message.topic).removeprefix(self._sender.topic).removeprefix("/")
        heard = Message(body, topic=ending, is_kept=message.retain)
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                await self._take(self._sender, heard)
            except Busy:
                await asyncio.sleep(pause_s)
                pause_s = min(LONGEST_PAUSE_S, pause_s * 2)
            else:
                return
