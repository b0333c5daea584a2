"""I9: a cancel with the duress code looks exactly like a true cancel, and alarms."""

import pytest

from tests import cast
from tests.stories.night_shift import DURESS_CODE, TRUE_CODE, NightShift
from tocsin.decisions.rules.incident import grade

pytestmark = pytest.mark.guarantee("I9")


@pytest.mark.parametrize("is_open", [True, False], ids=["SOS open", "nothing open"])
def test_both_codes_get_the_same_answer(is_open: bool) -> None:
    answers = []
    for code in (TRUE_CODE, DURESS_CODE):
        night = NightShift()
        if is_open:
            night.presses()
        answers.append(night.cancels(code).grade)
    assert answers == ["cancelled", "cancelled"]


def test_the_duress_code_calls_everybody_and_shows_cancelled() -> None:
    night = NightShift()
    night.presses()
    answer = night.cancels(DURESS_CODE)
    assert {d.template for d in answer.change.deliveries} == {"duress"}
    assert grade(night.open(), was_sent=True).word == "cancelled"


def test_the_duress_code_raises_also_when_nothing_is_open() -> None:
    night = NightShift()
    assert night.cancels(DURESS_CODE).change.is_new
    assert cast.GUARD.id in night.told(night.open())


def test_the_third_wrong_code_looks_like_a_cancel_and_calls_everybody() -> None:
    night = NightShift()
    night.presses()
    assert [night.cancels(f"110{n}").grade for n in range(3)] == ["wrong", "wrong", "cancelled"]
    assert night.open().is_silent


def test_a_revoked_phones_code_cancels_nothing() -> None:
    night = NightShift()
    night.presses()
    assert night.cancels(device_id=cast.number(0xDEAD)).grade == "wrong"
    assert night.open().is_open


@pytest.mark.parametrize("seconds", [5, 70], ids=["in time", "she is asked"])
def test_the_duress_code_ends_a_walk_on_the_screen_like_the_true_one(seconds: int) -> None:
    answers = []
    for code in (TRUE_CODE, DURESS_CODE):
        night = NightShift()
        night.walks(timer_s=60)
        night.waits(seconds)
        answers.append(night.ends_walk(code).grade)
    assert answers == ["ended", "ended"]
    assert cast.GUARD.id in night.told(night.open())
