"""What does the doctor read of every site, with the rights of the engine and no key?"""

from datetime import timedelta

import pytest

from tests import cast
from tests.builders import AT, utc
from tests.snapshots import HARBOUR_SITE
from tests.store.stores import Store
from tocsin.engine import doctor
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.registry.access import workplace_of
from tocsin.registry.store_sites import load_shifts, load_sites
from tocsin.runtime import settings
from tocsin.runtime.finding import Finding
from tocsin.runtime.postgres import Cluster

pytestmark = pytest.mark.guarantee("I21")
MIDNIGHT = utc("2026-11-06 06:00")


def found(store: Store, later: timedelta = timedelta()) -> list[Finding]:
    assert isinstance(store.alarms, PostgresAlarms)
    with store.alarms.atomically():
        return [*doctor.examine_sites(store.alarms.conn, MIDNIGHT + later)]


def test_every_site_of_every_employer_is_looked_at_and_called_by_its_name(postgres_store: Store) -> None:  # fmt: skip
    places = {one.text.partition(": ")[0] for one in found(postgres_store)}
    assert f"harbour, {HARBOUR_SITE.name}" in places
    assert {place.partition(",")[0] for place in places} == {"harbour", "orchard"}


def test_the_end_of_the_planned_shifts_is_a_gap_of_the_next_24_hours(postgres_store: Store) -> None:
    asked = "fewer people than the policy asks for are on duty and can be rung"
    texts = [one.text for one in found(postgres_store) if HARBOUR_SITE.name in one.text]
    assert any(f"{asked} from Fri 06:00 CST, for 18 h 00 min" in text for text in texts)
    texts = [one.text for one in found(postgres_store, timedelta(days=1)) if HARBOUR_SITE.name in one.text]  # fmt: skip
    assert any(f"{asked} now and for the next 24 hours" in text for text in texts)


def test_who_has_a_post_is_found_by_it(postgres_store: Store) -> None:
    alarms = postgres_store.alarms
    assert isinstance(alarms, PostgresAlarms)
    with alarms.atomically():
        alarms.conn.execute("update registry_shift set post_id = %s where person_id = %s", (cast.FRONT_DOOR, cast.GUARD.id))  # fmt: skip
        [site] = [s for s in load_sites(alarms.conn, cast.HARBOUR_EMS) if s.id == HARBOUR_SITE.id]
        shifts = load_shifts(alarms.conn, cast.HARBOUR_EMS, AT, AT + doctor.AHEAD)
        place = workplace_of(alarms.conn, cast.HARBOUR_EMS, site, shifts, at=AT)
    assert {s.person_id for s in place.shifts if s.post_id == cast.FRONT_DOOR} == {cast.GUARD.id}


def test_a_database_that_does_not_say_is_no_fault_of_the_rosters(cluster: Cluster) -> None:
    url = cluster.url("owner", database="template1")
    config = settings.load({"TOCSIN_DATABASE_URL": url})
    assert list(doctor.examine(config)) == [Finding("warning", "cover", doctor.UNKNOWN)]


@pytest.mark.parametrize(
    ("apart_s", "states"),
    [
        (0, []),
        (1.9, []),
        (-2, ["warning"]),
        (29.9, ["warning"]),
        (30, ["wrong"]),
        (-3600, ["wrong"]),
    ],
)
def test_a_clock_that_is_not_the_databases_is_said(apart_s: float, states: list[str]) -> None:
    said = [*doctor.judge_clocks(AT + timedelta(seconds=apart_s), AT)]
    assert [one.state for one in said] == states
    assert all(f"{abs(apart_s):.0f} s apart" in one.text for one in said)
