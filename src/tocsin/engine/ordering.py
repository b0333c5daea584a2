"""What do the orders ask for while time passes? Every 15 s: doors and open sightings follow them, and late reviews are said."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from tocsin.engine.chores import postgres
from tocsin.engine.desk import SLOW, Desk
from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.tend_orders import tend_orders
from tocsin.flow.tend_seen import tend_seen
from tocsin.runtime.ids import Ids

LOOK_S: Final = 15.0


class Ordering:
    """Tends the orders, patiently, in the slow lane."""

    def __init__(self, desk: Desk, ids: Ids, engine: str) -> None:
        """`engine` is whose deliveries the messages are."""
        self._desk, self._ids, self._engine = desk, ids, engine

    async def run(
        self, publish: Callable[[list[Change]], Awaitable[None]], is_held: Callable[[], bool]
    ) -> None:
        """Tend, for ever; `publish` sends. On HOLD nothing changes and nobody is told: a restore must not (I8)."""
        while True:
            if not is_held():
                await publish(await self._desk.do(self._tend, SLOW))
                await publish(await self._desk.do(self._tend_seen, SLOW))
            await asyncio.sleep(LOOK_S)

    def _tend(self, alarms: Alarms) -> list[Change]:
        return tend_orders(postgres(alarms), ids=self._ids, engine=self._engine)

    def _tend_seen(self, alarms: Alarms) -> list[Change]:
        return tend_seen(postgres(alarms), ids=self._ids, engine=self._engine)
