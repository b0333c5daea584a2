"""Who may say when the visible steps are released: she and the safety lead, two people or her word in person."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import cast
from tests.builders import AT
from tocsin.decisions.rules.release import (
    Chooser,
    Release,
    is_due,
    is_too_far,
    may_agree,
    may_choose,
)

SHE = Chooser(cast.PROTECTED.id, is_protected=True, is_safety_lead=False)
LEAD = Chooser(cast.SAFETY_LEAD.id, is_protected=False, is_safety_lead=True)
SECOND_LEAD = Chooser(cast.DISPATCHER.id, is_protected=False, is_safety_lead=True)
GUARD = Chooser(cast.GUARD.id, is_protected=False, is_safety_lead=False)


def a_plan(by: Chooser = LEAD, **changes: object) -> Release:
    base = Release(
        id=cast.number(0x81),
        organisation_id=cast.HARBOUR_EMS,
        case_id=cast.number(0xC0),
        release_at=AT + timedelta(hours=3),
        planned_at=AT,
        planned_by_id=by.person_id,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("by", "who", "in_person", "holds"),
    [
        (LEAD, SHE, False, True),
        (LEAD, LEAD, False, False),
        (LEAD, LEAD, True, True),
        (LEAD, SECOND_LEAD, False, False),
        (LEAD, SECOND_LEAD, True, True),
        (SHE, LEAD, False, True),
        (SHE, SHE, False, False),
        (SHE, SHE, True, False),
        (LEAD, GUARD, True, False),
        (SHE, GUARD, True, False),
    ],
)
def test_it_takes_her_and_a_lead(by: Chooser, who: Chooser, in_person: bool, holds: bool) -> None:
    assert may_agree(a_plan(by), who, cast.PROTECTED.id, in_person=in_person) is holds


def test_of_a_place_two_leads_agree() -> None:
    assert not may_agree(a_plan(), LEAD, None, in_person=True)
    assert may_agree(a_plan(), SECOND_LEAD, None, in_person=False)


@given(who=st.sampled_from([SHE, LEAD, SECOND_LEAD, GUARD]), in_person=st.booleans())
def test_a_plan_that_ended_or_holds_is_not_agreed_again(who: Chooser, in_person: bool) -> None:
    for plan in (a_plan(withdrawn_at=AT), a_plan(released_at=AT), a_plan(agreed_at=AT)):
        assert not may_agree(plan, who, cast.PROTECTED.id, in_person=in_person)


def test_it_is_due_at_its_time_if_agreed_and_not_a_second_before() -> None:
    agreed = a_plan(agreed_at=AT)
    assert is_due(agreed, agreed.release_at)
    assert not is_due(agreed, agreed.release_at - timedelta(seconds=1))
    assert not is_due(a_plan(), agreed.release_at + timedelta(days=9))
    assert not is_due(a_plan(agreed_at=AT, withdrawn_at=AT), agreed.release_at)


def test_a_guard_has_no_say() -> None:
    assert [may_choose(who) for who in (SHE, LEAD, GUARD)] == [True, True, False]


def test_a_time_is_within_ninety_days() -> None:
    assert not is_too_far(AT + timedelta(days=90), AT)
    assert is_too_far(AT + timedelta(days=90, seconds=1), AT)
