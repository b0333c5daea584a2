"""A word about custody was false, or somebody has read what no machine could: it counts no more and stays to be read."""

from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.flow.alarms import Change
from tocsin.flow.follow_custody import follow_custody
from tocsin.flow.open_safeguards import open_safeguards
from tocsin.flow.respond import Refused
from tocsin.record import store as record
from tocsin.record.rules.entries import Entry
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import uuid7
from tocsin.signals import store_custody as store
from tocsin.signals.rules.custody import EVENTS, OTHER_PERSON, State, custody_at

REASONS: Final = ("false_notice", "mistyped", OTHER_PERSON, "read_by_a_person")


def take_back_custody(
    conn: Connection,
    ring: KeyRing,
    organisation_id: UUID,
    case_id: UUID,
    fact_id: UUID,
    *,
    by: UUID,
    because: str,
    at: datetime,
) -> Refused | list[Change]:
    """Return the incidents that say *not located* again, once it is written that a fact counts no more. What was believed meanwhile stays answerable.

    If he counts as free from now on and did not before, *custody unknown* opens its safeguards. The other way round
    nothing is loosened by this alone: he counts as held only by a person's own word, within its bound.
    """
    if because not in REASONS:
        return Refused("say why it is taken back")
    facts = store.load_custody(conn, case_id)
    before = custody_at(facts, at)
    if not store.take_back(conn, case_id, fact_id, by=by, because=because, at=at):
        return Refused("there is no such word, or it was taken back before")
    left = store.load_custody(conn, case_id)
    after = custody_at(left, at)
    body = {
        "case": case_id,
        "row": fact_id,
        "because": because,
        "counts_as_free": after.counts_as_free,
    }
    record.append(
        conn, [Entry(uuid7(), organisation_id, at, "custody.taken_back", actor_id=by, body=body)]
    )
    if after.counts_as_free and not before.counts_as_free:
        open_safeguards(
            conn,
            organisation_id=organisation_id,
            case_id=case_id,
            event=EVENTS[State.UNKNOWN],
            event_id=fact_id,
            at=at,
            by=by,
        )
    without = [fact for fact in facts if fact.id != fact_id]
    return follow_custody(conn, ring, organisation_id, case_id, facts, without, by=by, at=at)
