"""What do the orders ask for while time passes? Every 15 s: doors and open sightings follow them, and late reviews are said."""

from collections.abc import Awaitable, Callable
from typing import Final

from tocsin.engine.chores import keep_looking, postgres
from tocsin.engine.desk import Desk
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
        looks = (self._tend, self._tend_seen)
        await keep_looking(self._desk, looks, LOOK_S, publish, is_held)

    def _tend(self, alarms: Alarms) -> list[Change]:
        return tend_orders(postgres(alarms), ids=self._ids, engine=self._engine)

    def _tend_seen(self, alarms: Alarms) -> list[Change]:
        return tend_seen(postgres(alarms), ids=self._ids, engine=self._engine)
