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


def test_one_reading_that_is_not_he_ends_nothing_while_another_waits_to_be_compared() -> None:
    night = SeenNight()
    night.sees(certainty="possible", track="gate")
    night.sees(certainty="possible", track="car park")
    assert isinstance(night.compares(cast.GUARD, is_he=False), Change)
    assert night.open().is_open
    first = next(row for row in night.sightings.rows.values() if row.track == "gate")
    assert not first.judged


@pytest.mark.parametrize("is_he", [True, False])
def test_what_a_person_has_confirmed_nobody_judges_anew_and_it_is_kept(*, is_he: bool) -> None:
    night = SeenNight()
    night.sees(certainty="possible")
    night.compares(cast.GUARD, is_he=True)
    assert isinstance(night.compares(cast.SHIFT_LEAD, is_he=is_he), Refused)
    (row,) = night.sightings.rows.values()
    assert (row.judged, row.erase_at) == ("confirmed", None)


def test_what_a_reader_is_certain_of_no_one_person_dismisses() -> None:
    night = SeenNight()
    night.sees(certainty="certain")
    assert isinstance(night.compares(cast.GUARD, is_he=False), Refused)
    assert night.open().is_open


def test_a_better_reading_of_the_car_that_somebody_has_looked_at_says_no_more_than_her_word() -> (
    None
):
    night = SeenNight()
    night.sees(certainty="possible", track="car")
    night.compares(cast.GUARD, is_he=False)
    assert night.sees(certainty="certain", track="car") == []
