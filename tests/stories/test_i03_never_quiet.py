"""I3: an incident without a human owner is never quiet, nor one whose emergency call nobody owns."""

import pytest

from tests.stories.night_shift import NightShift

pytestmark = pytest.mark.guarantee("I3")


def test_when_nobody_answers_everybody_is_called_again_for_as_long_as_it_takes() -> None:
    night = NightShift()
    night.presses()
    night.waits(3_600)
    assert night.record().count("incident.unanswered") == 59
    assert night.open().nobody_answered


def test_a_call_that_nobody_owns_is_said_after_ten_seconds() -> None:
    night = NightShift()
    night.presses()
    night.waits(10)
    assert "call.unclaimed" in night.record()


def test_with_nobody_on_duty_it_says_so_and_goes_on() -> None:
    night = NightShift(stints=())
    night.presses()
    night.waits(300)
    assert night.record().count("step.skipped") == 2
    assert "incident.unanswered" in night.record()
