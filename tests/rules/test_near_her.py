"""Is he too near to her, by whichever of the two fixes came last? A stay that nobody followed is told of anew."""

from datetime import timedelta

import pytest

from tests import cast
from tests.builders import utc
from tocsin.decisions.rules.distance import (
    STAY_FORGOTTEN_AFTER,
    Apart,
    Fence,
    Side,
    Zone,
    apart,
    area_of,
    zone_after,
)
from tocsin.decisions.rules.fences import near_her
from tocsin.signals.rules.seen import Position

AT = utc("2026-11-20 23:00")
S = timedelta(seconds=1)
NEAR, FAR = Apart(0.0, 90.0), Apart(5_000.0, 5_200.0)


def a_fix(s: float) -> Position:
    """Return where both of them are, measured so many seconds from 23:00."""
    return Position(41.88, -87.6, AT + s * S, 5)


def test_her_first_fix_tells_that_he_is_near_though_his_monitor_spoke_after_it_was_measured():
    alone, visit = near_her(Zone(), apart(a_fix(10), None, AT + 10 * S), 457, AT + 10 * S)
    assert visit is None
    both = apart(a_fix(10), a_fix(2), AT + 12 * S)
    _, visit = near_her(alone, both, 457, AT + 10 * S)
    assert visit is not None


def test_a_fix_of_hers_that_is_older_than_his_last_one_counts_too():
    zone, visit = near_her(Zone(), FAR, 457, AT + 10 * S)
    assert visit is None
    zone, visit = near_her(zone, NEAR, 457, AT + 10 * S)
    assert visit is not None
    assert (zone.side, zone.latest) == (Side.INSIDE, AT + 10 * S)


@pytest.mark.guarantee("I20")
def test_the_next_day_he_is_told_of_anew_though_nobody_saw_him_leave():
    zone, first = near_her(Zone(), NEAR, 457, AT)
    for hour in range(1, 24):
        zone, visit = near_her(zone, Apart(None, None), 457, AT + timedelta(hours=hour))
        assert visit is None
    _, second = near_her(zone, NEAR, 457, AT + timedelta(hours=24))
    assert first is not None
    assert second is not None
    assert first.key != second.key


def test_a_stay_is_one_until_nothing_was_heard_for_half_an_hour():
    zone, first = near_her(Zone(), NEAR, 457, AT)
    zone, same = near_her(zone, NEAR, 457, AT + STAY_FORGOTTEN_AFTER)
    _, other = near_her(zone, NEAR, 457, AT + 2 * STAY_FORGOTTEN_AFTER + S)
    assert first is not None
    assert same is not None
    assert other is not None
    assert same.key == first.key != other.key


def test_a_monitor_that_was_silent_for_hours_begins_another_stay_inside_a_fence():
    square = [[-87.61, 41.87], [-87.59, 41.87], [-87.59, 41.89], [-87.61, 41.89], [-87.61, 41.87]]
    area = area_of({"type": "Polygon", "coordinates": [square]})
    fence = Fence(id=cast.number(0x91), case_id=cast.number(0x90), area=area, metres=0)
    before = zone_after(Zone(), fence, a_fix(0), AT)
    after = zone_after(before, fence, a_fix(7_200), AT + 7_200 * S)
    assert (before.since, after.since) == (AT, AT + 7_200 * S)
