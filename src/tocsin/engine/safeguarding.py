"""What waits for people, steadily and in nobody's way? Releases, late safeguards, briefings, broken glass, her notices; every 15 s."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final
from uuid import UUID

from tocsin.engine.chores import postgres
from tocsin.engine.desk import SLOW, Desk
from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.brief import ask_to_read
from tocsin.flow.tell_glass import tell_glass
from tocsin.flow.tell_her import tell_her
from tocsin.flow.tend_safeguards import (
    FIRST,
    Done,
    drop_closed,
    release_due,
    tend_safeguards,
)
from tocsin.runtime import logs
from tocsin.runtime.ids import Ids

LOOK_S: Final = 15.0
# Who sleeps is looked at again in each round; the rest of a long one is the next round's.
MAX_BATCHES: Final = 10

log = logs.get("safeguarding")


class Safeguarding:
    """Tends the safeguards and asks posts to read their briefings. Patient: a batch at a time, in the slow lane."""

    def __init__(self, desk: Desk, ids: Ids, engine: str) -> None:
        """`engine` is whose deliveries the messages are."""
        self._desk, self._ids, self._engine = desk, ids, engine
        self._after = FIRST

    async def run(
        self, publish: Callable[[list[Change]], Awaitable[None]], is_held: Callable[[], bool]
    ) -> None:
        """Tend, for ever; `publish` sends. On HOLD nothing is released and nobody told: a restore must not (I8)."""
        while True:
            if not is_held():
                await self._round(publish)
            await asyncio.sleep(LOOK_S)

    async def _round(self, publish: Callable[[list[Change]], Awaitable[None]]) -> None:
        released = await self._desk.do(self._release, SLOW)
        if released:
            log.info("steps.released", n=released)
        for _ in range(MAX_BATCHES):
            done = await self._desk.do(partial(self._tend, self._after), SLOW)
            await publish(list(done.changes))
            self._after = done.last
            if self._after == FIRST:
                break
        await publish(await self._desk.do(self._brief, SLOW))
        await publish(await self._desk.do(self._glass, SLOW))
        await publish(await self._desk.do(self._hers, SLOW))

    def _release(self, alarms: Alarms) -> int:
        drop_closed(postgres(alarms))
        return release_due(postgres(alarms))

    def _tend(self, after: UUID, alarms: Alarms) -> Done:
        return tend_safeguards(postgres(alarms), after, ids=self._ids, engine=self._engine)

    def _brief(self, alarms: Alarms) -> list[Change]:
        return ask_to_read(postgres(alarms), ids=self._ids, engine=self._engine)

    def _glass(self, alarms: Alarms) -> list[Change]:
        return tell_glass(postgres(alarms), ids=self._ids, engine=self._engine)

    def _hers(self, alarms: Alarms) -> list[Change]:
        return tell_her(postgres(alarms), ids=self._ids, engine=self._engine)
