"""I8: a restore, import or migration sends nothing by itself."""

import pytest

from tests.stories.night_shift import NightShift
from tocsin.flow.settle import settle
from tocsin.notifications.rules.delivery import Outcome

pytestmark = pytest.mark.guarantee("I8")


def test_an_engine_on_hold_takes_nothing_that_is_older() -> None:
    night = NightShift()
    night.presses()
    held_since = night.clock.wait(3_600)
    assert night.alarms.claim("e1", 100, night.clock.now(), held_since) == []
    assert night.alarms.waiting(night.clock.now(), held_since) == []


def test_a_new_sos_alarms_also_on_hold() -> None:
    night = NightShift()
    held_since = night.clock.wait(3_600)
    night.presses()
    assert night.alarms.claim("e1", 100, night.clock.now(), held_since)
    assert night.alarms.waiting(night.clock.wait(11), held_since)


@pytest.mark.parametrize("hours", [1, 24, 2_160])
def test_what_was_sent_before_a_restore_is_not_sent_again(hours: int) -> None:
    night = NightShift()
    night.presses()
    taken = night.alarms.claim("e1", 100, night.clock.now())
    settle(night.alarms, [(d, Outcome(is_accepted=True)) for d in taken])
    night.cancels()
    last = night.alarms.claim("e1", 100, night.clock.now())
    settle(night.alarms, [(d, Outcome(is_accepted=True)) for d in last])
    night.clock.wait(hours * 3_600)
    night.alarms.release("e1")
    assert night.alarms.claim("e1", 100, night.clock.now()) == []
