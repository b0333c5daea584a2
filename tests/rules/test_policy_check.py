"""Is a policy that cannot work refused, with the place and the reason?"""

import pytest

from tests import cast
from tests.builders import a_policy, a_step
from tocsin.registry.rules.findings import errors
from tocsin.registry.rules.policy import MAX_OFFSET_S, MAX_SELECTORS, MAX_STEPS
from tocsin.registry.rules.policy_check import check


def codes(policy):
    return {(finding.path, finding.code) for finding in check(policy)}


def ladder(count):
    return [a_step(f"role:role{index}", offset_s=10 * index) for index in range(count)]


def test_an_ordinary_ladder_has_nothing_wrong_with_it():
    assert check(a_policy()) == ()


@pytest.mark.parametrize(
    ("field", "low", "high"),
    [
        ("repeat_after_s", 15, 3600),
        ("confirm_every_s", 30, 3600),
        ("call_unclaimed_s", 5, 120),
        ("deadline_s", 5, 600),
        ("required_proven", 1, 50),
    ],
)
def test_each_number_has_a_lowest_and_a_highest_value(field, low, high):
    for value in (low, high):
        assert check(a_policy(**{field: value})) == ()
    beyond = (low - 1 if field != "required_proven" else -1, high + 1)
    for value in beyond:
        assert (field, "range") in codes(a_policy(**{field: value}))


def test_a_ladder_has_one_to_twelve_steps():
    assert errors(check(a_policy(*ladder(MAX_STEPS)))) == ()
    assert ("steps", "steps") in codes(a_policy(*ladder(MAX_STEPS + 1)))
    assert ("steps", "steps") in codes(a_policy(steps=()))


def test_the_first_step_comes_at_the_press():
    assert ("steps[0].offset_s", "first_step") in codes(a_policy(a_step(offset_s=1)))


def test_each_step_comes_after_the_one_before():
    same = a_policy(a_step(), a_step("shift_lead", offset_s=0))
    assert ("steps[1].offset_s", "order") in codes(same)


def test_a_step_after_more_than_a_day_is_never_reached():
    last = a_policy(a_step(), a_step("shift_lead", offset_s=MAX_OFFSET_S))
    assert errors(check(last)) == ()
    late = a_policy(a_step(), a_step("shift_lead", offset_s=MAX_OFFSET_S + 1))
    (finding,) = errors(check(late))
    assert finding.words == "86401 s is not from 0 to 86400 (a day): it is never reached."


def test_a_long_wait_between_two_steps_is_said():
    policy = a_policy(a_step(), a_step("shift_lead", offset_s=301))
    assert codes(policy) == {("steps[1].offset_s", "long_wait")}
    assert codes(a_policy(a_step(), a_step("shift_lead", offset_s=300))) == set()


@pytest.mark.parametrize("text", ["", "guard", "team:night", "role:", "person:1", "everyone"])
def test_a_selector_that_names_nobody_is_refused_with_its_place(text):
    assert ("steps[0].who[1]", "selector") in codes(a_policy(a_step("everyone_on_duty", text)))


def test_a_step_calls_at_least_one_and_at_most_twenty_kinds_of_people():
    roles = [f"role:r{number}" for number in range(MAX_SELECTORS + 1)]
    assert ("steps[0].who", "who") not in codes(a_policy(a_step(*roles[:-1])))
    assert ("steps[0].who", "who") in codes(a_policy(a_step(*roles)))
    assert ("steps[0].who", "who") in codes(a_policy(a_step(who=())))


def test_an_unknown_channel_reach_or_kind_is_refused():
    policy = a_policy(a_step(channels=("pigeon",), reach="some"), kind="party")
    assert {
        ("steps[0].channels[0]", "channel"),
        ("steps[0].reach", "reach"),
        ("kind", "kind"),
    } <= codes(policy)


def test_a_quorum_is_from_1_to_50():
    for quorum, is_wrong in ((0, True), (1, False), (50, False), (51, True)):
        found = codes(a_policy(a_step(quorum=quorum), a_step("shift_lead", offset_s=9, quorum=50)))
        assert (("steps[0].quorum", "range") in found) == is_wrong


def test_a_quorum_lower_than_an_earlier_one_is_said_to_change_nothing():
    policy = a_policy(a_step(quorum=3), a_step("shift_lead", offset_s=30, quorum=2))
    assert codes(policy) == {("steps[1].quorum", "quorum_without_effect")}


def test_a_step_that_calls_the_same_people_as_the_one_before_is_said():
    assert codes(a_policy(a_step(), a_step(offset_s=30))) == {("steps[1].who", "same_people")}
    other_way = a_policy(a_step(), a_step(offset_s=30, channels=("voice", "sms")))
    assert codes(other_way) == set()


def test_an_sos_that_first_calls_nobody_but_herself_is_refused():
    policy = a_policy(a_step("herself", "watcher"), a_step(offset_s=10))
    assert ("steps[0].who", "nobody_first") in codes(policy)
    walk = a_policy(a_step("herself"), a_step(offset_s=10), kind="walk")
    assert check(walk) == ()


def test_an_sos_with_a_thin_first_step_is_warned_about():
    thin = a_policy(a_step(f"person:{cast.GUARD.id}", reach="in_order", channels=("sms",)))
    assert codes(thin) == {
        ("steps[0].who", "not_everyone"),
        ("steps[0].reach", "slow_first"),
        ("steps[0].channels", "one_channel"),
        ("steps", "one_step"),
    }


def test_a_site_that_counts_as_covered_with_nobody_proven_is_warned_about():
    assert codes(a_policy(required_proven=0)) == {("required_proven", "never_uncovered")}


def test_a_name_is_needed_and_at_most_100_characters_long():
    assert check(a_policy(name="x" * 100)) == ()
    for name in ("", "  ", "x" * 101):
        assert codes(a_policy(name=name)) == {("name", "name")}
