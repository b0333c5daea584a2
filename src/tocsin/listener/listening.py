"""Which sources are heard now? Those that are enrolled with a topic; looked up again every few seconds."""

import asyncio
from collections.abc import Callable
from typing import Final
from uuid import UUID

from tocsin.flow.open_door import is_in_use, load_listened
from tocsin.flow.take_message import Remembered, take_or_set_aside
from tocsin.listener.source import Broker, Source
from tocsin.registry.rules.sender import SenderRow
from tocsin.runtime import logs
from tocsin.runtime.clock import Clock
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import Ids
from tocsin.runtime.pool import Busy, Pool
from tocsin.signals.feeds.reading import Message

LOOK_EVERY_S: Final = 5.0
# Longer than any statement may take: a thread that does not come back holds up its own source alone.
TAKE_WITHIN_S: Final = 30.0

log = logs.get("listener")


class Intake:
    """Keeps the messages of all sources, each in a thread while it lasts."""

    def __init__(
        self,
        connect: Callable[[], Connection],
        ring: KeyRing,
        *,
        clock: Clock,
        ids: Ids,
        ring_bell: Callable[[], object],
    ) -> None:
        """`connect` makes a connection of the role `web`; `ring_bell` wakes the engine."""
        self._pool = Pool(connect)
        self._ring, self._clock, self._ids, self._ring_bell = ring, clock, ids, ring_bell
        self._remembered = Remembered()

    async def senders(self) -> list[SenderRow]:
        """Return the senders that are heard at the broker.

        Raises:
            Busy: PostgreSQL is away.
        """
        return await asyncio.to_thread(self._senders)

    async def take(self, sender: SenderRow, message: Message) -> None:
        """Keep one message; return after the commit.

        Raises:
            Busy: it could not be kept now.
        """
        try:
            async with asyncio.timeout(TAKE_WITHIN_S):
                await asyncio.to_thread(self._take, sender, message)
        except TimeoutError as error:
            raise Busy from error

    def _senders(self) -> list[SenderRow]:
        with self._pool.connection() as conn:
            return load_listened(conn)

    def _take(self, sender: SenderRow, message: Message) -> None:
        with self._pool.connection() as conn:
            # Revocation is immediate (I18): its subscription ends only with the next look at who is enrolled.
            if not is_in_use(conn, sender.id):
                return
            taken = take_or_set_aside(
                conn,
                self._ring,
                sender,
                message,
                at=self._clock.now(),
                ids=self._ids,
                remembered=self._remembered,
            )
        self._remembered.keep(taken)
        if taken.kept:
            self._ring_bell()


class Listening:
    """Runs one source for each sender, and follows what is enrolled, changed and revoked."""

    def __init__(self, broker: Broker, intake: Intake) -> None:
        """Hear nobody yet."""
        self._broker, self._intake = broker, intake
        self.sources: dict[UUID, tuple[SenderRow, Source, asyncio.Task[None]]] = {}

    async def run(self) -> None:
        """Listen until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                try:
                    self._follow(await self._intake.senders(), group)
                except Busy:
                    log.warning("listener.database_away")
                await asyncio.sleep(LOOK_EVERY_S)

    def _follow(self, senders: list[SenderRow], group: asyncio.TaskGroup) -> None:
        wanted = {sender.id: sender for sender in senders}
        for sender_id, (sender, _source, task) in list(self.sources.items()):
            if sender_id not in wanted or _differs(wanted[sender_id], sender) or task.done():
                task.cancel()
                del self.sources[sender_id]
        for sender in senders:
            if sender.id not in self.sources:
                source = Source(self._broker, sender, self._intake.take)
                self.sources[sender.id] = (sender, source, group.create_task(source.run()))


def _differs(now: SenderRow, before: SenderRow) -> bool:
    """Return whether what is listened for changed (not merely when it was last heard)."""
    return any(
        getattr(now, name) != getattr(before, name)
        for name in ("settings", "kind", "site_id", "place_id", "post_id", "case_id", "person_id")
    )
