"""What does a door do, and until when, after an order's end? House rules, colleagues, the fourteen days."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import cast
from tests.rules.test_order import ISSUED, MOMENTS, SECOND, TICK, fact, number, order, some_facts
from tocsin.registry.rules.grants import Wish
from tocsin.registry.rules.house_rule import Ground, HouseRule, Notice, house_rule
from tocsin.registry.rules.order import Because, End, Fact, FactKind, StayAway, valid
from tocsin.registry.rules.order_entry import RuleDraft, judge_rule
from tocsin.registry.rules.posture import (
    Instruction,
    Posture,
    Standing,
    counted_until,
    kept_places,
    posture,
)

HERE, THERE = cast.HARBOUR.id, cast.DEPOT_NORTH.id
ENDS = datetime(2025, 3, 4, 6, 0, tzinfo=UTC)
UNTIL_MARCH_3 = order(end=End(on=date(2025, 3, 3)))
DAYS_14 = timedelta(days=14)


def a_rule(**changes: object) -> HouseRule:
    """Return a house rule for Harbour from 1 March, thirty days."""
    rule = HouseRule(
        id=number(0xA0),
        case_id=number(0xFE),
        organisation_id=cast.HARBOUR_EMS,
        sites=(HERE,),
        owner_id=cast.SHIFT_LEAD.id,
        ground=Ground.ORDER,
        notice=Notice.GIVEN,
        contest="hr@harbour.example",
        starts_at=ISSUED,
        ends_at=ISSUED + timedelta(days=30),
        made_at=ISSUED,
        made_by_id=cast.SHIFT_LEAD.id,
    )
    return replace(rule, **changes)  # type: ignore[arg-type]


def stranger(at: datetime, *orders: object, **more: object) -> Posture:
    """Return what a door does about somebody who does not work here."""
    return posture(orders or (UNTIL_MARCH_3,), (), at, is_colleague=False, **more)  # type: ignore[arg-type]


def colleague(at: datetime, *orders: object, rules: tuple[HouseRule, ...] = (), **more: object) -> Posture:  # fmt: skip
    """Return what a door does about somebody who works here."""
    return posture(orders, rules, at, is_colleague=True, **more)  # type: ignore[arg-type]


def test_a_house_rule_stands_from_its_start_to_its_end_at_its_sites() -> None:
    rule = a_rule()
    ends = rule.ends_at
    assert [house_rule([rule], at, HERE).holds for at in (ISSUED - TICK, ISSUED, ends - TICK, ends)] == [False, True, True, False]  # fmt: skip
    assert house_rule([rule], ISSUED, THERE).code is Because.ELSEWHERE
    assert house_rule([], ISSUED).code is Because.NO_RULE


def test_a_lifting_that_only_one_has_asked_for_lifts_nothing() -> None:
    asked = a_rule(lift_asked=Wish(None, cast.SHIFT_LEAD.id, ISSUED))
    assert house_rule([asked], ISSUED + SECOND).holds
    lifted = replace(asked, lifted_by_id=cast.SAFETY_LEAD.id, lifted_at=ISSUED + SECOND)
    assert house_rule([lifted], ISSUED + SECOND).code is Because.LIFTED
    assert house_rule([lifted], ISSUED).holds


def test_a_house_rule_made_later_was_not_known_before() -> None:
    rule = a_rule(made_at=ISSUED + timedelta(hours=1))
    assert not house_rule([rule], ISSUED, known_at=ISSUED).holds


def test_a_lifting_that_was_agreed_later_was_not_known_before() -> None:
    lifted = a_rule(lifted_by_id=cast.SAFETY_LEAD.id, lifted_at=ISSUED + timedelta(hours=2))
    later = ISSUED + timedelta(hours=3)
    assert house_rule([lifted], later, known_at=ISSUED + timedelta(hours=1)).holds
    assert not house_rule([lifted], later, known_at=later).holds


LIFTINGS = st.one_of(st.none(), MOMENTS)
SPANS = st.integers(1, 20).map(lambda hours: timedelta(hours=hours))


@given(made=MOMENTS, starts=MOMENTS, lasts=SPANS, lifted=LIFTINGS, at=MOMENTS, known_at=MOMENTS)
def test_whenever_it_was_made_and_lifted_it_stands_by_what_was_known_and_says_what_decided(
    made: datetime, starts: datetime, lasts: timedelta, lifted: datetime | None, at: datetime, known_at: datetime
) -> None:  # fmt: skip
    lifter = cast.SAFETY_LEAD.id if lifted else None
    rule = a_rule(made_at=made, starts_at=starts, ends_at=starts + lasts, lifted_at=lifted, lifted_by_id=lifter)  # fmt: skip
    is_lifted = lifted is not None and lifted <= min(at, known_at)
    for site in (HERE, THERE, None):
        found = house_rule([rule], at, site, known_at)
        stands = made <= known_at and starts <= at < starts + lasts and not is_lifted
        assert found.holds is (stands and site is not THERE)
        (because,) = found.because
        assert because.row_id == (rule.id if made <= known_at else None)


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (RuleDraft(contest="hr", reason="why", lasts=timedelta(days=91)), "rule_days"),
        (RuleDraft(contest="hr", reason="why", lasts=timedelta(0)), "rule_days"),
        (RuleDraft(reason="why"), "rule_contest"),
        (RuleDraft(contest="hr"), "rule_reason"),
        (RuleDraft(contest="hr", reason="why", delay=timedelta(days=15)), "rule_delay_days"),
    ],
)
def test_no_endless_no_secret_and_no_unreasoned_house_rule(draft: RuleDraft, field: str) -> None:
    assert [finding.path for finding in judge_rule(draft)] == [field]


def test_ninety_days_and_fourteen_of_delay_are_allowed() -> None:
    draft = RuleDraft(contest="hr", reason="why", lasts=timedelta(days=90), delay=DAYS_14)
    assert list(judge_rule(draft)) == []


@pytest.mark.guarantee("I13")
def test_an_order_that_ended_raises_no_breach_and_the_doors_keep_to_it_for_fourteen_days() -> None:
    kept = stranger(ENDS)
    assert (kept.instruction, kept.standing) == (Instruction.DO_NOT_ADMIT, Standing.ENDED)
    assert (kept.ended_on, kept.is_kept_after_end) == (date(2025, 3, 3), True)
    assert stranger(ENDS + DAYS_14 - TICK).instruction is Instruction.DO_NOT_ADMIT
    assert stranger(ENDS + DAYS_14).instruction is Instruction.NONE


@pytest.mark.guarantee("I13")
def test_two_people_let_it_go_sooner_and_only_for_the_end_that_they_looked_at() -> None:
    looked = ENDS + timedelta(days=1)
    assert stranger(looked - TICK, lowered_at=looked).instruction is Instruction.DO_NOT_ADMIT
    assert stranger(looked, lowered_at=looked).instruction is Instruction.NONE
    # That two had agreed was not known a moment before, whatever time is asked about.
    at = looked + timedelta(hours=1)
    assert stranger(at, lowered_at=looked, known_at=looked - TICK).instruction is Instruction.DO_NOT_ADMIT  # fmt: skip
    before_it_ended = ENDS - timedelta(days=1)
    assert stranger(looked, lowered_at=before_it_ended).instruction is Instruction.DO_NOT_ADMIT


def test_a_recall_that_we_hear_of_late_keeps_the_doors_from_when_we_heard() -> None:
    heard = ISSUED + timedelta(days=30)
    recalled = fact(FactKind.RECALLED, 2, ISSUED + timedelta(days=1), heard_at=heard)
    assert stranger(heard, order(recalled)).instruction is Instruction.DO_NOT_ADMIT
    assert stranger(heard + DAYS_14, order(recalled)).instruction is Instruction.NONE


def test_one_person_who_takes_back_that_it_was_issued_opens_no_door() -> None:
    at = ISSUED + timedelta(days=1)
    back = fact(FactKind.RETRACTED, 2, heard_at=at, retracts_id=number(1))
    found = stranger(at + SECOND, order(back))
    assert (found.instruction, found.standing) == (Instruction.DO_NOT_ADMIT, Standing.ENDED)


def test_the_house_rule_still_stands_when_the_order_has_ended() -> None:
    found = posture([UNTIL_MARCH_3], [a_rule()], ENDS + DAYS_14, is_colleague=False, site_id=HERE)
    assert (found.instruction, found.standing) == (Instruction.DO_NOT_ADMIT, Standing.ENDED_RULE)
    assert found.ended_on == date(2025, 3, 3)


def test_an_unreviewed_entry_keeps_nobody_from_his_own_place_of_work_but_a_house_rule_does() -> (
    None
):
    named = replace(order(fact(FactKind.SERVED, 2, ISSUED)), stay_away=(StayAway(100, HERE),))
    reviewed = replace(named, reviewed_at=ISSUED, reviewed_by_id=cast.SAFETY_LEAD.id)
    assert colleague(ISSUED, named, site_id=HERE).instruction is Instruction.INFORM
    assert colleague(ISSUED, reviewed, site_id=HERE).instruction is Instruction.DO_NOT_ADMIT
    assert colleague(ISSUED, reviewed, site_id=THERE).instruction is Instruction.INFORM
    with_rule = colleague(ISSUED, named, rules=(a_rule(),), site_id=HERE)
    assert (with_rule.instruction, with_rule.standing) == (Instruction.DO_NOT_ADMIT, Standing.BREACH)  # fmt: skip


def test_no_door_tells_a_colleague_of_an_order_before_he_has_notice_or_the_steps_are_released() -> (
    None
):
    unserved = replace(
        order(),
        stay_away=(StayAway(100, HERE),),
        reviewed_at=ISSUED,
        reviewed_by_id=cast.SAFETY_LEAD.id,
    )
    at = ISSUED + SECOND
    assert colleague(at, unserved, site_id=HERE).instruction is Instruction.INFORM
    released = colleague(at, unserved, site_id=HERE, released_at=at)
    assert released.instruction is Instruction.DO_NOT_ADMIT
    before = colleague(at - TICK, unserved, site_id=HERE, released_at=at)
    assert before.instruction is Instruction.INFORM


def test_served_it_is_a_possible_breach_and_unserved_it_is_not_told_to_him() -> None:
    assert stranger(ISSUED, order()).standing is Standing.NOT_SERVED
    served = order(fact(FactKind.SERVED, 2, ISSUED))
    assert stranger(ISSUED, served).standing is Standing.BREACH


def test_of_an_ended_and_a_running_order_the_running_one_is_spoken_of() -> None:
    running = replace(order(fact(FactKind.SERVED, 2, ISSUED)), id=number(0xB0))
    assert stranger(ENDS, UNTIL_MARCH_3, running).standing is Standing.BREACH


def test_nothing_is_known_and_it_says_no_more_than_that() -> None:
    found = posture([], [], ISSUED, is_colleague=False)
    assert (found.instruction, found.standing) == (Instruction.NONE, Standing.NONE)


@pytest.mark.guarantee("I13")
@given(some_facts(), MOMENTS)
def test_whatever_happened_a_breach_is_said_only_of_a_valid_order_and_a_valid_order_shuts_the_door(
    facts: list[Fact], at: datetime
) -> None:
    found = stranger(at, order(*facts))
    counts = valid(order(*facts), at).holds
    assert counts is (found.standing in {Standing.BREACH, Standing.NOT_SERVED})
    assert not counts or found.instruction is Instruction.DO_NOT_ADMIT


@pytest.mark.guarantee("I13")
@given(some_facts())
def test_whatever_happened_no_door_is_let_go_in_the_moment_in_which_an_order_ends(
    facts: list[Fact],
) -> None:
    found = order(*facts)
    for hours in range(41):
        at = ISSUED + timedelta(hours=hours)
        counted = valid(found, at - TICK, at - TICK).holds
        ends_now = counted and not valid(found, at, at).holds
        if ends_now:
            told = stranger(at, found, known_at=at)
            assert told.instruction is Instruction.DO_NOT_ADMIT


@given(some_facts(), st.integers(41, 400))
def test_the_posture_never_outlives_the_end_by_more_than_fourteen_days(
    facts: list[Fact], hours: int
) -> None:
    found, at = order(*facts), ISSUED + timedelta(hours=hours)
    since = counted_until(found, at)
    if not valid(found, at).holds and (since is None or at >= since + DAYS_14):
        assert stranger(at, found).instruction in {Instruction.NONE, Instruction.INFORM}


def test_an_order_that_names_only_a_place_shuts_no_colleague_out_of_its_site() -> None:
    car_park = number(0xC4)
    served = order(fact(FactKind.SERVED, 2, ISSUED))
    only = replace(
        served,
        stay_away=(StayAway(100, place_id=car_park),),
        reviewed_at=ISSUED,
        reviewed_by_id=cast.SAFETY_LEAD.id,
    )
    at = ISSUED + SECOND
    found = posture([only], [], at, is_colleague=True, site_id=HERE)
    assert found.instruction is Instruction.INFORM
    assert kept_places([only], at) == {car_park}
    assert kept_places([replace(only, reviewed_at=None)], at) == frozenset()
    assert posture([only], [], at, is_colleague=False, site_id=HERE).instruction is (
        Instruction.DO_NOT_ADMIT
    )
