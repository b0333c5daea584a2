"""Who of those who are shut out may this be? A score with the parts that made it, and how sure it is.

Stub of the seam; filled in within the hour.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from tocsin.registry.rules.door import KnownPlate
from tocsin.signals.rules.seen import PlateRead, Seen

CERTAIN_FROM: Final = 900
POSSIBLE_FROM: Final = 400


class Certainty(StrEnum):
    """How sure a match is; what is below the floor is no match."""

    CERTAIN = "certain"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What one case's respondent is known by. `fleet_plates`: vehicles of the employer whose keys he has."""

    case_id: UUID
    names: tuple[str, ...] = ()
    born_on: date | None = None
    born_year: int | None = None
    phones: tuple[str, ...] = ()
    badges: tuple[str, ...] = ()
    plates: tuple[KnownPlate, ...] = ()
    fleet_plates: tuple[KnownPlate, ...] = ()
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One case that this may be. `score` 0 to 1000 is the sum of the parts' points, kept inside."""

    case_id: UUID
    certainty: Certainty
    score: int
    parts: tuple[tuple[str, int], ...]


def match_person(seen: Seen, entry: Entry) -> Match | None:
    """Return the match by name, birth date, phone and badge; None: below the floor."""
    same = any(seen.name and seen.name.casefold() == name.casefold() for name in entry.names)
    return _judged(entry, [("name_same", 600)] if same else [])


def match_plate(read: PlateRead, entry: Entry) -> Match | None:
    """Return the match by one reading of a plate; None: below the floor."""
    same = any(read.text.upper() == plate.text.upper() for plate in entry.plates)
    return _judged(entry, [("plate_same", 950)] if same else [])


def match_entry(seen: Seen, entry: Entry) -> Match | None:
    """Return the match by everything that was seen; None: below the floor."""
    found = [match_person(seen, entry), *(match_plate(read, entry) for read in seen.plates)]
    parts = [part for match in found if match for part in match.parts]
    return _judged(entry, parts)


def _judged(entry: Entry, parts: list[tuple[str, int]]) -> Match | None:
    score = max(0, min(1000, sum(points for _, points in parts)))
    if score < POSSIBLE_FROM:
        return None
    certainty = Certainty.CERTAIN if score >= CERTAIN_FROM else Certainty.POSSIBLE
    return Match(case_id=entry.case_id, certainty=certainty, score=score, parts=tuple(parts))
