"""When is a walk held, whose look counts, and for how long?"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import cast
from tests.builders import AT, utc
from tocsin.signals.rules.hold import (
    CLOCKS_DIFFER_S,
    FRESH_S,
    OPEN_BEFORE_S,
    OPEN_LATE_S,
    Edge,
    Hold,
    How,
    Kind,
    Look,
    Saw,
    State,
    Stay,
    WalkPlan,
    answered,
    as_if_held,
    ask_offsets,
    asked_of_her,
    considered,
    counts,
    declined,
    is_about,
    is_fresh,
    is_left_by,
    judged,
    lapsed,
    moved_away,
    over,
    went,
    word_for_her,
)
from tocsin.signals.rules.replanning import Replanned, edges, is_time, replan
from tocsin.signals.rules.serving import moved_to, no_longer_seen, serves, stands, way_mark

WREN, GUS, HARBOUR = cast.PROTECTED.id, cast.GUARD.id, cast.HARBOUR.id
PLAN = WalkPlan(cast.HARBOUR_EMS, WREN)
ENDS_AT = AT + timedelta(minutes=10)
NOBODY: frozenset[Any] = frozenset()


def s(n: float) -> timedelta:
    return timedelta(seconds=n)


def a_hold(**changes: Any) -> Hold:
    values: dict[str, Any] = {
        "id": cast.number(0x701),
        "organisation_id": cast.HARBOUR_EMS,
        "person_id": WREN,
        "site_id": HARBOUR,
        "kind": Kind.LEAVING,
        "edge_at": ENDS_AT,
        "opened_at": AT,
    }
    return Hold(**values | changes)


def a_look(at: datetime = AT, **changes: Any) -> Look:
    values: dict[str, Any] = {
        "id": cast.number(0x711),
        "organisation_id": cast.HARBOUR_EMS,
        "site_id": HARBOUR,
        "person_id": GUS,
        "how": How.CAMERA,
        "saw": Saw.NOTHING,
        "at": at,
    }
    return Look(**values | changes)


def a_stay(starts: str, ends: str, **changes: Any) -> Stay:
    values: dict[str, Any] = {"site_id": HARBOUR, "starts_at": utc(starts), "ends_at": utc(ends)}
    return Stay(cast.HARBOUR_EMS, WREN, **values | changes)


def looked(at: datetime = AT) -> Hold:
    return considered(a_hold(), a_look(at), at, NOBODY)


# --- how old a look may be --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age_s", "does"), [(0, True), (FRESH_S, True), (FRESH_S + 1, False), (-1, False)]
)
def test_a_look_counts_to_the_second_and_never_from_the_future(age_s: int, does: bool) -> None:
    assert counts(a_look(), AT + s(age_s)) is does
    assert is_fresh(looked(), AT + s(age_s)) is does


@given(st.integers(min_value=-10_000, max_value=10_000))
def test_no_step_of_the_clock_makes_a_look_count_for_longer(step_s: int) -> None:
    # Its timer fired after 180 s of real time: whatever the wall says now, the look is gone for good.
    later = AT + s(FRESH_S + 1 + step_s)
    gone = lapsed(looked(), AT + s(FRESH_S + 1))
    assert gone.state is State.HELD
    assert not is_fresh(gone, later)


@given(st.integers(min_value=1, max_value=100_000))
def test_a_clock_set_back_behind_the_look_makes_nobody_fresh(back_s: int) -> None:
    assert not is_fresh(looked(), AT - s(back_s))


def test_blind_is_no_look() -> None:
    hold = a_hold()
    assert considered(hold, a_look(saw=Saw.COULD_NOT), AT, NOBODY) is hold


def test_a_blind_look_takes_nothing_from_one_that_saw() -> None:
    before = looked()
    assert considered(before, a_look(AT + s(10), saw=Saw.COULD_NOT), AT + s(10), NOBODY) is before


@pytest.mark.parametrize("by", [cast.RESPONDENT.id, WREN])
def test_a_look_by_him_or_by_herself_is_none(by: Any) -> None:
    hold = a_hold()
    kept_out = frozenset({cast.RESPONDENT.id})
    assert considered(hold, a_look(person_id=by), AT, kept_out) is hold


def test_something_seen_does_not_grow_old_and_a_second_glance_does_not_lift_it() -> None:
    seen = considered(a_hold(), a_look(saw=Saw.SOMETHING), AT, NOBODY)
    assert lapsed(seen, AT + s(3_600)).state is State.SOMETHING
    again = a_look(AT + s(60), id=cast.number(0x712))
    assert considered(seen, again, AT + s(60), NOBODY) is seen
    decided = considered(seen, again, AT + s(60), NOBODY, decides=True)
    assert decided.state is State.LOOKED


def test_something_seen_after_nothing_holds_her_again() -> None:
    seen = considered(looked(), a_look(AT + s(5), saw=Saw.SOMETHING), AT + s(5), NOBODY)
    assert (seen.state, is_fresh(seen, AT + s(6))) == (State.SOMETHING, False)


def test_a_newer_look_counts_from_its_own_time() -> None:
    newer = considered(looked(), a_look(AT + s(100)), AT + s(100), NOBODY)
    assert is_fresh(newer, AT + s(280))


@pytest.mark.parametrize("decides", [False, True])
def test_a_way_that_she_declined_is_shown_after_a_leads_decision_as_an_open_one_is(
    decides: bool,
) -> None:
    looks = [
        a_look(AT + s(10), saw=Saw.SOMETHING),
        a_look(AT + s(20), id=cast.number(0x712), decides=decides),
    ]
    held = a_hold()
    for look in looks:
        held = considered(held, look, look.at, NOBODY, decides=look.decides)
    gone = declined(a_hold(), AT + s(5))
    shown = as_if_held(gone, looks, AT + s(30))
    assert shown.state is held.state is (State.LOOKED if decides else State.SOMETHING)
    assert shown.looked_until == held.looked_until


# --- what is missed, and whose it is ----------------------------------------------------------------------


def test_going_with_a_look_misses_nothing_and_without_one_the_employer_missed_it() -> None:
    assert went(looked(), cast.number(1), AT + s(180)).missed_look is False
    assert went(looked(), cast.number(1), AT + s(181)).missed_look is True
    assert went(a_hold(), cast.number(1), AT).missed_look is True
    assert over(a_hold(), AT).missed_look is True
    # It was looked at, and she never went: the employer did its part.
    assert over(lapsed(looked(), AT + s(181)), AT + s(9_000)).missed_look is False


@pytest.mark.parametrize(("before", "since", "missed"), [(False, False, True), (False, True, False), (True, False, False)])  # fmt: skip
def test_that_she_declined_says_nothing_until_her_walk_would_have_been_over(
    before: bool, since: bool, missed: bool
) -> None:
    hold = declined(looked() if before else a_hold(), AT + s(5))
    assert (hold.is_open, hold.missed_look, hold.is_unjudged) == (False, False, True)
    assert hold.due_at == hold.keeps_until
    after = judged(hold, is_looked=since)
    assert (after.missed_look, after.due_at) == (missed, None)


def test_a_shift_that_ends_later_misses_nothing() -> None:
    assert moved_away(a_hold(), AT).missed_look is False


def test_she_is_told_when_she_answers_and_the_first_answer_stands() -> None:
    first = answered(a_hold(told_at=AT), AT + s(5))
    assert answered(first, AT + s(50)).answered_at == AT + s(5)


def test_what_she_answered_before_something_was_seen_is_no_answer_to_that() -> None:
    knew = answered(a_hold(told_at=AT), AT + s(5))
    asked_anew = asked_of_her(knew, AT + s(60), is_new=False)
    assert (asked_anew.told_at, asked_anew.answered_at) == (AT, AT + s(5))
    seen = asked_of_her(knew, AT + s(60), is_new=True)
    assert (seen.told_at, seen.answered_at) == (AT + s(60), None)
    # Nothing of hers could be reached: what was sent before is not a message about this.
    assert asked_of_her(knew, None, is_new=True).told_at is None


@pytest.mark.parametrize(
    ("before_s", "is_it"), [(None, True), (0, True), (CLOCKS_DIFFER_S, True), (3_600, False)]
)
def test_what_she_said_before_a_hold_opened_is_not_about_it(
    before_s: int | None, is_it: bool
) -> None:
    hold = a_hold(opened_at=AT)
    assert is_about(hold, None if before_s is None else AT - s(before_s)) is is_it


@pytest.mark.parametrize(
    ("opened_late_s", "before_edge_s", "is_it"),
    [
        (0, 0, True),
        (0, OPEN_BEFORE_S + CLOCKS_DIFFER_S, True),
        (0, OPEN_BEFORE_S + CLOCKS_DIFFER_S + 1, False),
        (0, 10_800, False),
        # No engine ran when it was to open: she went then all the same.
        (900, OPEN_BEFORE_S, True),
        (900, 3_600, False),
    ],
)
def test_a_walk_of_hours_before_it_was_to_open_leaves_no_hold(opened_late_s: int, before_edge_s: int, is_it: bool) -> None:  # fmt: skip
    hold = a_hold(opened_at=ENDS_AT - s(OPEN_BEFORE_S - opened_late_s))
    assert is_left_by(hold, ENDS_AT - s(before_edge_s)) is is_it


@pytest.mark.parametrize(
    ("hold", "word"),
    [
        (None, "none"),
        (a_hold(), "wait"),
        (looked(), "looked"),
        (a_hold(state=State.SOMETHING), "something"),
        (a_hold(kind=Kind.ARRIVING), "none"),
        (a_hold(kind=Kind.ARRIVING, state=State.SOMETHING), "something"),
        (declined(a_hold(), AT), "none"),
    ],
)
def test_her_phone_shows_one_of_four_words_and_none_of_them_is_safe(hold: Hold, word: str) -> None:
    assert word_for_her(hold) == word


# --- the roster -------------------------------------------------------------------------------------------


def test_a_shift_has_a_start_and_an_end_and_her_plan_says_which_are_held() -> None:
    stays = [a_stay("2026-11-06 00:00", "2026-11-06 06:00")]
    both = edges(stays, PLAN)
    assert [(e.kind, e.at) for e in both] == [
        (Kind.ARRIVING, utc("2026-11-06 00:00")),
        (Kind.LEAVING, utc("2026-11-06 06:00")),
    ]
    assert [e.kind for e in edges(stays, replace(PLAN, at_start=False))] == [Kind.LEAVING]
    assert edges(stays, replace(PLAN, at_start=False, at_end=False)) == ()


@pytest.mark.parametrize(
    ("minutes", "leaves"),
    [(20, "06:20"), (-20, "05:40"), (60, "07:00"), (-60, "05:30"), (0, "06:00")],
)
def test_another_time_that_she_took_moves_her_walk_but_never_before_her_shift_begins(
    minutes: int, leaves: str
) -> None:
    short = [a_stay("2026-11-06 05:30", "2026-11-06 06:00")]
    start, end = edges(short, replace(PLAN, later_min=minutes))
    assert (start.at, end.at) == (utc("2026-11-06 05:30"), utc(f"2026-11-06 {leaves}"))


def test_a_walk_that_is_held_already_goes_to_the_time_that_she_took() -> None:
    stays = [a_stay("2026-11-06 00:00", "2026-11-06 06:00")]
    only_end = replace(PLAN, at_start=False)
    at = utc("2026-11-06 05:55")
    held = replace(a_hold(), edge_at=utc("2026-11-06 06:00"))
    planned = replan(edges(stays, replace(only_end, later_min=20)), [held], at)
    assert [(hold.id, edge.at) for hold, edge in planned.moves] == [
        (held.id, utc("2026-11-06 06:20"))
    ]
    assert (planned.opens, planned.ends) == ((), ())


def test_shifts_that_join_or_overlap_are_one_but_not_at_two_sites() -> None:
    first = a_stay("2026-11-06 00:00", "2026-11-06 06:00")
    second = a_stay("2026-11-06 06:00", "2026-11-06 10:00")
    there = replace(second, site_id=cast.DEPOT_NORTH.id)
    assert [e.at for e in edges([second, first], replace(PLAN, at_start=False))] == [
        utc("2026-11-06 10:00")
    ]
    assert len(edges([first, there], replace(PLAN, at_start=False))) == 2


def test_what_is_kept_of_her_roster_joins_no_shift_that_was_put_beside_it() -> None:
    kept = a_stay("2026-11-06 00:00", "2026-11-06 06:00", is_kept=True)
    longer = a_stay("2026-11-06 00:00", "2026-11-06 10:00")
    only_end = replace(PLAN, at_start=False)
    both = [utc("2026-11-06 06:00"), utc("2026-11-06 10:00")]
    assert [e.at for e in edges([longer, kept], only_end)] == both
    same = replace(kept, is_kept=False)
    assert [e.at for e in edges([same, kept], only_end)] == both[:1]


@pytest.mark.guarantee("I6")
def test_over_the_night_that_is_an_hour_longer_the_walk_is_held_at_the_instant_not_the_wall() -> None:  # fmt: skip
    # 1 November 2026, Chicago: the shift from 18:00 to 06:00 lasts thirteen hours.
    stays = [a_stay("2026-10-31 23:00", "2026-11-01 12:00")]
    (edge,) = edges(stays, replace(PLAN, at_start=False))
    assert not is_time(edge, utc("2026-11-01 10:55"))
    assert is_time(edge, utc("2026-11-01 11:50"))


@pytest.mark.guarantee("I6")
def test_an_hour_that_comes_twice_gives_two_shifts_that_overlap_and_one_walk() -> None:
    # 01:30 that night is two instants: the roster keeps both, and she walks out once.
    stays = [
        a_stay("2026-10-31 23:00", "2026-11-01 06:30"),
        a_stay("2026-10-31 23:00", "2026-11-01 07:30"),
    ]
    (edge,) = edges(stays, replace(PLAN, at_start=False))
    assert edge.at == utc("2026-11-01 07:30")


# 1 November 2026, Chicago: the wall says 01:30 at 06:30 and again at 07:30 UTC.
FIRST, AGAIN = utc("2026-11-01 06:30"), utc("2026-11-01 07:30")
TWICE = a_stay("2026-10-31 23:00", "2026-11-01 07:30", time_zone="America/Chicago")
ONLY_END = replace(PLAN, at_start=False)


@pytest.mark.guarantee("I6")
def test_a_shift_that_ends_in_the_hour_that_comes_twice_is_held_from_the_first_reading_to_the_second() -> None:  # fmt: skip
    found = edges([TWICE], ONLY_END)
    assert replan(found, [], FIRST - s(OPEN_BEFORE_S + 1)).opens == ()
    (opened,) = replan(found, [], FIRST - s(OPEN_BEFORE_S)).opens
    assert opened.at == FIRST
    held = a_hold(edge_at=FIRST, opened_at=FIRST - s(OPEN_BEFORE_S))
    assert replan(found, [held], FIRST + s(OPEN_LATE_S)) == Replanned()
    ((moved, edge),) = replan(found, [held], FIRST + s(OPEN_LATE_S + 1)).moves
    assert (moved, edge.at) == (held, AGAIN)
    held = moved_to(held, edge)
    assert held.keeps_until > AGAIN
    assert replan(found, [held], AGAIN) == Replanned()


@pytest.mark.guarantee("I6")
@pytest.mark.parametrize("does", [declined, lambda h, at: went(h, cast.number(1), at)])
def test_who_went_at_the_first_reading_is_not_held_again_at_the_second(does: Any) -> None:
    gone = does(a_hold(edge_at=FIRST, opened_at=FIRST - s(OPEN_BEFORE_S)), FIRST + s(60))
    for at in (FIRST + s(120), FIRST + s(OPEN_LATE_S + 1), AGAIN - s(60), AGAIN):
        assert replan(edges([TWICE], ONLY_END), [gone], at) == Replanned()


@pytest.mark.guarantee("I6")
def test_who_begins_in_the_hour_that_comes_twice_is_met_from_the_first_reading_to_the_second() -> None:  # fmt: skip
    found = edges([replace(TWICE, starts_at=FIRST, ends_at=utc("2026-11-01 14:00"))], PLAN)
    arriving = [edge for edge in found if edge.kind is Kind.ARRIVING]
    (opened,) = replan(arriving, [], FIRST - s(60)).opens
    assert opened.at == FIRST
    held = a_hold(kind=Kind.ARRIVING, edge_at=FIRST, opened_at=FIRST - s(60))
    ((_, edge),) = replan(arriving, [held], FIRST + s(OPEN_LATE_S + 1)).moves
    assert edge.at == AGAIN
    # No engine ran at the first reading: she is met at the second.
    assert [e.at for e in replan(arriving, [], AGAIN - s(60)).opens] == [AGAIN]


@pytest.mark.guarantee("I6")
def test_in_every_other_night_an_end_has_one_reading() -> None:
    for ends_at in ("2026-11-01 12:00", "2026-11-02 07:30", "2026-03-08 08:00", "2026-03-08 09:00"):
        (edge,) = edges([replace(TWICE, starts_at=utc("2026-03-07 23:00"), ends_at=utc(ends_at))], ONLY_END)  # fmt: skip
        assert (edge.at, edge.again_at) == (utc(ends_at), None)


# 8 March 2026, Chicago: at 08:00 UTC the wall goes from 02:00 to 03:00. An end at 02:30, which it never shows, is in the
# roster at 08:30 (03:30 on the wall), and a start at 02:30 at 07:30 (01:30 on the wall).
JUMPS = utc("2026-03-08 08:00")
NEVER = a_stay("2026-03-08 00:00", "2026-03-08 08:30", time_zone="America/Chicago")


@pytest.mark.guarantee("I6")
def test_a_shift_that_ends_in_the_hour_that_never_comes_is_held_from_when_the_clock_jumps() -> None:
    found = edges([NEVER], ONLY_END)
    assert replan(found, [], JUMPS - s(OPEN_BEFORE_S + 1)).opens == ()
    (opened,) = replan(found, [], JUMPS - s(OPEN_BEFORE_S)).opens
    assert opened.at == JUMPS
    held = a_hold(edge_at=JUMPS, opened_at=JUMPS - s(OPEN_BEFORE_S))
    ((_, edge),) = replan(found, [held], JUMPS + s(OPEN_LATE_S + 1)).moves
    assert edge.at == NEVER.ends_at
    for gone in (declined(held, JUMPS + s(60)), went(held, cast.number(1), JUMPS)):
        for at in (JUMPS + s(120), JUMPS + s(OPEN_LATE_S + 1), NEVER.ends_at):
            assert replan(found, [gone], at) == Replanned()


@pytest.mark.guarantee("I6")
def test_who_begins_in_the_hour_that_never_comes_is_met_as_long_as_she_may_come() -> None:
    stay = replace(NEVER, starts_at=utc("2026-03-08 07:30"), ends_at=utc("2026-03-08 15:00"))
    arriving = [edge for edge in edges([stay], PLAN) if edge.kind is Kind.ARRIVING]
    held = a_hold(kind=Kind.ARRIVING, edge_at=stay.starts_at, opened_at=stay.starts_at - s(60))
    ((_, edge),) = replan(arriving, [held], stay.starts_at + s(OPEN_LATE_S + 1)).moves
    assert moved_to(held, edge).keeps_until == utc("2026-03-08 09:00")


@pytest.mark.guarantee("I6")
def test_only_the_clock_of_the_site_counts_for_her_walk() -> None:
    # Her court's clock in Chicago is changed in these hours, and no clock is in Phoenix.
    for ends_at in (NEVER.ends_at, FIRST, AGAIN):
        stay = replace(NEVER, ends_at=ends_at, starts_at=ends_at - s(28_800), time_zone="America/Phoenix")  # fmt: skip
        (edge,) = edges([stay], ONLY_END)
        assert (edge.at, edge.again_at) == (ends_at, None)


@pytest.mark.parametrize(
    ("seconds", "opens"),
    [
        (-OPEN_BEFORE_S - 1, False),
        (-OPEN_BEFORE_S, True),
        (0, True),
        (OPEN_LATE_S, True),
        (OPEN_LATE_S + 1, False),
    ],
)
def test_it_opens_minutes_before_and_late_where_no_engine_ran(seconds: int, opens: bool) -> None:
    edge = Edge(Kind.LEAVING, ENDS_AT, HARBOUR)
    found = replan([edge], [], ENDS_AT + s(seconds))
    assert bool(found.opens) is opens


def test_a_hold_that_is_known_is_not_opened_twice_open_or_over() -> None:
    edge = Edge(Kind.LEAVING, ENDS_AT, HARBOUR)
    for hold in (a_hold(), declined(a_hold(), AT), went(a_hold(), cast.number(1), AT)):
        assert replan([edge], [hold], AT) == replan([], [], AT)


DAY = a_stay("2026-11-27 07:00", "2026-11-27 15:00")
NIGHT = a_stay("2026-11-27 22:00", "2026-11-28 06:00")
CUT_AT = utc("2026-11-27 14:52")


def of_the_day(**changes: Any) -> Hold:
    opened = {"edge_at": DAY.ends_at, "opened_at": utc("2026-11-27 14:50")}
    return a_hold(**opened | changes)


@pytest.mark.parametrize("state", [State.HELD, State.LOOKED, State.SOMETHING])
def test_the_night_shift_that_she_has_anyway_does_not_end_the_hold_of_the_day_shift_taken_away(state: State) -> None:  # fmt: skip
    held = of_the_day(state=state)
    assert replan(edges([NIGHT], PLAN), [held], CUT_AT) == Replanned()
    before = a_stay("2026-11-26 22:00", "2026-11-27 06:00")
    assert replan(edges([before, NIGHT], PLAN), [held], CUT_AT) == Replanned()


def test_a_shift_that_goes_on_over_its_end_ends_the_hold_but_never_what_was_seen() -> None:
    on = edges([replace(DAY, ends_at=utc("2026-11-27 19:00")), NIGHT], PLAN)
    assert replan(on, [of_the_day()], CUT_AT) == Replanned(ends=(of_the_day(),))
    seen = of_the_day(state=State.SOMETHING)
    assert replan(on, [seen], CUT_AT) == Replanned()
    # At the new end it goes with her, if nobody has decided by then.
    at = utc("2026-11-27 18:50")
    assert [(h.state, e.at) for h, e in replan(on, [seen], at).moves] == [
        (State.SOMETHING, utc("2026-11-27 19:00"))
    ]


def test_a_shift_that_was_cut_to_an_end_long_past_leaves_the_hold_that_is_open() -> None:
    # The roster says that she went at noon; the hold was opened at ten to three, when she was inside.
    cut = edges([replace(DAY, ends_at=utc("2026-11-27 12:00"))], PLAN)
    assert replan(cut, [of_the_day()], CUT_AT) == Replanned()


def arrives(**changes: Any) -> Hold:
    """Return the hold of her start at seven."""
    opened = {"kind": Kind.ARRIVING, "edge_at": DAY.starts_at, "opened_at": utc("2026-11-27 06:50")}
    return a_hold(**opened | changes)


STARTS_AT = DAY.starts_at
BOTH = replace(PLAN, at_start=True)
PUT_OFF = edges([a_stay("2026-11-27 09:00", "2026-11-27 17:00")], BOTH)


@pytest.mark.parametrize(("late_s", "ends"), [(-300, False), (0, False), (OPEN_LATE_S, False), (OPEN_LATE_S + 1, True)])  # fmt: skip
def test_a_start_put_off_by_hours_is_still_looked_at_until_she_would_have_come_and_nobody_missed_it(late_s: int, ends: bool) -> None:  # fmt: skip
    hold, at = arrives(), STARTS_AT + s(late_s)
    assert replan(PUT_OFF, [hold], at) == Replanned(ends=(hold,) if ends else ())
    assert not moved_away(hold, at).missed_look


def test_a_start_put_off_opens_its_own_hold_when_that_is_time() -> None:
    late = STARTS_AT + s(OPEN_LATE_S + 5)
    ended = moved_away(arrives(), late)
    assert replan(PUT_OFF, [ended], late) == Replanned()
    (edge,) = replan(PUT_OFF, [ended], utc("2026-11-27 08:50")).opens
    assert (edge.kind, edge.at) == (Kind.ARRIVING, utc("2026-11-27 09:00"))


@pytest.mark.parametrize(("minutes", "moves"), [(60, True), (61, False)])
def test_put_off_by_an_hour_the_hold_goes_with_it_at_once(minutes: int, moves: bool) -> None:
    edge = Edge(Kind.ARRIVING, STARTS_AT + s(minutes * 60), HARBOUR)
    found = replan([edge], [arrives()], STARTS_AT)
    assert found == (Replanned(moves=((arrives(), edge),)) if moves else Replanned())


def test_neither_what_was_seen_nor_the_end_of_a_shift_is_put_off_so() -> None:
    at = STARTS_AT + s(OPEN_LATE_S + 1)
    assert replan(PUT_OFF, [arrives(state=State.SOMETHING)], at) == Replanned()
    later = Edge(Kind.LEAVING, utc("2026-11-27 17:00"), HARBOUR, utc("2026-11-27 16:00"))
    assert replan([later], [of_the_day()], DAY.ends_at + s(OPEN_LATE_S + 1)) == Replanned()


THERE = cast.DEPOT_NORTH.id


def test_the_same_hours_at_another_site_move_an_open_hold_and_open_none() -> None:
    edge = Edge(Kind.LEAVING, ENDS_AT, THERE)
    assert replan([edge], [a_hold()], AT) == Replanned(moves=((a_hold(), edge),))
    assert replan([edge], [declined(a_hold(), AT)], AT) == Replanned()


def test_two_shifts_that_end_in_one_instant_at_two_sites_are_one_hold_that_stays_where_it_is() -> (
    None
):
    both = [Edge(Kind.LEAVING, ENDS_AT, site) for site in (THERE, HARBOUR)]
    assert replan(both, [], AT).opens == (both[0],)
    assert replan(both, [a_hold()], AT) == Replanned()


def test_who_has_gone_from_one_site_is_held_anew_at_another() -> None:
    edge = Edge(Kind.LEAVING, ENDS_AT + s(600), THERE)
    gone = went(a_hold(), cast.number(1), AT)
    assert replan([edge], [gone], ENDS_AT).opens == (edge,)
    assert replan([replace(edge, site_id=HARBOUR)], [gone], ENDS_AT) == Replanned()


def test_a_look_stays_behind_when_her_walk_goes_to_another_site_but_not_what_was_seen() -> None:
    there = Edge(Kind.LEAVING, ENDS_AT, THERE)
    moved = moved_to(looked(), there)
    assert (moved.state, moved.look_id, is_fresh(moved, AT)) == (State.HELD, None, False)
    assert moved_to(looked(), replace(there, site_id=HARBOUR)) == looked()
    seen = considered(a_hold(), a_look(saw=Saw.SOMETHING), AT, NOBODY)
    assert moved_to(seen, there) == replace(seen, site_id=THERE)


def test_a_look_that_saw_nothing_serves_only_the_same_kind_of_walk_by_the_same_way() -> None:
    asked, other = a_hold(), a_hold(id=cast.number(0x702), person_id=cast.DISPATCHER.id)
    look = a_look(hold_id=asked.id)
    by_exit = replace(PLAN, person_id=other.person_id, exit_id=cast.number(0x771))
    assert serves(look, other, asked, {})
    assert serves(look, asked, None, {})
    assert not serves(look, other, None, {})
    assert not serves(look, replace(other, kind=Kind.ARRIVING), asked, {})
    assert not serves(look, other, asked, {other.person_id: by_exit})
    assert serves(replace(look, saw=Saw.SOMETHING), other, None, {other.person_id: by_exit})


def test_a_way_is_its_places_in_any_order_and_its_exit_and_nothing_else_of_a_plan() -> None:
    there, back = cast.number(0x772), cast.number(0x771)
    marks = {
        way_mark(None),
        way_mark(replace(PLAN, places=(there,))),
        way_mark(replace(PLAN, places=(there, back))),
        way_mark(replace(PLAN, exit_id=there)),
    }
    assert len(marks) == 4
    assert way_mark(replace(PLAN, timer_s=60, later_min=5, phrase="x")) == way_mark(None)
    assert way_mark(replace(PLAN, places=(back, there, back))) in marks


def test_a_kept_look_stands_only_while_its_hold_stands_by_it() -> None:
    look, held = a_look(hold_id=cast.number(0x701)), looked()
    assert stands(look, held)
    assert not stands(look, no_longer_seen(held))
    assert stands(look, moved_away(held, AT + s(60)))
    assert not stands(look, moved_away(lapsed(held, AT + s(FRESH_S + 1)), AT))
    assert not stands(look, None)
    assert stands(replace(look, saw=Saw.SOMETHING), None)


MINUTES = st.integers(min_value=-30, max_value=600)


@given(st.lists(MINUTES, min_size=1, max_size=6))
def test_however_often_a_shift_is_changed_one_walk_is_held_at_a_time(moves: list[int]) -> None:
    holds: dict[Any, Hold] = {}
    at = AT
    for minutes in (10, *moves):
        ends_at = AT + timedelta(minutes=minutes)
        for _ in range(3):
            edge = Edge(Kind.LEAVING, ends_at, HARBOUR, AT - timedelta(hours=8))
            found = replan([edge], list(holds.values()), at)
            for edge in found.opens:
                made = a_hold(id=cast.number(0x800 + minutes + 100), edge_at=edge.at)
                assert made.id not in holds or holds[made.id].state is State.MOVED
                holds[made.id] = made
            for hold, edge in found.moves:
                holds[hold.id] = replace(hold, edge_at=edge.at)
            for hold in found.ends:
                holds[hold.id] = moved_away(hold, at)
            at += s(5)
        running = [hold for hold in holds.values() if hold.is_open]
        assert len(running) <= 1
        kept = [hold for hold in holds.values() if hold.state is not State.MOVED]
        assert len({(h.kind, h.edge_at) for h in kept}) == len(kept)


@given(st.integers(min_value=0, max_value=20_000))
def test_who_is_asked_is_asked_before_her_shift_ends(left_s: int) -> None:
    offsets = ask_offsets(left_s)
    assert offsets == tuple(sorted(offsets))
    assert offsets[0] == 0
    assert offsets[-1] < max(left_s, 60)
