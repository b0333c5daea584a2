"""What is to be gone is gone: at the start what a restore brought back, then every hour what has come to its date.

tocsin erase case|person ID
"""

import asyncio
import sys
from pathlib import Path
from typing import Final
from uuid import UUID

from tocsin.engine.chores import postgres
from tocsin.engine.desk import SLOW, Desk
from tocsin.flow.alarms import Alarms
from tocsin.flow.erase import TABLES, erase, erase_again, erase_due
from tocsin.registry.access import REVOKED_CHANNEL
from tocsin.runtime import logs, settings
from tocsin.runtime import postgres as cluster
from tocsin.runtime.clock import SystemClock
from tocsin.runtime.database import connect

EVERY_S: Final = 3600.0
WRONG_USE: Final = 2

log = logs.get("erasing")


class Erasing:
    """Erases, steadily."""

    def __init__(self, desk: Desk, keys_dir: Path) -> None:
        """`keys_dir` holds the list of what was ever erased."""
        self._desk, self._keys_dir = desk, keys_dir

    async def run(self) -> None:
        """Erase what came back, then what is due, for ever."""
        while True:
            again, due = await self._desk.do(self._erase, SLOW)
            if again or due:
                log.warning("erasing.done", again=again, due=due)
            await asyncio.sleep(EVERY_S)

    def _erase(self, alarms: Alarms) -> tuple[int, int]:
        store = postgres(alarms)
        at = store.now()
        again = erase_again(store.conn, self._keys_dir, at=at)
        return again, erase_due(store.conn, self._keys_dir, at=at)


def main(arguments: list[str]) -> int:
    """Erase one case or person now; returns 0, 1 when a legal hold forbids it, 2 for other words."""
    try:
        what, row_id = arguments[0], UUID(arguments[1])
    except (IndexError, ValueError):
        what, row_id = "", UUID(int=0)
    if what not in TABLES:
        sys.stderr.write("Usage: tocsin erase case|person ID\n")
        return WRONG_USE
    config = settings.load()
    with cluster.running(config), connect(config, "engine") as conn:
        refused = erase(
            conn, config.keys_dir, what, row_id, at=SystemClock().now(), because="asked"
        )
        if refused is None:
            # An open screen of hers looks at its right to be open.
            conn.execute("select pg_notify(%s, '')", (REVOKED_CHANNEL,))
    if refused:
        sys.stderr.write(f"tocsin erase: {refused.because}\n")
        return 1
    sys.stderr.write(
        f"The key of this {what} is gone, and goes again if a restore brings it back. A backup from before still holds"
        " it, closed by the master key: `tocsin keys rotate`, and destroy the old key's copies.\n"
    )
    return 0
