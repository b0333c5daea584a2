"""What may this viewer read of a respondent's custody? Everything that was said, side by side, once the look is on record."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tocsin.registry.access import Viewer
from tocsin.registry.access_cases import CaseView, load_case_view
from tocsin.registry.store import load_short_names
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.signals.rules.custody import (
    SHOWN_AT_ONCE,
    Custody,
    CustodyBody,
    CustodyFact,
    State,
    custody_at,
)
from tocsin.signals.store_custody import (
    load_all_custody,
    load_bodies,
    load_zone,
)


@dataclass(frozen=True, slots=True)
class CustodyRow:
    """One word: what was said, who heard it, and whether it decides the answer now."""

    fact: CustodyFact
    body: CustodyBody
    heard_by: str
    taken_back_by: str
    decides: bool

    @property
    def is_unread(self) -> bool:
        """Return whether a person must read it: no machine could."""
        return _is_unread(self.fact)


@dataclass(frozen=True, slots=True)
class CustodyView:
    """The answer, and a page of what was said, the newest first. `zone`: of the protected person's site.

    `ids`: of every word; `unread`: how many of all of them no machine could read, and no person has; `page` counts from
    0, the newest, and `pages` are at least 1.
    """

    case: CaseView
    zone: str
    custody: Custody
    rows: tuple[CustodyRow, ...]
    ids: frozenset[UUID]
    unread: int
    page: int
    pages: int


def load_custody_view(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    case_id: UUID,
    *,
    at: datetime,
    asked_at: datetime | None = None,
    known_at: datetime | None = None,
    page: int = 0,
) -> CustodyView:
    """Return what is known, or what was known at `known_at` about `asked_at`; the look is written down first.

    `page`: of the words, from the newest; one that there is not is the last.

    Raises:
        Hidden, StepUp: as `load_case_view`.
    """
    case = load_case_view(conn, ring, viewer, case_id, at=at, what="custody")
    facts = load_all_custody(conn, case_id)
    pages = max(1, -(-len(facts) // SHOWN_AT_ONCE))
    page = min(max(page, 0), pages - 1)
    shown = facts[::-1][page * SHOWN_AT_ONCE : (page + 1) * SHOWN_AT_ONCE]
    bodies = load_bodies(conn, case.key, [fact.id for fact in shown])
    custody = custody_at(facts, asked_at or at, known_at or at)
    people = {f.heard_by_id for f in shown} | {f.taken_back_by_id for f in shown}
    names = load_short_names(conn, ring, [person for person in people if person])
    rows = [
        CustodyRow(
            fact,
            bodies.get(fact.id, CustodyBody()),
            names.get(fact.heard_by_id, "") if fact.heard_by_id else "",
            names.get(fact.taken_back_by_id, "") if fact.taken_back_by_id else "",
            fact in custody.facts,
        )
        for fact in shown
    ]
    return CustodyView(
        case,
        load_zone(conn, case_id),
        custody,
        tuple(rows),
        ids=frozenset(fact.id for fact in facts),
        unread=sum(_is_unread(fact) for fact in facts),
        page=page,
        pages=pages,
    )


def _is_unread(fact: CustodyFact) -> bool:
    return fact.state is State.NOT_UNDERSTOOD and fact.taken_back_at is None
