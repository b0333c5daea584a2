"""What a fact opens, who owns it, by when, and what may become of it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import cast
from tests.builders import AT, utc
from tocsin.decisions.rules import safeguards as rules
from tocsin.decisions.rules.safeguard_templates import (
    BY_CODE,
    OFFERS,
    QUIET,
    TEMPLATES,
    VISIBLE_STEPS,
    Event,
    OwnerRole,
    opened_by,
)
from tocsin.decisions.rules.safeguards import (
    Around,
    Move,
    Safeguard,
    State,
    Worker,
    due_at,
    escalates_at,
    manager_of,
    moved,
    openings,
    owner_of,
    pages,
    tended,
)
from tocsin.decisions.rules.waking import may_be_told

ROLES = {
    cast.PROTECTED: "dispatcher",
    cast.DISPATCHER: "admin",
    cast.GUARD: "manager",
    cast.SHIFT_LEAD: "shift_lead",
    cast.SAFETY_LEAD: "safety_lead",
    cast.RESPONDENT: "admin",
}
PEOPLE = sorted((player.id for player in ROLES), key=lambda one: one.int)


def around(**changes: object) -> Around:
    """Return Wren's case against Rex; Gus is her manager, Dara the administrator."""
    workers = {
        player.id: Worker(
            id=player.id,
            roles=frozenset({role}),
            site_id=cast.HARBOUR.id,
            manager_id=cast.GUARD.id if player is cast.PROTECTED else None,
        )
        for player, role in ROLES.items()
    }
    base = Around(
        protected_id=cast.PROTECTED.id,
        colleague_id=cast.RESPONDENT.id,
        site_id=cast.HARBOUR.id,
        is_released=False,
        parties=frozenset({cast.RESPONDENT.id}),
        workers=workers,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def a_safeguard(template: str = "cameras", **changes: object) -> Safeguard:
    """Return an open measure of the safety lead, due in four hours."""
    base = Safeguard(
        id=cast.number(0x71),
        organisation_id=cast.HARBOUR_EMS,
        case_id=cast.number(0xC0),
        template=template,
        event=Event.ORDER_ENTERED.value,
        event_id=cast.number(0x72),
        touches_her=BY_CODE[template].touches_her,
        is_visible_step=BY_CODE[template].is_visible_step,
        state=State.OPEN,
        owner_id=cast.SAFETY_LEAD.id,
        opened_at=AT,
        due_at=AT + timedelta(hours=4),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


# --- the data ---------------------------------------------------------------------------------------------


def test_every_event_of_the_issue_opens_something() -> None:
    assert [event for event in Event if not opened_by(event)] == []


def test_codes_are_unique_and_both_languages_are_written() -> None:
    assert len(BY_CODE) == len(TEMPLATES)
    assert all(all((*t.words, *t.how)) for t in TEMPLATES)


def test_the_measures_that_the_issue_names_are_there() -> None:
    not_hers = {t.code for t in (*VISIBLE_STEPS, *QUIET)}
    assert {"accounts", "badge", "keys", "door_codes", "cameras", "recordings", "radio_pager", "dispatch_screens", "vehicle_pool", "vehicle_tracking", "group_chats", "posts_briefed", "meeting_plan"} <= not_hers  # fmt: skip
    assert {"shift", "parking", "station", "camera_on_her_way", "pick_up"} <= {
        t.code for t in OFFERS
    }


NOT_HERS = {"accounts", "badge", "keys", "door_codes", "cameras", "recordings", "radio_pager", "dispatch_screens", "vehicle_pool", "vehicle_tracking", "group_chats", "posts_briefed"}  # fmt: skip


def test_an_order_opens_each_of_them_at_once_where_nothing_has_to_be_kept_from_him() -> None:
    opened = {o.template.code: o for o in openings(Event.ORDER_ENTERED, around(is_released=True), AT)}  # fmt: skip
    assert opened.keys() >= NOT_HERS
    for code in NOT_HERS:
        found = opened[code]
        assert (found.state, found.owner_id is None, found.due_at is None) == (State.OPEN, False, False)  # fmt: skip
    stranger = openings(Event.ORDER_ENTERED, around(colleague_id=None), AT)
    now = {o.template.code for o in stranger if o.state is State.OPEN}
    # What he has of ours only somebody has who works here.
    assert now >= {"door_codes", "cameras", "recordings", "posts_briefed"}


@pytest.mark.parametrize("event", [Event.MEETING_PLANNED, Event.SUSPENDED, Event.DISMISSED])
def test_before_and_after_he_is_told_of_it_the_meeting_itself_is_planned(event: Event) -> None:
    found = {o.template.code: o.state for o in openings(event, around(), AT)}
    assert found["meeting_plan"] is State.OPEN


def test_no_measure_of_hers_is_visible_and_no_visible_one_is_hers() -> None:
    assert [t.code for t in TEMPLATES if t.touches_her and t.is_visible_step] == []
    assert all(t.touches_her for t in OFFERS)
    assert not any(t.touches_her for t in (*VISIBLE_STEPS, *QUIET))


# --- opening ----------------------------------------------------------------------------------------------


@pytest.mark.guarantee("I11")
@given(event=st.sampled_from(list(Event)), shut_out=st.frozensets(st.sampled_from(PEOPLE)))
def test_nobody_who_is_shut_out_ever_owns_anything(event: Event, shut_out: frozenset[object]) -> None:  # fmt: skip
    place = around(parties=shut_out | {cast.RESPONDENT.id})
    for opening in openings(event, place, AT):
        assert opening.owner_id not in shut_out | {cast.RESPONDENT.id, cast.PROTECTED.id}


@given(event=st.sampled_from(list(Event)), has_colleague=st.booleans(), released=st.booleans())
def test_what_touches_her_is_offered_and_what_he_would_see_waits(event: Event, has_colleague: bool, released: bool) -> None:  # fmt: skip
    place = around(colleague_id=cast.RESPONDENT.id if has_colleague else None, is_released=released)
    for opening in openings(event, place, AT):
        if opening.template.touches_her:
            assert (opening.state, opening.owner_id, opening.due_at) == (State.OFFERED, None, None)
        elif opening.template.is_visible_step and has_colleague and not released:
            assert (opening.state, opening.due_at) == (State.PREPARED, None)
        else:
            assert opening.state is State.OPEN
            assert opening.due_at is not None
        assert has_colleague or not opening.template.only_colleague


def test_what_is_under_way_is_not_opened_twice() -> None:
    codes = {o.template.code for o in openings(Event.THREAT, around(), AT, {"posts_briefed"})}
    assert "posts_briefed" not in codes
    assert "words_kept" in codes


def test_a_case_that_protects_a_place_offers_nothing() -> None:
    states = {o.state for o in openings(Event.ORDER_ENTERED, around(protected_id=None), AT)}
    assert State.OFFERED not in states


# --- owners -----------------------------------------------------------------------------------------------


def test_an_administrator_who_is_the_respondent_is_passed_over_for_the_other() -> None:
    assert owner_of(BY_CODE["badge"], around()) == cast.DISPATCHER.id


def test_without_a_holder_her_manager_owns_it_then_the_safety_lead() -> None:
    workers = {k: v for k, v in around().workers.items() if k != cast.DISPATCHER.id}
    assert owner_of(BY_CODE["badge"], around(workers=workers)) == cast.GUARD.id
    alone = {cast.SAFETY_LEAD.id: workers[cast.SAFETY_LEAD.id]}
    assert owner_of(BY_CODE["badge"], around(workers=alone)) == cast.SAFETY_LEAD.id


def test_nobody_owns_it_where_nobody_may() -> None:
    workers = {cast.RESPONDENT.id: around().workers[cast.RESPONDENT.id]}
    assert owner_of(BY_CODE["badge"], around(workers=workers)) is None


def test_a_manager_who_is_a_party_is_passed_over_up_the_line() -> None:
    workers = dict(around().workers)
    workers[cast.PROTECTED.id] = replace(workers[cast.PROTECTED.id], manager_id=cast.RESPONDENT.id)
    workers[cast.RESPONDENT.id] = replace(workers[cast.RESPONDENT.id], manager_id=cast.GUARD.id)
    assert owner_of(BY_CODE["roster_apart"], around(workers=workers)) == cast.GUARD.id


def test_a_line_of_managers_that_runs_in_a_circle_ends() -> None:
    workers = dict(around().workers)
    workers[cast.PROTECTED.id] = replace(workers[cast.PROTECTED.id], manager_id=cast.RESPONDENT.id)
    workers[cast.RESPONDENT.id] = replace(workers[cast.RESPONDENT.id], manager_id=cast.RESPONDENT.id)  # fmt: skip
    assert owner_of(BY_CODE["roster_apart"], around(workers=workers)) == cast.SAFETY_LEAD.id


def test_whoever_is_on_duty_owns_it_before_whoever_is_not() -> None:
    workers = dict(around().workers)
    workers[cast.GUARD.id] = Worker(id=cast.GUARD.id, roles=frozenset({"shift_lead"}), is_on_duty=True)  # fmt: skip
    assert owner_of(BY_CODE["second_at_post"], around(workers=workers)) == cast.GUARD.id


@pytest.mark.guarantee("I11")
@given(owner=st.sampled_from(PEOPLE), shut_out=st.frozensets(st.sampled_from(PEOPLE)))
def test_it_escalates_to_nobody_who_is_shut_out_nor_to_the_owner_again(owner: object, shut_out: frozenset[object]) -> None:  # fmt: skip
    place = around(parties=shut_out | {cast.RESPONDENT.id})
    found = manager_of(owner, place)  # type: ignore[arg-type]
    assert found not in shut_out | {owner, cast.RESPONDENT.id, cast.PROTECTED.id}


# --- deadlines --------------------------------------------------------------------------------------------


def test_it_is_due_so_long_after_the_fact_but_before_her_next_shift() -> None:
    cameras = BY_CODE["cameras"]
    assert due_at(cameras, around(), AT) == AT + timedelta(hours=4)
    soon = around(shift_starts=(AT + timedelta(hours=2),))
    assert due_at(cameras, soon, AT) == AT + timedelta(hours=2)
    assert due_at(BY_CODE["recordings"], soon, AT) == AT + timedelta(hours=8)


@given(minutes=st.integers(-600, 6000), code=st.sampled_from(sorted(BY_CODE)))
def test_a_deadline_is_never_in_the_past_nor_after_the_templates(minutes: int, code: str) -> None:
    place = around(shift_starts=(AT + timedelta(minutes=minutes),))
    due = due_at(BY_CODE[code], place, AT)
    assert AT < due <= AT + timedelta(minutes=BY_CODE[code].within_min)


# --- what may become of it --------------------------------------------------------------------------------


@given(moves=st.lists(st.sampled_from(list(Move)), max_size=12), state=st.sampled_from(list(State)))
def test_whatever_is_pressed_an_end_has_a_time_and_everything_else_has_none(moves: list[Move], state: State) -> None:  # fmt: skip
    now = a_safeguard(state=state, ended_at=AT if state in rules.ENDED else None)
    for move in moves:
        now = moved(now, move, AT, cast.GUARD.id) or now
        assert (now.ended_at is not None) == now.is_ended
        assert now.touches_her or state is State.DECLINED or now.state is not State.DECLINED or state is State.OFFERED  # fmt: skip


@pytest.mark.parametrize(
    ("state", "move"),
    [
        (State.PREPARED, Move.FINISH),
        (State.DONE, Move.FINISH),
        (State.DROPPED, Move.REOPEN),
        (State.OFFERED, Move.FINISH),
        (State.OPEN, Move.TAKE),
        (State.OPEN, Move.DECLINE),
    ],
)
def test_what_is_not_in_the_table_cannot_be_done(state: State, move: Move) -> None:
    assert moved(a_safeguard(state=state), move, AT, None) is None


def test_her_no_is_never_final_and_her_yes_can_be_taken_back() -> None:
    offer = a_safeguard("parking", state=State.OFFERED)
    declined = moved(offer, Move.DECLINE, AT, cast.PROTECTED.id)
    assert declined is not None
    taken = moved(declined, Move.TAKE, AT, cast.PROTECTED.id)
    assert taken is not None
    assert taken.ended_at is None
    again = moved(taken, Move.DECLINE, AT, cast.PROTECTED.id)
    assert again is not None
    assert again.state is State.DECLINED


# --- time -------------------------------------------------------------------------------------------------


def test_it_escalates_at_its_deadline_and_not_a_second_before_and_once() -> None:
    late = a_safeguard()
    assert late.due_at is not None
    assert not tended(late, around(), late.due_at - timedelta(seconds=1)).was_escalated
    done = tended(late, around(), late.due_at)
    assert done.was_escalated
    assert done.safeguard.escalated_to_id == cast.SHIFT_LEAD.id
    assert not tended(done.safeguard, around(), late.due_at + timedelta(days=1)).was_escalated


def test_a_released_step_has_hours_before_anybody_else_hears_of_it() -> None:
    step = a_safeguard("badge", due_at=AT)
    assert escalates_at(step) == AT + timedelta(hours=4)


def test_a_step_is_not_called_late_in_the_minute_of_its_release() -> None:
    step = a_safeguard("badge", due_at=AT)
    assert not rules.is_late(step, AT + timedelta(hours=4))
    assert rules.is_late(step, AT + timedelta(hours=4, seconds=1))
    assert rules.is_late(a_safeguard(due_at=AT), AT + timedelta(seconds=1))
    assert not rules.is_late(a_safeguard(state=State.DONE, due_at=AT), AT + timedelta(days=1))


@pytest.mark.parametrize("state", [s for s in State if s is not State.OPEN])
def test_what_is_not_open_never_escalates_and_pages_nobody(state: State) -> None:
    place = around(shift_starts=(AT + timedelta(hours=8),))
    found = tended(a_safeguard(state=state), place, AT + timedelta(hours=6))
    assert not found.was_escalated
    assert not found.pages_duty


@pytest.mark.parametrize(
    ("shift_in_h", "at_h", "paged"),
    [
        (8, 2.9, False),
        (8, 3, True),
        (8, 7, True),
        (3.5, 2.4, False),
        (3.5, 2.5, True),
        (3.5, 4.5, False),
        (None, 3, False),
    ],
)
def test_it_pages_an_hour_before_a_deadline_that_lies_before_her_next_shift(shift_in_h: float | None, at_h: float, paged: bool) -> None:  # fmt: skip
    starts = () if shift_in_h is None else (AT + timedelta(hours=shift_in_h),)
    place = around(shift_starts=starts)
    assert pages(a_safeguard(), place, AT + timedelta(hours=at_h)) is paged


@pytest.mark.parametrize("later_h", [(), (24,)])
def test_an_order_entered_ten_minutes_before_her_shift_pages_at_once_and_not_once_it_has_begun(later_h: tuple[int, ...]) -> None:  # fmt: skip
    starts = (AT + timedelta(minutes=10), *(AT + timedelta(hours=h) for h in later_h))
    place = around(shift_starts=starts)
    due = {o.template.code: o.due_at for o in openings(Event.ORDER_ENTERED, place, AT)}
    soon = a_safeguard(opened_at=AT, due_at=due["cameras"])
    assert soon.due_at == AT + timedelta(minutes=30)
    for minutes in (0, 9, 11, 69):
        assert pages(soon, place, AT + timedelta(minutes=minutes))
    assert not pages(replace(soon, paged_at=AT), place, AT + timedelta(minutes=1))


def test_a_measure_that_was_opened_after_her_shift_began_waits_for_the_next_one() -> None:
    place = around(shift_starts=(AT - timedelta(minutes=10),))
    late = a_safeguard(opened_at=AT, due_at=AT + timedelta(minutes=30))
    assert not pages(late, place, AT + timedelta(minutes=20))


def test_what_may_wait_for_her_shift_pages_nobody() -> None:
    place = around(shift_starts=(AT + timedelta(hours=8),))
    assert not pages(a_safeguard("recordings"), place, AT + timedelta(hours=4))


@pytest.mark.guarantee("I11")
def test_prepared_steps_tell_nobody() -> None:
    step = a_safeguard("badge", state=State.PREPARED, due_at=None)
    assert tended(step, around(), AT + timedelta(days=9)).tell == ()


@given(hours=st.integers(0, 400), state=st.sampled_from(list(State)))
def test_tending_twice_does_nothing_more(hours: int, state: State) -> None:
    at = AT + timedelta(hours=hours)
    place = around(shift_starts=(AT + timedelta(hours=30),))
    once = tended(a_safeguard(state=state), place, at)
    twice = tended(once.safeguard, place, at)
    assert twice.safeguard == once.safeguard
    assert not twice.was_assigned
    assert not twice.was_escalated


def test_roles_are_those_that_a_viewer_may_have() -> None:
    assert {role.value for role in OwnerRole} <= {"safety_lead", "shift_lead", "admin", "manager"}


# --- waking hours -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "told"),
    [
        # Chicago is at UTC-6 in November: 08:00 is 14:00 UTC.
        (utc("2026-11-09 13:59"), False),
        (utc("2026-11-09 14:00"), True),
        (utc("2026-11-10 01:59"), True),
        (utc("2026-11-10 02:00"), False),
    ],
)
def test_without_a_shift_the_day_is_from_eight_to_eight_at_the_site(at: datetime, told: bool) -> None:  # fmt: skip
    assert may_be_told(at, "America/Chicago", ()) is told


def test_who_is_at_work_is_told_at_night_and_sleeps_after_it() -> None:
    night = (utc("2026-11-10 00:00"), utc("2026-11-10 12:00"))
    assert may_be_told(utc("2026-11-10 09:00"), "America/Chicago", [night])
    assert not may_be_told(utc("2026-11-10 15:00"), "America/Chicago", [night])
    assert may_be_told(utc("2026-11-10 21:00"), "America/Chicago", [night])
