"""Does custody mail lie here that could not be taken in? Looked at every minute; whoever leads is told.

The engine looks which files there are, and opens none: what has broken one process must not break the one that calls people.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from tocsin.engine.chores import postgres
from tocsin.engine.desk import SLOW, Desk
from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.tell_kept_mail import tell_kept_mail
from tocsin.runtime import kept_mail, logs
from tocsin.runtime.clock import WallClock
from tocsin.runtime.ids import Ids

KEPT_S: Final = 60.0

log = logs.get("kept_custody")


class KeptCustody:
    """Says that custody mail waits, patiently, in the slow lane."""

    def __init__(self, desk: Desk, ids: Ids, engine: str, data_dir: Path) -> None:
        """`engine` is whose deliveries the pages are; `data_dir`: of the installation, where the folder lies."""
        self._desk, self._ids, self._engine, self._data_dir = desk, ids, engine, data_dir

    async def run(
        self, publish: Callable[[list[Change]], Awaitable[None]], is_held: Callable[[], bool]
    ) -> None:
        """Look, for ever; `publish` sends. On HOLD nobody is told: what a restore brought back may be told already (I8)."""
        while True:
            if not is_held():
                await self.look(publish)
            await asyncio.sleep(KEPT_S)

    async def look(self, publish: Callable[[list[Change]], Awaitable[None]]) -> None:
        """Look once. A folder that we may not look into is said in the log; the doctor says it too.

        Raises:
            StoreAwayError: there are some, and nobody could be told.
        """
        newest = await asyncio.to_thread(self._newest)
        if newest:
            await publish(await self._desk.do(partial(self._tell, newest), SLOW))

    def _newest(self) -> dict[str, datetime]:
        try:
            found = kept_mail.waiting(self._data_dir, WallClock().now())
        except OSError as problem:
            log.error("custody_mail.closed", problem=type(problem).__name__)  # noqa: TRY400
            return {}
        if found:
            log.warning("custody_mail.waits", n=len(found))
        # The oldest come first.
        return {one.slug: one.since for one in found}

    def _tell(self, newest: dict[str, datetime], alarms: Alarms) -> list[Change]:
        return tell_kept_mail(postgres(alarms), newest, ids=self._ids, engine=self._engine)
