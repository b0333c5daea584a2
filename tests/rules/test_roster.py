"""Do rosters in wall time say who is on duty, on every night of the year?"""

from datetime import date, time, timedelta

import pytest

from tests import cast
from tests.builders import a_pattern, a_roster, a_shift, an_override, utc, wall
from tocsin.registry.rules.duty import Gap, gaps, on_duty
from tocsin.registry.rules.roster import REMOVE, ShiftKey, Swap, Turn, shifts, without_past

GUARD, LEAD, DARA = cast.GUARD.id, cast.SHIFT_LEAD.id, cast.DISPATCHER.id


def spans(roster, first, last):
    """Return (person, start, end) of each shift, as ISO text in UTC."""
    found = shifts(roster, date.fromisoformat(first), date.fromisoformat(last))
    return [(s.person_id, f"{s.starts_at:%d %H:%M}", f"{s.ends_at:%d %H:%M}") for s in found]


def test_a_night_shift_crosses_midnight():
    assert spans(a_roster(), "2026-10-27", "2026-10-28") == [
        (GUARD, "26 23:00", "27 11:00"),
        (GUARD, "27 23:00", "28 11:00"),
    ]


def test_a_twelve_hour_shift_is_thirteen_hours_long_on_the_night_the_clocks_go_back():
    night = shifts(a_roster(), date(2026, 10, 31), date(2026, 11, 1))[-1]
    assert (night.starts_at, night.ends_at) == (utc("2026-10-31 23:00"), utc("2026-11-01 12:00"))
    assert night.clock_change == timedelta(hours=1)
    assert night.label == "Sat 31 Oct 2026 18:00 to Sun 1 Nov 2026 06:00"


def test_a_twelve_hour_shift_is_eleven_hours_long_on_the_night_the_clocks_go_forward():
    roster = a_roster(a_pattern(first_date=date(2026, 3, 1)))
    night = shifts(roster, date(2026, 3, 7), date(2026, 3, 8))[-1]
    assert (night.starts_at, night.ends_at) == (utc("2026-03-08 00:00"), utc("2026-03-08 11:00"))
    assert night.clock_change == timedelta(hours=-1)


def test_eight_hour_shifts_that_meet_in_the_repeated_hour_overlap_by_that_hour():
    late = a_pattern((GUARD,), start=time(17, 30), end=time(1, 30))
    early = a_pattern((LEAD,), id=cast.number(0x64), start=time(1, 30), end=time(9, 30))
    assert spans(a_roster(late, early), "2026-11-01", "2026-11-02")[:2] == [
        (GUARD, "31 22:30", "01 07:30"),
        (LEAD, "01 06:30", "01 15:30"),
    ]


def test_eight_hour_shifts_that_meet_in_the_skipped_hour_overlap_by_it_on_both_sides():
    late = a_pattern((GUARD,), first_date=date(2026, 3, 7), start=time(18, 30), end=time(2, 30))
    early = a_pattern(
        (LEAD,),
        id=cast.number(0x64),
        first_date=date(2026, 3, 7),
        start=time(2, 30),
        length_min=480,
    )
    assert spans(a_roster(late, early), "2026-03-08", "2026-03-09")[:2] == [
        (GUARD, "08 00:30", "08 08:30"),
        (LEAD, "08 07:30", "08 15:30"),
    ]


def test_a_shift_of_equal_start_and_end_lasts_a_day():
    assert spans(a_roster(a_pattern(start=time(7), end=time(7))), "2026-10-26", "2026-10-27") == [
        (GUARD, "26 12:00", "27 12:00")
    ]


def test_a_pattern_keeps_to_its_weekdays():
    weekend = a_pattern(weekdays=frozenset({5, 6}))
    found = shifts(a_roster(weekend), date(2026, 11, 2), date(2026, 11, 16))
    assert {shift.local_start.strftime("%a") for shift in found} == {"Sat", "Sun"}


def test_every_third_day_is_counted_from_the_first_date_also_when_the_window_starts_later():
    pattern = a_pattern(every_n_days=3)
    found = shifts(a_roster(pattern), date(2026, 11, 2), date(2026, 11, 9))
    assert [shift.local_start.day for shift in found] == [1, 4, 7]


def test_turns_rotate_over_their_days_and_an_empty_turn_is_days_off():
    pattern = a_pattern((GUARD,), (LEAD,), (), turn_days=2)
    found = shifts(a_roster(pattern), date(2026, 10, 26), date(2026, 11, 3))
    assert [(shift.local_start.day, shift.person_id) for shift in found] == [
        (26, GUARD),
        (27, GUARD),
        (28, LEAD),
        (29, LEAD),
        (1, GUARD),
        (2, GUARD),
    ]


def test_a_team_s_turn_puts_each_of_its_members_on_duty_once():
    pattern = a_pattern(turns=(Turn(people=(GUARD,), team_id=cast.NIGHT_TEAM),))
    roster = a_roster(pattern, teams={cast.NIGHT_TEAM: (GUARD, LEAD)})
    found = shifts(roster, date(2026, 10, 26), date(2026, 10, 27))
    assert [shift.person_id for shift in found] == [GUARD, LEAD]


def test_a_pattern_holds_from_and_until_its_dates_both_included():
    pattern = a_pattern(valid_from=date(2026, 11, 3), valid_until=date(2026, 11, 4))
    found = shifts(a_roster(pattern), date(2026, 11, 1), date(2026, 11, 30))
    assert [shift.local_start.day for shift in found] == [3, 4]


def test_a_person_taken_out_for_part_of_a_shift_keeps_the_rest():
    cut = an_override("2026-11-05 22:00", "2026-11-06 02:00", action=REMOVE, person_id=GUARD)
    found = shifts(a_roster(overrides=(cut,)), date(2026, 11, 5), date(2026, 11, 7))[1:-1]
    assert [(s.local_start, s.local_end) for s in found] == [
        (wall("2026-11-05 18:00"), wall("2026-11-05 22:00")),
        (wall("2026-11-06 02:00"), wall("2026-11-06 06:00")),
    ]


def test_a_stand_in_in_the_repeated_hour_overlaps_with_the_one_replaced():
    cut = an_override("2026-10-31 18:00", "2026-11-01 01:30", action=REMOVE, person_id=GUARD)
    stand_in = an_override("2026-10-31 18:00", "2026-11-01 01:30")
    roster = a_roster(overrides=(cut, stand_in))
    assert spans(roster, "2026-11-01", "2026-11-02")[:2] == [
        (DARA, "31 23:00", "01 07:30"),
        (GUARD, "01 06:30", "01 12:00"),
    ]


def test_a_person_taken_out_of_a_whole_shift_leaves_nothing_behind_on_a_change_night():
    cut = an_override("2026-10-31 17:30", "2026-11-01 01:30", action=REMOVE, person_id=GUARD)
    late = a_pattern(start=time(17, 30), end=time(1, 30), valid_until=date(2026, 10, 31))
    assert spans(a_roster(late, overrides=(cut,)), "2026-11-01", "2026-11-02") == []


def a_swap(second_date):
    """Return the exchange of Gus's night of 3 November with Lea's of `second_date`."""
    keys = [
        ShiftKey(pattern_id=cast.number(0x61), local_date=day, person_id=person)
        for day, person in ((date(2026, 11, 3), GUARD), (second_date, LEAD))
    ]
    return Swap(id=cast.number(0x65), first=keys[0], second=keys[1])


def test_a_swap_exchanges_two_people_and_nothing_else():
    roster = a_roster(a_pattern((GUARD,), (LEAD,)), swaps=(a_swap(date(2026, 11, 6)),))
    found = shifts(roster, date(2026, 11, 3), date(2026, 11, 7))[1:]
    assert [(s.local_start.day, s.person_id, s.source) for s in found] == [
        (3, LEAD, "swap"),
        (4, LEAD, "pattern"),
        (5, GUARD, "pattern"),
        (6, GUARD, "swap"),
    ]


def test_a_swap_with_a_shift_that_does_not_exist_takes_nobody_s_shift_away():
    swap = a_swap(date(2027, 11, 6))
    roster = a_roster(a_pattern((GUARD,), (LEAD,), valid_until=date(2026, 12, 1)), swaps=(swap,))
    found = shifts(roster, date(2026, 11, 2), date(2026, 11, 7))
    assert {shift.source for shift in found} == {"pattern"}


def test_taking_somebody_out_takes_her_out_of_an_imported_shift_too():
    shift = an_override("2026-11-05 18:00", "2026-11-06 06:00", id=cast.number(0x71))
    sick = an_override("2026-11-05 17:00", "2026-11-06 07:00", action=REMOVE)
    only = a_roster(a_pattern(valid_until=date(2026, 10, 27)), overrides=(shift, sick))
    assert spans(only, "2026-11-05", "2026-11-07") == []


def test_an_addition_after_the_removal_puts_her_on_duty_again():
    sick = an_override("2026-11-05 17:00", "2026-11-06 07:00", action=REMOVE)
    back = an_override("2026-11-05 22:00", "2026-11-06 06:00", id=cast.number(0x71))
    only = a_roster(a_pattern(valid_until=date(2026, 10, 27)), overrides=(sick, back))
    assert spans(only, "2026-11-05", "2026-11-07") == [(DARA, "06 04:00", "06 12:00")]


def test_an_imported_shift_is_swapped_like_a_pattern_s():
    shift = an_override("2026-11-05 18:00", "2026-11-06 06:00", id=cast.number(0x71))
    imported = ShiftKey(pattern_id=shift.id, local_date=date(2026, 11, 5), person_id=DARA)
    of_pattern = ShiftKey(pattern_id=a_pattern().id, local_date=date(2026, 11, 6), person_id=GUARD)
    swap = Swap(id=cast.number(0x65), first=imported, second=of_pattern)
    found = shifts(
        a_roster(overrides=(shift,), swaps=(swap,)), date(2026, 11, 6), date(2026, 11, 7)
    )
    assert [(s.person_id, s.local_start.day, s.source) for s in found] == [
        (GUARD, 5, "pattern"),
        (GUARD, 5, "swap"),
        (DARA, 6, "swap"),
    ]


def exchanged(first, second):
    """Return a roster of two imported nights of two people who exchange them, by their dates in November."""
    nights = [
        an_override(f"2026-11-{first:02} 18:00", f"2026-11-{first:02} 23:00", id=cast.number(0x71)),
        an_override(
            f"2026-11-{second:02} 18:00",
            f"2026-11-{second:02} 23:00",
            id=cast.number(0x72),
            person_id=LEAD,
        ),
    ]
    keys = [
        ShiftKey(pattern_id=n.id, local_date=n.starts.date(), person_id=n.person_id) for n in nights
    ]
    swap = Swap(id=cast.number(0x65), first=keys[0], second=keys[1])
    return a_roster(
        a_pattern(valid_until=date(2026, 10, 27)), overrides=tuple(nights), swaps=(swap,)
    )


@pytest.mark.parametrize("before", [5, 6, 18, 20])
def test_a_swap_holds_until_the_later_shift_is_over_however_long_ago_the_other_was(before):
    kept = without_past(exchanged(5, 20), date(2026, 11, before))
    assert [person for person, *_ in spans(kept, "2026-11-20", "2026-11-21")] == [DARA]


def test_what_is_over_is_no_part_of_the_roster_any_more():
    roster = exchanged(5, 6)
    assert without_past(roster, date(2026, 11, 6)) == roster
    gone = without_past(roster, date(2026, 11, 7))
    assert (gone.overrides, gone.swaps) == ((), ())
    assert gone.patterns == roster.patterns


def test_a_window_of_more_than_400_days_is_refused():
    shifts(a_roster(), date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=400))
    with pytest.raises(ValueError, match="more than 400 days"):
        shifts(a_roster(), date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=401))


def test_an_unknown_zone_is_named():
    with pytest.raises(ValueError, match="Harbour/Town"):
        shifts(a_roster(zone="Harbour/Town"), date(2026, 1, 1), date(2026, 1, 2))


def test_somebody_is_on_duty_from_the_first_second_and_no_longer_at_the_last():
    shift = a_shift(cast.GUARD, "2026-11-05 18:00", "2026-11-06 06:00")
    assert on_duty([shift], utc("2026-11-05 18:00")) == (shift,)
    assert on_duty([shift], utc("2026-11-06 05:59:59")) == (shift,)
    assert on_duty([shift], utc("2026-11-06 06:00")) == ()


def gaps_between_six_and_six(found, required):
    return gaps(found, required, starts_at=utc("2026-11-05 06:00"), ends_at=utc("2026-11-06 06:00"))


def test_a_gap_of_one_minute_is_found():
    found = gaps_between_six_and_six(
        [
            a_shift(cast.GUARD, "2026-11-05 00:00", "2026-11-05 17:59"),
            a_shift(cast.SHIFT_LEAD, "2026-11-05 18:00", "2026-11-06 12:00"),
        ],
        1,
    )
    assert found == (Gap(utc("2026-11-05 17:59"), utc("2026-11-05 18:00"), 0),)


def test_a_roster_with_nobody_in_it_is_one_gap_as_long_as_the_window():
    assert gaps_between_six_and_six([], 1) == (
        Gap(utc("2026-11-05 06:00"), utc("2026-11-06 06:00"), 0),
    )


def test_two_shifts_of_one_person_do_not_make_two_people():
    twice = [a_shift(cast.GUARD, "2026-11-05 00:00", "2026-11-06 12:00")] * 2
    assert gaps_between_six_and_six(twice, 2) == (
        Gap(utc("2026-11-05 06:00"), utc("2026-11-06 06:00"), 1),
    )
    assert gaps_between_six_and_six(twice, 1) == ()
