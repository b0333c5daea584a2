"""I14: an uncertain match is never dropped and never stated as fact: it goes to a person as "possible"."""

import pytest

from tests import cast
from tests.stories.seen_night import SeenNight
from tocsin.flow.alarms import Change
from tocsin.flow.respond import Refused

pytestmark = pytest.mark.guarantee("I14")


def test_a_possible_match_asks_the_door_first_and_everybody_if_nobody_answers() -> None:
    night = SeenNight()
    night.sees(certainty="possible")
    assert night.told(night.open()) == {cast.GUARD.id, cast.SHIFT_LEAD.id}
    night.waits(21)
    assert cast.DISPATCHER.id in night.told(night.open())
    night.waits(40)
    assert night.texts_to(cast.PROTECTED, night.open()) == {"sighting_her"}
    assert night.texts_to(cast.GUARD, night.open()) == {"sighting_check"}


def test_the_guard_confirms_it_with_the_photograph_and_then_it_is_said() -> None:
    night = SeenNight()
    night.sees(certainty="possible")
    assert isinstance(night.compares(cast.GUARD, is_he=True), Change)
    assert night.texts_to(cast.DISPATCHER, night.open()) == {"sighting"}
    row = next(iter(night.sightings.rows.values()))
    assert (row.certainty, row.judged) == ("possible", "confirmed")


def test_it_was_somebody_else_and_it_ends_with_both_on_record() -> None:
    night = SeenNight()
    night.sees(certainty="possible")
    incident = night.open()
    night.compares(cast.GUARD, is_he=False)
    assert night.alarms.open_incidents([(cast.HARBOUR_EMS, cast.PROTECTED.id)]) == {}
    assert {"sighting.matched", "sighting.dismissed"} <= set(night.record())
    assert night.texts_to(cast.PROTECTED, incident) == set()


def test_the_respondent_cannot_say_that_it_is_not_he() -> None:
    night = SeenNight()
    night.sees(certainty="possible")
    assert isinstance(night.compares(cast.RESPONDENT, is_he=False), Refused)
    assert cast.RESPONDENT.id not in night.told(night.open())
