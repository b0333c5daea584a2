"""What did a file bring? One report for every import: all of it is taken, or nothing."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tocsin.registry.access import Hidden, Viewer, note
from tocsin.registry.rules.imports import Refused
from tocsin.runtime.database import Connection

MAX_REPORTED: Final = 500


@dataclass(frozen=True, slots=True)
class Report:
    """What a file brings: how many lines are good, how many of them are new, and every line that is refused.

    `is_saved`: it was taken. A report with a refused line is never saved. `all_refused` counts also those beyond the
    ones that it shows, `more` these, and those to be looked at, alone.
    """

    good: int
    new: int
    refused: tuple[Refused, ...]
    warned: tuple[Refused, ...]
    is_saved: bool = False
    all_refused: int = 0
    more: int = 0

    @property
    def may_be_saved(self) -> bool:
        """Return whether every line was good, and there was one."""
        return not self.refused and self.good > 0


def administrator(viewer: Viewer) -> None:
    """Return for an administrator.

    Raises:
        Hidden: the viewer is none.
    """
    if not viewer.is_administrator:
        raise Hidden


def report(good: int, new: int, refused: Sequence[Refused], warned: Sequence[Refused]) -> Report:
    """Return a report, its lines in the order of the file: the first 500 of each, and how many more there are."""
    ordered = sorted(refused, key=lambda one: one.line)
    more = sum(max(0, len(several) - MAX_REPORTED) for several in (refused, warned))
    shown = tuple(ordered[:MAX_REPORTED]), tuple(warned[:MAX_REPORTED])
    return Report(good, new, *shown, all_refused=len(refused), more=more)


def note_import(
    conn: Connection, viewer: Viewer, what: str, raw: bytes, done: Report, *, at: datetime
) -> None:
    """Write that this file was imported; the file stands there as its digest only."""
    body = {
        "what": what,
        "file": hashlib.sha256(raw).hexdigest(),
        "accepted": done.good,
        "refused": len(done.refused),
        "changed": done.good - done.new,
    }
    note(conn, viewer, "import.done", body, at=at)
