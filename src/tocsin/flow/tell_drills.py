"""A drill has ended, on a page or by what people said: its figures go into the record, once."""

from collections import Counter
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from tocsin.decisions import store as incidents
from tocsin.decisions.rules.incident import Incident
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.notifications import store as notifications
from tocsin.notifications.rules.delivery import Delivery, is_left_out
from tocsin.notifications.rules.figures import Figures, figures
from tocsin.notifications.store_board import untold_drills
from tocsin.notifications.store_taken import as_on_record
from tocsin.record import store as record
from tocsin.record.rules.entries import Entry
from tocsin.registry.store import load_said_gone
from tocsin.runtime.database import Connection
from tocsin.runtime.ids import named_uuid

# An engine that was away for longer leaves what ended meanwhile to the page of the drill.
ENDED_WITHIN: Final = timedelta(days=7)
AT_ONCE: Final = 20
# An entry has 16 KB; how many there were stands beside the names.
MAX_NAMED: Final = 200


def tell_drills(alarms: PostgresAlarms) -> list[UUID]:
    """Return the drills whose figures were written into the record now; a proof of reach has none.

    Who was to be called and did nothing is named; of the messages to them, how many ended in which way, or why none went out.
    """
    done = []
    for organisation_id, drill_id in untold_drills(
        alarms.conn, alarms.now() - ENDED_WITHIN, AT_ONCE
    ):
        incident = alarms.incident(organisation_id, drill_id)
        if incident is None:
            continue
        found = _figures(alarms.conn, incident)
        # Another engine that looks in the same moment gives it the same name, and looks again.
        name = named_uuid(drill_id, drill_id, "drill.ended")
        entry = Entry(
            name, organisation_id, alarms.now(), "drill.ended", drill_id, None, _body(found)
        )
        record.append(alarms.conn, [entry])
        done.append(drill_id)
    return done


def _figures(conn: Connection, drill: Incident) -> Figures:
    acts = incidents.load_acts(conn, drill.organisation_id, drill.id)
    whole = notifications.load_of_incident(conn, drill.organisation_id, drill.id)
    sent = as_on_record(conn, whole)
    # Who wrote in vain that one of them left may read it: his page of the drill does not say either that she was asked.
    # So it is with whoever was asked only on a way that he took from her.
    gone = load_said_gone(conn, {d.person_id for d in sent} | {act[0] for act in acts})
    asked = {d.person_id for d in sent if not is_left_out(d)}
    left_out = {d.person_id for d in whole} - asked
    acts = [act for act in acts if act[0] not in left_out]
    return figures(
        drill.opened_at,
        [(who, act, at) for who, act, _via, at in acts if not (who in gone and gone[who] <= at)],
        [d for d in sent if not (d.person_id in gone and gone[d.person_id] <= d.made_at)],
    )


def _body(found: Figures) -> dict[str, Any]:
    times = {
        "first_answer_ms": found.first_answer_ms,
        "call_claimed_ms": found.call_claimed_ms,
        "in_charge_ms": found.in_charge_ms,
    }
    ways = Counter(_end_of(d) for of in found.not_reached.values() for d in of)
    return {
        **{name: ms for name, ms in times.items() if ms is not None},
        "reached": found.reached,
        "not_reached": list(found.not_reached)[:MAX_NAMED],
        "reasons": dict(ways),
        "figures": {"told": found.told, "left_out": found.left_out},
    }


def _end_of(delivery: Delivery) -> str:
    return delivery.error if is_left_out(delivery) else delivery.state.value
