"""What one person tells of an order later counts at once, and keeps no colleague from his work place before a second looked."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import cast
from tests.rules.test_order import ISSUED, SECOND, TICK, fact, number, order
from tocsin.registry.rules.order import End, Fact, FactKind, Order, StayAway, enforceable, valid
from tocsin.registry.rules.posture import Instruction, kept_places, posture
from tocsin.registry.rules.second_look import (
    due_at,
    heard_after,
    looked_at,
    may_look,
    tellers,
    told_by_one,
    waits,
)

HERE, CAR_PARK = cast.HARBOUR.id, number(0xC4)
LEA, SEFA, ADA = cast.SHIFT_LEAD.id, cast.SAFETY_LEAD.id, cast.GUARD.id
LOOKED = ISSUED + timedelta(hours=1)
TOLD = LOOKED + timedelta(hours=1)
HOURS_4, DAYS_15 = timedelta(hours=4), timedelta(days=15)
SHUT = Instruction.DO_NOT_ADMIT


def entered(*facts: Fact, **changes: object) -> Order:
    """Return an order that Lea entered when it was issued and Sefa looked at an hour later."""
    known = {
        "stay_away": (StayAway(100, HERE),),
        "entered_by_id": LEA,
        "review_due_at": ISSUED + HOURS_4,
        "reviewed_at": LOOKED,
        "reviewed_by_id": SEFA,
    }
    return replace(order(*facts), **known | changes)  # type: ignore[arg-type]


def served(by: object = LEA, at: datetime = TOLD, **changes: object) -> Fact:
    """Return that he was served, as this one told it."""
    return fact(FactKind.SERVED, 2, at, heard_by_id=by, **changes)


def refused(known: Order, at: datetime, **more: object) -> bool:
    """Return whether a door refuses him at his own work place."""
    found = posture([known], [], at, is_colleague=True, site_id=HERE, **more)  # type: ignore[arg-type]
    return found.instruction is SHUT


@pytest.mark.guarantee("I17")
def test_a_service_that_one_person_tells_refuses_him_only_from_the_second_look_on() -> None:
    told = entered(served())
    later = TOLD + timedelta(hours=2)
    seen = entered(served(reviewed_at=later, reviewed_by_id=SEFA))
    assert not refused(told, TOLD + timedelta(days=1))
    assert [refused(seen, at) for at in (later - TICK, later)] == [False, True]


def test_whatever_else_it_means_it_means_at_once() -> None:
    told = entered(served())
    assert enforceable(told, TOLD).holds
    assert posture([told], [], TOLD, is_colleague=False).instruction is SHUT
    assert posture([told], [], TOLD, is_colleague=True, site_id=HERE).because[0].code == "served"


def test_one_persons_word_ends_what_keeps_him_out_as_before_and_does_not_begin_it_anew() -> None:
    known = served(at=ISSUED, heard_at=ISSUED)
    recalled = fact(FactKind.RECALLED, 3, TOLD, heard_by_id=LEA)
    over = TOLD + DAYS_15
    back = fact(FactKind.REINSTATED, 4, over, heard_by_id=LEA)
    assert refused(entered(known), over)
    assert not refused(entered(known, recalled), over)
    assert valid(entered(known, recalled, back), over).holds
    assert not refused(entered(known, recalled, back), over)
    looked = replace(recalled, reviewed_at=TOLD, reviewed_by_id=SEFA)
    both = entered(known, looked, replace(back, reviewed_at=over + SECOND, reviewed_by_id=SEFA))
    assert [refused(both, at) for at in (over, over + SECOND)] == [False, True]


def test_taking_back_ones_own_word_begins_it_neither() -> None:
    known = served(at=ISSUED, heard_at=ISSUED)
    recalled = fact(FactKind.RECALLED, 3, TOLD, heard_by_id=LEA)
    over = TOLD + DAYS_15
    wrong = fact(FactKind.RETRACTED, 4, heard_at=over, heard_by_id=LEA, retracts_id=recalled.id)
    assert not refused(entered(known, recalled, wrong), over)


def test_a_renewal_by_one_person_holds_the_doors_no_longer_than_the_end_that_two_people_know() -> (
    None
):
    ends = ISSUED + timedelta(days=2)
    known = (fact(FactKind.ENDS, 3, ISSUED, end=End(at=ends)), served(at=ISSUED))
    renewed = fact(FactKind.RENEWED, 4, TOLD, end=End(at=ends + DAYS_15 * 2), heard_by_id=LEA)
    at = ends + DAYS_15
    assert valid(entered(*known, renewed), at).holds
    assert not refused(entered(*known, renewed), at)
    seen = replace(renewed, reviewed_at=TOLD + SECOND, reviewed_by_id=SEFA)
    assert refused(entered(*known, seen), at)


def test_a_car_park_that_only_it_names_waits_too() -> None:
    away = (StayAway(100, place_id=CAR_PARK),)
    assert kept_places([entered(served(), stay_away=away)], TOLD) == frozenset()
    seen = served(reviewed_at=TOLD, reviewed_by_id=SEFA)
    assert kept_places([entered(seen, stay_away=away)], TOLD) == {CAR_PARK}


def test_the_look_at_the_entry_is_one_at_what_was_told_until_then_but_for_his_own_word() -> None:
    before = LOOKED - SECOND
    assert told_by_one(entered(served(LEA, before))) == ()
    assert told_by_one(entered(served(LEA, LOOKED))) == ()
    assert told_by_one(entered(served(LEA, LOOKED + TICK))) == (served(LEA, LOOKED + TICK),)
    his_own = served(SEFA, before)
    assert told_by_one(entered(his_own)) == (his_own,)
    assert not refused(entered(his_own), LOOKED)


def test_what_was_looked_at_when_stays_known() -> None:
    seen = entered(served(reviewed_at=TOLD + SECOND, reviewed_by_id=ADA))
    assert told_by_one(seen) == ()
    assert told_by_one(seen, TOLD) == seen.facts[1:]
    assert told_by_one(seen, TOLD - TICK) == ()
    assert told_by_one(seen, LOOKED - TICK) == ()
    assert (seen.reviewed_at, seen.reviewed_by_id) == (LOOKED, SEFA)


def test_it_is_due_four_hours_after_the_first_word_and_before_the_look_with_its_entry() -> None:
    later = fact(FactKind.HEARING, 3, TOLD + timedelta(hours=1), heard_by_id=ADA)
    assert due_at(entered(served(), later)) == TOLD + HOURS_4
    assert due_at(entered(served(), reviewed_at=None)) == ISSUED + HOURS_4
    assert due_at(entered()) is None
    assert (waits(entered(served())), waits(entered())) == (True, False)


def test_nobody_is_the_second_person_for_his_own_word() -> None:
    told = entered(served(LEA), fact(FactKind.HEARING, 3, TOLD, heard_by_id=ADA))
    assert tellers(told) == {LEA, ADA}
    assert may_look(told, LEA)
    assert not may_look(entered(served(LEA)), LEA)
    unseen = entered(served(ADA), reviewed_at=None, reviewed_by_id=None)
    assert tellers(unseen) == {LEA}
    assert [may_look(unseen, one) for one in (LEA, ADA, SEFA)] == [False, True, True]


def test_what_is_told_is_heard_after_the_look_though_the_clock_stepped_back() -> None:
    assert heard_after([entered()], LOOKED - SECOND) == LOOKED + TICK
    assert heard_after([entered()], TOLD) == TOLD
    assert heard_after([], TOLD) == TOLD


KINDS = [FactKind.SERVED, FactKind.TOLD_ORALLY, FactKind.RECALLED, FactKind.DISMISSED, FactKind.REINSTATED, FactKind.RENEWED, FactKind.ENDS, FactKind.EFFECTIVE, FactKind.RETRACTED]  # fmt: skip


@st.composite
def words(draw: st.DrawFn) -> tuple[Fact, ...]:
    """Return what was told of an order within six weeks, some of it before the look, some of it looked at later."""
    found: list[Fact] = []
    for last in range(2, 2 + draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(KINDS))
        heard = ISSUED + timedelta(hours=draw(st.integers(0, 1000)))
        when = heard - timedelta(hours=draw(st.integers(0, 30)))
        hours = draw(st.one_of(st.none(), st.integers(0, 200)))
        seen = None if hours is None else heard + timedelta(hours=hours)
        end = End(at=heard + timedelta(hours=draw(st.integers(-50, 500))))
        found.append(
            fact(
                kind,
                last,
                None if kind is FactKind.RETRACTED else when,
                heard_at=heard,
                heard_by_id=draw(st.sampled_from([LEA, SEFA, ADA])),
                end=end if kind in {FactKind.RENEWED, FactKind.ENDS} else None,
                retracts_id=number(draw(st.integers(1, last - 1)))
                if kind is FactKind.RETRACTED
                else None,
                reviewed_at=seen,
            )
        )
    return tuple(found)


INSTANTS = st.integers(1, 2000).map(lambda hours: LOOKED + timedelta(hours=hours))


@pytest.mark.guarantee("I17")
@given(words(), INSTANTS)
def test_whatever_one_person_tells_refuses_nobody_whom_two_people_would_let_pass(
    facts: tuple[Fact, ...], at: datetime
) -> None:
    known = entered(*facts)
    alone = {one.id for one in told_by_one(known, at)}
    by_two = replace(
        known, facts=tuple(one for one in known.facts if one.id not in alone and one.heard_at <= at)
    )
    assert not refused(known, at) or refused(by_two, at)


@pytest.mark.guarantee("I17")
@given(words(), INSTANTS, st.sampled_from(KINDS))
def test_no_next_word_of_one_person_shuts_a_door_that_was_open_to_a_colleague(
    facts: tuple[Fact, ...], at: datetime, kind: FactKind
) -> None:
    heard = [one for one in facts if one.heard_at < at]
    before = entered(*heard)
    word = fact(kind, 0x40, at, heard_by_id=LEA, end=End(at=at + DAYS_15), retracts_id=heard[-1].id if kind is FactKind.RETRACTED and heard else None)  # fmt: skip
    after = replace(before, facts=(*before.facts, word))
    assert not refused(after, at) or refused(before, at)
    assert len(looked_at(after, at)) >= len(looked_at(before, at))


@given(words(), INSTANTS)
def test_for_whoever_does_not_work_here_no_door_waits_for_a_second_look(
    facts: tuple[Fact, ...], at: datetime
) -> None:
    known = entered(*facts)
    bare = replace(known, facts=tuple(replace(one, reviewed_at=None) for one in known.facts))
    never = replace(bare, reviewed_at=None, reviewed_by_id=None)
    first, second, third = (posture([one], [], at, is_colleague=False) for one in (known, bare, never))  # fmt: skip
    assert first == second == third
