"""She takes another exit while she waits: a look at the old one is none at hers."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests import cast
from tests.snapshots import HARBOUR_SITE, NIGHT, a_stint
from tests.stories.held_walks import ENDS_AT, PLAN, WREN, EndOfShift, until
from tocsin.flow.ask_to_look import ANOTHER_WAY
from tocsin.signals.rules.hold import Kind, State
from tocsin.signals.rules.serving import way_mark

BACK_EXIT = cast.number(0x771)
OLD = way_mark(PLAN)
NEW = way_mark(replace(PLAN, exit_id=BACK_EXIT))


@pytest.mark.guarantee("I20")
def test_her_phone_says_at_once_that_nobody_has_looked_and_somebody_is_asked_anew() -> None:
    night = EndOfShift()
    hold = night.opens()
    night.looks()
    assert night.shown() == "looked"
    night.passes(1)
    night.changes_way(exit_id=BACK_EXIT)
    assert night.shown() == "wait"
    assert night.alarms.questions(cast.HARBOUR_EMS, hold.id) == []
    night.passes(5)
    (asked,) = night.alarms.questions(cast.HARBOUR_EMS, hold.id)
    assert asked.policy.name == "look_asked"
    night.looks(way=NEW)
    assert night.shown() == "looked"


@pytest.mark.guarantee("I20")
@pytest.mark.parametrize("late", [{"way": OLD}, {"way": ""}, {"is_old": True}])
def test_who_was_asked_before_and_answers_after_has_looked_at_the_old_way(late: dict[str, object]) -> None:  # fmt: skip
    night = EndOfShift()
    hold = night.opens()
    (asked,) = night.alarms.questions(cast.HARBOUR_EMS, hold.id)
    night.passes(1)
    night.changes_way(exit_id=BACK_EXIT)
    night.passes(5)
    closed = night.alarms.incident(cast.HARBOUR_EMS, asked.id)
    assert closed is not None
    assert closed.closed_how == ANOTHER_WAY
    night.looks(**late)
    assert night.shown() == "wait"
    assert len(night.alarms.questions(cast.HARBOUR_EMS, hold.id)) == 1


def test_what_was_seen_stays_whichever_way_she_goes_and_may_be_said_of_the_old_one() -> None:
    night = EndOfShift()
    night.opens()
    night.looks(saw="something")
    night.passes(1)
    night.changes_way(exit_id=BACK_EXIT)
    assert night.shown() == "something"
    later = EndOfShift()
    later.opens()
    later.passes(1)
    later.changes_way(exit_id=BACK_EXIT)
    later.looks(saw="something", way=OLD)
    assert later.shown() == "something"


@pytest.mark.guarantee("I20")
def test_a_look_that_her_change_made_old_serves_nobody_who_goes_her_new_way() -> None:
    dara = replace(PLAN, person_id=cast.DISPATCHER.id, exit_id=BACK_EXIT)
    shifts = [until(ENDS_AT), until(ENDS_AT + timedelta(minutes=2), cast.DISPATCHER)]
    others = [a_stint(p, HARBOUR_SITE) for p in NIGHT if p not in {WREN, cast.DISPATCHER}]
    night = EndOfShift(plans=(PLAN, dara), stints=(*shifts, *others))
    night.opens()
    night.looks()
    night.passes(1)
    night.changes_way(exit_id=BACK_EXIT)
    night.passes(125)
    hers = [h for h in night.all_holds() if h.person_id == cast.DISPATCHER.id]
    assert [h.state for h in hers if h.kind is Kind.LEAVING] == [State.HELD]
