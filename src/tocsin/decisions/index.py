"""Who of 100,000 entries may this be, in milliseconds? All that an organisation's doors match by, in memory.

Stub of the seam (a plain scan); blocking follows within the hour.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from tocsin.decisions.rules.matching import Entry, Match, match_entry
from tocsin.registry.store_door import load_door_matches
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.signals.rules.seen import Seen

# What one answer lists; how many more there are is said.
MAX_MATCHES: Final = 50


@dataclass(frozen=True, slots=True)
class Found:
    """The best matches, and how many more there are than are listed."""

    matches: tuple[Match, ...]
    more: int = 0


class Index:
    """The entries of one organisation. Threads may share it."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        """Take the entries."""
        self._entries = tuple(entries)

    def find(self, seen: Seen) -> Found:
        """Return whom this may be, best first, and how many more."""
        matches = sorted(
            (match for entry in self._entries if (match := match_entry(seen, entry))),
            key=lambda match: (-match.score, match.case_id),
        )
        return Found(tuple(matches[:MAX_MATCHES]), max(0, len(matches) - MAX_MATCHES))

    def match(self, seen: Seen) -> tuple[Match, ...]:
        """Return whom this may be, best first, at most `MAX_MATCHES`."""
        return self.find(seen).matches


def load_index(conn: Connection, ring: KeyRing, organisation_id: UUID) -> Index:
    """Return an index of every active entry of the organisation. For the roles `door` and `engine`."""
    return Index(
        Entry(
            case_id=row.case_id,
            names=row.match.names,
            born_on=row.match.born_on,
            born_year=row.match.born_year,
            phones=row.match.phones,
            badges=row.match.badges,
            plates=row.match.plates,
            fleet_plates=row.fleet_plates,
            version=row.version,
        )
        for row in load_door_matches(conn, ring, organisation_id)
    )
