"""She need not walk out alone to a place that nobody has looked at."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests import cast
from tests.builders import AT, utc
from tests.snapshots import (
    DURESS_CODE,
    HARBOUR_SITE,
    NIGHT,
    TRUE_CODE,
    Hands,
    a_press,
    a_stint,
    known,
)
from tests.stories.held_walks import (
    ENDS_AT,
    PLAN,
    WREN,
    EndOfShift,
    a_site_with_a_post,
    others_with_a_post,
    prolonged,
    until,
)
from tocsin.decisions.rules.incident import Kind
from tocsin.engine.intake import take
from tocsin.flow.look import TOO_OLD, Looking, look, met_at_door
from tocsin.flow.respond import Refused
from tocsin.notifications.rules.delivery import State as Delivered
from tocsin.signals.rules.hold import WAY_KEY, How, Saw, State, WalkPlan
from tocsin.signals.rules.hold import Kind as Arriving


def test_her_shifts_end_opens_a_held_walk_by_itself_minutes_before() -> None:
    night = EndOfShift()
    night.passes(595)
    assert not night.all_holds()
    night.passes(5)
    hold = night.hold()
    assert (hold.state, hold.edge_at) == (State.HELD, ENDS_AT)
    assert night.shown() == "wait"


def test_who_has_no_open_case_has_no_held_walk() -> None:
    night = EndOfShift(plans=())
    night.passes(1_200)
    assert not night.all_holds()
    assert night.shown() == "none"


def test_her_plan_may_hold_no_walk_at_all() -> None:
    night = EndOfShift(plan=replace(PLAN, at_end=False))
    night.passes(1_200)
    assert not night.all_holds()


def test_the_posts_are_asked_first_then_the_shift_lead_then_the_duty_lead_all_before_she_goes() -> (
    None
):
    night = EndOfShift(
        sites=(a_site_with_a_post(),), stints=(until(ENDS_AT), *others_with_a_post())
    )
    night.opens()
    assert night.asked() == {cast.GUARD.id}
    night.passes(180)
    assert night.asked() == {cast.GUARD.id, cast.SHIFT_LEAD.id}
    night.passes(180)
    assert night.asked() == {cast.GUARD.id, cast.SHIFT_LEAD.id, cast.SAFETY_LEAD.id}
    assert night.clock.now() < ENDS_AT


def test_nobody_asked_is_told_whose_walk_it_is_or_why() -> None:
    night = EndOfShift()
    night.opens()
    (question,) = (i for i in night.alarms.incidents() if i.kind is Kind.LOOK)
    templates = {d.template for d in night.messages(question) if d.person_id != WREN.id}
    assert templates == {"look_asked"}


def test_a_look_lets_her_go_for_three_minutes_and_not_a_second_longer() -> None:
    night = EndOfShift()
    night.opens()
    night.passes(540)
    night.looks()
    night.waits(180)
    assert night.shown() == "looked"
    night.waits(1)
    assert night.shown() == "wait"
    assert "look.lapsed" in night.record()


@pytest.mark.guarantee("I20")
def test_a_look_is_as_old_as_its_press_however_late_that_comes() -> None:
    night = EndOfShift()
    night.opens()
    assert night.looks(waited_s=181) == Refused(TOO_OLD)
    assert night.shown() == "wait"
    night.looks(waited_s=170)
    night.waits(10)
    assert night.shown() == "looked"
    night.waits(1)
    assert night.shown() == "wait"


def test_something_seen_counts_however_late_it_comes() -> None:
    night = EndOfShift()
    night.opens()
    night.looks(saw="something", waited_s=500)
    assert night.shown() == "something"


@pytest.mark.guarantee("I20")
def test_a_look_by_text_is_as_old_as_the_text_that_waited_for_an_engine() -> None:
    night = EndOfShift()
    night.opens()
    night.passes(200)
    (question,) = (i for i in night.alarms.incidents() if i.kind is Kind.LOOK)
    texts = [d for d in night.messages(question) if d.channel == "sms"]
    code = next(d.code for d in texts if d.person_id == cast.SHIFT_LEAD.id)
    night.texts(cast.SHIFT_LEAD, f"1 {code}", ago_s=181)
    assert night.shown() == "wait"


def test_a_look_that_saw_nothing_is_said_as_that_and_never_as_clear() -> None:
    night = EndOfShift()
    night.opens()
    night.looks()
    assert night.shown() == "looked"
    (entry,) = (e for e in night.alarms.entries() if e.kind == "look.done")
    assert entry.body["saw"] == "nothing"


def test_who_could_not_see_has_not_looked_and_the_next_one_is_asked_at_once() -> None:
    night = EndOfShift(
        sites=(a_site_with_a_post(),), stints=(until(ENDS_AT), *others_with_a_post())
    )
    night.opens()
    night.looks(saw="could_not")
    assert night.shown() == "wait"
    assert cast.SHIFT_LEAD.id in night.asked()


def test_something_seen_keeps_her_inside_until_a_person_decides() -> None:
    night = EndOfShift()
    night.opens()
    night.looks(saw="something")
    assert night.shown() == "something"
    night.looks(who=cast.DISPATCHER)
    assert night.shown() == "something"
    night.looks(who=cast.SHIFT_LEAD, decides=True)
    assert night.shown() == "looked"


def test_something_seen_goes_to_the_leads_and_her_phrase_to_her() -> None:
    night = EndOfShift()
    night.opens()
    night.looks(saw="something")
    (question,) = (i for i in night.alarms.incidents() if i.kind is Kind.LOOK and i.is_open)
    assert question.policy.name == "look_something"
    assert night.told(question) == {WREN.id, cast.SHIFT_LEAD.id, cast.SAFETY_LEAD.id}


def test_she_can_always_go_and_the_missing_look_is_the_employers() -> None:
    night = EndOfShift()
    night.opens()
    assert night.presses_on_phone("walk") == "walking"
    hold = night.hold()
    assert (hold.state, hold.missed_look) == (State.LEFT, True)
    assert hold.walk_id == night.alarms.open_walk(cast.HARBOUR_EMS, WREN.id).id  # type: ignore[union-attr]
    (left,) = (e for e in night.alarms.entries() if e.kind == "hold.left")
    assert left.body["missed"] is True


def test_when_somebody_has_looked_nothing_is_missed_and_she_who_looked_watches() -> None:
    night = EndOfShift()
    night.opens()
    night.passes(540)
    night.looks(cast.GUARD)
    night.presses_on_phone("walk")
    assert night.hold().missed_look is False
    walk = night.alarms.open_walk(cast.HARBOUR_EMS, WREN.id)
    assert walk is not None
    assert walk.watcher_id == cast.GUARD.id


def test_with_no_look_the_post_or_the_shift_lead_watches() -> None:
    night = EndOfShift()
    night.opens()
    night.presses_on_phone("walk")
    walk = night.alarms.open_walk(cast.HARBOUR_EMS, WREN.id)
    assert walk is not None
    assert walk.watcher_id == cast.SHIFT_LEAD.id


def test_a_walk_that_no_shift_opened_is_watched_too() -> None:
    night = EndOfShift(plans=())
    night.presses_on_phone("walk")
    walk = night.alarms.open_walk(cast.HARBOUR_EMS, WREN.id)
    assert walk is not None
    assert walk.watcher_id == cast.SHIFT_LEAD.id


def test_who_goes_though_something_was_seen_leaves_the_leads_their_question() -> None:
    night = EndOfShift()
    night.opens()
    night.looks(saw="something")
    assert night.presses_on_phone("walk") == "walking"
    (question,) = (i for i in night.alarms.incidents() if i.kind is Kind.LOOK and i.is_open)
    assert question.policy.name == "look_something"
    assert night.hold().missed_look is False


def test_something_seen_after_she_went_is_not_refused_and_goes_to_the_leads() -> None:
    night = EndOfShift()
    night.opens()
    night.presses_on_phone("walk")
    night.looks(saw="something")
    (question,) = (i for i in night.alarms.incidents() if i.kind is Kind.LOOK and i.is_open)
    assert night.told(question) == {cast.SHIFT_LEAD.id, cast.SAFETY_LEAD.id}


def test_she_declines_with_one_tap_and_nothing_of_it_is_on_record() -> None:
    night = EndOfShift()
    night.opens()
    before = night.record()
    assert night.presses_on_phone("decline") == "none"
    assert night.hold().state is State.DECLINED
    assert night.record() == before
    assert night.shown() == "none"


@pytest.mark.parametrize("is_looked", [False, True])
def test_a_walk_that_she_declined_ends_like_one_at_which_she_did_nothing(is_looked: bool) -> None:
    ended = []
    for does in ("decline", "stay"):
        night = EndOfShift()
        night.opens()
        night.passes(60)
        night.presses_on_phone(does)
        if is_looked:
            night.passes(60)
            night.looks(cast.GUARD)
        assert not night.hold().missed_look
        night.passes(7_800)
        bodies = [e.body for e in night.alarms.entries() if e.kind.startswith("hold.")]
        ended.append((night.hold().missed_look, bodies))
    assert ended[0] == ended[1]
    assert ended[0][0] is not is_looked


def test_declining_does_not_lower_the_doors_posture() -> None:
    night = EndOfShift()
    night.opens()
    night.presses_on_phone("decline")
    night.passes(360)
    assert cast.SAFETY_LEAD.id in night.asked()
    assert not isinstance(night.looks(), Refused)


def test_an_sos_skips_the_hold_and_is_an_incident_of_its_own() -> None:
    night = EndOfShift()
    night.opens()
    (change,) = night.presses()
    assert change.is_new
    assert change.incident is not None
    assert change.incident.kind is Kind.SOS
    assert cast.GUARD.id in night.told(change.incident)


def test_a_walk_that_runs_out_asks_her_then_who_watches_then_everybody_and_an_sos_waits_for_none() -> None:  # fmt: skip
    night = EndOfShift(plans=())
    night.walks(60, watcher_id=cast.GUARD.id)
    called = []
    for seconds in (59.9, 0.2, 9.8, 0.2, 9.8, 0.2):
        night.waits(seconds)
        found = [i for i in night.alarms.incidents() if i.kind is Kind.WALK]
        sent = [d for i in found for d in night.messages(i) if d.due_at <= night.clock.now()]
        called.append({d.person_id for d in sent})
    everybody = {player.id for player in NIGHT}
    with_her, both = {WREN.id}, {WREN.id, cast.GUARD.id}
    assert called == [set(), with_her, with_her, both, both, everybody]
    night = EndOfShift(plans=())
    night.walks(60, watcher_id=cast.GUARD.id)
    night.waits(5)
    (change,) = night.presses()
    assert {d.person_id for d in change.deliveries} >= everybody - {WREN.id}


@pytest.mark.parametrize("how", ["camera", "patrol", "car"])
def test_whatever_somebody_looked_with_she_may_go_and_it_is_kept_with_name_and_way(how: str) -> None:  # fmt: skip
    night = EndOfShift()
    night.opens()
    looking = Looking(cast.GUARD.id, How(how), Saw.NOTHING, "page")
    look(night.alarms, cast.HARBOUR_EMS, night.hold().id, looking, ids=night.ids)
    assert (night.shown(), night.hold().looked_by_id) == ("looked", cast.GUARD.id)
    (entry,) = (e for e in night.alarms.entries() if e.kind == "look.done")
    assert (entry.actor_id, entry.body["how"]) == (cast.GUARD.id, how)


def test_the_walk_ends_at_left_the_site_by_her_code() -> None:
    night = EndOfShift()
    night.opens()
    night.presses_on_phone("walk")
    assert night.presses_on_phone("end", code="4821") == "ended"
    assert night.alarms.open_walk(cast.HARBOUR_EMS, WREN.id) is None


def test_a_prolonged_shift_takes_its_hold_along_and_opens_it_once() -> None:
    night = EndOfShift()
    night.opens()
    night.roster(until(ENDS_AT + timedelta(minutes=5)))
    night.passes(10)
    (hold,) = night.all_holds()
    assert (hold.state, hold.edge_at) == (State.HELD, ENDS_AT + timedelta(minutes=5))


def test_a_shift_prolonged_by_hours_ends_the_hold_and_opens_one_then() -> None:
    night = EndOfShift()
    night.opens()
    night.roster(prolonged(4))
    night.passes(10)
    assert [h.state for h in night.all_holds()] == [State.MOVED]
    assert night.shown() == "none"
    night.passes(4 * 3600)
    assert [h.state for h in night.all_holds()] == [State.MOVED, State.HELD]


def test_a_shift_changed_back_and_forth_holds_her_walk_all_the_same() -> None:
    night = EndOfShift()
    night.opens()
    night.roster(prolonged(4))
    night.passes(10)
    night.roster(until(ENDS_AT))
    night.passes(10)
    (hold,) = night.all_holds()
    assert (hold.state, hold.edge_at) == (State.HELD, ENDS_AT)


def test_a_shift_taken_out_of_the_roster_leaves_the_hold_as_it_was() -> None:
    night = EndOfShift()
    night.opens()
    night.roster()
    night.passes(60)
    assert night.hold().state is State.HELD


@pytest.mark.parametrize("saw", ["", "nothing", "something"])
def test_a_shift_taken_away_leaves_the_hold_though_another_of_hers_comes_tonight(saw: str) -> None:
    tonight = a_stint(
        WREN, HARBOUR_SITE, ENDS_AT + timedelta(hours=7), ENDS_AT + timedelta(hours=15)
    )
    night = EndOfShift(until(ENDS_AT), tonight)
    night.opens()
    if saw:
        night.looks(saw=saw)
    before = night.shown()
    night.roster(tonight)
    night.passes(10)
    assert (night.shown(), len(night.all_holds())) == (before, 1)


def test_who_swaps_her_shift_away_is_held_at_the_one_that_she_works() -> None:
    night = EndOfShift()
    night.roster(prolonged(2))
    night.passes(1_200)
    assert not night.all_holds()
    night.passes(2 * 3600)
    assert night.hold().edge_at == ENDS_AT + timedelta(hours=2)


def test_between_two_shifts_that_join_she_does_not_walk_out() -> None:
    night = EndOfShift(
        until(ENDS_AT), a_stint(WREN, HARBOUR_SITE, ENDS_AT, ENDS_AT + timedelta(hours=4))
    )
    night.passes(1_500)
    assert not night.all_holds()


def test_who_left_early_is_not_asked_again_at_her_shifts_end() -> None:
    night = EndOfShift()
    night.opens()
    night.presses_on_phone("walk")
    night.passes(1_200)
    assert [h.state for h in night.all_holds()] == [State.LEFT]


def test_a_look_too_early_to_count_is_asked_for_again_before_her_shift_ends() -> None:
    night = EndOfShift()
    night.opens()
    night.looks()
    night.passes(420)
    questions = [i for i in night.alarms.incidents() if i.kind is Kind.LOOK]
    assert [q.is_open for q in questions] == [False, True]
    assert night.clock.now() <= ENDS_AT - timedelta(minutes=3)


def test_nobody_asks_for_ever_and_the_hold_ends_by_itself() -> None:
    night = EndOfShift()
    night.opens()
    night.passes(600 + 7_200)
    assert night.hold().state is State.OVER
    assert night.hold().missed_look


def arrives() -> EndOfShift:
    """Return a night in which Wren's shift begins in twenty minutes; her plan has her met."""
    begins = a_stint(WREN, HARBOUR_SITE, ENDS_AT, ENDS_AT + timedelta(hours=8))
    return EndOfShift(begins, plan=replace(PLAN, at_start=True))


def test_before_her_shift_begins_somebody_is_asked_to_meet_her_and_she_is_sent_nothing() -> None:
    night = arrives()
    night.passes(600)
    hold = night.hold(Arriving.ARRIVING)
    assert (hold.state, hold.edge_at) == (State.HELD, ENDS_AT)
    assert night.asked()
    assert night.sent_to_her() == []
    assert night.shown() == "none"


def test_she_is_met_at_the_door_and_that_is_the_end_of_it() -> None:
    night = arrives()
    night.passes(900)
    hold = night.hold(Arriving.ARRIVING)
    met_at_door(
        night.alarms, cast.HARBOUR_EMS, hold.id, by=cast.GUARD.id, via="page", ids=night.ids
    )
    after = night.hold(Arriving.ARRIVING)
    assert (after.state, after.missed_look) == (State.MET, False)
    assert not [i for i in night.alarms.incidents() if i.kind is Kind.LOOK and i.is_open]


def test_a_start_that_is_put_off_for_hours_is_no_missed_look_and_she_is_met_at_the_new_one() -> (
    None
):
    night = arrives()
    night.passes(900)
    later = ENDS_AT + timedelta(hours=2)
    night.roster(a_stint(WREN, HARBOUR_SITE, later, later + timedelta(hours=8)))
    night.passes(300 + 900)
    # She may have been on her way: somebody is asked until then.
    assert night.hold(Arriving.ARRIVING).state is State.HELD
    night.passes(10)
    (first,) = night.all_holds()
    assert (first.state, first.missed_look) == (State.MOVED, False)
    assert not [i for i in night.alarms.incidents() if i.kind is Kind.LOOK and i.is_open]
    night.passes(6_300)
    again = night.hold(Arriving.ARRIVING)
    assert (again.state, again.edge_at) == (State.HELD, later)
    assert len(night.all_holds()) == 2


def test_what_was_seen_at_the_door_she_comes_to_is_what_her_phone_hears_when_it_asks() -> None:
    night = arrives()
    night.passes(900)
    hold = night.hold(Arriving.ARRIVING)
    looking = Looking(cast.GUARD.id, How.CAMERA, Saw.SOMETHING, "page")
    look(night.alarms, cast.HARBOUR_EMS, hold.id, looking, ids=night.ids)
    assert night.shown() == "something"


def test_who_is_kept_from_her_cannot_have_met_her() -> None:
    night = arrives()
    night.passes(900)
    hold = night.hold(Arriving.ARRIVING)
    by = cast.RESPONDENT.id
    done = met_at_door(night.alarms, cast.HARBOUR_EMS, hold.id, by=by, via="page", ids=night.ids)
    assert isinstance(done, Refused)


def test_a_walk_that_she_starts_before_her_shift_is_not_the_arrival() -> None:
    night = arrives()
    night.passes(900)
    night.presses_on_phone("walk")
    assert night.hold(Arriving.ARRIVING).state is State.HELD


@pytest.mark.guarantee("I6")
def test_a_clock_set_back_does_not_make_an_old_look_new() -> None:
    night = EndOfShift()
    night.opens()
    night.passes(540)
    night.looks()
    night.waits(170)
    night.clock.step(-600)
    assert night.shown() in {"wait", "looked"}
    night.presses_on_phone("walk")
    assert night.hold().missed_look


@pytest.mark.guarantee("I21")
def test_that_nobody_will_be_there_to_look_is_said_hours_before() -> None:
    night = EndOfShift(stints=(until(AT + timedelta(minutes=110)),))
    night.reads_roster()
    (question,) = (i for i in night.alarms.incidents() if i.kind is Kind.LOOK)
    assert question.policy.name == "look_unwatched"
    assert night.told(question) == {cast.SAFETY_LEAD.id}
    night.passes(60)
    assert len([i for i in night.alarms.incidents() if i.kind is Kind.LOOK]) == 1


@pytest.mark.guarantee("I11")
def test_the_respondent_is_never_asked_to_look_whatever_post_he_keeps() -> None:
    keeper = a_stint(cast.RESPONDENT, HARBOUR_SITE)
    keeper = replace(keeper, duty=replace(keeper.duty, role="guard", post_id=cast.FRONT_DOOR))
    night = EndOfShift(sites=(a_site_with_a_post(),), stints=(until(ENDS_AT), keeper))
    night.opens()
    night.passes(600)
    assert cast.RESPONDENT.id not in night.asked()
    assert cast.SAFETY_LEAD.id in night.asked()


@pytest.mark.guarantee("I11")
def test_the_respondent_never_watches_her_walk_whatever_post_he_keeps() -> None:
    keeper = a_stint(cast.RESPONDENT, HARBOUR_SITE)
    keeper = replace(keeper, duty=replace(keeper.duty, role="guard", post_id=cast.FRONT_DOOR))
    lead = a_stint(cast.SHIFT_LEAD, HARBOUR_SITE)
    night = EndOfShift(sites=(a_site_with_a_post(),), stints=(until(ENDS_AT), keeper, lead))
    night.opens()
    night.presses_on_phone("walk")
    walk = night.alarms.open_walk(cast.HARBOUR_EMS, WREN.id)
    assert walk is not None
    assert walk.watcher_id == cast.SHIFT_LEAD.id


@pytest.mark.guarantee("I11", "I21")
def test_that_only_the_respondent_will_be_there_to_look_is_said_hours_before() -> None:
    keeper = a_stint(cast.RESPONDENT, HARBOUR_SITE)
    keeper = replace(keeper, duty=replace(keeper.duty, role="guard", post_id=cast.FRONT_DOOR))
    hers = until(AT + timedelta(minutes=110))
    night = EndOfShift(sites=(a_site_with_a_post(),), stints=(hers, keeper))
    night.reads_roster()
    (question,) = (i for i in night.alarms.incidents() if i.kind is Kind.LOOK)
    assert question.policy.name == "look_unwatched"
    assert night.told(question) == {cast.SAFETY_LEAD.id}


@pytest.mark.guarantee("I11")
def test_a_look_by_the_respondent_does_not_count() -> None:
    night = EndOfShift()
    night.opens()
    assert isinstance(night.looks(cast.RESPONDENT), Refused)
    assert night.shown() == "wait"


def test_she_herself_is_never_asked_to_look() -> None:
    hers = until(ENDS_AT)
    hers = replace(hers, duty=replace(hers.duty, role="guard", post_id=cast.FRONT_DOOR))
    night = EndOfShift(sites=(a_site_with_a_post(),), stints=(hers, *others_with_a_post()[1:]))
    night.opens()
    assert WREN.id not in night.asked()
    assert isinstance(night.looks(WREN), Refused)


def test_sent_is_not_told_and_only_her_answer_is() -> None:
    night = EndOfShift()
    hold = night.opens()
    assert night.sent_to_her()
    assert (hold.told_at is not None, hold.answered_at) == (True, None)
    night.texts(WREN, "I am driving and will read this later")
    assert night.hold().answered_at is None
    night.texts(WREN, "Printer is fine!")
    assert night.hold().answered_at == night.clock.now()


def test_her_answer_that_she_waits_is_none_to_what_was_seen_since() -> None:
    night = EndOfShift()
    night.opens()
    night.texts(WREN, "Printer is fine!")
    night.looks(saw="something")
    hold = night.hold()
    assert len(night.sent_to_her()) > 1
    assert (hold.told_at, hold.answered_at) == (night.clock.now(), None)
    night.texts(WREN, "PRINTER is fine")
    assert night.hold().answered_at == night.clock.now()


@pytest.mark.parametrize("act", ["stay", "decline"])
def test_what_she_pressed_before_this_hold_opened_changes_nothing_of_it(act: str) -> None:
    night = EndOfShift()
    hold = night.opens()
    night.presses_on_phone(act, received_at=hold.opened_at - timedelta(hours=8))
    assert (night.hold().state, night.hold().answered_at) == (State.HELD, None)


def test_help_in_her_answer_is_an_sos_all_the_same() -> None:
    night = EndOfShift()
    night.opens()
    (change,) = night.texts(WREN, "help")
    assert change.incident is not None
    assert change.incident.kind is Kind.SOS


def test_her_stay_on_the_phone_is_an_answer_too() -> None:
    night = EndOfShift()
    night.opens()
    night.presses_on_phone("stay")
    assert night.hold().answered_at is not None
    assert night.shown() == "wait"


def test_a_reply_by_text_is_a_look() -> None:
    night = EndOfShift()
    night.opens()
    night.passes(200)
    (question,) = (i for i in night.alarms.incidents() if i.kind is Kind.LOOK)
    texts = [d for d in night.messages(question) if d.channel == "sms"]
    code = next(d.code for d in texts if d.person_id == cast.SHIFT_LEAD.id)
    night.texts(cast.SHIFT_LEAD, f"3 {code}")
    assert night.shown() == "wait"
    night.texts(cast.SHIFT_LEAD, f"1 {code}")
    assert night.shown() == "looked"


def test_a_revoked_phone_declines_nothing() -> None:
    night = EndOfShift()
    night.opens()
    night.presses_on_phone("decline", device_id=cast.number(0x999))
    assert night.hold().state is State.HELD


def test_one_look_serves_everybody_of_that_site_who_goes_the_same_way() -> None:
    other = replace(PLAN, person_id=cast.DISPATCHER.id)
    night = EndOfShift(
        plans=(PLAN, other),
        stints=(
            until(ENDS_AT),
            until(ENDS_AT, cast.DISPATCHER),
            *(a_stint(p, HARBOUR_SITE) for p in (cast.GUARD, cast.SHIFT_LEAD)),
        ),
    )
    night.opens()
    night.looks()
    assert {h.state for h in night.all_holds()} == {State.LOOKED}


def test_a_look_counts_for_nobody_whom_the_one_who_looked_is_kept_from() -> None:
    other = replace(PLAN, person_id=cast.DISPATCHER.id)
    people = tuple(
        known(p, kept_out=frozenset({cast.GUARD.id} if p is cast.DISPATCHER else ()))
        for p in cast.COLLEAGUES
    )
    night = EndOfShift(
        plans=(PLAN, other),
        people=people,
        stints=(
            until(ENDS_AT),
            until(ENDS_AT, cast.DISPATCHER),
            *(a_stint(p, HARBOUR_SITE) for p in (cast.GUARD, cast.SHIFT_LEAD)),
        ),
    )
    night.opens()
    hers = next(h for h in night.all_holds() if h.person_id == WREN.id)
    night.hold = lambda *_: hers  # type: ignore[method-assign]
    night.looks(cast.GUARD)
    states = {h.person_id: h.state for h in night.all_holds()}
    assert states == {WREN.id: State.LOOKED, cast.DISPATCHER.id: State.HELD}


def test_a_look_of_two_minutes_ago_serves_the_walk_that_opens_now() -> None:
    other = replace(PLAN, person_id=cast.DISPATCHER.id)
    night = EndOfShift(
        plans=(PLAN, other),
        stints=(
            until(ENDS_AT),
            until(ENDS_AT + timedelta(seconds=120), cast.DISPATCHER),
            *(a_stint(p, HARBOUR_SITE) for p in (cast.GUARD, cast.SHIFT_LEAD)),
        ),
    )
    night.opens()
    night.looks()
    night.passes(120)
    late = next(h for h in night.all_holds() if h.person_id == cast.DISPATCHER.id)
    assert late.state is State.LOOKED


WEST_LOT, BACK_EXIT = cast.number(0x771), cast.number(0x772)


def two_who_leave(plan: WalkPlan, other: WalkPlan, *, later_s: int = 0) -> EndOfShift:
    """Return the end of Wren's shift and of Dara's, with a plan each."""
    stints = (
        until(ENDS_AT),
        until(ENDS_AT + timedelta(seconds=later_s), cast.DISPATCHER),
        *(a_stint(p, HARBOUR_SITE) for p in (cast.GUARD, cast.SHIFT_LEAD)),
    )
    return EndOfShift(plans=(plan, replace(other, person_id=cast.DISPATCHER.id)), stints=stints)


def states(night: EndOfShift) -> list[State]:
    """Return where Wren's hold stands, and where Dara's does."""
    found = {hold.person_id: hold.state for hold in night.all_holds()}
    return [found[WREN.id], found[cast.DISPATCHER.id]]


@pytest.mark.guarantee("I20")
@pytest.mark.parametrize("later_s", [0, 120])
@pytest.mark.parametrize(
    "other", [replace(PLAN, places=(WEST_LOT,)), replace(PLAN, exit_id=BACK_EXIT)]
)
def test_a_look_at_one_way_that_saw_nothing_says_nothing_of_another_way(
    other: WalkPlan, later_s: int
) -> None:
    night = two_who_leave(PLAN, other, later_s=later_s)
    night.opens()
    hers = next(h for h in night.all_holds() if h.person_id == WREN.id)
    night.hold = lambda *_: hers  # type: ignore[method-assign]
    night.looks()
    night.passes(later_s)
    assert states(night) == [State.LOOKED, State.HELD]


def test_what_a_look_saw_at_one_way_is_said_to_everybody_of_the_site() -> None:
    night = two_who_leave(PLAN, replace(PLAN, places=(WEST_LOT,)))
    night.opens()
    night.looks(saw="something")
    assert states(night) == [State.SOMETHING, State.SOMETHING]


@pytest.mark.parametrize(("decides", "hers"), [(True, State.LOOKED), (False, State.SOMETHING)])
def test_a_walk_that_opens_within_three_minutes_goes_by_what_a_lead_has_decided_as_those_that_were_open(
    decides: bool, hers: State
) -> None:
    night = two_who_leave(PLAN, PLAN, later_s=120)
    night.opens()
    night.looks(saw="something")
    night.passes(60)
    night.looks(who=cast.SHIFT_LEAD, decides=decides)
    night.passes(60)
    assert states(night) == [hers, hers]


def test_the_same_places_in_another_order_are_the_same_way() -> None:
    there = replace(PLAN, places=(WEST_LOT, BACK_EXIT))
    night = two_who_leave(there, replace(PLAN, places=(BACK_EXIT, WEST_LOT)))
    night.opens()
    night.looks()
    assert states(night) == [State.LOOKED, State.LOOKED]


@pytest.mark.guarantee("I20")
def test_the_same_hours_at_another_site_take_the_walk_there_and_no_look_with_it() -> None:
    night = EndOfShift()
    night.opens()
    night.looks()
    night.roster(replace(until(ENDS_AT), site_id=cast.DEPOT_NORTH.id))
    night.passes(5)
    (hold,) = night.all_holds()
    assert (hold.site_id, hold.state, hold.look_id) == (cast.DEPOT_NORTH.id, State.HELD, None)
    assert night.shown() == "wait"


def test_who_was_asked_at_the_old_site_is_not_asked_any_more() -> None:
    night = EndOfShift()
    hold = night.opens()
    night.roster(replace(until(ENDS_AT), site_id=cast.DEPOT_NORTH.id))
    night.passes(10)
    asked = night.alarms.questions(cast.HARBOUR_EMS, hold.id)
    assert {question.site_id for question in asked} == {cast.DEPOT_NORTH.id}


@pytest.mark.guarantee("I6")
@pytest.mark.parametrize(
    ("ends_at", "goes_at"),
    [
        # Her shift ends at 02:30, which the clock never shows: it jumps from two to three, and she goes.
        ("2026-03-08 08:30", "2026-03-08 08:02"),
        # It ends at 01:30, which comes twice: she goes at the first, and at the second.
        ("2026-11-01 07:30", "2026-11-01 06:32"),
        ("2026-11-01 07:30", "2026-11-01 07:28"),
    ],
)
def test_on_a_change_night_she_is_held_whenever_she_may_take_her_shift_to_be_over(ends_at: str, goes_at: str) -> None:  # fmt: skip
    begins = utc(ends_at) - timedelta(hours=8)
    hers = a_stint(WREN, HARBOUR_SITE, begins, utc(ends_at))
    guard = a_stint(cast.GUARD, HARBOUR_SITE, begins, utc(ends_at) + timedelta(hours=4))
    night = EndOfShift(stints=(hers, guard))
    night.clock = Hands(utc(ends_at) - timedelta(minutes=75))
    night.alarms._clock = night.clock.now
    night.passes((utc(goes_at) - night.clock.now()).total_seconds() - 190)
    assert night.shown() == "wait"
    night.looks()
    night.passes(180)
    assert night.shown() == "looked"
    night.passes(5)
    assert night.shown() == "wait"
    night.looks()
    night.passes(5)
    night.walks()
    assert (night.hold().state, night.hold().missed_look) == (State.LEFT, False)
    night.ends_walk()
    night.passes(4_000)
    assert len(night.all_holds()) == 1


@pytest.mark.guarantee("I22")
@pytest.mark.parametrize("before_s", [0, 900])
def test_after_a_silent_press_nothing_about_the_way_sounds_on_her_phone(before_s: int) -> None:
    # She presses before the walk is held, or while it is: then something is seen, and leads are asked, and she is not sent it.
    night = EndOfShift()
    night.passes(before_s)
    night.presses(is_silent=True)
    before = night.sent_to_her()
    night.passes(900 - before_s)
    night.looks(saw="something")
    night.passes(60)
    assert night.sent_to_her() == before
    assert night.shown() == "something"
    assert {cast.SHIFT_LEAD.id, cast.SAFETY_LEAD.id} <= night.asked()


@pytest.mark.guarantee("I22")
def test_her_sentence_that_still_waits_when_she_presses_silently_is_held_back_and_sent_anew_after_her_code() -> None:  # fmt: skip
    night = EndOfShift()
    night.opens()
    assert night.states_to_her() == [Delivered.PENDING] * 2
    night.presses(is_silent=True)
    assert night.states_to_her() == [Delivered.CANCELLED] * 2
    assert night.record().count("look.held_back") == 1
    # What is seen after her code is sent to her as ever.
    night.passes(20)
    night.cancels(TRUE_CODE)
    night.looks(saw="something")
    assert night.states_to_her() == [Delivered.CANCELLED] * 2 + [Delivered.PENDING] * 2


@pytest.mark.guarantee("I9")
@pytest.mark.parametrize("is_silent", [False, True])
def test_after_either_code_what_is_seen_at_her_way_is_sent_to_her_alike(is_silent: bool) -> None:
    sent = []
    for code in (TRUE_CODE, DURESS_CODE):
        night = EndOfShift()
        night.opens()
        night.presses(is_silent=is_silent)
        night.passes(20)
        night.cancels(code)
        night.passes(20)
        night.looks(saw="something")
        night.passes(60)
        sent.append((night.sent_to_her(), night.shown()))
    assert sent[0] == sent[1]
    # Twice, each time on two ways.
    assert len(sent[0][0]) == 4


@pytest.mark.parametrize(("ago_s", "state"), [(0, State.LEFT), (10_800, State.HELD)])
def test_a_walk_that_she_began_hours_ago_and_that_is_heard_only_now_leaves_no_hold_of_tonight(ago_s: int, state: State) -> None:  # fmt: skip
    night = EndOfShift()
    night.opens()
    night.walks(received_at=night.clock.now() - timedelta(seconds=ago_s))
    assert night.hold().state is state


def test_her_phone_that_asks_an_engine_which_has_just_started_is_told_until_when_the_look_counts() -> (
    None
):
    night = EndOfShift()
    night.opens()
    night.looks()
    values = {"key": WAY_KEY, "act": "way", "received_at": night.clock.now()}
    taken = take(night.alarms, a_press(WREN, **values), night.ids, "")
    (hold,) = taken.changes[0].holds
    assert (taken.answers[0][1], hold.looked_until) == ("looked", night.clock.now() + timedelta(minutes=3))  # fmt: skip
