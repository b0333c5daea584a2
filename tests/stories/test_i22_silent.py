"""I22: a silent SOS never sounds on her devices, however far the ladder goes."""

import pytest

from tests import cast
from tests.stories.night_shift import DURESS_CODE, NightShift
from tocsin.decisions.rules.incident import grade
from tocsin.notifications.rules.delivery import State

pytestmark = pytest.mark.guarantee("I22")


def to_her(night: NightShift) -> list[str]:
    mine = (d for d in night.messages(night.open()) if d.person_id == cast.PROTECTED.id)
    return [d.template for d in mine if d.state not in {State.SEEN, State.CANCELLED}]


def test_nothing_is_ever_sent_to_the_one_who_pressed() -> None:
    night = NightShift()
    night.presses(is_silent=True)
    night.waits(1_800)
    assert to_her(night) == []
    assert grade(night.open(), was_sent=True).word == "stored"


def test_a_silent_press_in_a_walk_ends_what_asks_her() -> None:
    night = NightShift()
    night.walks(timer_s=10)
    night.waits(11)
    assert to_her(night) == ["walk_asked"] * 3
    night.presses(is_silent=True)
    night.waits(600)
    assert to_her(night) == []


def test_a_duress_code_in_a_walk_ends_what_asks_her() -> None:
    night = NightShift()
    night.walks(timer_s=10)
    night.waits(11)
    night.ends_walk(DURESS_CODE)
    night.waits(600)
    assert to_her(night) == []
