"""Does whoever comes read which way she went and what she wrote for this, and nobody once it is over?"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.pages.house import IDS, House, Organisation
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.walks import start_walk, walk_due
from tocsin.runtime.database import viewing
from tocsin.runtime.ids import uuid7
from tocsin.signals.rules.press import Press

pytestmark = pytest.mark.pages
WAY, NOTE = "Her way: north stairs, then the ramp", "Her note for this walk: “a white van stands at the exit”"  # fmt: skip


def walks(house: House, org: Organisation) -> UUID:
    """Let the responder start a walk of a minute, and return it."""
    press = Press(
        organisation_id=org.id,
        person_id=org.people["responder"],
        device_id=None,
        key=f"walk-{uuid7().hex}",
        act="walk",
        source="device",
        received_at=datetime.now(UTC),
        timer_s=60,
        way="north stairs, then the ramp",
        note="a white van stands at the exit",
    )
    alarms = PostgresAlarms(house.engine, house.ring)
    with alarms.atomically():
        answer = start_walk(alarms, press, ids=IDS)
    assert answer is not None
    assert answer.change.walk is not None
    return answer.change.walk.id


@pytest.mark.guarantee("I23")
def test_while_her_sos_is_open_they_are_on_its_page_and_on_no_other(house: House, org: Organisation) -> None:  # fmt: skip
    walks(house, org)
    lead, incident = house.signed_in(org), house.sos(org)
    shown = lead.get(f"/incidents/{incident}").text
    assert WAY in shown
    assert NOTE in shown
    assert "white van" not in lead.get("/").text
    with viewing(house.engine, org.id):
        house.engine.execute("update decisions_incident set closed_at = now() where id = %s", (incident,))  # fmt: skip
    shown = lead.get(f"/incidents/{incident}").text
    assert "north stairs" not in shown
    assert "white van" not in shown


def test_when_her_walk_was_not_ended_in_time_they_are_on_the_page_of_what_asks(house: House, org: Organisation) -> None:  # fmt: skip
    walk_id = walks(house, org)
    alarms = PostgresAlarms(house.engine, house.ring)
    with alarms.atomically():
        due = datetime.now(UTC) + timedelta(seconds=61)
        change = walk_due(alarms, org.id, walk_id, due, ids=IDS)
    assert change is not None
    assert change.incident is not None
    shown = house.signed_in(org).get(f"/incidents/{change.incident.id}").text
    assert WAY in shown
    assert NOTE in shown


def test_a_walk_that_was_over_before_is_not_hers_now(house: House, org: Organisation) -> None:
    walk_id = walks(house, org)
    with viewing(house.engine, org.id):
        house.engine.execute("update signals_walk set state = 'ended', ended_at = now() - interval '1 minute' where id = %s", (walk_id,))  # fmt: skip
    assert "white van" not in house.signed_in(org).get(f"/incidents/{house.sos(org)}").text
