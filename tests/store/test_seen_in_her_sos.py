"""He is seen while her SOS runs, in PostgreSQL: what was only possible, then is certain, reaches the people who come."""

from datetime import timedelta

import pytest

from tests import cast
from tests.snapshots import a_press
from tests.store.a_case import CASE, PLATE, insert_the_case
from tests.store.test_sightings import IDS, House, house
from tocsin.decisions import store as decisions
from tocsin.decisions.rules.incident import Doing, Incident, Kind
from tocsin.flow.alarms import Change
from tocsin.flow.compare_sighting import compare_sighting
from tocsin.flow.postgres_sightings import PostgresSightings
from tocsin.flow.raise_sos import raise_sos
from tocsin.flow.respond import respond
from tocsin.registry.rules.house_rule import Ground, HouseRule, Notice
from tocsin.registry.rules.order import StayAway
from tocsin.registry.store_cases import case_key
from tocsin.registry.store_doors import insert_house_rule
from tocsin.signals.rules.seen import PlateRead

__all__ = ["house"]
# One character of it cannot be told from another: possible, never certain.
DOUBTFUL = (PlateRead(PLATE[:-1] + "7", 0.95, "US-IL"),)
HOUR = timedelta(hours=1)
LOT, FRONT = cast.number(0x9C1), cast.number(0x9C2)
COMING = {cast.GUARD.id, cast.DISPATCHER.id, cast.SHIFT_LEAD.id}


def press(house: House) -> None:
    """Let her press."""
    with house.alarms.atomically():
        raise_sos(house.alarms, [a_press(cast.PROTECTED, received_at=house.now)], ids=IDS)


def told(changes: list[Change]) -> dict[str, set[object]]:
    """Return to whom each text went."""
    found: dict[str, set[object]] = {}
    for change in changes:
        for one in change.deliveries:
            found.setdefault(one.template, set()).add(one.person_id)
    return found


def the_open_one(house: House) -> Incident | None:
    """Return her open incident."""
    with house.alarms.atomically():
        found = decisions.load_all_open(house.conn)
    return found[0] if found else None


@pytest.mark.guarantee("I16")
def test_a_camera_that_reads_him_better_the_second_time_keeps_people_away(house: House) -> None:
    insert_the_case(house.conn, house.ring, colleague=None)
    press(house)
    house.report(plates=DOUBTFUL)
    assert set(told(house.take())) == {"sighting_check"}
    house.report()
    assert told(house.take())["sighting"] == COMING


@pytest.mark.guarantee("I16")
def test_a_guard_who_says_that_it_is_he_keeps_people_away(house: House) -> None:
    insert_the_case(house.conn, house.ring, colleague=None)
    press(house)
    house.report(plates=DOUBTFUL)
    incident = house.take()[0].incident
    assert incident is not None
    sightings = PostgresSightings(house.alarms)
    with house.alarms.atomically():
        row = sightings.of_incident(cast.HARBOUR_EMS, incident.id)[0]
        change = compare_sighting(
            house.alarms, sightings, cast.HARBOUR_EMS, row.id, by=cast.GUARD.id, is_he=True, ids=IDS
        )
    assert isinstance(change, Change)
    assert told([change]) == {"sighting": COMING}


@pytest.mark.guarantee("I5")
@pytest.mark.guarantee("I17")
def test_a_doubtful_plate_in_the_car_park_lets_no_guard_end_her_sos_alone(house: House) -> None:
    for place, kind in ((LOT, "parking"), (FRONT, "entrance")):
        house.conn.execute(
            "insert into registry_place (id, organisation_id, site_id, kind, name) values (%s, %s, %s, %s, %s)",
            (place, cast.HARBOUR_EMS, cast.HARBOUR.id, kind, kind),
        )
    insert_the_case(house.conn, house.ring, colleague=None, away=(StayAway(100, place_id=LOT),))
    house.conn.execute("update registry_protectionorder set conditions = '[\"01\"]'")
    rule = HouseRule(
        id=cast.number(0x5EA),
        case_id=CASE,
        organisation_id=cast.HARBOUR_EMS,
        sites=(),
        owner_id=cast.SAFETY_LEAD.id,
        ground=Ground.THREAT,
        notice=Notice.GIVEN,
        contest="the office",
        starts_at=house.now - HOUR,
        ends_at=house.now + 24 * HOUR,
        made_at=house.now - HOUR,
        made_by_id=cast.SAFETY_LEAD.id,
    )
    insert_house_rule(house.conn, case_key(house.conn, house.ring, CASE), rule)
    house.report(track="front", place_id=FRONT)
    house.take()
    press(house)
    house.report(track="lot", place_id=LOT, plates=DOUBTFUL)
    house.take()
    incident = the_open_one(house)
    assert incident is not None
    assert (incident.kind, incident.needs_emergency_call) == (Kind.POSSIBLE_BREACH, True)
    with house.alarms.atomically():
        respond(
            house.alarms, cast.HARBOUR_EMS, incident.id, by=cast.GUARD.id, doing=Doing.OVER, via="page", ids=IDS
        )  # fmt: skip
    assert the_open_one(house) is not None
