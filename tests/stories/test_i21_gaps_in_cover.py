"""I21: a gap in cover is announced before it is needed."""

from datetime import timedelta

import pytest

from tests import cast
from tests.builders import AT
from tests.snapshots import HARBOUR_SITE, NIGHT_UNTIL
from tests.stories.night_shift import NightShift
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
