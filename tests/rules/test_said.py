"""What each order said of what was seen: replaced by its later word, never taken back, told police without contradiction."""

from dataclasses import replace

import pytest

from tests import cast
from tocsin.decisions.rules.incident import Kind
from tocsin.decisions.rules.said import (
    MAX_SAID,
    Said,
    decided_anew,
    for_police,
    for_police_of_each,
    joined,
    reasons,
)
from tocsin.decisions.rules.sighting import kind_of

CASE, OTHER = cast.number(0x701), cast.number(0x702)
ORDER, SECOND = cast.number(0x703), cast.number(0x704)
UNSERVED = Said(CASE, ORDER, ("not_served",), ("valid, not served",))
SERVED = Said(CASE, ORDER, ("served", "firearm_mark"), ("valid, served",))
ENDED = Said(CASE, ORDER, (), ("order not valid", "ended"))
RULE = Said(CASE, None, ("house_rule",), ("house rule",))


@pytest.mark.guarantee("I15")
def test_the_later_word_of_an_order_takes_the_place_of_the_earlier() -> None:
    found = joined((UNSERVED,), [SERVED])
    assert for_police(found) == ("possible_breach", "served", "firearm_mark")
    assert reasons(found) == ("valid, served",)


def test_where_it_forbids_less_it_does_not_take_back_what_it_forbade_elsewhere() -> None:
    elsewhere = replace(SERVED, police=(), because=("order does not name this place",))
    assert joined((SERVED,), [elsewhere]) == (SERVED,)
    assert kind_of(joined((SERVED,), [elsewhere, RULE])) is Kind.POSSIBLE_BREACH


@pytest.mark.guarantee("I15")
def test_of_two_cases_of_which_one_order_was_served_each_says_its_own() -> None:
    unserved = replace(UNSERVED, case_id=OTHER, order_id=SECOND)
    rule = replace(RULE, case_id=cast.number(0x705))
    found = for_police_of_each((SERVED, unserved, rule))
    assert found == {
        CASE: ("possible_breach", "served", "firearm_mark"),
        OTHER: ("possible_breach", "not_served"),
    }


@pytest.mark.guarantee("I17")
def test_loosened_it_stays_as_grave_and_says_that_it_counts_no_more() -> None:
    found = decided_anew((SERVED,), (ENDED,))
    assert for_police(found) == ("possible_breach", "no_longer")
    assert reasons(found) == ("order not valid", "ended")
    assert kind_of(found) is Kind.POSSIBLE_BREACH
    assert decided_anew(found, (ENDED,)) == found
    assert decided_anew(found, (SERVED,)) == (SERVED,)


def test_a_house_rule_that_was_lifted_keeps_its_words_and_says_why() -> None:
    lifted = Said(CASE, None, (), ("no order and no house rule",))
    assert decided_anew((RULE,), (lifted,)) == (replace(RULE, because=lifted.because),)


def test_tightened_it_is_as_grave_as_it_is_now() -> None:
    assert kind_of((ENDED,)) is Kind.INFORM
    assert kind_of((ENDED, RULE)) is Kind.HOUSE_RULE
    assert kind_of(decided_anew((ENDED, RULE), (SERVED, RULE))) is Kind.POSSIBLE_BREACH


@pytest.mark.guarantee("I15")
def test_police_never_hear_that_there_is_an_order_and_that_there_is_none() -> None:
    assert for_police((RULE,)) == ("house_rule",)
    assert for_police((SERVED, RULE)) == ("possible_breach", "served", "firearm_mark")
    assert for_police((Said(OTHER, None, ("house_rule",)), UNSERVED)) == (
        "possible_breach",
        "not_served",
    )


def test_of_two_orders_of_a_case_one_that_was_served_is_enough() -> None:
    assert for_police((UNSERVED, replace(SERVED, order_id=SECOND, police=("served",)))) == (
        "possible_breach",
        "served",
    )


def test_of_two_cases_each_order_is_said_with_its_own_word() -> None:
    of_another = Said(OTHER, SECOND, ("served",))
    assert for_police((UNSERVED, of_another)) == ("possible_breach", "not_served", "served")


@pytest.mark.parametrize(("n", "kept"), [(MAX_SAID, MAX_SAID), (MAX_SAID + 1, MAX_SAID)])
def test_what_is_kept_has_a_bound(n: int, kept: int) -> None:
    many = [replace(SERVED, order_id=cast.number(0x1000 + number)) for number in range(n)]
    assert len(joined((), many)) == kept
    of_another = Said(OTHER, SECOND, ("served",))
    assert joined((), [*many, of_another])[-1] == of_another
