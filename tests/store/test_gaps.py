"""A gap in cover is announced before it is needed (I21), once, to the leads, and is no emergency."""

from datetime import timedelta

import pytest

from tests import cast
from tests.builders import AT
from tests.snapshots import HARBOUR_SITE
from tests.store.stores import Store
from tocsin.decisions.rules.incident import Doing, Incident, Kind
from tocsin.engine.cover import PostgresRosters, coming_gaps
from tocsin.flow.announce_gaps import announce_gap
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.respond import respond
from tocsin.registry.rules.duty import Gap
from tocsin.runtime.ids import RandomIds

IDS = RandomIds()
HOURS = timedelta(hours=8)
pytestmark = pytest.mark.guarantee("I21")


def _announced(store: Store) -> Incident:
    gap = Gap(AT + timedelta(hours=2), AT + timedelta(hours=3), 0)
    with store.alarms.atomically():
        change = announce_gap(store.alarms, cast.HARBOUR_EMS, HARBOUR_SITE.id, gap, ids=IDS)
    assert change is not None
    assert change.incident is not None
    return change.incident


def test_a_gap_is_told_to_the_leads_once(store: Store) -> None:
    incident = _announced(store)
    assert incident.kind is Kind.GAP
    gap = Gap(AT + timedelta(hours=2), AT + timedelta(hours=3), 0)
    with store.alarms.atomically():
        again = announce_gap(store.alarms, cast.HARBOUR_EMS, HARBOUR_SITE.id, gap, ids=IDS)
        told = store.alarms.told(cast.HARBOUR_EMS, incident.person_id)
    assert again is None
    assert told == [incident.id]


def test_a_gap_asks_for_no_emergency_call_and_has_no_second_round(store: Store) -> None:
    incident = _announced(store)
    with store.alarms.atomically():
        waiting = store.alarms.waiting(AT + timedelta(days=1))
    due = [w for w in waiting if w.id == incident.id]
    assert [w.due_at for w in due] == [incident.opened_at + timedelta(seconds=600)]


def test_a_gap_is_over_when_a_lead_has_seen_it(store: Store) -> None:
    incident = _announced(store)
    with store.alarms.atomically():
        respond(
            store.alarms,
            cast.HARBOUR_EMS,
            incident.id,
            by=incident.person_id,
            doing=Doing.SEEN,
            via="page",
            ids=IDS,
        )
        after = store.alarms.incident(cast.HARBOUR_EMS, incident.id)
    assert after is not None
    assert not after.is_open
    assert after.closed_how == "a lead has seen it"


def test_who_does_not_work_here_any_more_covers_nothing(postgres_store: Store) -> None:
    alarms = postgres_store.alarms
    assert isinstance(alarms, PostgresAlarms)
    with alarms.atomically():
        now = alarms.now()
        tonight = now + timedelta(hours=10)
        alarms.conn.execute("delete from registry_shift")
        for who, since in ((cast.GUARD, now), (cast.SHIFT_LEAD, tonight)):
            alarms.conn.execute(
                """insert into registry_shift (id, organisation_id, site_id, person_id, role, starts_at, ends_at,
                    source, at_position) values (%s, %s, %s, %s, 'guard', %s, %s, 'test', false)""",
                (IDS.uuid(), cast.HARBOUR_EMS, HARBOUR_SITE.id, who.id, since, since + HOURS),
            )
        before = [gap.starts_at for _, _, gap in coming_gaps(PostgresRosters(alarms))]
        alarms.conn.execute(
            "update registry_person set is_active = false where id = %s", (cast.GUARD.id,)
        )
        after = [gap.starts_at for _, _, gap in coming_gaps(PostgresRosters(alarms))]
    assert before == [now + HOURS]
    assert [at <= now for at in after] == [True]


def test_a_lead_with_an_open_gap_can_still_raise_an_sos(store: Store) -> None:
    incident = _announced(store)
    with store.alarms.atomically():
        found = store.alarms.open_incidents([(cast.HARBOUR_EMS, incident.person_id)])
    assert found == {}


def test_the_engine_finds_the_end_of_the_last_planned_shift(postgres_store: Store) -> None:
    alarms = postgres_store.alarms
    assert isinstance(alarms, PostgresAlarms)
    with alarms.atomically():
        assert {site for _, site, _ in coming_gaps(PostgresRosters(alarms))} <= {HARBOUR_SITE.id}
