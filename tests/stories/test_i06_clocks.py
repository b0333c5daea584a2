"""I6: a clock step or a change of summer time never skips or doubles a step."""

from datetime import timedelta

import pytest

from tests import cast
from tests.builders import utc
from tests.snapshots import HARBOUR_SITE, Hands, a_stint
from tests.stories.night_shift import NightShift
from tocsin.flow.let_time_pass import let_time_pass

pytestmark = pytest.mark.guarantee("I6")

YEAR_S = 31_536_000
STEPS_S = (-YEAR_S, -86_400, -3_600, -60, -1, 1, 60, 3_600, 86_400, YEAR_S)
DECADE = timedelta(days=3_650)


def a_night_of_years() -> NightShift:
    at = utc("2026-11-06 05:30")
    who = (cast.PROTECTED, cast.GUARD, cast.SHIFT_LEAD)
    return NightShift(stints=tuple(a_stint(p, HARBOUR_SITE, at - DECADE, at + DECADE) for p in who))


@pytest.mark.parametrize("step_s", STEPS_S)
@pytest.mark.parametrize("second", [0, 1, 29, 30, 31, 59])
def test_a_clock_step_anywhere_in_the_ladder_skips_and_doubles_no_step(
    second: int, step_s: int
) -> None:
    night = a_night_of_years()
    night.presses()
    night.waits(second)
    night.clock.step(step_s)
    for _ in range(3):
        waiting = min(night.alarms.waiting(utc("2099-01-01 00:00")), key=lambda w: w.due_at)
        night.clock.wait(max(0.0, (waiting.due_at - waiting.set_at).total_seconds()))
        due = (waiting.organisation_id, waiting.id, waiting.due_at)
        let_time_pass(night.alarms, *due, ids=night.ids)
    begun = [e.body["step"] for e in night.alarms.entries() if e.kind == "step.begun"]
    assert begun == list(range(len(begun)))


@pytest.mark.parametrize("night_of", ["2026-11-01 06:59:50", "2027-03-14 07:59:50"])
def test_on_a_change_night_the_steps_keep_their_seconds(night_of: str) -> None:
    night = a_night_of_years()
    night.clock = Hands(utc(night_of))
    night.alarms._clock = night.clock.now
    night.presses()
    night.waits(61)
    begun = [e.at for e in night.alarms.entries() if e.kind == "step.begun"]
    assert [(at - begun[0]).total_seconds() for at in begun] == [0, 30, 60]
