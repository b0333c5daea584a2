"""I20: stale is shown as unknown, never as safe; a respondent is not located until a person has recorded custody."""

from dataclasses import replace

import pytest

from tests import cast
from tests.simulation.sighting import CASES
from tests.stories.seen_night import HERS, PLACE, SeenNight

pytestmark = pytest.mark.guarantee("I20")


def test_two_people_stand_it_down_and_it_goes_on_saying_that_he_is_not_located() -> None:
    night = SeenNight()
    night.sees()
    incident = night.open()
    night.acts(cast.GUARD, "over", incident)
    night.acts(cast.SHIFT_LEAD, "over", incident)
    closed = night.alarms.incident(cast.HARBOUR_EMS, incident.id)
    assert closed is not None
    assert closed.closed_how == "2 people said it is over; not located"
    assert "stood_down_not_located" in night.texts_to(cast.DISPATCHER, closed)
    assert closed.not_located == {HERS}
    night.hears_from_jail()
    located = night.alarms.incident(cast.HARBOUR_EMS, incident.id)
    assert located is not None
    assert located.not_located == frozenset()


def test_tasks_open_with_it_for_everybody_who_is_elsewhere() -> None:
    night = SeenNight()
    night.sees()
    assert (night.open().id, HERS) in night.sightings.tasks


def test_her_sos_joins_it_and_calls_everybody_and_her_code_ends_only_her_part() -> None:
    night = SeenNight()
    night.sees()
    night.waits(3)
    night.presses()
    assert len(night.alarms.all_incidents()) == 1
    assert "sos" in night.texts_to(cast.DISPATCHER, night.open())
    night.cancels()
    assert night.open().not_located == {HERS}


def test_a_sighting_joins_her_sos_and_says_how_to_keep_away() -> None:
    night = SeenNight()
    night.presses()
    night.waits(3)
    night.sees()
    assert len(night.alarms.all_incidents()) == 1
    assert {"sos", "sighting"} <= night.texts_to(cast.GUARD, night.open())


def test_a_place_has_an_incident_of_its_own_in_which_nobody_disappears() -> None:
    night = SeenNight()
    place = night.sees(PLACE)[0].incident
    assert place is not None
    assert place.is_about_place
    night.presses(cast.SAFETY_LEAD)
    assert len(night.alarms.all_incidents()) == 2
    assert cast.RESPONDENT.id not in night.told(place)
    night.waits(120)
    assert cast.RESPONDENT.id not in night.told(place)


@pytest.mark.guarantee("I11")
def test_whoever_is_a_party_of_a_case_that_joins_is_called_no_more() -> None:
    night = SeenNight()
    night.sees()
    assert cast.GUARD.id in night.told(night.open())
    other = cast.number(0x5E9)
    his = replace(CASES[0], case_id=other, parties=frozenset({cast.GUARD.id}))
    night.sightings._cases = {**night.sightings._cases, other: his}
    night.waits(12)
    (change,) = night.sees(other)
    called = {d.person_id for d in change.deliveries}
    assert cast.SHIFT_LEAD.id in called
    assert not called & {cast.GUARD.id, cast.RESPONDENT.id}
