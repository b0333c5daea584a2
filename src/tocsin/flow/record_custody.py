"""Somebody, or a notice, says whether the respondent is held. It is kept beside what others said, and safeguards open.

Nothing is sent and nobody is called back: a custody notice is hers to answer, and this tool never does it for her.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from tocsin.flow.respond import Refused
from tocsin.record import store as record
from tocsin.record.rules.entries import Entry
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import PersonKey
from tocsin.runtime.ids import uuid7
from tocsin.signals import store_custody as store
from tocsin.signals.rules.custody import OFFICIAL, CustodyFact, State, custody_at
from tocsin.signals.store_custody import CustodyBody


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was kept; `is_new` False: this very message was kept before."""

    fact: CustodyFact
    is_new: bool


def record_custody(
    conn: Connection,
    key: PersonKey,
    organisation_id: UUID,
    fact: CustodyFact,
    body: CustodyBody | None = None,
) -> Recorded | Refused:
    """Keep one fact; `key` is the case's. The caller has made sure that whoever says so may read the case.

    A word that he is held is confirmed only if a person asked an official source; else the mark is dropped, not the
    fact: what is said is never lost.
    """
    problem = _problem(fact)
    if problem:
        return Refused(problem)
    if fact.is_confirmed and (fact.source not in OFFICIAL or fact.heard_by_id is None):
        fact = replace(fact, is_confirmed=False, settles=False)
    is_new = store.insert_custody(conn, key, organisation_id, fact, body or CustodyBody())
    if not is_new:
        return Recorded(fact, is_new=False)
    facts = store.load_custody(conn, fact.case_id)
    record.append(conn, [_entry(organisation_id, fact, facts, fact.heard_at)])
    return Recorded(fact, is_new=True)


def _problem(fact: CustodyFact) -> str:
    if fact.state is State.HELD and fact.since > fact.heard_at:
        return "nobody can be said to be held from a time that has not come"
    if fact.confirm_by is not None and fact.confirm_by <= fact.heard_at:
        return "until when it counts must lie ahead"
    return ""


def _entry(
    organisation_id: UUID, fact: CustodyFact, facts: tuple[CustodyFact, ...], at: datetime
) -> Entry:
    body: dict[str, object] = {
        "case": fact.case_id,
        "row": fact.id,
        "state": fact.state.value,
        "source": fact.source.value,
        "confirmed": fact.is_confirmed,
        "settles": fact.settles,
        "counts_as_free": custody_at(facts, at).counts_as_free,
    }
    if fact.true_at is not None:
        body["true_at"] = fact.true_at
    return Entry(
        uuid7(), organisation_id, at, "custody.recorded", actor_id=fact.heard_by_id, body=body
    )
