"""What do her presses, her codes and her walk change in what is open about her?"""

import pytest

from tests import cast
from tests.builders import a_policy, a_step
from tests.rules.night import Night, an_incident
from tocsin.decisions.rules.incident import Kind, Shown, grade, grade_withdrawn
from tocsin.notifications.rules.happenings import Cancelled, RaisedAgain, WalkOverdue

EVERYBODY = {"Dara", "Gus", "Lea"}
OVERDUE = WalkOverdue(cast.number(0x3A1C), "walk-0001")
WALK_LADDER = a_policy(a_step("herself"), a_step("watcher", offset_s=10), a_step(offset_s=20))


def pressed(*keys: str) -> Night:
    """Return a night in which she pressed once for each key, a quarter of a minute apart."""
    night = Night(an_incident(keys=keys[:1])).opens()
    for number, key in enumerate(keys[1:], 1):
        night.happens(15 * number, RaisedAgain(key=key))
    return night


# --- what was said before it does not count -------------------------------------------------------


@pytest.mark.parametrize(
    "what",
    [RaisedAgain(), Cancelled(under_duress=True), OVERDUE],
    ids=["she presses again", "her duress code", "her walk runs out"],
)
def test_over_said_before_something_new_counts_no_more(what: RaisedAgain) -> None:
    night = Night().opens().acts(10, cast.SHIFT_LEAD, "over").happens(20, what)
    assert night.acts(30, cast.GUARD, "over").incident.is_open
    assert not night.acts(40, cast.SHIFT_LEAD, "over").incident.is_open


@pytest.mark.parametrize("doing", ["calling", "going", "in_charge", "there", "locking", "cannot"])
def test_who_acts_otherwise_takes_her_own_over_back(doing: str) -> None:
    night = Night().opens().acts(10, cast.SHIFT_LEAD, "over").acts(20, cast.SHIFT_LEAD, doing)
    assert night.acts(30, cast.GUARD, "over").incident.is_open


def test_seen_takes_no_over_back() -> None:
    night = Night().opens().acts(10, cast.SHIFT_LEAD, "over").acts(20, cast.SHIFT_LEAD, "seen")
    assert not night.acts(30, cast.GUARD, "over").incident.is_open


def test_over_keeps_the_charge_and_the_emergency_call_until_a_second_person_says_it() -> None:
    night = Night().opens().acts(5, cast.GUARD, "in_charge").acts(6, cast.GUARD, "calling")
    night.acts(10, cast.GUARD, "over")
    assert night.incident.caller_id == cast.GUARD.id
    assert night.incident.charge is not None


# --- which press a code means ---------------------------------------------------------------------


def test_a_true_code_for_her_newest_press_ends_it() -> None:
    night = pressed("sos-0001", "sos-0002").happens(
        40, Cancelled(under_duress=False, of="sos-0002")
    )
    assert not night.incident.is_open


def test_a_true_code_for_an_older_press_is_answered_for_that_key_and_ends_nothing() -> None:
    night = pressed("sos-0001", "sos-0002").happens(
        40, Cancelled(under_duress=False, of="sos-0001")
    )
    assert night.incident.is_open
    assert (night.incident.keys, night.incident.cancelled_keys) == (("sos-0002",), ("sos-0001",))
    assert night.incident.shown is Shown.TRUTH


@pytest.mark.guarantee("I15")
def test_a_press_whose_code_came_after_a_newer_press_says_that_the_alarm_goes_on_until_it_is_over() -> (
    None
):
    night = pressed("sos-0001", "sos-0002").happens(
        40, Cancelled(under_duress=False, of="sos-0001")
    )
    assert grade_withdrawn(night.incident, "sos-0001").word == "goes_on"
    night.acts(60, cast.GUARD, "over").acts(61, cast.SHIFT_LEAD, "over")
    assert grade_withdrawn(night.incident, "sos-0001").word == "cancelled"


@pytest.mark.guarantee("I22")
def test_of_a_newer_press_that_is_silent_her_other_phone_says_nothing() -> None:
    night = pressed("sos-0001").happens(20, RaisedAgain(is_silent=True, key="sos-0002"))
    night.happens(40, Cancelled(under_duress=False, of="sos-0001"))
    assert night.incident.is_open
    assert grade_withdrawn(night.incident, "sos-0001").word == "cancelled"


def test_a_true_code_for_a_press_of_another_incident_ends_nothing() -> None:
    night = pressed("sos-0001").happens(40, Cancelled(under_duress=False, of="sos-of-yesterday"))
    assert night.incident.is_open
    assert night.incident.keys == ("sos-0001",)


def test_a_walk_that_ran_out_meanwhile_is_no_newer_press() -> None:
    night = pressed("sos-0001").happens(30, OVERDUE)
    night.happens(40, Cancelled(under_duress=False, of="sos-0001"))
    assert not night.incident.is_open


@pytest.mark.parametrize("of", ["", "sos-0001", "sos-0002", "sos-of-yesterday"])
def test_the_duress_code_always_calls_and_shows_what_the_true_one_shows(of: str) -> None:
    shown = []
    for under_duress in (False, True):
        night = pressed("sos-0001", "sos-0002")
        night.happens(40, Cancelled(under_duress=under_duress, of=of))
        after = night.incident
        word = grade(after, was_sent=True).word
        shown.append(
            {k: word for k in after.keys}
            | {k: grade_withdrawn(after, k).word for k in after.cancelled_keys}
        )
    assert shown[0] == shown[1]
    assert night.called("duress") == [(40, EVERYBODY)]


# --- after the duress code ------------------------------------------------------------------------


def test_after_the_duress_code_the_true_one_shows_cancelled_and_ends_nothing() -> None:
    night = (
        Night(an_incident(keys=("sos-0001",))).opens().cancels(20, under_duress=True).cancels(25)
    )
    assert night.incident.is_open
    assert (night.incident.shown, night.stopped) == (Shown.CANCELLED, [])


def test_that_holds_too_when_she_pressed_once_more_in_between() -> None:
    night = Night(an_incident(keys=("sos-0001",))).opens().cancels(20, under_duress=True)
    night.happens(40, RaisedAgain(key="sos-0002")).cancels(45)
    assert night.incident.is_open
    assert night.incident.cancelled_keys == ("sos-0001", "sos-0002")


def test_after_the_duress_code_two_people_end_it() -> None:
    night = Night().opens().cancels(20, under_duress=True).cancels(25)
    night.acts(60, cast.GUARD, "over").acts(61, cast.SHIFT_LEAD, "over")
    assert not night.incident.is_open


def test_a_true_code_first_ends_it() -> None:
    assert not Night().opens().cancels(20).incident.is_open


# --- a walk that ran out --------------------------------------------------------------------------


def test_her_first_press_after_a_walk_ran_out_is_an_sos_and_not_one_again() -> None:
    night = Night(an_incident(kind=Kind.WALK, policy=WALK_LADDER)).opens().until(60).presses(61)
    assert night.called("sos") == [(61, EVERYBODY)]
    assert night.called("sos_again") == []
    assert night.presses(75).called("sos_again")[0] == (75, EVERYBODY)


def test_a_walk_that_nobody_answers_is_never_called_an_sos() -> None:
    night = Night(an_incident(kind=Kind.WALK, policy=WALK_LADDER)).opens().until(300)
    assert night.said("incident.unanswered")
    assert not night.called("sos")
    assert not night.called("sos_again")


# --- handing over ---------------------------------------------------------------------------------


@pytest.mark.parametrize("to", [cast.GUARD, cast.OUTSIDER], ids=["to oneself", "to nobody here"])
def test_a_hand_over_that_reaches_nobody_else_asks_nobody_and_renews_nothing(
    to: cast.Player,
) -> None:
    night = Night().opens().acts(10, cast.GUARD, "in_charge").hands_over(40, cast.GUARD, to)
    assert night.said("charge.confirm_asked") == []
    assert night.incident.charge is not None
    assert night.incident.charge.last_act_at == night.at(10)
