"""Who is called at a step?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import cast
from tests.builders import a_contact, a_duty, a_person, a_step, some_facts
from tocsin.registry.rules.contacts import NEVER_VERIFIED
from tocsin.registry.rules.policy import (
    EMERGENCY_CALL_CENTRE,
    Post,
    Selector,
    Team,
    parse_selector,
    rings_nobody,
    select,
)

WREN, DARA, GUS, LEA, SEFA, REX = (player.id for player in cast.COLLEAGUES)


def called(*who, **facts):
    return [recipient.person_id for recipient in select(a_step(*who), some_facts(**facts))]


def test_everyone_on_duty_is_called_and_nobody_else():
    assert called() == [DARA, GUS, LEA]


def test_the_one_who_raised_it_is_called_by_herself_only():
    assert called("everyone_on_duty", "role:dispatcher", f"person:{WREN}") == [DARA, GUS, LEA]
    assert called("herself") == [WREN]


def test_whoever_must_not_know_is_called_by_no_selector():
    facts = some_facts(
        kept_out=frozenset({DARA}),
        watcher_id=DARA,
        people=some_facts().people | {WREN: a_person(cast.PROTECTED, manager_id=DARA)},
        teams={cast.NIGHT_TEAM: Team(id=cast.NIGHT_TEAM, members=(DARA,), is_rostered=False)},
    )
    step = a_step(
        "everyone_on_duty",
        "role:dispatcher",
        f"person:{DARA}",
        f"team:{cast.NIGHT_TEAM}",
        "watcher",
        "manager",
    )
    assert [recipient.person_id for recipient in select(step, facts)] == [GUS, LEA]


def test_a_role_is_whoever_has_it_on_this_shift_or_holds_it_always():
    assert called("role:guard") == [GUS]
    assert called("role:safety_lead") == [SEFA]


def test_a_rostered_team_is_its_members_on_duty_and_any_other_team_all_of_them():
    members = (GUS, SEFA)
    for is_rostered, expected in ((True, [GUS]), (False, [GUS, SEFA])):
        team = Team(id=cast.NIGHT_TEAM, members=members, is_rostered=is_rostered)
        assert called(f"team:{cast.NIGHT_TEAM}", teams={team.id: team}) == expected


def test_a_post_is_whoever_keeps_it():
    on_duty = (a_duty(cast.GUARD, post_id=cast.FRONT_DOOR), a_duty(cast.SHIFT_LEAD))
    assert called(f"post:{cast.FRONT_DOOR}", on_duty=on_duty) == [GUS]


def test_a_post_without_a_guard_is_the_shift_lead():
    posts = {cast.FRONT_DOOR: Post(id=cast.FRONT_DOOR, has_guard=False)}
    assert called(f"post:{cast.FRONT_DOOR}", posts=posts) == [LEA]
    assert called(f"post:{cast.FRONT_DOOR}") == [LEA]


def test_a_post_kept_only_by_the_one_who_pressed_is_the_shift_lead():
    on_duty = (a_duty(cast.GUARD, post_id=cast.FRONT_DOOR), a_duty(cast.SHIFT_LEAD))
    assert called(f"post:{cast.FRONT_DOOR}", on_duty=on_duty, raiser_id=GUS) == [LEA]


def test_a_post_kept_only_by_a_respondent_is_the_shift_lead():
    on_duty = (a_duty(cast.GUARD, post_id=cast.FRONT_DOOR), a_duty(cast.SHIFT_LEAD))
    assert called(f"post:{cast.FRONT_DOOR}", on_duty=on_duty, kept_out=frozenset({GUS})) == [LEA]


def test_a_manager_who_must_not_know_is_passed_over_for_the_manager_s_manager():
    people = some_facts().people | {
        WREN: a_person(cast.PROTECTED, manager_id=REX),
        REX: a_person(cast.RESPONDENT, manager_id=SEFA),
    }
    assert called("manager", people=people) == [REX]
    assert called("manager", people=people, kept_out=frozenset({REX})) == [SEFA]


def test_managers_in_a_circle_end_the_search():
    people = some_facts().people | {
        WREN: a_person(cast.PROTECTED, manager_id=REX),
        REX: a_person(cast.RESPONDENT, manager_id=REX),
    }
    assert called("manager", people=people, kept_out=frozenset({REX})) == []


def test_a_person_called_by_two_selectors_is_called_once():
    assert called("shift_lead", "everyone_on_duty", f"person:{LEA}") == [LEA, DARA, GUS]


def test_somebody_on_the_roster_who_is_no_longer_among_the_people_is_left_out():
    people = {player: person for player, person in some_facts().people.items() if player != GUS}
    assert called(people=people) == [DARA, LEA]


def at_positions():
    """Return an emergency call centre where Dara takes calls, Gus keeps the door and Lea leads."""
    return {
        "site_kind": EMERGENCY_CALL_CENTRE,
        "on_duty": (
            a_duty(cast.DISPATCHER, at_position=True),
            a_duty(cast.GUARD),
            a_duty(cast.SHIFT_LEAD, at_position=True),
        ),
    }


def test_call_takers_at_their_positions_get_the_quiet_screen_only():
    dara, gus, _ = select(a_step(), some_facts(**at_positions()))
    assert (dara.is_quiet, [contact.channel for contact in dara.contacts]) == (True, ["live"])
    assert (gus.is_quiet, len(gus.contacts)) == (False, 3)


def test_a_call_taker_who_is_named_is_rung():
    found = select(a_step("everyone_on_duty", "shift_lead"), some_facts(**at_positions()))
    assert {one.person_id: one.is_quiet for one in found} == {DARA: True, GUS: False, LEA: False}


def test_at_any_other_site_a_position_silences_nobody():
    facts = some_facts(**at_positions() | {"site_kind": "workplace"})
    assert not any(recipient.is_quiet for recipient in select(a_step(), facts))


def test_a_step_that_reaches_quiet_screens_only_rings_nobody():
    facts = at_positions() | {"on_duty": (a_duty(cast.DISPATCHER, at_position=True),)}
    assert rings_nobody(select(a_step(), some_facts(**facts)))
    assert rings_nobody(())
    assert not rings_nobody(select(a_step(), some_facts()))


def test_contact_methods_come_in_the_person_s_order_and_only_on_the_step_s_channels():
    (gus,) = select(a_step("role:guard", channels=("sms", "webpush")), some_facts())
    assert [contact.channel for contact in gus.contacts] == ["webpush", "sms"]


def test_a_contact_method_that_may_not_be_used_is_left_out_and_the_reason_said():
    unverified = a_contact("sms", verified_at=None)
    people = {GUS: a_person(contacts=(unverified, a_contact("email", order=2)))}
    (gus,) = select(a_step("role:guard"), some_facts(people=people))
    assert [contact.channel for contact in gus.contacts] == ["email"]
    assert [(left.channel, left.reason) for left in gus.left_out] == [("sms", NEVER_VERIFIED)]


def test_a_person_without_any_usable_method_is_still_named():
    (gus,) = select(a_step("role:guard"), some_facts(people={GUS: a_person(contacts=())}))
    assert gus.contacts == ()
    assert rings_nobody((gus,))


def test_a_recipient_carries_role_and_language():
    dara = select(a_step(), some_facts())[0]
    assert (dara.role, dara.language) == ("dispatcher", "es")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("everyone_on_duty", Selector("everyone_on_duty")),
        ("role:safety_lead", Selector("role", "safety_lead")),
        (f"post:{cast.FRONT_DOOR}", Selector("post", str(cast.FRONT_DOOR))),
        ("everyone", None),
        ("role:", None),
        ("role:two words", None),
        ("team:night", None),
        ("herself:1", None),
        (f"post:{{{cast.FRONT_DOOR}}}", None),
        ("", None),
    ],
)
def test_a_selector_is_one_of_nine_spellings_or_none(text, expected):
    assert parse_selector(text) == expected


PEOPLE = st.sampled_from([player.id for player in cast.COLLEAGUES])
SELECTORS = st.one_of(
    st.sampled_from(["everyone_on_duty", "watcher", "shift_lead", "manager", "role:dispatcher"]),
    PEOPLE.map(lambda person: f"person:{person}"),
    st.just(f"team:{cast.NIGHT_TEAM}"),
    st.just(f"post:{cast.FRONT_DOOR}"),
)


@given(
    who=st.lists(SELECTORS, min_size=1, max_size=6),
    raiser=PEOPLE,
    kept_out=st.frozensets(PEOPLE),
    watcher=PEOPLE,
    manager=PEOPLE,
)
def test_no_ladder_ever_calls_the_raiser_or_a_person_kept_out(
    who, raiser, kept_out, watcher, manager
):
    people = {p.id: a_person(p, manager_id=manager) for p in cast.COLLEAGUES}
    facts = some_facts(raiser_id=raiser, kept_out=kept_out, watcher_id=watcher, people=people)
    found = {recipient.person_id for recipient in select(a_step(*who), facts)}
    assert not found & (kept_out | {raiser})
