"""A drill that has ended is on record with its figures about people, once, however it ended."""

import json
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from tests import cast
from tests.builders import AT
from tests.snapshots import HARBOUR_SITE
from tests.store.stores import Store
from tests.store.test_alarms_contract import a_delivery, an_incident, later
from tocsin.decisions.rules.incident import Doing, Incident
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.respond import respond
from tocsin.flow.run_drill import end_drill, prove_reachable, run_drill
from tocsin.flow.tell_drills import _body, tell_drills
from tocsin.notifications.rules.figures import figures
from tocsin.record.rules.entries import Entry, leaf_of
from tocsin.runtime.database import Connection
from tocsin.runtime.ids import RandomIds, uuid7
from tocsin.runtime.postgres import Cluster

IDS = RandomIds()
HARBOUR = cast.HARBOUR_EMS


@pytest.fixture
def alarms(postgres_store: Store) -> PostgresAlarms:
    assert isinstance(postgres_store.alarms, PostgresAlarms)
    return postgres_store.alarms


def begin(alarms: PostgresAlarms, *, is_proof: bool = False) -> Incident:
    start = prove_reachable if is_proof else run_drill
    with alarms.atomically():
        change = start(alarms, HARBOUR, HARBOUR_SITE.id, by=cast.SAFETY_LEAD.id, ids=IDS)
    assert change.incident is not None  # type: ignore[union-attr]
    return change.incident  # type: ignore[union-attr]


def end(alarms: PostgresAlarms, drill: Incident) -> None:
    with alarms.atomically():
        end_drill(alarms, HARBOUR, drill.id, ids=IDS)


def tell(alarms: PostgresAlarms) -> int:
    with alarms.atomically():
        return len(tell_drills(alarms))


def said(engine: Connection, drill: Incident) -> list[dict[str, Any]]:
    rows = engine.execute(
        "select leaf from record_entry where kind = 'drill.ended' and incident_id = %s", (drill.id,)
    ).fetchall()
    return [json.loads(bytes(row[0]))["body"] for row in rows]


def test_the_figures_of_a_drill_are_on_record_once(alarms: PostgresAlarms, engine: Connection) -> None:  # fmt: skip
    drill = begin(alarms)
    assert tell(alarms) == 0
    with alarms.atomically():
        respond(alarms, HARBOUR, drill.id, by=cast.GUARD.id, doing=Doing.IN_CHARGE, via="page", ids=IDS)  # fmt: skip
    end(alarms, drill)
    assert [tell(alarms), tell(alarms)] == [1, 0]
    (body,) = said(engine, drill)
    assert body["in_charge_ms"] == body["first_answer_ms"] >= 0
    assert "call_claimed_ms" not in body
    assert str(cast.GUARD.id) not in body["not_reached"]


@pytest.mark.parametrize(("missing", "named"), [(200, 200), (201, 200)])
def test_however_many_were_not_reached_the_entry_can_be_written(missing: int, named: int) -> None:
    sent = [replace(a_delivery(an_incident()), person_id=uuid7()) for _ in range(missing)]
    body = _body(figures(AT, [], sent))
    entry = Entry(uuid7(), HARBOUR, AT, "drill.ended", uuid7(), None, body)
    assert json.loads(leaf_of(entry))["body"]["figures"] == {"told": missing, "left_out": 0}
    assert len(body["not_reached"]) == named


def test_a_proof_of_reach_has_no_figures(alarms: PostgresAlarms, engine: Connection) -> None:
    proof = begin(alarms, is_proof=True)
    end(alarms, proof)
    assert tell(alarms) == 0
    assert said(engine, proof) == []


def test_nobody_who_did_anything_counts_as_not_reached() -> None:
    sent = [a_delivery(an_incident(), player) for player in (cast.GUARD, cast.DISPATCHER)]
    drill = figures(AT, [(cast.GUARD.id, "cannot", later(3))], sent)
    assert (drill.first_answer_ms, drill.in_charge_ms) == (3000, None)
    assert (drill.told, drill.reached, drill.not_reached) == (
        2,
        1,
        {cast.DISPATCHER.id: (sent[1],)},
    )


def test_whom_nothing_could_be_sent_to_is_on_record_with_the_reason(alarms: PostgresAlarms, engine: Connection, cluster: Cluster) -> None:  # fmt: skip
    with psycopg.connect(cluster.url("postgres", database=engine.info.dbname)) as owner:
        for change in (
            "contactmethod set verified_at = null",
            "account set is_active = false",
            "shift set starts_at = now() - interval '1 hour', ends_at = now() + interval '5 hours'",
        ):
            owner.execute(
                f"update registry_{change} where person_id = %s".encode(), (cast.GUARD.id,)
            )
    drill = begin(alarms)
    end(alarms, drill)
    assert tell(alarms) == 1
    (body,) = said(engine, drill)
    assert body["figures"]["left_out"] == 1, body
    assert str(cast.GUARD.id) in body["not_reached"]
    assert body["reasons"]["not_verified"] >= 1
