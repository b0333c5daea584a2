"""I5: nothing swallows an SOS; two people's SOS are never merged."""

import pytest

from tests import cast
from tests.stories.night_shift import NightShift

pytestmark = pytest.mark.guarantee("I5")


def test_two_people_with_the_same_key_are_two_incidents() -> None:
    night = NightShift()
    night.presses(key="the-same-key")
    night.presses(cast.GUARD, key="the-same-key")
    assert night.open().id != night.open(cast.GUARD).id


def test_her_own_drill_does_not_swallow_her_sos() -> None:
    night = NightShift()
    drill = night.drills(by=cast.PROTECTED)
    (change,) = night.presses()
    assert change.is_new
    assert night.open().id != drill.id
    assert not night.open().is_drill


def test_a_press_while_one_is_open_joins_it_and_calls_everybody_again() -> None:
    night = NightShift()
    night.presses()
    night.waits(15)
    (again,) = night.presses()
    assert again.incident is not None
    assert again.incident.raised_count == 2
    assert {d.template for d in again.deliveries} == {"sos_again"}


def test_an_sos_while_somebody_is_in_charge_calls_everybody_again() -> None:
    night = NightShift()
    night.presses()
    night.acts(cast.GUARD, "in_charge", night.open())
    night.clock.wait(15)
    (again,) = night.presses()
    called = {d.person_id for d in again.deliveries}
    assert called >= {cast.DISPATCHER.id, cast.GUARD.id, cast.SHIFT_LEAD.id}


def test_an_sos_by_text_raises_like_a_press() -> None:
    night = NightShift()
    (change,) = night.texts(cast.PROTECTED, "please help")
    assert change.is_new
    assert change.deliveries
