"""I16: in charge without the next expected act re-opens."""

import pytest

from tests import cast
from tests.stories.night_shift import NightShift

pytestmark = pytest.mark.guarantee("I16")


def test_an_owner_who_falls_silent_is_asked_once_and_then_everybody_is_called_again() -> None:
    night = NightShift()
    night.presses()
    night.acts(cast.DISPATCHER, "calling", night.open())
    night.acts(cast.GUARD, "in_charge", night.open())
    night.waits(299)
    assert night.record().count("charge.confirm_asked") == 1
    assert night.open().charge is not None
    night.waits(2)
    assert night.record().count("charge.lapsed") == 1
    assert night.open().charge is None


def test_an_owner_who_was_asked_and_acts_has_confirmed_it() -> None:
    night = NightShift()
    night.presses()
    night.acts(cast.DISPATCHER, "calling", night.open())
    night.acts(cast.GUARD, "in_charge", night.open())
    night.waits(299)
    night.acts(cast.GUARD, "there", night.open())
    assert night.record().count("charge.confirmed") == 1


def test_being_in_charge_hides_the_incident_from_nobody() -> None:
    night = NightShift()
    night.presses()
    night.acts(cast.GUARD, "in_charge", night.open())
    assert night.alarms.told(cast.HARBOUR_EMS, cast.SHIFT_LEAD.id) == [night.open().id]
