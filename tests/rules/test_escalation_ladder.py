"""Who is called when, while nobody is in charge?"""

import pytest

from tests import cast
from tests.builders import a_duty, a_policy, a_step
from tests.rules.night import Night, an_incident
from tocsin.decisions.rules.incident import Kind
from tocsin.registry.rules.usual import usual_sos, walk_before

EVERYBODY = {"Dara", "Gus", "Lea"}


def test_everybody_on_duty_is_called_at_once_and_the_one_who_pressed_never() -> None:
    assert Night().opens().calls == [(0, "sos", EVERYBODY)]


def test_each_step_begins_at_its_own_second() -> None:
    night = Night().opens().until(60)
    assert night.said("step.begun") == [0, 30, 60]
    assert night.called("sos") == [(0, EVERYBODY), (30, {"Lea"}), (60, {"Sefa"})]


def test_when_the_ladder_is_used_up_everybody_is_called_again_and_again() -> None:
    night = Night(an_incident(policy=a_policy(repeat_after_s=20))).opens().until(130)
    assert night.said("incident.unanswered") == [80, 100, 120]
    assert night.called("sos_again")[0] == (80, {*EVERYBODY, "Sefa"})
    assert night.incident.nobody_answered


def test_a_step_with_nobody_on_duty_is_skipped_at_once_and_said() -> None:
    ladder = a_policy(a_step("role:nurse"), a_step(offset_s=30), a_step("shift_lead", offset_s=45))
    night = Night(an_incident(policy=ladder)).opens().until(20)
    assert night.said("step.skipped") == [0]
    assert [(second, who) for second, _, who in night.calls[:2]] == [
        (0, EVERYBODY),
        (10, EVERYBODY),
    ]
    assert night.incident.unheard == {0}
    assert night.until(50).said("step.begun") == [0, 15]


def test_a_last_step_with_nobody_on_duty_is_skipped_and_the_rest_called_again() -> None:
    ladder = a_policy(a_step(), a_step("role:nurse", offset_s=30), repeat_after_s=60)
    night = Night(an_incident(policy=ladder)).opens().until(60)
    assert night.said("step.skipped") == [30]
    assert night.said("incident.unanswered") == [60]


def test_what_rang_nobody_is_remembered_until_everybody_could_be_called_again() -> None:
    ladder = a_policy(a_step(), a_step("role:nurse", offset_s=30), repeat_after_s=60)
    night = Night(an_incident(policy=ladder)).opens().until(59)
    assert night.incident.unheard == {1}
    assert night.until(60).incident.unheard == frozenset()


def test_a_walk_without_a_watcher_has_no_step_that_others_must_hear_of() -> None:
    walk = walk_before(usual_sos(cast.HARBOUR.id))
    night = Night(an_incident(policy=walk, kind=Kind.WALK)).opens().until(30)
    assert night.said("step.skipped")
    assert night.incident.unheard == frozenset()


def test_with_nobody_on_duty_at_all_the_incident_still_says_so_again_and_again() -> None:
    night = Night(on_duty=(a_duty(cast.PROTECTED),), people={}).opens().until(130)
    assert night.said("step.skipped") == [0, 0, 0]
    assert night.said("incident.unanswered") == [60, 120]
    assert night.incident.unheard == {0, 1, 2, 3}


def test_after_a_restart_every_overdue_step_goes_out_at_once_and_in_order() -> None:
    night = Night().opens().late(75)
    assert [(second, who) for second, who in night.called("sos") if second == 75] == [
        (75, {"Lea"}),
        (75, {"Sefa"}),
    ]


def test_an_hour_without_an_engine_is_one_call_more_and_not_sixty() -> None:
    night = Night().opens().until(70).late(3_700)
    assert night.said("call.unclaimed") == [10, 70, 3_700]
    assert night.said("incident.unanswered") == [3_700]


def test_a_clock_set_forward_a_year_skips_and_doubles_no_step() -> None:
    night = Night().opens().late(31_536_000)
    assert night.said("step.begun") == [0, 31_536_000, 31_536_000]


def test_a_clock_set_back_a_year_leaves_the_next_step_where_it_was() -> None:
    night = Night().opens()
    night.acts(-31_536_000, cast.GUARD, "seen")
    assert night.said("step.begun") == [0]
    assert night.until(30).said("step.begun") == [0, 30]


def test_nobody_is_called_whom_she_ruled_out() -> None:
    kept_out = frozenset({cast.DISPATCHER.id})
    assert Night(kept_out=kept_out).opens().calls == [(0, "sos", {"Gus", "Lea"})]


# --- the emergency call ---------------------------------------------------------------------------


def test_an_emergency_call_that_nobody_owns_is_said_after_ten_seconds_and_every_minute() -> None:
    night = Night().opens().until(131)
    assert night.called("call_unclaimed") == [
        (10, EVERYBODY),
        (70, EVERYBODY | {"Sefa"}),
        (130, EVERYBODY | {"Sefa"}),
    ]


def test_a_person_who_calls_ends_the_line_about_the_unclaimed_call() -> None:
    night = Night().opens().acts(8, cast.DISPATCHER, "calling").until(200)
    assert night.said("call.unclaimed") == []
    assert night.said("step.begun") == [0, 30, 60]


def test_whoever_gives_the_call_back_starts_its_ten_seconds_anew() -> None:
    night = Night().opens().acts(8, cast.DISPATCHER, "calling")
    night.acts(20, cast.DISPATCHER, "cannot").until(40)
    assert night.said("call.unclaimed") == [30]


def test_somebody_in_charge_does_not_own_the_emergency_call() -> None:
    night = Night().opens().acts(5, cast.GUARD, "in_charge").until(12)
    assert night.said("call.unclaimed") == [10]


# --- walks ----------------------------------------------------------------------------------------


def a_walk_that_asks() -> Night:
    incident = an_incident(
        kind=Kind.WALK,
        policy=walk_before(usual_sos(cast.HARBOUR.id)),
        watcher_id=cast.SAFETY_LEAD.id,
    )
    return Night(incident, watcher_id=cast.SAFETY_LEAD.id)


def test_an_overdue_walk_asks_her_then_the_watcher_then_everybody() -> None:
    night = a_walk_that_asks().opens().until(25)
    assert night.calls == [
        (0, "walk_asked", {"Wren"}),
        (10, "walk_watcher", {"Sefa"}),
        (20, "walk_overdue", EVERYBODY),
    ]


def test_an_emergency_call_is_missed_only_once_everybody_was_called() -> None:
    assert a_walk_that_asks().opens().until(40).said("call.unclaimed") == [30]


def test_an_sos_skips_the_walks_ladder() -> None:
    night = a_walk_that_asks().opens().presses(3)
    assert night.calls[1] == (3, "sos", EVERYBODY)


def test_duress_skips_the_walks_ladder_silently() -> None:
    night = a_walk_that_asks().opens().cancels(3, under_duress=True)
    assert night.calls[1] == (3, "sos", EVERYBODY)
    assert night.incident.is_silent


@pytest.mark.guarantee("I5")
@pytest.mark.parametrize("is_duress", [False, True], ids=["SOS", "duress code"])
def test_an_sos_in_a_walk_calls_everybody_though_her_watcher_is_in_charge(is_duress: bool) -> None:
    night = a_walk_that_asks().opens().until(10).acts(15, cast.SAFETY_LEAD, "in_charge")
    if is_duress:
        night.cancels(30, under_duress=True)
    else:
        night.presses(30)
    assert (30, "confirm_charge", {"Sefa"}) in night.calls
    assert (30, "sos", EVERYBODY | {"Sefa"}) in night.calls
    assert night.until(41).said("call.unclaimed") == [40]


# --- proofs and drills ----------------------------------------------------------------------------


def test_a_proof_asks_once_and_ends_by_itself() -> None:
    policy = a_policy(a_step(), deadline_s=300)
    night = Night(an_incident(kind=Kind.PROOF, is_drill=True, policy=policy)).opens().until(9_999)
    assert night.calls == [(0, "proof", EVERYBODY)]
    assert night.said("incident.stood_down") == [300]


@pytest.mark.parametrize(("is_drill", "ends"), [(True, [9]), (False, [15])])
def test_a_drill_needs_one_to_be_over_and_a_real_one_two(is_drill: bool, ends: list[float]) -> None:
    night = Night(an_incident(is_drill=is_drill)).opens()
    night.acts(9, cast.GUARD, "over").acts(12, cast.GUARD, "over").acts(15, cast.SHIFT_LEAD, "over")
    assert night.said("incident.stood_down") == ends
