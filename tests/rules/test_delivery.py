"""What becomes of one message, attempt by attempt?"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests import cast
from tests.builders import AT, a_person
from tests.rules.night import an_incident
from tests.snapshots import SeededIds
from tocsin.decisions.rules.incident import Kind
from tocsin.notifications.rules.delivery import (
    ENDS,
    OPEN,
    Delivery,
    Outcome,
    State,
    goes_first,
    is_due,
    is_gone,
    is_overdue,
    is_slow,
    plan,
    settled,
    taken,
)
from tocsin.notifications.rules.happenings import Call
from tocsin.registry.rules.contacts import Recipient

YES = Outcome(is_accepted=True, provider_id="p-1")
BUSY = Outcome(is_accepted=False, error="busy")
WAITS = Outcome(is_accepted=False, error="refused", is_waiting=True)
GONE = Outcome(is_accepted=False, error="gone", is_permanent=True)


def later(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def a_wave(*, in_order: bool = False, is_quiet: bool = False) -> list[Delivery]:
    ids = SeededIds("wave")
    who = Recipient(
        person_id=cast.GUARD.id, contacts=a_person(cast.GUARD).contacts, is_quiet=is_quiet
    )
    call = Call(3, "sos", (who,), step=1, in_order=in_order)
    return plan(an_incident(), call, AT, new_id=lambda _: ids.uuid(), new_code=ids.code)


def a_delivery(**changes: Any) -> Delivery:
    return replace(taken(a_wave()[0], "e1", AT), **changes)


@pytest.mark.parametrize(
    ("channel", "outcome", "is_so"),
    [
        ("webpush", GONE, True),
        ("webpush", replace(GONE, is_permanent=False), False),
        ("webpush", replace(GONE, error="http_404"), False),
        ("webpush", WAITS, False),
        ("webpush", replace(YES, error="gone"), False),
        ("sms", GONE, False),
        ("webhook", GONE, False),
        ("webhook", replace(GONE, error="http_410"), False),
        ("email", GONE, False),
    ],
)
def test_only_a_push_service_says_that_a_way_to_reach_somebody_is_no_more(
    channel: str, outcome: Outcome, is_so: bool
) -> None:
    assert is_gone(settled(a_delivery(channel=channel), outcome, AT)) is is_so


def test_a_wave_goes_to_every_contact_method_at_once() -> None:
    assert [(d.channel, d.due_at) for d in a_wave()] == [("live", AT), ("webpush", AT), ("sms", AT)]


def test_in_order_each_method_waits_for_the_deadline_of_the_one_before() -> None:
    waits = [(d.due_at, d.deadline_at) for d in a_wave(in_order=True)]
    assert waits == [(later(0), later(30)), (later(30), later(60)), (later(60), later(90))]


def test_a_call_taker_at_a_position_gets_the_screen_only() -> None:
    assert [d.channel for d in a_wave(is_quiet=True)] == ["live"]


def test_only_a_text_carries_three_digits_to_answer_with() -> None:
    codes = {d.channel: d.code for d in a_wave()}
    assert (codes["live"], codes["webpush"]) == ("", "")
    assert len(codes["sms"]) == 3


def test_one_message_has_one_reference_that_names_incident_wave_and_method() -> None:
    wave = a_wave()
    references = {d.reference for d in wave}
    assert len(references) == 3
    assert all(r.split(".")[1] == "3" for r in references)


def test_it_is_the_same_reference_however_often_it_is_taken() -> None:
    first = taken(a_wave()[0], "e1", AT)
    second = taken(first, "e2", later(20))
    assert (first.reference, first.attempt) == (second.reference, 1)
    assert (second.attempt, second.leased_by, second.lease_until) == (2, "e2", later(35))


@pytest.mark.guarantee("I10")
def test_a_real_alarm_goes_before_drills_and_whatever_only_asks_or_tells() -> None:
    first = {kind for kind in Kind if goes_first(replace(an_incident(), kind=kind))}
    assert first == {
        Kind.SOS,
        Kind.WALK,
        Kind.POSSIBLE_BREACH,
        Kind.HOUSE_RULE,
        Kind.INFORM,
    }
    assert not any(goes_first(replace(an_incident(), kind=kind, is_drill=True)) for kind in Kind)


def test_accepted_is_sent_and_no_end() -> None:
    after = settled(a_delivery(), YES, later(1))
    assert (after.state, after.sent_at, after.ended_at) == (State.SENT, later(1), None)
    assert after.state not in ENDS


def test_a_permanent_failure_is_an_end_with_its_reason() -> None:
    after = settled(a_delivery(), GONE, later(1))
    assert (after.state, after.ended_at, after.error) == (State.FAILED, later(1), "gone")


@pytest.mark.parametrize(("attempt", "wait"), [(1, 1), (2, 2), (3, 4), (4, 8), (5, 15), (40, 15)])
def test_a_temporary_failure_is_tried_again_after_1_2_4_8_then_every_15_s(
    attempt: int, wait: int
) -> None:
    after = settled(a_delivery(attempt=attempt), BUSY, AT)
    assert (after.state, after.due_at) == (State.RETRYING, later(wait))


def test_a_provider_that_says_when_is_believed() -> None:
    after = settled(a_delivery(), replace(BUSY, retry_after_s=3.5), AT)
    assert after.due_at == later(3.5)


@pytest.mark.parametrize(("age", "state"), [(899, State.RETRYING), (900, State.FAILED)])
def test_after_a_quarter_of_an_hour_it_is_given_up_visibly(age: int, state: State) -> None:
    assert settled(a_delivery(), BUSY, later(age)).state is state


@pytest.mark.parametrize(("age", "is_said"), [(4.9, False), (5, True)])
def test_what_waits_for_its_turn_is_said_to_after_five_seconds(age: float, is_said: bool) -> None:
    assert is_slow(a_delivery(due_at=AT), later(age)) is is_said


@pytest.mark.parametrize("age", [1, 901])
def test_what_waits_for_its_provider_keeps_its_lease_its_number_and_says_why(age: int) -> None:
    held = a_delivery(attempt=4)
    after = settled(held, WAITS, later(age))
    assert after == replace(held, error="refused", lease_until=later(age + 15))


@pytest.mark.parametrize(
    ("state", "at", "due"),
    [
        (State.PENDING, -1, False),
        (State.PENDING, 0, True),
        (State.RETRYING, 0, True),
        (State.LEASED, 15, False),
        (State.LEASED, 15.1, True),
        (State.SENT, 9, False),
        (State.SEEN, 9, False),
    ],
)
def test_an_engine_takes_what_is_due_and_what_nobody_holds(
    state: State, at: float, due: bool
) -> None:
    delivery = a_delivery(state=state, lease_until=later(15))
    assert is_due(delivery, later(at)) is due


@pytest.mark.parametrize("state", sorted(OPEN))
def test_a_clock_set_back_a_year_puts_no_message_off(state: State) -> None:
    delivery = a_delivery(state=state, lease_until=later(15), due_at=later(30))
    assert is_due(delivery, later(-31_536_000))


@pytest.mark.parametrize(("at", "overdue"), [(29.9, False), (30, True), (-9_999, True)])
def test_what_nobody_has_seen_by_its_deadline_is_overdue(at: float, overdue: bool) -> None:
    delivery = a_delivery(state=State.SENT, sent_at=later(1))
    assert is_overdue(delivery, later(at)) is overdue


def test_after_a_clock_was_set_back_the_deadline_counts_from_the_sending() -> None:
    delivery = a_delivery(state=State.SENT, sent_at=later(-3_600))
    assert not is_overdue(delivery, later(-3_571))
    assert is_overdue(delivery, later(-3_570))
