"""I2: every attempt ends as seen by a person, unanswered or failed, visibly; the next channel goes at once."""

from dataclasses import replace

import pytest

from tests import cast
from tests.stories.night_shift import NightShift
from tocsin.flow.settle import expire, settle
from tocsin.notifications.rules.delivery import ENDS, Delivery, Outcome, State

pytestmark = pytest.mark.guarantee("I2")

YES = Outcome(is_accepted=True, provider_id="p-1")
GONE = Outcome(is_accepted=False, error="no such number", is_permanent=True)


def claimed(night: NightShift) -> list[Delivery]:
    return night.alarms.claim("e1", 100, night.clock.now())


def test_what_nobody_answers_ends_as_unanswered_and_is_on_record() -> None:
    night = NightShift()
    night.presses()
    settle(night.alarms, [(d, YES) for d in claimed(night)])
    night.clock.wait(31)
    assert expire(night.alarms) == [night.open().id]
    assert {d.state for d in night.messages(night.open())} == {State.UNANSWERED}
    assert night.record().count("delivery.unanswered") == 9


def test_what_fails_for_good_says_so_at_once() -> None:
    night = NightShift()
    night.presses()
    settle(night.alarms, [(d, GONE) for d in claimed(night)])
    assert {d.error for d in night.messages(night.open())} == {"no such number"}
    assert night.record().count("delivery.failed") == 9


def test_what_waits_for_its_provider_and_is_sent_in_the_same_moment_is_sent() -> None:
    night = NightShift()
    night.presses()
    taken = claimed(night)
    waits = Outcome(is_accepted=False, error="refused", is_waiting=True)
    settle(night.alarms, [*((d, waits) for d in taken), *((d, YES) for d in taken)])
    assert {(d.state, d.error) for d in night.messages(night.open())} == {(State.SENT, "")}
    assert night.record().count("delivery.sent") == len(taken)
    assert "delivery.failed" not in night.record()


def test_what_its_provider_refused_for_a_quarter_of_an_hour_fails_and_is_on_record() -> None:
    night = NightShift()
    night.presses()
    taken = claimed(night)
    refused = Outcome(is_accepted=False, error="refused")
    settle(night.alarms, [(d, replace(refused, is_waiting=True)) for d in taken])
    assert {d.state for d in night.messages(night.open())} == {State.LEASED}
    night.clock.wait(900)
    settle(night.alarms, [(d, refused) for d in taken])
    assert {d.state for d in night.messages(night.open())} == {State.FAILED}
    assert night.record().count("delivery.failed") == 9


def test_after_her_code_nothing_is_left_that_has_not_ended() -> None:
    night = NightShift()
    night.presses()
    incident = night.open()
    night.cancels()
    settle(night.alarms, [(d, YES) for d in claimed(night)])
    night.clock.wait(31)
    expire(night.alarms)
    assert {d.state for d in night.messages(incident)} <= ENDS


def test_acting_on_one_message_makes_all_that_went_out_to_her_seen() -> None:
    night = NightShift()
    night.presses()
    settle(night.alarms, [(d, YES) for d in claimed(night)])
    night.acts(cast.GUARD, "going", night.open())
    mine = [d for d in night.messages(night.open()) if d.person_id == cast.GUARD.id]
    assert {d.state for d in mine} == {State.SEEN}


def test_what_a_person_answered_is_on_record_with_the_message_that_she_saw() -> None:
    night = NightShift()
    night.presses()
    texted = next(
        d for d in night.messages(night.open()) if d.code and d.person_id == cast.GUARD.id
    )
    night.texts(cast.GUARD, f"2 {texted.code}")
    (going,) = (e for e in night.alarms.entries() if e.kind == "act.going")
    assert (going.actor_id, going.body["via"]) == (cast.GUARD.id, "text")
    assert texted.reference in {
        d.reference for d in night.messages(night.open()) if d.id == going.body["delivery"]
    }
