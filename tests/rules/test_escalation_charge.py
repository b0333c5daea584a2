"""What do people do about it, and what does that stop?"""

import pytest

from tests import cast
from tests.builders import a_policy, a_step
from tests.rules.night import Night, an_incident

EVERYBODY = {"Dara", "Gus", "Lea"}
NOT_CHARGE = ("seen", "calling", "going", "there", "locking", "watching", "over", "cannot")


def owned(**policy: int) -> Night:
    """Return a night in which Gus took charge ten seconds after the SOS."""
    night = Night(an_incident(policy=a_policy(**policy))).opens()
    return night.acts(10, cast.GUARD, "in_charge")


def test_taking_charge_stops_escalation_for_everyone() -> None:
    assert owned().acts(11, cast.DISPATCHER, "calling").until(150).said("step.begun") == [0]


@pytest.mark.parametrize("doing", NOT_CHARGE)
def test_nothing_else_stops_it(doing: str) -> None:
    night = Night().opens().acts(5, cast.GUARD, doing).until(61)
    assert night.said("step.begun") == [0, 30, 60]


@pytest.mark.parametrize("doing", [d for d in NOT_CHARGE if d != "cannot"])
def test_whatever_the_one_in_charge_says_next_calls_nobody(doing: str) -> None:
    """Her *over* waits for a second person; it must not begin the steps that she has kept waiting (seed 2393)."""
    assert owned().acts(45, cast.GUARD, doing).until(90).said("step.begun") == [0]


def test_a_receipt_is_no_answer() -> None:
    """There is no happening for a receipt: only acts of people reach the rule."""
    assert Night().opens().until(61).said("step.begun") == [0, 30, 60]


def test_with_a_quorum_of_two_one_in_charge_is_not_enough() -> None:
    ladder = a_policy(a_step(quorum=2), a_step("shift_lead", offset_s=30), repeat_after_s=60)
    night = Night(an_incident(policy=ladder)).opens().acts(5, cast.GUARD, "in_charge")
    assert night.until(31).said("step.begun") == [0, 30]
    night.acts(40, cast.DISPATCHER, "going").until(140)
    assert night.said("incident.unanswered") == []


def test_an_owner_silent_for_confirm_every_s_was_asked_once_and_lapses() -> None:
    night = owned(confirm_every_s=120).until(131)
    assert night.called("confirm_charge") == [(70, {"Gus"})]
    assert night.said("charge.lapsed") == [130]
    assert night.called("sos")[-1] == (130, EVERYBODY)
    assert night.incident.charge is None


def test_any_act_of_the_owner_renews_it() -> None:
    night = owned(confirm_every_s=120).acts(60, cast.GUARD, "there").until(170)
    assert night.said("charge.confirm_asked") == [120]
    assert night.said("charge.lapsed") == []
    assert night.said("charge.confirmed") == []


@pytest.mark.parametrize("doing", ["in_charge", "there", "seen"])
def test_what_the_owner_does_after_she_was_asked_is_on_record_as_her_word(doing: str) -> None:
    night = owned(confirm_every_s=120).until(71).acts(75, cast.GUARD, doing)
    night.acts(80, cast.GUARD, "there")
    assert night.said("charge.confirm_asked") == [70]
    assert night.said("charge.confirmed") == [75]


def test_only_the_owner_confirms_and_neither_another_nor_who_takes_over_does() -> None:
    night = owned(confirm_every_s=120).until(71).acts(75, cast.SHIFT_LEAD, "going")
    night.acts(80, cast.SHIFT_LEAD, "in_charge")
    assert night.said("charge.confirmed") == []
    assert night.said("charge.handed_over") == [80]


def test_an_act_of_somebody_else_does_not_renew_it() -> None:
    night = owned(confirm_every_s=120).acts(60, cast.SHIFT_LEAD, "going").until(131)
    assert night.said("charge.lapsed") == [130]


def test_an_owner_who_was_asked_late_still_has_time_to_answer() -> None:
    night = owned(confirm_every_s=120).late(1_000)
    assert night.said("charge.confirm_asked") == [1_000]
    assert night.until(1_031).said("charge.lapsed") == [1_030]


def test_after_a_lapse_everybody_is_called_at_once_also_in_a_walk() -> None:
    ladder = a_policy(a_step("herself"), a_step("watcher", offset_s=10), a_step(offset_s=20))
    night = Night(an_incident(policy=ladder)).opens().acts(25, cast.GUARD, "in_charge")
    night.until(326)
    assert night.said("charge.lapsed") == [325]
    assert night.calls[-1][::2] == (325, EVERYBODY)


def test_cannot_gives_the_charge_back_and_everybody_is_called_again_at_once() -> None:
    night = owned().acts(40, cast.GUARD, "cannot")
    assert night.incident.charge is None
    assert night.calls[-1] == (40, "sos", EVERYBODY)


def test_a_later_in_charge_takes_over_and_that_is_on_record() -> None:
    night = owned().acts(20, cast.SHIFT_LEAD, "in_charge")
    assert night.incident.charge is not None
    assert night.incident.charge.person_id == cast.SHIFT_LEAD.id
    assert night.said("charge.handed_over") == [20]


def test_a_hand_over_asks_the_other_and_leaves_no_gap() -> None:
    night = owned().hands_over(20, cast.GUARD, cast.SHIFT_LEAD)
    assert night.called("hand_over") == [(20, {"Lea"})]
    assert night.incident.charge is not None
    assert night.incident.charge.person_id == cast.GUARD.id


def test_whoever_asked_another_to_take_charge_hears_that_she_cannot_and_hears_it_once() -> None:
    night = owned().hands_over(20, cast.GUARD, cast.SHIFT_LEAD)
    night.acts(22, cast.GUARD, "calling").acts(25, cast.DISPATCHER, "cannot")
    night.acts(30, cast.SHIFT_LEAD, "cannot").acts(31, cast.SHIFT_LEAD, "cannot")
    assert night.called("hand_over_declined") == [(30, {"Gus"})]
    assert night.incident.charge is not None
    assert night.incident.charge.person_id == cast.GUARD.id


@pytest.mark.parametrize("doing", ["in_charge", "cannot"])
def test_whoever_took_it_back_or_gave_it_up_since_is_told_of_no_refusal(doing: str) -> None:
    night = owned().hands_over(20, cast.GUARD, cast.SHIFT_LEAD).acts(25, cast.GUARD, doing)
    assert night.acts(30, cast.SHIFT_LEAD, "cannot").called("hand_over_declined") == []


@pytest.mark.parametrize(
    ("by", "to"),
    [(cast.SHIFT_LEAD, cast.GUARD), (cast.GUARD, cast.PROTECTED)],
    ids=["not hers to give", "not to the one who pressed"],
)
def test_a_hand_over_that_may_not_be_changes_nothing(by: cast.Player, to: cast.Player) -> None:
    night = owned()
    before = night.calls[:]
    assert night.hands_over(20, by, to).calls == before


def test_neither_she_nor_whom_she_ruled_out_can_act_on_it() -> None:
    night = Night(kept_out=frozenset({cast.GUARD.id})).opens()
    night.acts(5, cast.PROTECTED, "in_charge").acts(6, cast.GUARD, "in_charge")
    assert (night.incident.charge, night.incident.seen_by) == (None, frozenset())


# --- she presses again ----------------------------------------------------------------------------


def test_the_second_press_within_ten_seconds_counts_and_calls_everybody_when_they_are_over() -> (
    None
):
    night = Night().opens().presses(4).presses(6)
    assert night.incident.raised_count == 3
    assert night.until(9.9).called("sos_again") == []
    assert night.until(29).called("sos_again") == [(10, EVERYBODY)]


def test_what_people_do_when_the_ten_seconds_are_over_makes_the_call_and_it_is_made_once() -> None:
    night = Night().opens().presses(4).acts(12, cast.GUARD, "going")
    assert night.until(25).called("sos_again") == [(12, EVERYBODY)]


def test_a_press_after_the_ten_seconds_is_called_with_the_one_that_waited() -> None:
    assert Night().opens().presses(4).presses(11).until(20).called("sos_again") == [(11, EVERYBODY)]


def test_whoever_is_in_charge_is_asked_at_once_by_a_press_that_calls_the_others_later() -> None:
    night = owned(confirm_every_s=120).presses(20).presses(24)
    assert night.called("confirm_charge") == [(20, {"Gus"})]
    assert night.until(31).called("sos_again") == [(20, EVERYBODY), (30, EVERYBODY)]


def test_a_press_that_waits_calls_nobody_once_it_is_over_or_her_duress_code_has_called() -> None:
    assert Night().opens().presses(4).cancels(6).until(30).called("sos_again") == []
    forced = Night().opens().presses(4).cancels(6, under_duress=True).until(30)
    assert forced.called("duress") == [(6, EVERYBODY)]
    assert forced.called("sos_again") == []


def test_the_second_press_after_ten_seconds_calls_everybody_again() -> None:
    assert Night().opens().presses(10).called("sos_again") == [(10, EVERYBODY)]


def test_presses_in_quick_succession_call_everybody_every_ten_seconds_at_most() -> None:
    night = Night().opens()
    for second in range(2, 30, 3):
        night.until(second).presses(second)
    called = [second for second, _ in night.until(59).called("sos_again")]
    assert [second for second in called if second < 45] == [10, 20, 30]


def test_a_press_after_the_clock_was_set_back_is_not_swallowed() -> None:
    assert Night().opens().presses(-3_600).called("sos_again") == [(-3_600, EVERYBODY)]


def test_a_press_makes_the_owner_confirm_again() -> None:
    night = owned(confirm_every_s=120).presses(20)
    assert night.called("confirm_charge") == [(20, {"Gus"})]
    assert night.until(81).said("charge.lapsed") == [80]


def test_a_silent_press_makes_a_loud_incident_silent_and_never_the_other_way() -> None:
    night = Night().opens().presses(4, silent=True)
    assert night.incident.is_silent
    assert night.presses(20).incident.is_silent


# --- the end --------------------------------------------------------------------------------------


def test_her_code_stands_it_down_and_everybody_hears() -> None:
    night = Night().opens().cancels(20)
    assert night.stopped == [20]
    assert night.called("stood_down") == [(20, EVERYBODY)]
    assert not night.incident.is_open


def test_a_duress_cancel_calls_everybody_and_stops_nothing() -> None:
    night = Night().opens().cancels(20, under_duress=True)
    assert (night.stopped, night.incident.is_open) == ([], True)
    assert night.called("duress") == [(20, EVERYBODY)]


def test_closed_incidents_never_change() -> None:
    night = Night().opens().cancels(20)
    over, calls = night.incident, night.calls[:]
    night.presses(30).acts(31, cast.GUARD, "in_charge").cancels(32).late(9_999)
    assert (night.incident, night.calls) == (over, calls)


def test_time_of_an_incident_never_goes_back() -> None:
    night = owned().acts(-500, cast.GUARD, "there")
    assert night.incident.charge is not None
    assert night.incident.charge.last_act_at == night.at(10)
