"""Whom does a wave pass over, and is it said?"""

from dataclasses import replace
from typing import Any

import pytest

from tests import cast
from tests.builders import AT, a_contact, a_duty, a_person, a_policy, a_step, some_facts
from tests.rules.night import an_incident
from tests.snapshots import SeededIds
from tocsin.decisions.rules.incident import Kind
from tocsin.flow.decide import decide
from tocsin.notifications.rules.delivery import Delivery, State, is_left_out
from tocsin.notifications.rules.figures import figures
from tocsin.notifications.rules.happenings import Opened
from tocsin.registry.rules.contacts import Contact, SafeRule
from tocsin.registry.rules.policy import EMERGENCY_CALL_CENTRE

GUS = cast.GUARD.id
SCREEN = a_contact("live")
NEVER = a_contact("sms", verified_at=None)
ASLEEP = a_contact("sms", safe=SafeRule(zone="UTC", weekdays=frozenset()))
ANOTHER = a_contact("sms", safe=SafeRule(zone="UTC", only_owner_answers=False))
TAKEN_AWAY = a_contact("sms", revoked_at=AT)


def opened(*ways: Contact, policy: Any = None, **facts: Any) -> list[Delivery]:
    people = some_facts().people | {GUS: a_person(cast.GUARD, contacts=ways)}
    sos = an_incident(policy=policy or a_policy(a_step()))
    change = decide(sos, Opened(), some_facts(people=people, **facts), AT, ids=SeededIds("out"))
    return [d for d in change.deliveries if d.person_id == GUS]


def why(*ways: Contact, **facts: Any) -> list[tuple[str, str]]:
    return [(d.channel, d.error) for d in opened(*ways, **facts) if is_left_out(d)]


@pytest.mark.guarantee("I2")
def test_whoever_is_on_duty_and_has_no_way_at_all_is_said_to_be_left_out() -> None:
    (said,) = opened()
    assert (said.channel, said.error, said.state) == ("", "no_way", State.FAILED)
    assert (said.attempt, said.sent_at, said.ended_at) == (0, None, AT)


@pytest.mark.parametrize(
    ("way", "said"),
    [
        (NEVER, ("sms", "not_verified")),
        (ASLEEP, ("sms", "outside_hours")),
        # Who reads along at home is nobody's to read.
        (ANOTHER, ("sms", "not_usable")),
        # He may have taken it away: that it is known at all is said to nobody.
        (TAKEN_AWAY, ("", "no_way")),
    ],
)
def test_a_way_that_may_not_be_used_is_said_with_its_reason(way: Contact, said: tuple[str, str]) -> None:  # fmt: skip
    assert why(way) == [said]


def test_a_screen_before_which_nobody_may_sit_hides_no_reason() -> None:
    assert why(SCREEN, NEVER) == [("sms", "not_verified")]
    assert why(SCREEN, TAKEN_AWAY) == []


def test_whoever_is_called_is_not_left_out_for_another_way() -> None:
    assert why(a_contact("email"), NEVER) == []


def test_a_call_taker_at_her_position_is_said_not_to_be_rung() -> None:
    duty = (a_duty(cast.GUARD, at_position=True),)
    assert why(NEVER, on_duty=duty, site_kind=EMERGENCY_CALL_CENTRE) == [("", "at_position")]
    assert why(SCREEN, NEVER, on_duty=duty, site_kind=EMERGENCY_CALL_CENTRE) == []


def test_a_step_that_is_skipped_says_whom_it_did_not_reach() -> None:
    assert why(policy=a_policy(a_step("role:guard"))) == [("", "no_way")]


@pytest.mark.guarantee("I11")
def test_whoever_must_not_hear_of_it_is_not_said_to_be_left_out() -> None:
    assert opened(kept_out=frozenset({GUS})) == []


def test_she_has_no_notice_of_what_nothing_was_sent_to_her_about() -> None:
    people = some_facts().people | {cast.PROTECTED.id: a_person(cast.PROTECTED, contacts=())}
    policy = a_policy(a_step("herself", "everyone_on_duty"))
    seen = replace(an_incident(policy=policy), kind=Kind.POSSIBLE_BREACH, case_ids=(SeededIds("case").uuid(),))  # fmt: skip
    change = decide(seen, Opened(), some_facts(people=people), AT, ids=SeededIds("notice"))
    assert change.incident is not None
    assert (change.has_notice, change.incident.her_notice_at) == (False, None)


def test_the_figures_of_a_drill_count_whom_nothing_went_out_to() -> None:
    found = figures(AT, [], opened())
    assert (found.told, found.left_out, found.reached) == (1, 1, 0)
    assert [d.error for d in found.not_reached[GUS]] == ["no_way"]
    assert figures(AT, [], opened(SCREEN, NEVER)).left_out == 0
