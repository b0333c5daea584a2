"""Two respondents come at once: there is one incident, and each case has its share of it until it is erased."""

from pathlib import Path
from uuid import UUID

import pytest

from tests import cast
from tests.store.a_case import CASE, a_fact, insert_the_case, lift_the_hold
from tests.store.test_sightings import House, house
from tocsin.decisions.rules.incident import Incident
from tocsin.decisions.store import load_incident
from tocsin.flow.erase import ON_HOLD, erase
from tocsin.registry.rules.order import FactKind
from tocsin.runtime.postgres import Cluster

__all__ = ["house"]
OTHER = cast.number(0x687)


@pytest.fixture
def incident(house: House) -> Incident:
    """Return the incident of a plate that both cases know."""
    insert_the_case(house.conn, house.ring)
    issued, served = (
        a_fact(kind, id=cast.number(0x77 + n))
        for n, kind in enumerate((FactKind.ISSUED, FactKind.SERVED))
    )
    insert_the_case(house.conn, house.ring, issued, served, case_id=OTHER, colleague=None)
    house.report()
    changed = next(change.incident for change in house.take() if change.incident)
    found = load_incident(house.conn, cast.HARBOUR_EMS, changed.id)
    assert found is not None
    assert set(found.case_ids) == {CASE, OTHER}
    return found


def rows_of(house: House, table: str, incident_id: UUID) -> int:
    """Return how many rows of a table are of this incident."""
    (count,) = house.conn.execute(
        f"select count(*) from {table} where incident_id = %s", (incident_id,)
    ).fetchone() or (0,)
    return int(count)


@pytest.mark.guarantee("I26")
@pytest.mark.parametrize("place", [0, 1])
def test_an_incident_of_two_cases_goes_with_the_last_of_them(
    house: House, cluster: Cluster, tmp_path: Path, incident: Incident, place: int
) -> None:
    going, kept = incident.case_ids[place], incident.case_ids[1 - place]
    deliveries = rows_of(house, "notifications_delivery", incident.id)
    assert deliveries
    assert rows_of(house, "signals_sighting", incident.id) == 2
    lift_the_hold(house.conn, cluster, going)
    assert erase(house.conn, tmp_path, "case", going, at=house.now, because="date") is None
    left = load_incident(house.conn, cast.HARBOUR_EMS, incident.id)
    assert left is not None
    assert (left.case_ids, left.not_located) == ((kept,), frozenset({kept}))
    assert rows_of(house, "notifications_delivery", incident.id) == deliveries
    assert rows_of(house, "signals_sighting", incident.id) == 1
    assert erase(house.conn, tmp_path, "case", kept, at=house.now, because="date") == ON_HOLD
    assert load_incident(house.conn, cast.HARBOUR_EMS, incident.id) == left
    lift_the_hold(house.conn, cluster, kept)
    assert erase(house.conn, tmp_path, "case", kept, at=house.now, because="date") is None
    assert load_incident(house.conn, cast.HARBOUR_EMS, incident.id) is None
    assert rows_of(house, "notifications_delivery", incident.id) == 0
