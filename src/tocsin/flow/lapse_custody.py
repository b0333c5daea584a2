"""Nobody has confirmed in time that a respondent is held: he counts as free, and what the unknown asks for opens."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import psycopg

from tocsin.flow.alarms import Change
from tocsin.flow.follow_custody import say_not_located
from tocsin.flow.open_safeguards import open_safeguards
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.record import store as record
from tocsin.record.rules.entries import Entry
from tocsin.runtime import logs
from tocsin.runtime.ids import named_uuid, uuid7
from tocsin.signals import store_custody as store
from tocsin.signals.rules.custody import EVENTS, Because, Source, State, custody_at

log = logs.get("custody")


@dataclass(frozen=True, slots=True)
class Lapsed:
    """In how many cases, and the incidents that say so."""

    cases: int
    changes: tuple[Change, ...]


def lapse_custody(alarms: PostgresAlarms) -> Lapsed:
    """Return where *held* has just turned into silence; each case is on record once and opens its safeguards.

    The rule needs no one to run this: he counts as free from the second of the bound, engine or not (I20). A release that was
    announced and whose time has come is found here too.
    """
    conn, at = alarms.conn, alarms.now()
    found, changes = 0, []
    for organisation_id, case_id, due in store.load_due(conn, at):
        try:
            with alarms.atomically():
                said = _lapsed(alarms, organisation_id, case_id, due, at)
        except (psycopg.OperationalError, psycopg.InterfaceError):
            raise
        except Exception as problem:
            # Looked at again in the next round; what is damaged in one case holds up no other.
            log.error("custody.damaged", case_id=str(case_id), problem=type(problem).__name__)  # noqa: TRY400
            continue
        if said is not None:
            found += 1
            changes += said
    return Lapsed(found, tuple(changes))


def _lapsed(
    alarms: PostgresAlarms,
    organisation_id: UUID,
    case_id: UUID,
    due: tuple[UUID, ...],
    at: datetime,
) -> list[Change] | None:
    """Return the incidents that say so now; None: something else says that he is held."""
    conn = alarms.conn
    store.mark_due_said(conn, due, at)
    custody = custody_at(store.load_custody(conn, case_id), at)
    if not custody.counts_as_free:
        return None
    fact_id = max(due)
    event = EVENTS[custody.state if custody.because is Because.SAID_FREE else State.UNKNOWN]
    body = {"case": case_id, "row": fact_id, "because": custody.because.value}
    record.append(conn, [Entry(uuid7(), organisation_id, at, "custody.lapsed", body=body)])
    open_safeguards(
        conn,
        organisation_id=organisation_id,
        case_id=case_id,
        event=event,
        event_id=named_uuid(fact_id, "custody lapsed", fact_id),
        at=at,
        by=None,
    )
    source = custody.facts[0].source if custody.facts else Source.SOMEBODY
    return list(say_not_located(alarms, organisation_id, case_id, source))
