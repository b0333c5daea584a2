"""Whoever may not, or cannot, act on it any more has no part in it: nothing rests on what he said before."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests import cast
from tests.builders import a_policy, a_step
from tests.rules.night import Night, an_incident
from tocsin.decisions.rules.incident import Kind, coming

pytestmark = pytest.mark.guarantee("I3")

Leaves = Callable[[Night, cast.Player], Night]


def is_shut_out(night: Night, who: cast.Player) -> Night:
    night.facts = replace(night.facts, kept_out=night.facts.kept_out | {who.id})
    return night


def works_here_no_more(night: Night, who: cast.Player) -> Night:
    people = {i: person for i, person in night.facts.people.items() if i != who.id}
    night.facts = replace(night.facts, people=people, gone=frozenset({who.id}))
    return night


leaves = pytest.mark.parametrize("leaves", [is_shut_out, works_here_no_more])


@leaves
def test_who_was_in_charge_stops_nothing_any_more(leaves: Leaves) -> None:
    night = leaves(Night().opens().acts(10, cast.GUARD, "in_charge"), cast.GUARD).late(20)
    assert night.incident.charge is None
    assert night.called("sos")[-1] == (20, {"Dara", "Lea"})
    assert night.said("part.ended") == [20]
    assert night.until(51).said("step.begun")[-2:] == [20, 50]


@leaves
def test_the_emergency_call_that_he_took_is_nobodys(leaves: Leaves) -> None:
    night = leaves(Night().opens().acts(5, cast.GUARD, "calling"), cast.GUARD).late(20)
    assert night.incident.caller_id is None
    assert night.until(31).said("call.unclaimed") == [30]


@leaves
def test_his_word_that_it_is_over_ends_nothing(leaves: Leaves) -> None:
    night = Night().opens().acts(10, cast.SHIFT_LEAD, "in_charge").acts(12, cast.GUARD, "over")
    leaves(night, cast.GUARD).acts(20, cast.DISPATCHER, "over")
    assert night.incident.is_open
    assert night.incident.over == {cast.DISPATCHER.id}


@leaves
def test_he_is_none_of_those_who_are_coming(leaves: Leaves) -> None:
    night = Night(an_incident(policy=a_policy(a_step(quorum=2), repeat_after_s=60))).opens()
    night.acts(5, cast.SHIFT_LEAD, "in_charge").acts(6, cast.GUARD, "going")
    assert coming(leaves(night, cast.GUARD).late(20).incident) == 1
    assert night.until(61).said("incident.unanswered") == [60]


def test_whoever_else_is_in_charge_stays_so() -> None:
    night = Night().opens().acts(5, cast.GUARD, "going").acts(10, cast.SHIFT_LEAD, "in_charge")
    is_shut_out(night, cast.GUARD).late(20)
    assert night.incident.charge is not None
    assert night.called("sos") == [(0, {"Dara", "Gus", "Lea"})]


def test_somebody_on_no_roster_keeps_his_part() -> None:
    night = Night().opens().acts(10, cast.SAFETY_LEAD, "in_charge").late(20)
    assert night.incident.charge is not None


def test_a_question_is_not_asked_anew() -> None:
    night = Night(an_incident(kind=Kind.LOOK)).opens().acts(5, cast.GUARD, "in_charge")
    assert is_shut_out(night, cast.GUARD).late(8).said("part.ended") == []


def test_a_hand_over_to_who_has_left_is_none() -> None:
    night = Night().opens().acts(10, cast.GUARD, "in_charge")
    works_here_no_more(night, cast.SHIFT_LEAD).hands_over(12, cast.GUARD, cast.SHIFT_LEAD)
    assert night.said("charge.confirm_asked") == []


@leaves
def test_what_he_says_after_that_is_no_act(leaves: Leaves) -> None:
    night = leaves(Night().opens().acts(5, cast.GUARD, "going"), cast.GUARD)
    night.acts(10, cast.GUARD, "in_charge").acts(12, cast.GUARD, "over")
    assert night.incident.charge is None
    assert night.said("act.in_charge") == night.said("act.over") == []


@leaves
def test_people_are_called_at_once_and_not_after_the_first_steps_wait(leaves: Leaves) -> None:
    ladder = a_policy(a_step("herself"), a_step(offset_s=30), repeat_after_s=60)
    night = Night(an_incident(policy=ladder)).opens().late(30).acts(35, cast.GUARD, "in_charge")
    leaves(night, cast.GUARD).late(40)
    assert night.called("sos")[-1] == (40, {"Dara", "Lea"})
