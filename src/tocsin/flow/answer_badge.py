"""What does a reader do with this badge? It passes it on to its own list, or shows its ordinary fault.

A badge that is to be refused gets exactly the answer of a card that could not be read, so that nobody learns a reason at
a door. Nor does whoever holds the reader's key, by asking it: an entry of a case of which he is a party is left out. It is
decided by what the doors know and nothing else: an entry that says *do not admit* here, with this badge, or
that names the place where this reader stands, as a car park. A colleague who has no notice has no such entry until the visible steps are released: quiet watch (`rules/posture.py`).
Nobody is kept inside: a badge at the way out is passed on, whoever has it. He would be shut in with her.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final
from uuid import UUID

from tocsin.decisions.rules.matching import fold_badge
from tocsin.flow.take_message import Taken
from tocsin.registry.rules.posture import Instruction
from tocsin.registry.rules.sender import SenderRow
from tocsin.registry.store_doors import load_door_entries
from tocsin.registry.store_index import load_cases_of_party, load_door_state
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.signals.feeds.badge.reader import OUT

PASS: Final = "pass"  # noqa: S105 - what the door does
FAULT: Final = "fault"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader asks about: a badge, and whether it was held to the reader on the way out."""

    badge: str
    is_way_out: bool = False


@dataclass(frozen=True, slots=True)
class _Refused:
    """Where one entry refuses its badges. `is_kept_out` False: at single places only; else at `sites`, none: at all."""

    case_id: UUID
    is_kept_out: bool
    sites: tuple[UUID, ...]
    places: tuple[UUID, ...]

    def at(self, sender: SenderRow) -> bool:
        """Return whether it does where this reader stands."""
        if sender.place_id is not None and sender.place_id in self.places:
            return True
        return self.is_kept_out and (not self.sites or sender.site_id in self.sites)


@dataclass(frozen=True, slots=True)
class _Known:
    state: int
    refused: Mapping[str, tuple[_Refused, ...]]


class Badges:
    """The badges that are to be refused, of each organisation, read again when a door entry changed."""

    def __init__(self) -> None:
        """Know nothing."""
        self._lock = Lock()
        self._known: dict[UUID, _Known] = {}

    def answer(
        self, conn: Connection, ring: KeyRing, sender: SenderRow, asked: Asked | None
    ) -> dict[str, Any]:
        """Return what the reader does. `asked` None: it could not be read. `conn` is of the role `door`."""
        # Asked on the way out too, so that both answers take as long.
        is_refused = self.is_refused(conn, ring, sender, asked.badge if asked else "")
        if asked is None or (is_refused and not asked.is_way_out):
            return {"answer": FAULT, "show": sender.fault}
        return {"answer": PASS}

    def is_refused(self, conn: Connection, ring: KeyRing, sender: SenderRow, badge: str) -> bool:
        """Return whether an entry says that nobody with this badge is admitted where this reader stands."""
        known = self._load(conn, ring, sender.organisation_id)
        cases = [e.case_id for e in known.refused.get(fold_badge(badge), ()) if e.at(sender)]
        if sender.key_held_by is None:
            return bool(cases)
        # Asked of no case too, so that both answers take as long.
        return bool(set(cases) - load_cases_of_party(conn, cases, sender.key_held_by))

    def _load(self, conn: Connection, ring: KeyRing, organisation_id: UUID) -> _Known:
        state = load_door_state(conn, organisation_id)
        with self._lock:
            known = self._known.get(organisation_id)
        if known is None or known.state != state:
            known = _Known(state, _refused_badges(conn, ring, organisation_id))
            with self._lock:
                self._known[organisation_id] = known
        return known


def _refused_badges(
    conn: Connection, ring: KeyRing, organisation_id: UUID
) -> dict[str, tuple[_Refused, ...]]:
    found: dict[str, tuple[_Refused, ...]] = {}
    for entry in load_door_entries(conn, ring, organisation_id):
        is_kept_out = entry.instruction == Instruction.DO_NOT_ADMIT
        if not (is_kept_out or entry.places):
            continue
        refused = _Refused(entry.case_id, is_kept_out, entry.sites, entry.places)
        for badge in map(fold_badge, entry.match.badges):
            if badge:
                found[badge] = (*found.get(badge, ()), refused)
    return found


def asked_of(taken: Taken) -> Asked | None:
    """Return the badge that a reader asks about, or None: it could not be read."""
    if not taken.seen or taken.bad:
        return None
    last = taken.seen[-1]
    return Asked(last.badge, is_way_out=OUT in last.codes)
