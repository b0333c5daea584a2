"""Does everything see that should? Readers, trackers, posts and briefings, looked at every ten seconds."""

from collections.abc import Awaitable, Callable
from typing import Final

from tocsin.engine.chores import keep_looking, postgres
from tocsin.engine.desk import Desk
from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.lapse_custody import lapse_custody
from tocsin.flow.tell_blind import tell_blind
from tocsin.runtime import logs
from tocsin.runtime.ids import Ids

LOOK_S: Final = 10.0

log = logs.get("blindness")


class Blindness:
    """Looks for what is silent: sensors and posts, and custody that nobody confirmed in time."""

    def __init__(self, desk: Desk, ids: Ids, engine: str) -> None:
        """`engine` is whose deliveries the pages are."""
        self._desk, self._ids, self._engine = desk, ids, engine

    async def run(
        self, publish: Callable[[list[Change]], Awaitable[None]], is_held: Callable[[], bool]
    ) -> None:
        """Look, for ever; `publish` sends. On HOLD nobody is told: a restored database would say it again (I8)."""
        looks = (self._look, self._lapse)
        await keep_looking(self._desk, looks, LOOK_S, publish, is_held)

    def _look(self, alarms: Alarms) -> list[Change]:
        changes = tell_blind(postgres(alarms), ids=self._ids, engine=self._engine)
        if changes:
            log.warning("protection.blind", pages=len(changes))
        return changes

    def _lapse(self, alarms: Alarms) -> list[Change]:
        lapsed = lapse_custody(postgres(alarms))
        if lapsed.cases:
            log.warning("custody.lapsed", n=lapsed.cases)
        return list(lapsed.changes)
