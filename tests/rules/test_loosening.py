"""What takes a second person? Whatever leaves people with less than before (I17)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import cast
from tests.builders import a_policy, a_shift, a_step, utc
from tests.rules.test_policy_document import POLICIES
from tocsin.registry.rules.loosening import empties_roster, loosens_policy

pytestmark = pytest.mark.guarantee("I17")
FROM, UNTIL = utc("2026-11-06 00:00"), utc("2026-11-07 00:00")
NIGHT = a_shift(cast.GUARD, "2026-11-06 00:00", "2026-11-06 12:00")
DAY = a_shift(cast.DISPATCHER, "2026-11-06 12:00", "2026-11-07 00:00")


def test_a_step_far_behind_the_last_one_puts_off_when_everybody_is_called_again():
    before = a_policy(a_step(), a_step("role:safety_lead", offset_s=30))
    after = replace(before, steps=(*before.steps, a_step(offset_s=86_400)))
    assert loosens_policy(before, after) == ("repeats_later",)


def test_a_quorum_that_is_asked_for_later_is_smaller_until_then():
    before = a_policy(a_step(quorum=3))
    after = a_policy(a_step(quorum=1), a_step(offset_s=30, quorum=3), repeat_after_s=before.repeat_after_s - 30)  # fmt: skip
    assert loosens_policy(before, after) == ("smaller_quorum",)


@given(POLICIES)
def test_no_change_loosens_nothing(policy):
    assert loosens_policy(policy, policy) == ()


@pytest.mark.parametrize(
    ("after", "codes"),
    [
        (a_policy(a_step(), a_step("role:safety_lead", offset_s=60)), {"called_less"}),
        (
            a_policy(
                a_step(offset_s=1),
                a_step("shift_lead", offset_s=30),
                a_step("role:safety_lead", offset_s=60),
            ),
            {"called_less"},
        ),
        (
            a_policy(
                a_step(channels=("sms",)),
                a_step("shift_lead", offset_s=30),
                a_step("role:safety_lead", offset_s=60),
            ),
            {"called_less"},
        ),
        (
            a_policy(
                a_step(reach="in_order"),
                a_step("shift_lead", offset_s=30),
                a_step("role:safety_lead", offset_s=60),
            ),
            {"called_less"},
        ),
        (a_policy(repeat_after_s=61), {"repeats_later"}),
        (a_policy(confirm_every_s=301), {"confirms_later"}),
        (a_policy(call_unclaimed_s=11), {"call_unclaimed_later"}),
        (a_policy(deadline_s=31), {"unanswered_later"}),
        (a_policy(required_proven=0), {"fewer_proven"}),
    ],
)
def test_calling_fewer_later_or_by_fewer_ways_takes_two(after, codes):
    assert set(loosens_policy(a_policy(), after)) == codes


def test_a_smaller_quorum_and_no_proof_at_the_start_take_two():
    before = a_policy(a_step(quorum=2), prove_at_start=True)
    assert set(loosens_policy(before, a_policy(a_step()))) == {
        "smaller_quorum",
        "no_proof_at_start",
    }


@pytest.mark.parametrize(
    "after",
    [
        a_policy(a_step("everyone_on_duty", "shift_lead"), a_step("role:safety_lead", offset_s=60)),
        a_policy(a_step("everyone_on_duty", "shift_lead", "role:safety_lead", quorum=2)),
        a_policy(
            repeat_after_s=30,
            confirm_every_s=120,
            call_unclaimed_s=5,
            deadline_s=10,
            required_proven=2,
        ),
        replace(a_policy(), name="Another name", prove_at_start=True),
    ],
)
def test_calling_more_sooner_or_asking_for_more_takes_one(after):
    assert loosens_policy(a_policy(), after) == ()


def test_a_way_added_to_a_step_that_had_one_takes_one():
    assert loosens_policy(a_policy(a_step(channels=("sms",))), a_policy(a_step())) == ()


@pytest.mark.parametrize(("missing_s", "takes_two"), [(59, False), (60, True), (12 * 3600, True)])
def test_a_time_in_which_nobody_is_left_on_duty_takes_two(missing_s, takes_two):
    shorter = replace(DAY, starts_at=DAY.starts_at + timedelta(seconds=missing_s))
    assert (
        empties_roster([NIGHT, DAY], [NIGHT, shorter], 1, starts_at=FROM, ends_at=UNTIL)
        is takes_two
    )


def test_fewer_than_the_policy_asks_for_takes_two_and_still_enough_takes_one():
    second = replace(NIGHT, person_id=cast.SHIFT_LEAD.id)
    assert empties_roster([NIGHT, second], [NIGHT], 2, starts_at=FROM, ends_at=UNTIL)
    assert not empties_roster([NIGHT, second, DAY], [NIGHT, DAY], 1, starts_at=FROM, ends_at=UNTIL)


def test_what_was_uncovered_before_stays_so_without_a_second_person():
    assert not empties_roster([NIGHT], [NIGHT], 1, starts_at=FROM, ends_at=UNTIL)
    assert not empties_roster([], [NIGHT], 1, starts_at=FROM, ends_at=UNTIL)


def test_a_thin_night_made_empty_takes_two():
    assert empties_roster([NIGHT], [], 2, starts_at=FROM, ends_at=UNTIL)


@given(st.lists(st.sampled_from([NIGHT, DAY]), max_size=2), st.integers(0, 3))
def test_adding_people_never_takes_two(before, required):
    more = replace(DAY, person_id=cast.SAFETY_LEAD.id)
    assert not empties_roster(before, [*before, more], required, starts_at=FROM, ends_at=UNTIL)
