"""I21: a gap in cover is announced before it is needed."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from tests import cast
from tests.builders import AT
from tests.simulation.covering import SimRosters
from tests.snapshots import HARBOUR_SITE, NIGHT_UNTIL, a_stint
from tests.stories.night_shift import NightShift
from tocsin.engine.cover import coming_gaps
from tocsin.flow.announce_gaps import announce_gap
from tocsin.registry.rules.duty import Gap, gaps

pytestmark = pytest.mark.guarantee("I21")

GAP = Gap(NIGHT_UNTIL, NIGHT_UNTIL + timedelta(hours=2), 0)


def test_every_lead_who_can_be_reached_is_told_of_it() -> None:
    night = NightShift()
    change = announce_gap(night.alarms, cast.HARBOUR_EMS, HARBOUR_SITE.id, GAP, ids=night.ids)
    assert change is not None
    told = {d.person_id for d in change.deliveries}
    assert told == {cast.SHIFT_LEAD.id, cast.SAFETY_LEAD.id}
    assert "gap.announced" in night.record()


def test_one_gap_is_announced_once() -> None:
    night = NightShift()
    announce_gap(night.alarms, cast.HARBOUR_EMS, HARBOUR_SITE.id, GAP, ids=night.ids)
    assert announce_gap(night.alarms, cast.HARBOUR_EMS, HARBOUR_SITE.id, GAP, ids=night.ids) is None


def test_an_announced_gap_does_not_stand_in_the_way_of_an_sos() -> None:
    night = NightShift()
    announce_gap(night.alarms, cast.HARBOUR_EMS, HARBOUR_SITE.id, GAP, ids=night.ids)
    (change,) = night.presses(cast.SHIFT_LEAD)
    assert change.is_new


@pytest.mark.parametrize("required", [1, 2, 5])
def test_a_gap_is_found_to_the_second(required: int) -> None:
    found = gaps([], required, starts_at=AT, ends_at=AT + timedelta(hours=12))
    assert found == (Gap(AT, AT + timedelta(hours=12), 0),)


BEGAN = AT - timedelta(hours=2)


def coming(night: NightShift) -> list[Gap]:
    return [
        gap for _, site, gap in coming_gaps(SimRosters(night.alarms)) if site == HARBOUR_SITE.id
    ]


def a_night_with_a_gap_that_runs(ended: datetime = BEGAN) -> NightShift:
    return NightShift(
        stints=(a_stint(cast.GUARD, HARBOUR_SITE, ended - timedelta(hours=8), ended),)
    )


def test_a_gap_that_runs_keeps_the_time_at_which_it_began() -> None:
    """Named after the present minute it would be another gap every minute, and be told every minute."""
    night = a_night_with_a_gap_that_runs()
    assert [gap.starts_at for gap in coming(night)] == [BEGAN]
    night.clock.wait(60)
    assert [gap.starts_at for gap in coming(night)] == [BEGAN]


def test_a_gap_that_runs_for_days_is_told_once_a_day() -> None:
    night = a_night_with_a_gap_that_runs(AT - timedelta(days=9))
    told: list[UUID] = []
    for _ in range(72):
        for gap in coming(night):
            change = announce_gap(
                night.alarms, cast.HARBOUR_EMS, HARBOUR_SITE.id, gap, ids=night.ids
            )
            told += [change.incident.id] if change and change.incident else []
        night.clock.wait(3_600)
    assert len(told) == 4


def test_a_gap_that_is_over_is_not_told_any_more() -> None:
    back = a_stint(cast.GUARD, HARBOUR_SITE, BEGAN, AT + timedelta(days=2))
    before = a_stint(cast.GUARD, HARBOUR_SITE, AT - timedelta(days=9), BEGAN - timedelta(hours=1))
    assert coming(NightShift(stints=(before, back))) == []
