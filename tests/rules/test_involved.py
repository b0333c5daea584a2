"""Who hears what is new about an incident? Whoever was called by its steps or takes part in it, on the roster or not."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from tests import cast
from tests.builders import AT, a_policy, a_step, some_facts
from tocsin.decisions.rules.incident import Doing, Incident, Kind
from tocsin.notifications.rules.escalation import step
from tocsin.notifications.rules.happenings import (
    Acted,
    Call,
    Cancelled,
    Opened,
    RaisedAgain,
    TimePassed,
    What,
)

GUARD, LEAD = cast.GUARD.id, cast.SAFETY_LEAD.id
# Nobody is on the roster: a policy that names people calls them at home.
AT_HOME = a_policy(a_step(f"person:{GUARD}", f"person:{LEAD}"), a_step("role:safety_lead", offset_s=30))  # fmt: skip
SOS = Incident(
    id=cast.number(1),
    organisation_id=cast.HARBOUR_EMS,
    site_id=cast.HARBOUR.id,
    person_id=cast.PROTECTED.id,
    word="WREN",
    kind=Kind.SOS,
    is_drill=False,
    key="key-0001",
    keys=("key-0001",),
    opened_at=AT,
    policy=AT_HOME,
    ladder_from=AT,
    last_raised_at=AT,
)
DURESS = Cancelled(under_duress=True, of="key-0001")


def after(incident: Incident, what: What, seconds: int) -> tuple[Incident, dict[str, set[UUID]]]:  # fmt: skip
    """Return the incident, and whom each text went to."""
    now: datetime = AT + timedelta(seconds=seconds)
    facts = replace(some_facts(on_duty=(), raiser_id=cast.PROTECTED.id), at=now)
    changed, effects = step(incident, what, facts, now)
    calls = [effect for effect in effects if isinstance(effect, Call)]
    return changed, {call.template: {one.person_id for one in call.recipients} for call in calls}


@pytest.fixture
def in_charge() -> Incident:
    """Return her SOS with the guard in charge, of whom the roster knows nothing."""
    opened, called = after(SOS, Opened(), 0)
    assert called == {"sos": {GUARD, LEAD}}
    return after(opened, Acted(GUARD, Doing.IN_CHARGE, "link"), 13)[0]


@pytest.mark.guarantee("I9")
def test_her_duress_code_is_heard_by_who_was_called_and_whoever_is_in_charge_confirms(in_charge: Incident) -> None:  # fmt: skip
    changed, called = after(in_charge, DURESS, 50)
    assert called == {"confirm_charge": {GUARD}, "duress": {GUARD, LEAD}}
    assert changed.charge is not None
    assert changed.charge.asked_at == AT + timedelta(seconds=50)


def test_a_second_press_is_heard_by_who_was_called(in_charge: Incident) -> None:
    _changed, called = after(in_charge, RaisedAgain(is_silent=False, key="key-0002"), 40)
    assert called["sos_again"] == {GUARD, LEAD}


@pytest.mark.guarantee("I3")
def test_an_emergency_call_that_nobody_owns_is_said_to_who_was_called() -> None:
    opened, _called = after(SOS, Opened(), 0)
    _changed, called = after(opened, TimePassed(), 12)
    assert called["call_unclaimed"] == {GUARD, LEAD}


def test_who_was_called_hears_that_it_is_over(in_charge: Incident) -> None:
    changed, _called = after(in_charge, Acted(GUARD, Doing.OVER, "page"), 60)
    _changed, called = after(changed, Acted(LEAD, Doing.OVER, "page"), 61)
    assert called["stood_down"] == {GUARD, LEAD}


def test_who_came_of_his_own_accord_hears_what_is_new(in_charge: Incident) -> None:
    other = cast.SHIFT_LEAD.id
    changed, _called = after(in_charge, Acted(other, Doing.GOING, "page"), 20)
    assert other in after(changed, DURESS, 50)[1]["duress"]


@pytest.mark.guarantee("I17")
@pytest.mark.parametrize("kind", [Kind.POSSIBLE_BREACH, Kind.INFORM])
def test_a_duress_code_in_what_nobody_had_compared_is_her_sos_and_takes_two_to_end(
    kind: Kind,
) -> None:
    seen = replace(SOS, kind=kind, is_confirmed=False, case_ids=(cast.number(9),), raised_count=0)
    opened, _called = after(seen, Opened(), 0)
    changed, called = after(opened, DURESS, 20)
    assert changed.needs_emergency_call
    assert "sos" in called or "duress" in called
    changed, _called = after(changed, Acted(GUARD, Doing.OVER, "page"), 60)
    assert changed.is_open
    assert not after(changed, Acted(LEAD, Doing.OVER, "page"), 61)[0].is_open
