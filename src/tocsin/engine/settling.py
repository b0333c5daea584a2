"""What became of the attempts to send? Kept soon after them, many at once, and told; nothing is sent again for it.

An attempt that is not settled yet lies here: its lease is still this engine's, and a store in memory must know of it.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import Final, Protocol
from uuid import UUID

from tocsin.decisions.rules.incident import Incident
from tocsin.engine.desk import POST, Desk, StoreAwayError
from tocsin.engine.retiring import retire_gone
from tocsin.flow.settle import expire, settle
from tocsin.notifications.rules.delivery import Delivery, Outcome
from tocsin.runtime import logs

SETTLE_AFTER_S: Final = 0.02
# What has gone out and is not kept yet goes out a second time after a crash: with more than this, it is kept at once,
# and no more SOS are taken from the spool, for so long at most.
UNKEPT: Final = 32
CATCH_UP_S: Final = 0.1

log = logs.get("settling")


class Tells(Protocol):
    """Whom an attempt is told of: the gate and the screens."""

    def sent(self, incident_id: UUID) -> None:
        """Tell that a message about this incident has gone out."""
        ...

    def changed(self, incident: Incident) -> None:
        """Tell how this incident stands."""
        ...


class Settling:
    """Keeps what came of attempts, and ends what nobody saw in time."""

    def __init__(
        self,
        desk: Desk,
        telling: Tells,
        known: Callable[[UUID], Incident | None],
        after_s: float = SETTLE_AFTER_S,
    ) -> None:
        """`known` finds an incident of whose messages it is told; `after_s`: how long more are waited for."""
        self._desk, self._telling, self._known, self._after_s = desk, telling, known, after_s
        self.attempts: list[tuple[Delivery, Outcome]] = []
        self._any, self._many, self._few = asyncio.Event(), asyncio.Event(), asyncio.Event()

    def attempted(self, delivery: Delivery, outcome: Outcome) -> None:
        """Take what came of one attempt; it is kept soon."""
        self.attempts.append((delivery, outcome))
        self._any.set()
        if len(self.attempts) > UNKEPT:
            self._many.set()
        if outcome.is_accepted:
            self._telling.sent(delivery.incident_id)

    async def caught_up(self) -> None:
        """Return when not much is unkept; soon in any case: nobody's alarm waits long for our books."""
        if len(self.attempts) > UNKEPT:
            self._few.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(CATCH_UP_S):
                    await self._few.wait()

    async def run(self) -> None:
        """Settle, for ever.

        Raises:
            StoreAwayError: nothing is lost; it goes on when this is called again.
        """
        while True:
            await self._any.wait()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._after_s):
                    await self._many.wait()
            self._any.clear()
            self._many.clear()
            at_once = len(self.attempts)
            while some := self.attempts[:at_once]:
                try:
                    settled = await self._desk.do(partial(settle, attempts=some), POST)
                except StoreAwayError:
                    self._any.set()
                    raise
                except Exception:
                    # One that cannot be kept must not take the others along: all would be sent again.
                    log.exception("attempt.poisoned", n=len(some))
                    settled, at_once = [], 1
                    if len(some) > 1:
                        continue
                del self.attempts[: len(some)]
                if len(self.attempts) <= UNKEPT:
                    self._few.set()
                await retire_gone(self._desk, settled)
                self._tell_of({delivery.incident_id for delivery in settled})

    async def expire(self) -> None:
        """End what nobody saw by its deadline, and tell of it.

        Raises:
            StoreAwayError: nothing was ended.
        """
        self._tell_of(await self._desk.do(expire, POST))

    def _tell_of(self, incident_ids: Iterable[UUID]) -> None:
        for incident_id in incident_ids:
            incident = self._known(incident_id)
            if incident:
                self._telling.changed(incident)
