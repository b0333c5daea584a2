"""I10: a drill is never mistaken for real, and never suppresses real."""

import pytest

from tests import cast
from tests.stories.night_shift import NightShift
from tocsin.flow.alarms import Change
from tocsin.flow.respond import Refused
from tocsin.flow.run_drill import end_drill, run_drill

pytestmark = pytest.mark.guarantee("I10")


def test_a_drill_takes_the_sites_own_ladder_and_says_that_it_is_one() -> None:
    night = NightShift()
    drill = night.drills(by=cast.PROTECTED)
    night.waits(61)
    assert drill.is_drill
    assert night.record()[0] == "drill.begun"
    assert night.record().count("step.begun") == 3


def test_what_happens_to_a_drill_leaves_a_real_sos_alone() -> None:
    night = NightShift()
    drill = night.drills(by=cast.PROTECTED)
    night.presses()
    night.acts(cast.GUARD, "over", drill)
    assert night.open().is_open
    assert night.open().over == frozenset()


def test_a_real_one_cannot_be_ended_like_a_drill() -> None:
    night = NightShift()
    night.presses()
    done = end_drill(night.alarms, cast.HARBOUR_EMS, night.open().id, ids=night.ids)
    assert isinstance(done, Refused)


def test_a_person_runs_one_drill_at_a_time() -> None:
    night = NightShift()
    night.drills()
    again = run_drill(
        night.alarms, cast.HARBOUR_EMS, cast.HARBOUR.id, by=cast.SAFETY_LEAD.id, ids=night.ids
    )
    assert not isinstance(again, Change)
