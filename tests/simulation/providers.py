"""How do providers behave? They take messages, hang, refuse, are busy, lie, and people read on the other end."""

import asyncio
from collections.abc import Callable
from typing import Final

from tests.simulation.faults import Life, dice
from tests.simulation.history import History
from tests.simulation.script import Script
from tocsin.notifications.rules.message import Accepted, ChannelError, Message

PROVIDERS: Final = {"live": "screens", "webpush": "push", "sms": "carrier"}

Arrived = Callable[[str, Message], None]


class SimChannel:
    """One channel of one engine process; the provider behind it outlives the process."""

    def __init__(
        self, kind: str, script: Script, history: History, life: Life, arrived: Arrived
    ) -> None:
        """`arrived` is told of a message that reaches its person."""
        self.kind = kind
        self._script, self._history, self._life, self._arrived = script, history, life, arrived
        self._loop = asyncio.get_running_loop()

    def peer(self, message: Message) -> str:
        """Return the provider's name."""
        del message
        return PROVIDERS[self.kind]

    async def send(self, message: Message, *, timeout_s: float) -> Accepted:
        """Hand over, as well as the provider lets us, dying before or after it."""
        await self._life.point_async()
        number = len(self._history.facts)
        self._write("send", message, text=message.text, is_silent=message.is_silent)
        wave = message.reference.split(".")[1]
        luck = dice(self._script.seed, message.key, message.person_id, self.kind, wave)
        try:
            await self._behave(message, timeout_s, luck.random())
        except ChannelError as problem:
            self._write("not taken", message, error=problem.code)
            raise
        self._write("taken", message)
        await self._life.point_async()
        return Accepted(f"{self.kind}-{number}")

    async def _behave(self, message: Message, timeout_s: float, luck: float) -> None:
        how = self._how()
        await asyncio.sleep(0.002 + luck * (1.5 if how == "slow" else 0.05))
        if how == "hang":
            if luck < 0.5:
                self._arrived(self.kind, message)
            await asyncio.sleep(timeout_s)
            raise ChannelError("timeout")
        if how == "refuse":
            raise ChannelError("refused", refused=True)
        if how == "busy" or (how == "flaky" and luck < 0.5):
            raise ChannelError("busy", retry_after_s=0.5 + luck)
        if how == "gone":
            raise ChannelError("gone", permanent=True)
        if how != "drop":
            self._arrived(self.kind, message)

    def _how(self) -> str:
        now, name = self._loop.time(), PROVIDERS[self.kind]
        troubles = (t for t in self._script.troubles if t.provider == name)
        return next((t.how for t in troubles if t.starts <= now < t.ends), "")

    def _write(self, kind: str, message: Message, **more: object) -> None:
        self._history.add(
            self._loop.time(),
            kind,
            delivery=message.delivery_id,
            reference=message.reference,
            person=message.person_id,
            channel=self.kind,
            incident=message.incident_id,
            is_drill=message.is_drill,
            is_alarm=message.is_alarm,
            **more,
        )

    async def close(self) -> None:
        """Nothing to close."""
