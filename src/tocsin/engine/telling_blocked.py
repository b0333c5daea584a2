"""Whose number does a carrier block now? Looked at every minute; who leads is told, and the owner in her other ways."""

from collections.abc import Awaitable, Callable
from typing import Final

from tocsin.engine.chores import keep_looking, postgres
from tocsin.engine.desk import Desk
from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.tell_blocked import tell_blocked
from tocsin.runtime import logs
from tocsin.runtime.ids import Ids

BLOCKED_S: Final = 60.0

log = logs.get("blocked")


class TellingBlocked:
    """Says it where texts to somebody go nowhere, patiently, in the slow lane."""

    def __init__(self, desk: Desk, ids: Ids, engine: str) -> None:
        """`desk` is PostgreSQL's: what was refused is known from there; `engine` is whose deliveries the pages are."""
        self._desk, self._ids, self._engine = desk, ids, engine

    async def run(
        self, publish: Callable[[list[Change]], Awaitable[None]], is_held: Callable[[], bool]
    ) -> None:
        """Look, for ever; on HOLD nobody is told: what a restore brought back may be told already (I8)."""
        looks = (self._tell,)
        await keep_looking(self._desk, looks, BLOCKED_S, publish, is_held)

    def _tell(self, alarms: Alarms) -> list[Change]:
        changes = tell_blocked(postgres(alarms), ids=self._ids, engine=self._engine)
        if changes:
            log.warning("number.blocked", pages=len(changes))
        return changes
