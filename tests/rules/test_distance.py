"""How far, at worst? Fences, tracks that jitter, two people, old and mocked fixes."""

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import cast
from tests.builders import AT
from tocsin.decisions.rules.distance import (
    LEAVE_AFTER_FIXES,
    Fence,
    Fences,
    Side,
    Zone,
    apart,
    area_of,
    gap_m,
    metres_between,
    shown,
    side_of,
    zone_after,
)
from tocsin.signals.rules.seen import Position

# A square of some 200 m by the harbour; one degree of latitude is 111,195 m.
SQUARE = area_of(
    {
        "type": "Polygon",
        "coordinates": [[[-87.61, 41.88], [-87.6076, 41.88], [-87.6076, 41.8818], [-87.61, 41.8818], [-87.61, 41.88]]],
    }
)  # fmt: skip
M = 1 / 111_195
FENCE = Fence(id=cast.number(0x901), case_id=cast.number(0x902), area=SQUARE, metres=100)


def at_m(
    south_m: float, *, s: float = 0, accuracy: float | None = 5, **changes: object
) -> Position:
    """Return a fix so many metres south of the square, `s` seconds after AT."""
    values: dict[str, object] = {
        "latitude": 41.88 - south_m * M,
        "longitude": -87.609,
        "fixed_at": AT + timedelta(seconds=s),
        "accuracy_m": accuracy,
    }
    return Position(**values | changes)  # type: ignore[arg-type]


def walked(*fixes: Position, before: Zone | None = None) -> list[Zone]:
    """Return what is known of the fence after each fix, each heard at once."""
    zones, zone = [], before or Zone()
    for fix in fixes:
        zone = zone_after(zone, FENCE, fix, fix.fixed_at)
        zones.append(zone)
    return zones


def test_inside_the_square_the_gap_is_nothing() -> None:
    assert gap_m(SQUARE, at_m(-50)) == 0


@pytest.mark.parametrize("metres", [1, 10, 99, 1_000, 20_000])
def test_metres_are_metres(metres: float) -> None:
    assert gap_m(SQUARE, at_m(metres)) == pytest.approx(metres, rel=2e-3)
    assert metres_between(at_m(0), at_m(metres)) == pytest.approx(metres, rel=2e-3)


def test_a_circle_that_may_touch_it_is_maybe_and_one_that_lies_in_it_is_inside() -> None:
    assert side_of(FENCE, at_m(90), AT) is Side.INSIDE
    assert side_of(FENCE, at_m(104), AT) is Side.MAYBE
    assert side_of(FENCE, at_m(106), AT) is Side.OUTSIDE
    assert side_of(FENCE, at_m(199, accuracy=None), AT) is Side.MAYBE
    assert side_of(FENCE, at_m(202, accuracy=None), AT) is Side.OUTSIDE


@pytest.mark.guarantee("I20")
@pytest.mark.parametrize(
    "fix",
    [
        at_m(9_000, s=-121),
        at_m(9_000, s=121),
        at_m(9_000, accuracy=2_001),
        at_m(9_000, is_mocked=True),
    ],
    ids=["old", "from the future", "coarse", "mocked"],
)
def test_what_cannot_be_believed_is_unknown_and_never_outside(fix: Position) -> None:
    assert side_of(FENCE, fix, AT) is Side.UNKNOWN


@pytest.mark.guarantee("I14")
def test_a_mocked_fix_inside_is_maybe() -> None:
    assert side_of(FENCE, at_m(0, is_mocked=True), AT) is Side.MAYBE


@pytest.mark.guarantee("I20")
def test_after_two_minutes_of_silence_nothing_is_said_but_unknown() -> None:
    zone = walked(at_m(9_000))[-1]
    assert shown(zone, AT + timedelta(seconds=120)) is Side.OUTSIDE
    assert shown(zone, AT + timedelta(seconds=121)) is Side.UNKNOWN


@pytest.mark.parametrize("seed", range(8))
def test_a_track_that_jitters_at_the_edge_enters_once(seed: int) -> None:
    dice = random.Random(seed)
    fixes = [at_m(100 + dice.gauss(0, 15), s=10 * n, accuracy=15) for n in range(200)]
    zones = walked(*fixes)
    assert len({zone.since for zone in zones if zone.since}) == 1


@pytest.mark.parametrize("seed", range(4))
def test_a_track_that_comes_stays_and_goes_is_one_visit(seed: int) -> None:
    dice = random.Random(seed)
    way = [*range(800, 0, -40), *[5] * 40, *range(0, 800, 40)]
    fixes = [at_m(m + dice.gauss(0, 8), s=10 * n, accuracy=10) for n, m in enumerate(way)]
    zones = walked(*fixes)
    assert len({zone.since for zone in zones if zone.since}) == 1
    assert zones[-1].side is Side.OUTSIDE


def test_he_has_left_only_after_several_circles_beyond_the_margin() -> None:
    inside = walked(at_m(0))[-1]
    fixes = [at_m(200, s=10 * (n + 1)) for n in range(LEAVE_AFTER_FIXES)]
    sides = [zone.side for zone in walked(*fixes, before=inside)]
    assert sides == [Side.INSIDE] * (LEAVE_AFTER_FIXES - 1) + [Side.OUTSIDE]
    near = [at_m(150, s=10 * (n + 1)) for n in range(20)]
    assert walked(*near, before=inside)[-1].side is Side.INSIDE


def test_one_jump_of_the_receiver_does_not_let_him_go() -> None:
    zones = walked(at_m(0), at_m(5_000, s=10), at_m(0, s=20))
    assert [zone.side for zone in zones] == [Side.INSIDE] * 3
    assert zones[-1].beyond == 0


def test_late_and_repeated_fixes_change_nothing() -> None:
    zone = walked(at_m(0, s=60))[-1]
    assert walked(at_m(900, s=30), at_m(900, s=60), before=zone)[-1] == zone


def test_the_first_fix_inside_is_an_entry() -> None:
    zone = walked(at_m(0, s=5))[-1]
    assert (zone.side, zone.since) == (Side.INSIDE, AT + timedelta(seconds=5))


def test_two_people_are_apart_at_least_and_at_most() -> None:
    found = apart(at_m(1_000), at_m(0), AT)
    assert found.at_least_m == pytest.approx(990, abs=3)
    assert found.at_most_m == pytest.approx(1_010, abs=3)
    assert found.within(457) is Side.OUTSIDE
    assert found.within(1_000) is Side.MAYBE
    assert found.within(1_100) is Side.INSIDE


@pytest.mark.guarantee("I20")
def test_each_second_of_age_brings_them_closer_at_worst() -> None:
    fresh, older = apart(at_m(3_000), at_m(0), AT), apart(at_m(3_000, s=-60), at_m(0, s=-10), AT)
    assert fresh.at_least_m is not None
    assert older.at_least_m is not None
    assert fresh.at_least_m - older.at_least_m == pytest.approx(70 * 40, abs=3)
    assert fresh.within(457) is Side.OUTSIDE
    assert older.within(457) is Side.MAYBE


@pytest.mark.guarantee("I20")
@pytest.mark.parametrize("his", [None, at_m(90_000, s=-121), at_m(90_000, accuracy=5_000)])
def test_an_old_or_missing_fix_is_unknown_however_far_it_was(his: Position | None) -> None:
    assert apart(his, at_m(0), AT).within(457) is Side.UNKNOWN
    assert apart(at_m(0), his, AT).within(457) is Side.UNKNOWN


@given(
    metres=st.floats(0, 5_000),
    accuracy=st.floats(0, 500),
    age=st.integers(0, 120),
    within=st.floats(10, 2_000),
)
def test_worse_knowledge_never_makes_anybody_safer(
    metres: float, accuracy: float, age: int, within: float
) -> None:
    better = apart(at_m(metres, accuracy=0), at_m(0, accuracy=0), AT).within(within)
    worse = apart(at_m(metres, accuracy=accuracy, s=-age), at_m(0, accuracy=0), AT).within(within)
    if worse is Side.OUTSIDE:
        assert better is Side.OUTSIDE


def test_the_index_finds_what_a_look_at_every_fence_finds() -> None:
    dice = random.Random(5)
    fences = []
    for n in range(400):
        x, y = -87.6 + dice.uniform(-0.2, 0.2), 41.88 + dice.uniform(-0.2, 0.2)
        ring = [[x, y], [x + 0.002, y], [x + 0.002, y + 0.002], [x, y + 0.002], [x, y]]
        area = area_of({"type": "Polygon", "coordinates": [ring]})
        fences.append(
            replace(FENCE, id=cast.number(0xA000 + n), area=area, metres=dice.choice((0, 100, 457)))
        )
    index = Fences(fences)
    for _ in range(200):
        fix = Position(41.88 + dice.uniform(-0.2, 0.2), -87.6 + dice.uniform(-0.2, 0.2), AT, 20)
        touched = {f.id: side for f in fences if (side := side_of(f, fix, AT)) is not Side.OUTSIDE}
        found = {i: side for i, side in index.sides(fix, AT).items() if side is not Side.OUTSIDE}
        assert found == touched


def test_a_fence_across_the_date_line_is_near_from_both_sides() -> None:
    ring = [[179.999, 0.0], [180.0, 0.0], [180.0, 0.001], [179.999, 0.001], [179.999, 0.0]]
    area = area_of({"type": "Polygon", "coordinates": [ring]})
    east = Position(0.0005, -179.9999, AT, 1)
    assert gap_m(area, east) == pytest.approx(11, abs=1)


def test_a_late_fix_inside_says_that_he_may_have_been_there_and_a_late_one_outside_says_nothing() -> None:  # fmt: skip
    late: datetime = AT + timedelta(seconds=300)
    inside = zone_after(Zone(), FENCE, at_m(0), late)
    assert (inside.side, inside.since) == (Side.MAYBE, AT)
    assert shown(inside, late) is Side.UNKNOWN
    assert zone_after(Zone(), FENCE, at_m(900), late).side is Side.UNKNOWN
    assert zone_after(Zone(), FENCE, at_m(0), AT + timedelta(seconds=120)).side is Side.INSIDE
    assert zone_after(Zone(), FENCE, at_m(0), AT + timedelta(seconds=121)).side is Side.MAYBE


def test_late_fixes_beyond_it_end_a_stay_and_never_say_that_he_is_outside() -> None:
    late = AT + timedelta(seconds=600)
    zone = zone_after(Zone(), FENCE, at_m(0), late)
    for n in range(1, LEAVE_AFTER_FIXES + 1):
        away = replace(at_m(900), fixed_at=AT + timedelta(seconds=n))
        zone = zone_after(zone, FENCE, away, late)
    assert (zone.side, zone.since) == (Side.UNKNOWN, None)


def test_a_feature_without_a_geometry_covers_nothing_and_stops_nothing() -> None:
    ring = [[0, 0], [0.01, 0], [0.01, 0.01], [0, 0]]
    drawn = {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}}
    both = {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": None}, drawn]}
    assert area_of(both).equals(area_of(drawn))
