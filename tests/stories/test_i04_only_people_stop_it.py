"""I4: only an authenticated human act stops escalation."""

from dataclasses import replace

import pytest

from tests import cast
from tests.stories.night_shift import NightShift
from tocsin.flow.respond import Refused
from tocsin.flow.settle import settle
from tocsin.notifications.rules.delivery import Outcome

pytestmark = pytest.mark.guarantee("I4")


@pytest.mark.parametrize("words", ["STOP", "CANCEL", "END", "ok", "1", "1 000", "on my way"])
def test_a_text_without_that_messages_code_stops_nothing(words: str) -> None:
    night = NightShift()
    night.presses()
    before = night.open()
    (shown,) = night.texts(cast.GUARD, words)
    assert (shown.incident, shown.stop_sending, shown.deliveries) == (before, False, ())
    assert night.open() == before
    assert night.record()[-1] == "answer.unclear"


def test_the_word_stop_disables_nobody() -> None:
    night = NightShift()
    night.presses()
    night.texts(cast.GUARD, "STOP")
    night.clock.wait(20)
    (change,) = night.presses()
    assert cast.GUARD.id in {d.person_id for d in change.deliveries}


def test_a_text_with_that_messages_code_takes_charge() -> None:
    night = NightShift()
    night.presses()
    code = next(
        d.code for d in night.messages(night.open()) if d.code and d.person_id == cast.GUARD.id
    )
    night.texts(cast.GUARD, f"1 {code}")
    charge = night.open().charge
    assert charge is not None
    assert charge.person_id == cast.GUARD.id


def test_somebody_elses_code_is_worth_nothing() -> None:
    night = NightShift()
    night.presses()
    code = next(
        d.code for d in night.messages(night.open()) if d.code and d.person_id == cast.GUARD.id
    )
    night.texts(cast.SHIFT_LEAD, f"1 {code}")
    assert night.open().charge is None or code in {
        d.code for d in night.messages(night.open()) if d.person_id == cast.SHIFT_LEAD.id
    }


def test_a_providers_yes_is_no_answer() -> None:
    night = NightShift()
    night.presses()
    taken = night.alarms.claim("e1", 100, night.clock.now())
    settle(night.alarms, [(d, Outcome(is_accepted=True, provider_id="p")) for d in taken])
    night.waits(61)
    assert night.record().count("step.begun") == 3


@pytest.mark.parametrize("who", [cast.PROTECTED, cast.RESPONDENT])
def test_neither_she_nor_whom_she_ruled_out_can_act(who: cast.Player) -> None:
    night = NightShift()
    night.presses()
    assert isinstance(night.acts(who, "in_charge", night.open()), Refused)


def test_nobody_acts_on_what_is_over() -> None:
    night = NightShift()
    night.presses()
    incident = night.open()
    night.cancels()
    assert night.acts(cast.GUARD, "in_charge", incident) == Refused("this incident is over")


def test_a_late_answer_to_a_drill_that_is_over_is_not_taken_for_one_about_a_real_sos() -> None:
    night = NightShift()
    drill = night.drills()
    old = next(d for d in night.messages(drill) if d.code and d.person_id == cast.GUARD.id)
    night.acts(cast.SHIFT_LEAD, "over", drill)
    night.presses()
    wanted = next(
        d for d in night.messages(night.open()) if d.code and d.person_id == cast.GUARD.id
    )
    night.alarms._deliveries[wanted.id] = replace(wanted, code=old.code)
    night.texts(cast.GUARD, f"1 {old.code}")
    assert night.open().charge is None
