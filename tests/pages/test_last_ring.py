"""When everybody on duty is on the other side of her case: who is called, and what do the screens say?"""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from tests.pages.case_in_house import a_case
from tests.pages.house import IDS, House, Organisation
from tests.pages.test_sites import document
from tocsin.flow.let_time_pass import let_time_pass
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.notifications.rules.due import next_due
from tocsin.registry.store_sites import save_policy
from tocsin.runtime.database import viewing

DUTY_ALONE = [{"offset_s": 0, "who": ["everyone_on_duty"]}]


@pytest.fixture
def guard_alone(house: House, org: Organisation) -> Organisation:
    """Return an organisation whose policy calls who is on duty: the guard and nobody else."""
    policy = json.loads(document(org, steps=DUTY_ALONE))
    with viewing(house.conn, org.id):
        save_policy(house.conn, org.id, org.site_id, policy, at=datetime.now(UTC), by_id=None)
        house.conn.execute("update registry_shift set ends_at = now() where organisation_id = %s and person_id <> %s", (org.id, org.people["guard"]))  # fmt: skip
    return org


def called(house: House, org: Organisation, incident_id: UUID) -> set[str]:
    """Return who has a message of this incident."""
    people = {person_id: role for role, person_id in org.people.items()}
    rows = house.engine.execute("select distinct person_id from notifications_delivery where incident_id = %s", (incident_id,))  # fmt: skip
    return {people[row[0]] for row in rows}


@pytest.mark.guarantee("I3")
@pytest.mark.guarantee("I11")
def test_where_only_her_respondent_is_on_duty_the_leads_are_called_and_never_he(house: House, guard_alone: Organisation) -> None:  # fmt: skip
    a_case(house, guard_alone)
    incident = house.sos(guard_alone)
    assert called(house, guard_alone, incident) == {"safety_lead"}


def test_who_is_a_party_of_another_s_case_alone_is_called_like_anybody(house: House, guard_alone: Organisation) -> None:  # fmt: skip
    a_case(house, guard_alone)
    assert called(house, guard_alone, house.sos(guard_alone, by="shift_lead")) == {"guard"}


@pytest.mark.guarantee("I15")
def test_that_the_leads_were_called_instead_is_said_on_every_screen(house: House, guard_alone: Organisation) -> None:  # fmt: skip
    a_case(house, guard_alone)
    browser, incident = house.signed_in(guard_alone, "safety_lead"), house.sos(guard_alone)
    for path in ("/", f"/incidents/{incident}"):
        shown = browser.get(path).text
        assert "Nobody on duty can be called from here. Safety leads, managers and administrators were called instead." in shown  # fmt: skip
        assert "Step 1" not in shown


def loops_anew(house: House, org: Organisation, incident_id: UUID) -> None:
    """Let time pass, as the engine would, until everybody was called once more."""
    alarms = PostgresAlarms(house.engine, house.ring)
    for _ in range(40):
        with alarms.atomically():
            found = alarms.incident(org.id, incident_id)
            waiting = next_due(found) if found else None
            if found is None or waiting is None or found.loops > 1:
                return
            let_time_pass(alarms, org.id, incident_id, waiting[1], ids=IDS)


@pytest.mark.guarantee("I15")
def test_that_it_starts_again_is_said_when_the_leads_are_called_a_second_time(house: House, guard_alone: Organisation) -> None:  # fmt: skip
    a_case(house, guard_alone)
    browser, incident = house.signed_in(guard_alone, "safety_lead"), house.sos(guard_alone)
    said = "Nobody has answered. Everybody was called; it starts again."
    assert said not in browser.get(f"/incidents/{incident}").text
    loops_anew(house, guard_alone, incident)
    assert said in browser.get(f"/incidents/{incident}").text
