"""Each press says which walk it means; a walk ends with its alarm; a lost phone turns nothing off."""

from datetime import timedelta

import pytest

from tests import cast
from tests.snapshots import DURESS_CODE, TRUE_CODE, a_press
from tests.stories.night_shift import NightShift
from tocsin.decisions.rules.incident import closed, grade
from tocsin.engine.elsewhere import look_up, walk_time
from tocsin.flow.alarms import Change
from tocsin.flow.respond import Refused, hand_over
from tocsin.flow.walks import confirm_left, extend_walk, start_walk
from tocsin.signals.rules.walk import Walk

WREN = cast.PROTECTED
LOST = cast.number(0xDEAD)


def walking(night: NightShift) -> Walk | None:
    return night.alarms.open_walk(WREN.organisation_id, WREN.id)


def confirmed(night: NightShift) -> list[Change]:
    """Let Gus say that he saw her leave."""
    walk = walking(night)
    assert walk is not None
    by = cast.GUARD.id
    changes = confirm_left(night.alarms, WREN.organisation_id, walk.id, by=by, ids=night.ids)
    assert changes is not None
    return changes


def overdue() -> NightShift:
    """Return a night in which Wren's walk of a minute has just run out."""
    night = NightShift()
    night.walks(60, key="walk-0001", watcher_id=cast.GUARD.id)
    night.waits(61)
    return night


# --- another way, somebody else who watches --------------------------------------------------------


@pytest.mark.parametrize("act", ["walk", "extend"])
def test_who_goes_on_another_way_or_is_watched_by_another_says_so_with_the_new_timer(
    act: str,
) -> None:
    night = NightShift()
    night.walks(60, key="walk-0001", watcher_id=cast.GUARD.id, way="north door", note="with a bag")
    press = a_press(act=act, key="walk-0002", timer_s=60, watcher_id=cast.SHIFT_LEAD.id, way="ramp")
    (start_walk if act == "walk" else extend_walk)(night.alarms, press, ids=night.ids)
    walk = walking(night)
    assert walk is not None
    assert (walk.watcher_id, walk.way, walk.note) == (cast.SHIFT_LEAD.id, "ramp", "with a bag")
    night.waits(71)
    assert cast.SHIFT_LEAD.id in night.told(night.open())
    assert cast.GUARD.id not in night.told(night.open())


def test_nobody_watches_her_own_walk_and_what_is_left_out_stays() -> None:
    night = NightShift()
    night.walks(60, key="walk-0001", watcher_id=cast.GUARD.id, way="north door")
    extend_walk(
        night.alarms, a_press(act="extend", key="more-0001", watcher_id=WREN.id), ids=night.ids
    )
    walk = walking(night)
    assert walk is not None
    assert (walk.watcher_id, walk.way) == (cast.GUARD.id, "north door")


# --- her code at *left the site* ------------------------------------------------------------------


@pytest.mark.guarantee("I9")
def test_the_duress_code_at_left_the_site_raises_although_the_walk_was_confirmed() -> None:
    night = NightShift()
    night.walks(60, key="walk-0001", watcher_id=cast.GUARD.id)
    confirmed(night)
    assert night.ends_walk(DURESS_CODE, of="walk-0001").grade == "ended"
    assert cast.GUARD.id in night.told(night.open())
    assert night.open().is_silent


@pytest.mark.guarantee("I9")
def test_the_third_wrong_code_there_raises_although_no_walk_is_open() -> None:
    night = NightShift()
    assert [night.ends_walk(f"110{n}").grade for n in range(3)] == ["wrong", "wrong", "ended"]
    assert cast.GUARD.id in night.told(night.open())


@pytest.mark.guarantee("I9")
@pytest.mark.parametrize("has_walk", [True, False], ids=["a walk is open", "none is"])
def test_of_her_open_sos_both_codes_there_show_the_same(has_walk: bool) -> None:
    shown = []
    for code in (TRUE_CODE, DURESS_CODE):
        night = NightShift()
        if has_walk:
            night.walks(60, key="walk-0001")
        night.presses(key="sos-0001")
        night.ends_walk(code)
        after = night.open()
        shown.append((after.keys, after.cancelled_keys, grade(after, was_sent=True).word))
    assert shown[0] == shown[1]
    assert any(d.template == "duress" for d in night.messages(after))


def test_the_true_code_raises_nothing_when_no_walk_is_open() -> None:
    night = NightShift()
    assert night.ends_walk().grade == "ended"
    assert night.alarms.incidents() == []


@pytest.mark.guarantee("I15")
def test_her_phone_is_to_hear_that_her_walk_was_confirmed_also_when_the_bell_is_lost() -> None:
    night = NightShift()
    night.walks(60, key="walk-0001", watcher_id=cast.GUARD.id)
    (change,) = confirmed(night)
    assert change.walk is not None
    about = (WREN.organisation_id, change.walk.id)
    assert look_up(about, night.alarms)[0] == Change(walk=change.walk)
    night.clock.wait(61)
    at_its_time = walk_time(night.alarms, *about, change.walk.due_at, ids=night.ids)
    assert at_its_time == Change(walk=change.walk)


@pytest.mark.guarantee("I9")
def test_a_walk_that_a_duress_code_seemed_to_end_is_told_nothing_else() -> None:
    night = overdue()
    walk = walking(night)
    assert walk is not None
    night.cancels(DURESS_CODE)
    assert look_up((WREN.organisation_id, walk.id), night.alarms)[0] is None


# --- which walk is meant --------------------------------------------------------------------------


def test_an_end_of_an_earlier_walk_that_comes_late_does_not_end_the_next_one() -> None:
    night = NightShift()
    night.walks(60, key="walk-0001")
    night.walks(60, key="walk-0002")
    assert night.ends_walk(of="walk-0001").grade == "ended"
    assert walking(night)
    assert night.ends_walk(of="walk-0002").grade == "ended"
    assert walking(night) is None


def test_an_end_that_names_no_walk_ends_whichever_is_open() -> None:
    night = NightShift()
    night.walks(60)
    night.ends_walk()
    assert walking(night) is None


def test_an_extension_of_an_earlier_walk_prolongs_no_later_one() -> None:
    night = NightShift()
    night.walks(60, key="walk-0002")
    press = a_press(WREN, key="extend-01", act="extend", of="walk-0001", timer_s=3_600)
    assert extend_walk(night.alarms, press, ids=night.ids) is None
    walk = walking(night)
    assert walk is not None
    assert walk.timer_s == 60


def test_a_cancel_of_her_first_sos_that_comes_late_does_not_end_the_second() -> None:
    night = NightShift()
    night.presses(key="sos-0001")
    night.clock.wait(15)
    night.presses(key="sos-0002")
    assert night.cancels(of="sos-0001").grade == "cancelled"
    assert night.open().is_open
    night.cancels(of="sos-0002")
    assert not night.alarms.open_incidents([(WREN.organisation_id, WREN.id)])


# --- a lost phone ---------------------------------------------------------------------------------


@pytest.mark.guarantee("I18")
def test_a_walk_from_a_revoked_phone_prolongs_nothing() -> None:
    night = NightShift()
    night.walks(60)
    lost = a_press(WREN, key="walk-lost", act="walk", timer_s=14_400, device_id=LOST)
    assert start_walk(night.alarms, lost, ids=night.ids) is None
    walk = walking(night)
    assert walk is not None
    assert (walk.timer_s, walk.due_at - walk.timer_set_at) == (60, timedelta(seconds=60))
    assert night.record() == ["walk.started"]


# --- a walk ends with its alarm -------------------------------------------------------------------


@pytest.mark.guarantee("I23")
def test_a_walk_whose_alarm_two_people_stood_down_is_ended() -> None:
    night = overdue()
    for who in (cast.GUARD, cast.SHIFT_LEAD):
        night.acts(who, "over", night.open())
    assert walking(night) is None
    assert night.record()[-1] == "walk.ended"


@pytest.mark.guarantee("I23")
@pytest.mark.parametrize("code", [TRUE_CODE, DURESS_CODE], ids=["true", "duress"])
def test_a_walk_whose_alarm_she_cancelled_is_ended(code: str) -> None:
    night = overdue()
    night.cancels(code)
    assert walking(night) is None


def test_a_walk_that_she_extended_goes_on_when_people_stand_her_sos_down() -> None:
    night = overdue()
    night.presses()
    press = a_press(WREN, key="extend-01", act="extend", of="walk-0001", timer_s=600)
    assert extend_walk(night.alarms, press, ids=night.ids)
    for who in (cast.GUARD, cast.SHIFT_LEAD):
        night.acts(who, "over", night.open())
    assert walking(night)


def test_the_next_start_after_a_walk_that_nobody_ended_begins_a_new_one() -> None:
    night = overdue()
    old = walking(night)
    # As an installation has them from before walks ended with their alarm.
    over = closed(night.open(), "2 people said it is over", night.clock.now())
    night.alarms.save([Change(incident=over)])
    night.walks(60, key="walk-0002", received_at=night.clock.now())
    walk = walking(night)
    assert walk is not None
    assert old is not None
    assert (walk.key, walk.id != old.id, walk.started_at) == ("walk-0002", True, night.clock.now())


# --- handing over ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("to", "words"),
    [(cast.GUARD, "yourself"), (cast.OUTSIDER, "cannot be reached"), (WREN, "one who raised it")],
    ids=["to oneself", "to somebody who is not reached", "to her"],
)
def test_a_hand_over_that_cannot_be_is_refused_in_words(to: cast.Player, words: str) -> None:
    night = NightShift()
    night.presses()
    night.acts(cast.GUARD, "in_charge", night.open())
    before = night.open()
    about = (WREN.organisation_id, before.id)
    done = hand_over(night.alarms, *about, by=cast.GUARD.id, to=to.id, ids=night.ids)
    assert isinstance(done, Refused)
    assert words in done.because
    assert night.open() == before
