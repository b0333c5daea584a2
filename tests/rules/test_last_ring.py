"""Who is called when everybody on duty is kept from her, by a case of hers or because she ruled them out?"""

from typing import Final
from uuid import UUID

import pytest

from tests import cast
from tests.builders import a_person, a_policy, a_step
from tests.rules.night import Night, an_incident
from tocsin.decisions.rules.incident import Grade, Incident, Kind, Shown, grade

ON_DUTY: Final = frozenset({cast.DISPATCHER.id, cast.GUARD.id, cast.SHIFT_LEAD.id})
DUTY_ALONE: Final = a_policy(a_step(), a_step("shift_lead", offset_s=30), repeat_after_s=600)
ROLES: Final = {cast.SAFETY_LEAD.id: {"safety_lead"}, cast.RESPONDENT.id: {"manager"}}


def a_night(kept_out: frozenset[UUID], incident: Incident | None = None) -> Night:
    """Return a night with a policy that calls who is on duty alone; Sefa and Rex lead, elsewhere or at home."""
    people = {
        player.id: a_person(player, roles=frozenset(ROLES.get(player.id, ())))
        for player in cast.COLLEAGUES
    }
    return Night(incident or an_incident(policy=DUTY_ALONE), kept_out=kept_out, people=people)


def test_where_everybody_on_duty_is_kept_from_her_every_other_lead_is_called_at_once() -> None:
    night = a_night(ON_DUTY).opens().until(9)
    assert night.called("sos") == [(0, {"Sefa", "Rex"})]


@pytest.mark.guarantee("I15")
def test_the_record_says_that_they_are_called_instead_and_unanswered_only_once_they_had_their_time() -> (
    None
):
    night = a_night(ON_DUTY).opens().until(1_300)
    assert night.said("incident.called_instead") == [0]
    assert night.said("incident.unanswered") == [600, 1_200]
    assert not a_night(frozenset()).opens().until(1_300).said("incident.called_instead")


def test_no_lead_who_is_kept_from_her_is_called_in_their_place() -> None:
    kept_out = ON_DUTY | {cast.SAFETY_LEAD.id}
    night = a_night(kept_out).opens().until(1_300)
    assert night.called("sos") == [(0, {"Rex"})]
    assert night.called("sos_again") == [(600, {"Rex"}), (1_200, {"Rex"})]
    assert night.called("call_unclaimed")[0] == (10, {"Rex"})


def test_while_anybody_on_duty_can_be_called_no_other_lead_is_woken() -> None:
    kept_out = ON_DUTY - {cast.GUARD.id}
    night = a_night(kept_out).opens().until(1_300)
    assert {name for _, _, who in night.calls for name in who} == {"Gus"}


def test_the_leads_who_were_called_instead_hear_that_she_pressed_again_and_that_it_is_over() -> (
    None
):
    night = a_night(ON_DUTY).opens().presses(20)
    assert night.called("sos_again") == [(20, {"Sefa", "Rex"})]
    night.acts(30, cast.SAFETY_LEAD, "in_charge").cancels(40)
    assert night.called("stood_down") == [(40, {"Sefa", "Rex"})]


def test_that_nobody_on_duty_could_be_called_stays_known_when_others_were() -> None:
    night = a_night(ON_DUTY).opens().until(1_300)
    assert night.incident.unheard == {0, 1}


def test_with_every_lead_kept_from_her_too_it_says_so_again_and_again() -> None:
    everybody = frozenset(player.id for player in cast.EVERYBODY)
    night = a_night(everybody).opens().until(1_300)
    assert night.said("incident.unanswered") == [600, 1_200]
    assert night.incident.unheard == {0, 1, 2}


def test_for_a_sighting_that_nobody_has_compared_no_lead_is_woken() -> None:
    seen = an_incident(
        policy=DUTY_ALONE, kind=Kind.POSSIBLE_BREACH, is_confirmed=False, raised_count=0
    )
    assert a_night(ON_DUTY, seen).opens().until(700).calls == [(600, "sighting_check", set())]


@pytest.mark.parametrize(
    ("kind", "unanswered"),
    [(Kind.PROOF, []), (Kind.GAP, []), (Kind.LOOK, []), (Kind.POSSIBLE_BREACH, [600])],
)
def test_what_needs_no_emergency_call_and_reaches_nobody_is_no_sooner_unanswered_for_who_is_on_duty(
    kind: Kind, unanswered: list[float]
) -> None:
    nobody = a_policy(a_step("role:nurse"), repeat_after_s=600)
    asked = an_incident(policy=nobody, kind=kind, is_confirmed=False, raised_count=0)
    night = a_night(frozenset(), asked).opens().until(700)
    assert night.said("incident.unanswered") == unanswered
    assert {name for _, _, who in night.calls for name in who} == set()


@pytest.mark.guarantee("I15")
def test_where_nobody_can_be_called_at_all_her_phone_says_so_and_a_silent_one_does_not() -> None:
    everybody = frozenset(player.id for player in cast.EVERYBODY)
    loud = a_night(everybody).opens()
    assert grade(loud.incident, was_sent=False) == Grade("unheard")
    assert grade(loud.until(700).incident, was_sent=False) == Grade("unheard")
    silent = a_night(everybody, an_incident(policy=DUTY_ALONE, shown=Shown.STORED)).opens()
    assert grade(silent.incident, was_sent=False) == Grade("stored")


def test_where_the_leads_are_called_instead_her_phone_says_how_far_it_went() -> None:
    night = a_night(ON_DUTY).opens()
    assert grade(night.incident, was_sent=False) == Grade("stored")
    assert grade(night.incident, was_sent=True) == Grade("sent")
