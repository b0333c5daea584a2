"""What does the doctor say of a site: is it covered now and in the next 24 hours, and would everybody be reached?"""

from zoneinfo import ZoneInfo

from tests import cast
from tests.builders import a_person, a_policy, a_shift, a_step, utc
from tocsin.registry.rules.cover_check import Said, judge_site
from tocsin.registry.rules.findings import error, warning
from tocsin.registry.rules.policy import Policy, Team
from tocsin.registry.rules.policy_lint import Workplace
from tocsin.registry.rules.roster_check import UNPLANNABLE

SIX = utc("2026-11-05 18:00")
ALL_DAY = ("2026-11-05 12:00", "2026-11-07 06:00")
CHICAGO = ZoneInfo("America/Chicago")
PLAYERS = (cast.GUARD, cast.DISPATCHER, cast.SHIFT_LEAD)
LADDER = a_policy(a_step("role:guard"), a_step(offset_s=30))
FOR_24 = " now and for the next 24 hours"


def a_place(*shifts, people=None, teams=None):
    players = {player.id: a_person(player) for player in cast.COLLEAGUES}
    return Workplace(
        shifts=shifts or [a_shift(player, *ALL_DAY) for player in PLAYERS],
        people=players if people is None else people,
        teams=teams or {},
        names={player.id: player.short_name for player in cast.COLLEAGUES},
    )


def said(place: Workplace, policy: Policy = LADDER, roster=()) -> tuple[Said, ...]:
    return judge_site(policy, place, roster, at=SIX, zone=CHICAGO)


def words(place: Workplace, policy: Policy = LADDER, roster=()) -> list[str]:
    return [one.words for one in said(place, policy, roster)]


def test_a_site_that_is_covered_and_reached_has_nothing_to_mend():
    assert said(a_place()) == ()


def test_a_site_where_nobody_would_be_called_now_is_wrong():
    place = a_place(a_shift(cast.GUARD, "2026-11-06 12:00", "2026-11-06 18:00"), people={})
    first = said(place, a_policy(a_step()))[0]
    assert first == Said(f"nobody would be called at all{FOR_24}", is_wrong=True)


def test_a_site_where_nobody_would_be_called_later_is_no_fault_yet_and_says_from_when():
    shifts = [a_shift(player, "2026-11-05 12:00", "2026-11-06 06:00") for player in PLAYERS]
    found = said(a_place(*shifts), a_policy(a_step()))
    later = " from Fri 00:00 CST, for 12 h 00 min of the next 24 hours"
    assert Said(f"nobody would be called at all{later}") in found
    asked = "fewer people than the policy asks for are on duty and can be rung"
    assert Said(asked + later) in found


def test_too_few_now_are_told_with_how_long_that_lasts():
    shifts = [a_shift(cast.GUARD, *ALL_DAY), a_shift(cast.DISPATCHER, "2026-11-05 19:30", ALL_DAY[1])]  # fmt: skip
    policy = a_policy(a_step("role:guard"), a_step(offset_s=30), required_proven=2)
    asked = "fewer people than the policy asks for are on duty and can be rung"
    assert f"{asked} now, for 1 h 30 min of the next 24 hours" in words(a_place(*shifts), policy)


def test_steps_that_call_nobody_are_told_by_their_numbers():
    team = f"team:{cast.NIGHT_TEAM}"
    policy = a_policy(a_step(), a_step(team, offset_s=30), a_step("role:nurse", offset_s=60))
    teams = {cast.NIGHT_TEAM: Team(id=cast.NIGHT_TEAM, members=())}
    assert f"steps 2, 3: nobody is called{FOR_24}" in words(a_place(teams=teams), policy)
    assert "step 2: what is named is not there any more" in words(a_place(), policy)
    policy = a_policy(a_step("everyone_on_duty", "role:nurse"))
    assert f"step 1: a part of it calls nobody{FOR_24}" in words(a_place(), policy)


def test_people_who_cannot_be_reached_are_counted():
    mute = {player.id: a_person(player, contacts=()) for player in (cast.GUARD, cast.DISPATCHER)}
    everybody = {player.id: a_person(player) for player in cast.COLLEAGUES} | mute
    has = "who would be called have no verified way to be reached"
    assert f"2 people {has}" in words(a_place(people=everybody))


def test_a_roster_that_cannot_be_planned_is_wrong_and_a_line_left_out_is_not():
    whole = error(UNPLANNABLE, "roster", "The shifts of this roster cannot be planned.")
    line = error("no_person", "overrides[0]", "There is no such person.")
    assert said(a_place(), roster=[whole])[0].is_wrong
    [left_out] = said(a_place(), roster=[line, warning("overlap", "roster", "Twice on duty.")])
    assert left_out == Said("its roster has 1 fault for which a line is left out")


def test_nobody_is_named_and_no_id_is_said():
    mute = {player.id: a_person(player, contacts=()) for player in cast.COLLEAGUES}
    policy = a_policy(a_step(f"person:{cast.GUARD.id}"), a_step(f"team:{cast.NIGHT_TEAM}", offset_s=30))  # fmt: skip
    text = " ".join(words(a_place(people=mute), policy) + words(a_place(a_shift(cast.GUARD, *ALL_DAY)), policy))  # fmt: skip
    assert text
    for player in cast.COLLEAGUES:
        assert player.short_name not in text
        assert str(player.id) not in text
    assert str(cast.NIGHT_TEAM) not in text
