"""An incident with a respondent, told by the second: she first, the door, the compare, the SOS that joins, custody."""

from dataclasses import replace
from typing import Any

import pytest

from tests import cast
from tests.builders import a_policy, a_step
from tests.rules.night import Night, an_incident
from tocsin.decisions.rules.incident import Doing, Kind, Shown, strength
from tocsin.decisions.rules.level import Level, sighting_policy
from tocsin.decisions.rules.progress import from_progress, to_progress
from tocsin.decisions.rules.said import Said
from tocsin.notifications.rules.happenings import (
    Cancelled,
    Compared,
    DecidedAnew,
    Located,
    Opened,
    RaisedAgain,
    SeenAgain,
)
from tocsin.notifications.rules.respondent import MAX_SITES
from tocsin.registry.rules.policy import Post

CASE, OTHER, ORDER = cast.number(0x701), cast.number(0x702), cast.number(0x703)
SOS = a_policy(a_step(), a_step("role:safety_lead", offset_s=60), repeat_after_s=60)
HERS = frozenset({"Wren"})
ALL = {"Dara", "Gus", "Lea"}


def said(kind: Kind, case: Any = CASE, *, served: bool = True) -> tuple[Said, ...]:
    """Return what an order and the house rule of a case said, if that makes it a sighting of this kind."""
    service = ("served",) if served else ("not_served",)
    because = ("valid, served",) if served else ("valid, not served",)
    rule = ("house_rule",) if kind is Kind.HOUSE_RULE else ()
    if kind is Kind.POSSIBLE_BREACH:
        return Said(case, ORDER, service, because), Said(case, None)
    return Said(case, ORDER, (), ("order not valid", "ended")), Said(case, None, rule)


def ladder(level: Level) -> Any:
    """Return the ladder of this level."""
    return sighting_policy(level, SOS, [cast.FRONT_DOOR], has_her=True)


def a_night(kind: Kind = Kind.POSSIBLE_BREACH, *, sure: bool = True, **changes: Any) -> Night:
    """Return the night of one sighting, opened."""
    level = Level.TELL if kind is Kind.INFORM else Level.NOW if sure else Level.CHECK
    must = sure and kind is not Kind.INFORM
    values: dict[str, Any] = {
        "kind": kind,
        "policy": ladder(level),
        "raised_count": 0,
        "last_raised_at": None,
        "case_ids": (CASE,),
        "not_located": frozenset({CASE} if must else ()),
        "is_confirmed": sure,
        "said": said(kind),
        "told_of": {strength(kind, is_confirmed=sure): Night.at(0)},
    }
    night = Night(
        an_incident(**values | changes), posts={cast.FRONT_DOOR: Post(id=cast.FRONT_DOOR)}
    )
    return night.happens(0, Opened())


def seen(kind: Kind = Kind.POSSIBLE_BREACH, *, sure: bool = True, case: Any = CASE) -> SeenAgain:
    """Return one more sighting."""
    level = Level.TELL if kind is Kind.INFORM else Level.NOW if sure else Level.CHECK
    return SeenAgain(case, kind, sure, said(kind, case), ladder(level), cast.HARBOUR.id)


def test_she_is_told_first_then_everybody_to_keep_away() -> None:
    night = a_night()
    assert night.calls[:2] == [(0, "sighting_her", {"Wren"}), (0, "sighting", ALL)]
    assert night.incident.emergency_from == Night.at(0)


def test_the_emergency_call_is_owned_as_for_an_sos() -> None:
    assert a_night().until(11).called("call_unclaimed")
    assert not a_night(sure=False).until(300).called("call_unclaimed")
    assert not a_night(Kind.INFORM).until(300).called("call_unclaimed")


@pytest.mark.guarantee("I14")
def test_a_possible_match_goes_to_the_door_then_to_everybody_then_to_her() -> None:
    night = a_night(sure=False).until(61)
    assert night.called("sighting_check")[:2] == [(0, {"Lea"}), (20, ALL)]
    assert night.called("sighting_her") == [(60, {"Wren"})]
    assert not night.called("sighting")


@pytest.mark.guarantee("I14")
def test_of_his_monitor_that_may_be_near_people_are_asked_to_look_where_and_not_who_it_is() -> None:
    night = a_night(sure=False, is_only_where=True).until(61)
    assert night.called("sighting_where")[:2] == [(0, {"Lea"}), (20, ALL)]
    assert not night.called("sighting_check")


@pytest.mark.guarantee("I14")
@pytest.mark.parametrize("first", [False, True])
def test_whoever_else_may_be_he_has_to_be_compared_whatever_the_monitor_says(first: bool) -> None:
    night = a_night(sure=False, is_only_where=first)
    night.happens(15, replace(seen(sure=False), is_only_where=not first))
    assert not night.incident.is_only_where
    assert night.called("sighting_where" if not first else "sighting_check")[-1][0] == 15


@pytest.mark.guarantee("I14")
def test_confirmed_it_begins_as_if_it_had_been_certain() -> None:
    night = a_night(sure=False)
    night.happens(8, Compared(cast.GUARD.id, CASE, True, ladder(Level.NOW)))
    assert night.calls[-2:] == [(8, "sighting_her", {"Wren"}), (8, "sighting", ALL)]
    assert night.incident.not_located == {CASE}
    assert night.said("sighting.confirmed") == [8]


@pytest.mark.guarantee("I14")
def test_confirmed_by_the_one_in_charge_everybody_is_called_all_the_same() -> None:
    night = a_night(sure=False).acts(3, cast.GUARD, "in_charge")
    night.happens(8, Compared(cast.GUARD.id, CASE, True, ladder(Level.NOW)))
    assert night.called("sighting_her") == [(8, {"Wren"})]
    assert night.called("sighting") == [(8, ALL)]
    assert night.incident.emergency_from == Night.at(8)


def test_dismissed_as_the_only_thing_in_it_it_ends() -> None:
    night = a_night(sure=False)
    night.happens(8, Compared(cast.GUARD.id, CASE, False, ladder(Level.NOW), ends_it=True))
    assert not night.incident.is_open


def test_a_dismissal_ends_nothing_that_is_certain_or_that_she_pressed_in() -> None:
    dismissal = Compared(cast.GUARD.id, CASE, False, ladder(Level.NOW), ends_it=True)
    assert a_night().happens(8, dismissal).incident.is_open
    assert a_night(sure=False).presses(4).happens(8, dismissal).incident.is_open


def test_neither_she_nor_a_party_compares() -> None:
    night = a_night(sure=False, is_about_place=False)
    assert (
        night.happens(
            5, Compared(cast.PROTECTED.id, CASE, True, ladder(Level.NOW))
        ).incident.is_confirmed
        is False
    )
    night.facts = replace(night.facts, kept_out=frozenset({cast.RESPONDENT.id}))
    night.happens(6, Compared(cast.RESPONDENT.id, CASE, False, ladder(Level.NOW), ends_it=True))
    assert night.incident.is_open


def test_seen_again_calls_again_at_most_every_ten_seconds() -> None:
    night = a_night()
    night.happens(5, seen()).happens(9, seen()).happens(10, seen()).happens(12, seen())
    assert night.called("sighting_again") == [(10, ALL)]
    assert night.said("incident.seen_again") == [5, 9, 10, 12]


def test_a_sighting_that_was_begun_before_the_last_call_and_decided_after_it_calls_nobody_twice() -> (
    None
):
    # A slow database: its transaction began first, and waited for the other one's.
    night = a_night()
    night.happens(12, seen()).happens(11.9, seen()).happens(8, seen())
    assert night.called("sighting_again") == [(12, ALL)]


def test_a_graver_sighting_begins_the_graver_ladder() -> None:
    night = a_night(Kind.INFORM).happens(4, seen())
    assert night.incident.kind is Kind.POSSIBLE_BREACH
    assert night.called("sighting_her") == [(4, {"Wren"})]
    assert night.called("sighting") == [(4, ALL)]


def test_a_certain_one_after_a_possible_one_of_the_same_kind_confirms_it() -> None:
    night = a_night(sure=False).happens(4, seen())
    assert night.incident.is_confirmed
    assert night.called("sighting") == [(4, ALL)]


@pytest.mark.guarantee("I14")
def test_a_possible_one_after_a_certain_one_is_told_as_possible() -> None:
    night = a_night().happens(15, seen(sure=False, case=OTHER))
    assert night.called("sighting_check") == [(15, {"Lea"})]
    assert night.incident.not_located == {CASE}
    assert night.incident.case_ids == (CASE, OTHER)


@pytest.mark.guarantee("I5")
def test_her_first_press_in_it_calls_everybody_however_soon() -> None:
    night = a_night().presses(2)
    assert night.called("sos") == [(2, ALL)]
    assert night.presses(5).called("sos_again") == []
    assert night.presses(13).called("sos_again") == [(13, ALL)]


@pytest.mark.guarantee("I5")
def test_a_sighting_in_her_sos_calls_everybody_to_keep_away() -> None:
    night = Night().happens(0, Opened()).happens(5, seen())
    assert night.incident.kind is Kind.SOS
    assert night.called("sighting") == [(5, ALL)]
    assert night.incident.not_located == {CASE}


@pytest.mark.guarantee("I22")
def test_after_a_silent_press_the_ladder_of_a_sighting_does_not_ring_her() -> None:
    night = a_night(sure=False).presses(5, silent=True).until(120)
    assert not night.called("sighting_her")
    night.happens(130, Compared(cast.GUARD.id, CASE, True, ladder(Level.NOW)))
    assert all(who != {"Wren"} for _, _, who in night.calls)


@pytest.mark.guarantee("I22")
def test_after_a_silent_press_what_is_confirmed_rings_her_not_though_somebody_is_in_charge() -> (
    None
):
    night = a_night(sure=False).presses(5, silent=True).acts(8, cast.SHIFT_LEAD, "in_charge")
    night.happens(12, Compared(cast.GUARD.id, CASE, True, ladder(Level.NOW)))
    assert night.called("sighting") == [(12, ALL)]
    assert all("Wren" not in who for _, _, who in night.calls)


@pytest.mark.guarantee("I16")
def test_seen_once_more_in_her_sos_whoever_comes_hears_it_though_she_is_on_no_roster() -> None:
    night = Night().happens(0, Opened()).happens(5, seen())
    night.acts(8, cast.SAFETY_LEAD, "going").happens(20, seen())
    assert night.called("sighting_again") == [(20, ALL | {cast.SAFETY_LEAD.short_name})]


@pytest.mark.guarantee("I9")
def test_her_code_withdraws_her_sos_and_not_what_was_seen() -> None:
    true, duress = a_night().presses(3), a_night().presses(3)
    true.cancels(9)
    duress.cancels(9, under_duress=True)
    assert true.incident.is_open
    assert true.incident.shown is duress.incident.shown is Shown.CANCELLED
    assert true.incident.cancelled_keys == duress.incident.cancelled_keys
    assert true.incident.keys == duress.incident.keys == ()


def test_her_code_takes_back_the_call_that_her_last_press_was_owed_and_no_newer_press_s() -> None:
    pressed = a_night().until(1).presses(3).presses(6)
    assert pressed.incident.is_again_owed
    assert pressed.cancels(9).until(40).called("sos_again") == []
    pressed.until(59).presses(60).presses(64).until(71)
    assert [second for second, _ in pressed.called("sos_again")] == [60, 70]


@pytest.mark.guarantee("I5")
def test_a_call_that_is_owed_goes_out_after_a_code_for_an_older_press_or_one_that_is_forced() -> (
    None
):
    late = a_night().presses(3).happens(6, RaisedAgain(False, key="key-00000002"))
    late.happens(9, Cancelled(under_duress=False, of="key-00000001"))
    assert late.until(14).called("sos_again") == [(13, ALL)]
    forced = a_night().presses(3).cancels(5, under_duress=True).presses(8).cancels(9)
    assert forced.until(16).called("sos_again") == [(15, ALL)]


@pytest.mark.guarantee("I20")
def test_not_located_ends_with_custody_alone() -> None:
    night = a_night()
    for second, who in ((5, cast.GUARD), (6, cast.SHIFT_LEAD)):
        night.acts(second, who, "over")
    assert not night.incident.is_open
    assert night.incident.closed_how == "2 people said it is over; not located"
    assert night.called("stood_down_not_located") == [(6, ALL)]
    assert night.incident.not_located == {CASE}
    night.happens(900, Located(cast.SAFETY_LEAD.id, CASE, "jail"))
    assert night.incident.not_located == frozenset()
    assert night.said("incident.located") == [900]


def test_what_only_informs_is_closed_by_one_who_has_read_it() -> None:
    night = a_night(Kind.INFORM).acts(5, cast.GUARD, Doing.OVER.value)
    assert not night.incident.is_open
    assert not a_night().acts(5, cast.GUARD, "over").incident.closed_at


@pytest.mark.guarantee("I16")
def test_the_people_of_a_place_act_although_its_owner_stands_in_for_it() -> None:
    night = a_night(is_about_place=True, person_id=cast.SHIFT_LEAD.id)
    night.acts(4, cast.SHIFT_LEAD, "in_charge")
    assert night.incident.charge is not None


def test_its_state_is_written_and_read_as_it_was() -> None:
    incident = a_night(sure=False).happens(4, seen(case=OTHER)).incident
    columns = {
        name: getattr(incident, name)
        for name in (
            "id", "organisation_id", "site_id", "person_id", "walk_id", "word", "kind", "is_drill", "is_about_place",
            "key", "opened_at", "closed_at", "closed_how", "version",
        )
    }  # fmt: skip
    assert from_progress(columns, incident.policy, to_progress(incident)) == incident


@pytest.mark.guarantee("I17")
@pytest.mark.parametrize(
    ("kind", "said_over"), [(Kind.POSSIBLE_BREACH, frozenset()), (Kind.INFORM, {cast.GUARD.id})]
)
def test_who_said_over_before_he_was_seen_again_did_not_speak_of_that(
    kind: Kind, said_over: set[Any]
) -> None:
    night = a_night().acts(5, cast.GUARD, "over").happens(30, seen(kind))
    assert night.incident.over == said_over


@pytest.mark.guarantee("I17")
@pytest.mark.parametrize("pressed", [False, True])
def test_a_doubtful_reading_makes_a_confirmed_incident_no_less_certain(*, pressed: bool) -> None:
    night = a_night(Kind.HOUSE_RULE).until(5)
    night = night.presses(6) if pressed else night
    night.happens(20, seen(sure=False, case=OTHER))
    assert night.incident.kind is Kind.POSSIBLE_BREACH
    assert night.called("sighting_check") == [(20, {"Lea"})]
    night.acts(30, cast.GUARD, "over")
    assert night.incident.is_open
    assert night.until(120).called("call_unclaimed")
    assert not night.acts(130, cast.SHIFT_LEAD, "over").incident.is_open


@pytest.mark.guarantee("I3")
@pytest.mark.guarantee("I17")
def test_a_certain_one_of_a_lesser_kind_makes_a_doubtful_incident_certain() -> None:
    night = a_night(sure=False).until(5).happens(15, seen(Kind.HOUSE_RULE))
    assert (night.incident.kind, night.incident.is_confirmed) == (Kind.POSSIBLE_BREACH, True)
    assert night.called("sighting_her") == [(15, {"Wren"})]
    assert night.called("sighting") == [(15, ALL)]
    assert night.until(26).called("call_unclaimed")
    assert night.acts(30, cast.GUARD, "over").incident.is_open


@pytest.mark.guarantee("I13")
def test_that_he_was_certainly_here_when_nothing_forbade_it_confirms_no_breach() -> None:
    before = a_night(Kind.INFORM).happens(4, seen(sure=False))
    after = a_night(sure=False).happens(15, seen(Kind.INFORM))
    for night in (before, after):
        assert (night.incident.kind, night.incident.is_confirmed) == (Kind.POSSIBLE_BREACH, False)
        assert not night.until(120).called("call_unclaimed")


def her_sos() -> Night:
    """Return the night in which Wren pressed and a possible match came twenty seconds later."""
    night = Night(an_incident(), posts={cast.FRONT_DOOR: Post(id=cast.FRONT_DOOR)})
    return night.happens(0, Opened()).happens(20, seen(sure=False))


@pytest.mark.guarantee("I16")
def test_a_certain_reading_seconds_after_a_possible_one_is_told_in_her_sos() -> None:
    night = her_sos().happens(24, seen()).happens(33, seen()).happens(34, seen())
    assert night.called("sighting_check") == [(20, {"Lea"})]
    assert night.called("sighting") == [(24, ALL)]
    assert night.called("sighting_again") == [(34, ALL)]


@pytest.mark.guarantee("I16")
def test_that_a_person_compared_and_it_is_he_is_told_in_her_sos() -> None:
    it_is_he = Compared(cast.GUARD.id, CASE, True, ladder(Level.NOW))
    night = her_sos().acts(30, cast.SHIFT_LEAD, "over").happens(40, it_is_he)
    assert night.called("sighting") == [(40, ALL)]
    assert night.incident.not_located == {CASE}
    # Who said *over* while it was only possible did not speak of this.
    assert night.incident.over == frozenset()
    assert not night.called("sighting_her")


def test_a_second_reading_that_a_person_confirms_is_told_as_seen_again() -> None:
    night = a_night().happens(15, seen(sure=False, case=OTHER))
    night.happens(21, Compared(cast.GUARD.id, OTHER, True, ladder(Level.NOW)))
    assert night.called("sighting_again") == [(21, ALL)]
    assert night.incident.not_located == {CASE, OTHER}


@pytest.mark.guarantee("I16")
def test_a_graver_sighting_after_she_pressed_keeps_people_away_and_asks_her_nothing() -> None:
    night = a_night(Kind.HOUSE_RULE).presses(4).happens(20, seen(case=OTHER)).until(30)
    assert night.incident.kind is Kind.POSSIBLE_BREACH
    assert night.called("sighting_again") == [(20, ALL)]
    assert not night.called("walk_asked")


def anew(
    kind: Kind = Kind.POSSIBLE_BREACH, *, sure: bool = True, served: bool = True, free: bool = True
) -> DecidedAnew:
    """Return what he was seen doing, decided by what is known since."""
    again = replace(seen(kind, sure=sure), said=said(kind, served=served))
    return DecidedAnew(again, counts_as_free=free)


@pytest.mark.guarantee("I17")
def test_an_order_that_begins_to_count_while_he_is_there_acts_at_once() -> None:
    night = a_night(Kind.INFORM).acts(20, cast.GUARD, "seen").happens(40, anew())
    assert (night.incident.kind, night.incident.is_confirmed) == (Kind.POSSIBLE_BREACH, True)
    assert night.called("sighting_her") == [(40, {"Wren"})]
    assert night.called("sighting") == [(40, ALL)]
    assert night.incident.not_located == {CASE}
    assert night.said("incident.seen_again") == []
    assert night.until(51).called("call_unclaimed")


def test_one_who_is_held_by_now_is_not_missed_anew() -> None:
    assert a_night(Kind.INFORM).happens(40, anew(free=False)).incident.not_located == frozenset()


def test_decided_as_it_was_nothing_is_written() -> None:
    night = a_night().happens(40, anew())
    assert night.said("incident.decided_anew") == []


@pytest.mark.guarantee("I17")
def test_an_order_that_counts_no_more_lowers_nothing_and_is_noted_once() -> None:
    night = a_night().acts(20, cast.GUARD, "over")
    night.happens(40, anew(Kind.INFORM)).happens(55, anew(Kind.INFORM))
    assert (night.incident.kind, night.incident.is_confirmed) == (Kind.POSSIBLE_BREACH, True)
    assert night.incident.police == ("possible_breach", "no_longer")
    assert night.said("incident.decided_anew") == [40]
    assert night.called("sighting_again") == []
    assert night.incident.is_open
    assert night.incident.over == {cast.GUARD.id}


@pytest.mark.guarantee("I15")
def test_served_while_he_is_there_the_words_for_police_are_replaced() -> None:
    night = a_night(said=said(Kind.POSSIBLE_BREACH, served=False)).happens(40, anew())
    assert night.incident.police == ("possible_breach", "served")
    assert night.incident.because == ("valid, served",)


def test_codes_that_an_older_version_kept_stay_beside_what_comes_since() -> None:
    night = a_night(said=(), police=("possible_breach", "firearm_mark"), because=("valid, served",))
    night.happens(15, seen(case=OTHER))
    assert night.incident.police == ("possible_breach", "firearm_mark", "served")
    night.happens(30, seen())
    assert night.incident.police == ("possible_breach", "served")


@pytest.mark.guarantee("I13")
def test_a_comparison_in_her_sos_of_what_nothing_forbids_calls_no_one_to_lock() -> None:
    night = Night(an_incident(), posts={cast.FRONT_DOOR: Post(id=cast.FRONT_DOOR)})
    night.happens(0, Opened()).happens(20, seen(Kind.INFORM, sure=False))
    night.happens(40, Compared(cast.GUARD.id, CASE, True, ladder(Level.TELL)))
    assert night.called("sighting") == []
    assert night.incident.not_located == frozenset()


def test_of_more_sites_than_are_kept_the_first_and_the_latest_hear_of_it() -> None:
    each = tuple(cast.number(0x900 + n) for n in range(MAX_SITES))
    night = a_night(also_sites=each[:-1])
    night.happens(10, replace(seen(), site_id=each[-1]))
    assert night.incident.also_sites == each
    now_at = cast.number(0x999)
    night.happens(20, replace(seen(), site_id=now_at))
    assert night.incident.also_sites == (each[0], *each[2:], now_at)


@pytest.mark.parametrize("n", [20, 21, 150])
def test_however_many_cases_protect_her_each_is_in_it_until_he_is_located(n: int) -> None:
    *between, last = (cast.number(0x900 + i) for i in range(n - 1))
    each = (CASE, *between, last)
    night = a_night()
    for second, case in enumerate(between, 10):
        night.happens(second, seen(case=case))
    night.happens(200, seen(Kind.INFORM, case=last))
    assert (night.incident.case_ids, night.incident.not_located) == (each, frozenset(each[:-1]))
    # Its order begins to count: as of the first, he is not located until somebody says where he is held.
    night.happens(210, DecidedAnew(seen(case=last), counts_as_free=True))
    assert night.incident.not_located == frozenset(each)
    for second, case in enumerate(each, 220):
        night.happens(second, Located(cast.SAFETY_LEAD.id, case, "the jail's office"))
    assert night.incident.not_located == frozenset()
