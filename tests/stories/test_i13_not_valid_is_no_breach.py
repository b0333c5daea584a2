"""I13: an order that is not valid never raises a breach; the sighting still informs staff, with the reason."""

import pytest

from tests import cast
from tests.stories.seen_night import HERS, OVER, SeenNight
from tocsin.decisions.rules.incident import Kind

pytestmark = pytest.mark.guarantee("I13")


def test_a_sighting_under_an_order_that_ended_is_told_to_the_door_and_calls_no_alarm() -> None:
    night = SeenNight()
    incident = night.sees(OVER)[0].incident
    assert incident is not None
    assert incident.kind is Kind.INFORM
    assert incident.because == ("order not valid", "ended")
    assert night.texts_to(cast.GUARD, incident) == {"sighting_inform"}
    assert night.texts_to(cast.PROTECTED, incident) == set()
    night.waits(300)
    assert not {"call.unclaimed", "incident.unanswered"} & set(night.record()[:3])
    assert night.open().emergency_from is None


def test_the_same_face_under_a_valid_order_a_minute_later_is_a_possible_breach() -> None:
    night = SeenNight()
    night.sees(OVER)
    night.waits(60)
    night.sees(HERS)
    assert night.open().kind is Kind.POSSIBLE_BREACH
    assert "sighting" in night.texts_to(cast.DISPATCHER, night.open())
    assert "sighting_her" in night.texts_to(cast.PROTECTED, night.open())
