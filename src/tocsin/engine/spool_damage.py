"""Could a part of the spool not be read? Something that was stored may be lost there: every employer's record says so.

Whose it was cannot be known. A reader that starts anew finds the same damage again, so what is on record is noted in a
small file beside the spool; losing that only says it twice.
"""

import asyncio
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from tocsin.engine.chores import note_everywhere
from tocsin.engine.desk import SLOW, Desk
from tocsin.runtime import logs
from tocsin.runtime.spool import Dropped

EVERY_S: Final = 5.0
NOTED: Final = "damage-on-record"

log = logs.get("spool_damage")


class Reads(Protocol):
    """A reader of the spool; `dropped` collects what it could not read."""

    dropped: list[Dropped]


class SpoolDamage:
    """Tells of what the engine's reader of the spool could not read."""

    def __init__(self, desk: Desk, reader: Reads, folder: Path) -> None:
        """`folder` is the spool's."""
        self._desk, self._reader, self._noted = desk, reader, folder / NOTED

    async def run(self) -> None:
        """Look every five seconds, for ever."""
        while True:
            await self.look()
            await asyncio.sleep(EVERY_S)

    async def look(self) -> None:
        """Put each damaged place on record, once.

        Raises:
            StoreAwayError: it is tried again; what is on record by then stays noted.
        """
        while self._reader.dropped:
            found = self._reader.dropped[0]
            line = f"{found.name} {found.offset}\n"
            if line not in self._lines():
                log.error("spool.damaged", segment=found.name, n_bytes=found.n_bytes)
                body = {"because": found.because, "segment": found.name, "bytes": found.n_bytes}
                noting = partial(note_everywhere, kind="spool.damaged", body=body)
                await self._desk.do(noting, SLOW)
                with self._noted.open("a", encoding="ascii") as noted:
                    noted.write(line)
            del self._reader.dropped[0]

    def _lines(self) -> list[str]:
        if not self._noted.exists():
            return []
        return self._noted.read_text(encoding="ascii").splitlines(keepends=True)
