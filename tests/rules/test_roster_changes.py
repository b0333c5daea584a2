"""Do shifts that meet on the wall ever leave a gap, whatever the clock does (guarantee I6)?"""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import cast
from tests.builders import a_pattern, a_roster
from tocsin.registry.rules.duty import gaps
from tocsin.registry.rules.roster import shifts
from tocsin.registry.rules.wall_time import earliest, latest, wall_of

ZONES = (
    "America/Chicago",
    "Europe/Madrid",
    "Europe/Dublin",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Kolkata",
    "Pacific/Apia",
    "America/Havana",
    "America/Sao_Paulo",
    "America/Santiago",
    "Asia/Beirut",
    "Antarctica/Troll",
)
# Changes of the past that a roster of today does not meet, but the rule must survive: a skipped
# day in Samoa, changes at midnight in Brazil.
HISTORY = (("Pacific/Apia", date(2011, 12, 30)), ("America/Sao_Paulo", date(2018, 11, 4)))


@cache
def change_dates(zone):
    """Return the local dates from 2020 to 2040 on which this zone's offset from UTC changes."""
    tz = ZoneInfo(zone)
    day, found = datetime(2020, 1, 1, tzinfo=UTC), []
    while day.year < 2041:
        after = day + timedelta(days=1)
        if day.astimezone(tz).utcoffset() != after.astimezone(tz).utcoffset():
            found.append(after.astimezone(tz).date())
        day = after
    return tuple(found)


@st.composite
def change_nights(draw):
    """Draw a zone and a local date near one of its changes (or any date, where there is none)."""
    zone = draw(st.sampled_from(ZONES))
    days = change_dates(zone) or (date(2026, 3, 29),)
    return zone, draw(st.sampled_from(days))


def around_the_clock(zone, day, start_min, lengths):
    """Return a roster of shifts that follow each other on the wall, round the clock, every day."""
    patterns, at = [], datetime.combine(day - timedelta(days=2), datetime.min.time())
    at += timedelta(minutes=start_min)
    for index, length in enumerate(lengths):
        patterns.append(
            a_pattern(
                (cast.COLLEAGUES[index % 6].id,),
                id=cast.number(0x100 + index),
                first_date=at.date(),
                start=at.time(),
                length_min=length,
            )
        )
        at += timedelta(minutes=length)
    return a_roster(*patterns, zone=zone)


def assert_no_gap(roster, zone, day):
    tz = ZoneInfo(zone)
    starts_at = earliest(datetime.combine(day, datetime.min.time()), tz)
    found = shifts(roster, day - timedelta(days=1), day + timedelta(days=2))
    assert found
    assert all(shift.starts_at < shift.ends_at for shift in found)
    assert gaps(found, 1, starts_at=starts_at, ends_at=starts_at + timedelta(hours=36)) == ()


@settings(max_examples=300, deadline=None)
@given(
    night=change_nights(),
    start_min=st.integers(0, 1439),
    cuts=st.lists(st.integers(1, 1439), max_size=5, unique=True),
)
def test_shifts_that_meet_on_the_wall_never_leave_a_gap(night, start_min, cuts):
    zone, day = night
    lengths = [after - before for before, after in pairwise([0, *sorted(cuts), 1440])]
    assert_no_gap(around_the_clock(zone, day, start_min, lengths), zone, day)


@pytest.mark.parametrize(("zone", "day"), HISTORY)
@pytest.mark.parametrize("lengths", [(720, 720), (480, 480, 480)])
def test_even_a_skipped_day_or_a_skipped_midnight_leaves_no_gap(zone, day, lengths):
    for start_min in range(0, 1440, 30):
        assert_no_gap(around_the_clock(zone, day, start_min, lengths), zone, day)


@pytest.mark.parametrize("zone", ZONES)
def test_every_change_from_2020_to_2040_is_covered_by_eight_and_by_twelve_hour_shifts(zone):
    for day in change_dates(zone):
        assert_no_gap(around_the_clock(zone, day, 120, (720, 720)), zone, day)
        assert_no_gap(around_the_clock(zone, day, 30, (480, 480, 480)), zone, day)


@settings(max_examples=300, deadline=None)
@given(night=change_nights(), minute=st.integers(0, 2879), length=st.integers(1, 2880))
def test_a_start_is_never_after_its_end_whatever_the_clock_does(night, minute, length):
    tz = ZoneInfo(night[0])
    starts = datetime.combine(night[1], datetime.min.time()) + timedelta(minutes=minute - 720)
    assert earliest(starts, tz) < latest(starts + timedelta(minutes=length), tz)


@settings(max_examples=300, deadline=None)
@given(night=change_nights(), seconds=st.integers(-86_400, 86_400))
def test_an_instant_lies_between_the_readings_of_its_own_wall_time(night, seconds):
    tz = ZoneInfo(night[0])
    at = datetime.combine(night[1], datetime.min.time(), UTC) + timedelta(seconds=seconds)
    assert earliest(wall_of(at, tz), tz) <= at <= latest(wall_of(at, tz), tz)


def test_a_change_at_midnight_moves_a_start_to_the_earlier_side_and_an_end_to_the_later():
    # In Havana the clock jumps from midnight to 01:00 on 8 March 2026, so that 00:30 does not
    # exist.
    havana, half_past = ZoneInfo("America/Havana"), datetime(2026, 3, 8, 0, 30)
    assert earliest(half_past, havana) == datetime(2026, 3, 8, 4, 30, tzinfo=UTC)
    assert latest(half_past, havana) == datetime(2026, 3, 8, 5, 30, tzinfo=UTC)


def test_lord_howe_repeats_half_an_hour_only():
    tz, wall = ZoneInfo("Australia/Lord_Howe"), datetime(2026, 4, 5, 1, 45)
    assert latest(wall, tz) - earliest(wall, tz) == timedelta(minutes=30)


def test_casablanca_s_fast_leaves_no_gap():
    for day in change_dates("Africa/Casablanca")[:4]:
        assert_no_gap(
            around_the_clock("Africa/Casablanca", day, 150, (720, 720)), "Africa/Casablanca", day
        )
