"""Somebody, or a notice, says whether the respondent is held. It is kept beside what others said, and safeguards open.

Nothing is sent and nobody is called back: a custody notice is hers to answer, and this tool never does it for her.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from tocsin.flow.alarms import Change
from tocsin.flow.follow_custody import follow_custody
from tocsin.flow.open_safeguards import open_safeguards
from tocsin.flow.respond import Refused
from tocsin.record import store as record
from tocsin.record.rules.entries import Entry
from tocsin.registry.store_cases import case_key
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import uuid7
from tocsin.signals import store_custody as store
from tocsin.signals.rules.custody import (
    EVENTS,
    MAX_AHEAD,
    OFFICIAL,
    CustodyBody,
    CustodyFact,
    State,
    custody_at,
    located,
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was kept, and the incidents that say so. `is_new` False: this very message was kept before."""

    fact: CustodyFact
    is_new: bool
    changes: tuple[Change, ...] = ()


def record_custody(
    conn: Connection,
    ring: KeyRing,
    organisation_id: UUID,
    fact: CustodyFact,
    body: CustodyBody | None = None,
) -> Recorded | Refused:
    """Keep one fact. `fact.heard_by_id` says by whom; None: a notice came by itself.

    A word that he is held is confirmed only if a person asked an official source; else the mark is dropped, not the
    fact: what is said is never lost, nor refused because much was said before.

    Raises:
        LookupError: the case is unknown, erased, or not this viewer's to see.
        Hidden: as `open_safeguards`.
    """
    key = case_key(conn, ring, fact.case_id)
    problem = _problem(fact)
    if problem:
        return Refused(problem)
    if fact.is_confirmed and (fact.source not in OFFICIAL or fact.heard_by_id is None):
        fact = replace(fact, is_confirmed=False, settles=False)
    before = store.load_custody(conn, fact.case_id)
    if not store.insert_custody(conn, key, organisation_id, fact, body or CustodyBody()):
        return Recorded(fact, is_new=False)
    return Recorded(fact, is_new=True, changes=_followed(conn, ring, organisation_id, fact, before))


def _followed(
    conn: Connection,
    ring: KeyRing,
    organisation_id: UUID,
    fact: CustodyFact,
    before: tuple[CustodyFact, ...],
) -> tuple[Change, ...]:
    """Put it on record, open its safeguards, and have the open incidents say so."""
    after = (*before, fact)
    by, at = fact.heard_by_id, fact.heard_at
    record.append(conn, [_entry(organisation_id, fact, after)])
    open_safeguards(
        conn,
        organisation_id=organisation_id,
        case_id=fact.case_id,
        event=_event(fact, after),
        event_id=fact.id,
        at=at,
        by=by,
    )
    found = follow_custody(conn, ring, organisation_id, fact.case_id, before, after, by=by, at=at)
    return tuple(found)


def _event(fact: CustodyFact, facts: tuple[CustodyFact, ...]) -> str:
    """Return the event that this fact is: what is said to hold him is *unknown* while it does not count."""
    if fact.state is State.HELD and located(facts, fact.heard_at, fact.heard_at) is None:
        return EVENTS[State.UNKNOWN]
    return EVENTS[fact.state]


def _problem(fact: CustodyFact) -> str:
    if fact.state is State.HELD and fact.since > fact.heard_at:
        return "nobody can be said to be held from a time that has not come"
    if fact.since > fact.heard_at + MAX_AHEAD:
        return "it lies ahead by more than a year: look at the year, or write it down when it is nearer"
    if fact.confirm_by is not None and fact.confirm_by <= fact.heard_at:
        return "until when it counts must lie ahead"
    return ""


def _entry(organisation_id: UUID, fact: CustodyFact, facts: tuple[CustodyFact, ...]) -> Entry:
    body: dict[str, object] = {
        "case": fact.case_id,
        "row": fact.id,
        "state": fact.state.value,
        "source": fact.source.value,
        "confirmed": fact.is_confirmed,
        "settles": fact.settles,
        "counts_as_free": custody_at(facts, fact.heard_at).counts_as_free,
    }
    if fact.true_at is not None:
        body["true_at"] = fact.true_at
    return Entry(
        uuid7(),
        organisation_id,
        fact.heard_at,
        "custody.recorded",
        actor_id=fact.heard_by_id,
        body=body,
    )
