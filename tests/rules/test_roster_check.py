"""Is a roster that cannot work refused, and is every line of it written down exactly?"""

import json
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import cast
from tests.builders import a_pattern, a_roster, an_override, utc
from tocsin.registry.rules.document import DocumentError
from tocsin.registry.rules.findings import errors
from tocsin.registry.rules.roster import (
    FIRST_DATE,
    LAST_DATE,
    MAX_LENGTH_MIN,
    MAX_TURNS,
    Override,
    Pattern,
    ShiftKey,
    Swap,
    Turn,
    shifts,
)
from tocsin.registry.rules.roster_check import MAX_ROLE, check, overlaps, without_unsound
from tocsin.registry.rules.roster_document import kind_of, line_from_dict, line_to_dict

GUARD, LEAD = cast.GUARD.id, cast.SHIFT_LEAD.id


def codes(roster):
    return {(finding.path, finding.code) for finding in check(roster)}


def test_an_ordinary_roster_has_nothing_wrong_with_it():
    assert check(a_roster()) == ()


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"first_date": LAST_DATE + timedelta(days=1)}, "first_date", "date"),
        ({"first_date": FIRST_DATE - timedelta(days=1)}, "first_date", "date"),
        ({"valid_until": date.max}, "first_date", "date"),
        ({"role": "g" * (MAX_ROLE + 1)}, "role", "role"),
        ({"role": "gu\x00ard"}, "role", "role"),
        ({"length_min": 10**12}, "length_min", "range"),
        ({"end": None}, "end", "length"),
        ({"length_min": 480, "end": time(6)}, "end", "length"),
        ({"length_min": 0}, "length_min", "range"),
        ({"length_min": MAX_LENGTH_MIN + 1}, "length_min", "range"),
        ({"length_min": 961}, "length_min", "long"),
        ({"every_n_days": 0}, "every_n_days", "range"),
        ({"every_n_days": 367}, "every_n_days", "range"),
        ({"turn_days": 0}, "turn_days", "range"),
        ({"weekdays": frozenset()}, "weekdays", "weekdays"),
        ({"weekdays": frozenset({7})}, "weekdays", "weekdays"),
        ({"turns": ()}, "turns", "turns"),
        ({"turns": (Turn(people=(GUARD,)),) * (MAX_TURNS + 1)}, "turns", "turns"),
        ({"turns": (Turn(),)}, "turns", "nobody"),
        ({"turns": (Turn(people=(GUARD,) * 201),)}, "turns[0].people", "people"),
        (
            {"turns": (Turn(people=(GUARD,), team_id=cast.DAY_TEAM),)},
            "turns[0].team_id",
            "team",
        ),
        (
            {"valid_from": date(2026, 11, 2), "valid_until": date(2026, 11, 1)},
            "valid_until",
            "validity",
        ),
    ],
)
def test_a_pattern_that_cannot_be_followed_is_said_with_its_place(changes, path, code):
    assert codes(a_roster(a_pattern(**changes))) == {(f"patterns[0].{path}", code)}


def test_the_longest_shift_and_the_most_turns_are_allowed():
    longest = a_pattern(length_min=MAX_LENGTH_MIN, turns=(Turn(people=(GUARD,)),) * MAX_TURNS)
    assert errors(check(a_roster(longest))) == ()


def test_an_unknown_zone_is_refused():
    assert codes(a_roster(zone="Harbour/Town")) == {("zone", "zone")}


@pytest.mark.parametrize(
    ("override", "path", "code"),
    [
        (an_override("2026-11-05 18:00", "2026-11-05 18:00"), "ends", "order"),
        (an_override("2026-11-05 18:00", "2027-11-07 18:00"), "ends", "range"),
        (an_override("2026-11-05 18:00", "2026-11-06 18:00", action="mute"), "action", "action"),
        (an_override("2199-12-31 18:00", "2200-01-01 06:00"), "starts", "date"),
    ],
)
def test_an_override_that_makes_no_sense_is_said(override, path, code):
    assert codes(a_roster(overrides=(override,))) == {(f"overrides[0].{path}", code)}


def key(day, person):
    return ShiftKey(pattern_id=a_pattern().id, local_date=date(2026, 11, day), person_id=person)


def a_swap(first, second):
    return Swap(id=cast.number(0x65), first=first, second=second)


def swapped(*swaps):
    return codes(a_roster(a_pattern((GUARD,), (LEAD,)), swaps=swaps))


def test_a_swap_is_between_two_people_and_two_shifts_that_exist():
    assert swapped(a_swap(key(3, GUARD), key(6, LEAD))) == set()
    assert swapped(a_swap(key(3, GUARD), key(7, LEAD))) == {("swaps[0]", "no_such_shift")}
    assert swapped(a_swap(key(3, GUARD), key(5, GUARD))) == {("swaps[0]", "same_person")}


def test_one_shift_is_not_swapped_twice():
    first, second = a_swap(key(3, GUARD), key(6, LEAD)), a_swap(key(3, GUARD), key(8, LEAD))
    assert swapped(first, second) == {("swaps[1]", "swapped_twice")}


def test_a_person_planned_twice_at_once_is_found_with_the_time():
    extra = an_override("2026-11-05 22:00", "2026-11-06 08:00", person_id=GUARD)
    roster = a_roster(overrides=(extra,))
    (finding,) = overlaps(roster, date(2026, 11, 1), date(2026, 11, 30))
    assert (finding.starts_at, finding.ends_at) == (
        utc("2026-11-06 04:00"),
        utc("2026-11-06 12:00"),
    )


def test_the_repeated_hour_makes_nobody_planned_twice():
    late = a_pattern(start=time(17, 30), end=time(1, 30))
    early = a_pattern(id=cast.number(0x64), start=time(1, 30), end=time(9, 30))
    assert overlaps(a_roster(late, early), date(2026, 10, 31), date(2026, 11, 3)) == ()


WALL = st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1))
DATES = st.dates(min_value=date(2020, 1, 1), max_value=date(2040, 1, 1))
KEYS = st.builds(ShiftKey, pattern_id=st.uuids(), local_date=DATES, person_id=st.uuids())
TURNS = st.builds(
    Turn,
    people=st.lists(st.uuids(), max_size=3).map(tuple),
    team_id=st.none() | st.uuids(),
)
LINES = st.one_of(
    st.builds(
        Pattern,
        id=st.uuids(),
        first_date=DATES,
        start=st.times(),
        turns=st.lists(TURNS, max_size=3).map(tuple),
        end=st.none() | st.times(),
        length_min=st.none() | st.integers(),
        weekdays=st.frozensets(st.integers(0, 6)),
        valid_from=st.none() | DATES,
        valid_until=st.none() | DATES,
        post_id=st.none() | st.uuids(),
        at_position=st.booleans(),
    ),
    st.builds(
        Override,
        id=st.uuids(),
        action=st.sampled_from(["add", "remove"]),
        person_id=st.uuids(),
        starts=WALL,
        ends=WALL,
        post_id=st.none() | st.uuids(),
    ),
    st.builds(Swap, id=st.uuids(), first=KEYS, second=KEYS),
)


@given(LINES)
def test_any_line_comes_back_exactly_through_json(line):
    written = json.loads(json.dumps(line_to_dict(line)))
    assert line_from_dict(kind_of(line), written) == line


@pytest.mark.parametrize(
    ("changes", "path", "problem"),
    [
        ({"weekday": 1}, "weekday", "is not a known field"),
        ({"start": None}, "start", "is missing"),
        ({"start": "late"}, "start", "is not a time like 22:30"),
        ({"start": "18:00+02:00"}, "start", "is not a time like 22:30"),
        ({"first_date": "01.11.2026"}, "first_date", "is not a date like 2026-11-01"),
        ({"weekdays": ["Monday"]}, "weekdays[0]", "is not a whole number"),
        ({"turns": [{"person": "x"}]}, "turns[0].person", "is not a known field"),
        ({"turns": [{"people": ["x"]}]}, "turns[0].people[0]", "is not an id"),
        ({"at_position": "no"}, "at_position", "is not true or false"),
    ],
)
def test_what_is_no_pattern_is_refused_with_its_place(changes, path, problem):
    with pytest.raises(DocumentError) as refused:
        line_from_dict("pattern", line_to_dict(a_pattern()) | changes)
    assert (refused.value.path, refused.value.problem) == (path, problem)


def test_an_override_with_a_zone_of_its_own_is_refused():
    written = line_to_dict(an_override("2026-11-05 18:00", "2026-11-06 18:00"))
    with pytest.raises(DocumentError, match="local time like"):
        line_from_dict("override", written | {"starts": "2026-11-05T18:00:00Z"})


def test_an_unknown_kind_of_line_is_refused():
    with pytest.raises(DocumentError, match="kind: is none of pattern, override, swap"):
        line_from_dict("party", {})


def test_a_swap_without_its_second_shift_is_refused():
    swap = a_swap(key(3, GUARD), key(6, LEAD))
    written = {name: value for name, value in line_to_dict(swap).items() if name != "second"}
    with pytest.raises(DocumentError, match="second: is not an object"):
        line_from_dict("swap", written)


def test_a_roster_with_a_mistake_in_a_pattern_says_nothing_about_its_swaps():
    roster = a_roster(a_pattern(every_n_days=0), swaps=(a_swap(key(3, GUARD), key(6, LEAD)),))
    assert codes(replace(roster, name="x")) == {("patterns[0].every_n_days", "range")}


def test_the_first_and_the_last_date_are_allowed_and_can_be_planned_up_to():
    roster = a_roster(
        a_pattern(first_date=FIRST_DATE, valid_until=LAST_DATE),
        overrides=(an_override("2199-12-31 06:00", "2199-12-31 23:59"),),
        zone="America/Chicago",
    )
    assert errors(check(roster)) == ()
    assert len(shifts(roster, LAST_DATE - timedelta(days=1), LAST_DATE + timedelta(days=1))) == 4


def test_a_line_with_an_error_is_left_out_and_the_others_are_followed():
    broken = a_pattern((LEAD,), id=cast.number(0x66), length_min=10**12, end=None)
    roster = a_roster(a_pattern(), broken)
    sound = without_unsound(roster, check(roster))
    assert {s.person_id for s in shifts(sound, date(2026, 11, 2), date(2026, 11, 4))} == {GUARD}


def test_a_person_who_is_not_here_is_said_at_her_line():
    roster = a_roster(overrides=(an_override("2026-11-05 18:00", "2026-11-05 20:00"),))
    found = check(roster, people={GUARD})
    assert [(one.path, one.code) for one in found] == [("overrides[0].people", "no_such_person")]
