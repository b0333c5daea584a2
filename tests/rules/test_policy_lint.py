"""Does the linter say what a ladder would miss, and when?"""

from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests import cast
from tests.builders import (
    a_contact,
    a_person,
    a_policy,
    a_shift,
    a_step,
    contacts_of,
    utc,
)
from tocsin.registry.rules.contacts import SafeRule
from tocsin.registry.rules.findings import ERROR, said
from tocsin.registry.rules.policy import EMERGENCY_CALL_CENTRE, Person, Post, Team
from tocsin.registry.rules.policy_lint import Workplace, lint

SIX, MIDNIGHT = utc("2026-11-05 18:00"), utc("2026-11-06 00:00")
CHICAGO = ZoneInfo("America/Chicago")


def a_workplace(*shifts, **changes):
    """Return a place where Gus, Dara and Lea work all evening, or these shifts hold."""
    values = {
        "shifts": shifts
        or [
            a_shift(player, "2026-11-05 12:00", "2026-11-06 06:00")
            for player in (cast.GUARD, cast.DISPATCHER, cast.SHIFT_LEAD)
        ],
        "people": {player.id: a_person(player) for player in cast.COLLEAGUES},
        "teams": {cast.NIGHT_TEAM: Team(id=cast.NIGHT_TEAM, members=(cast.GUARD.id,))},
        "posts": {cast.FRONT_DOOR: Post(id=cast.FRONT_DOOR)},
        "names": {player.id: player.short_name for player in cast.COLLEAGUES},
    }
    return Workplace(**values | changes)


def found(policy=None, workplace=None):
    return lint(policy or a_policy(), workplace or a_workplace(), starts_at=SIX, ends_at=MIDNIGHT)


def codes(policy=None, workplace=None):
    return {finding.code for finding in found(policy, workplace)}


def only(code, policy=None, workplace=None):
    """Return the findings with this code."""
    return [finding for finding in found(policy, workplace) if finding.code == code]


def test_a_covered_evening_has_nothing_wrong_with_it():
    assert found(a_policy(a_step("role:guard"), a_step(offset_s=30))) == ()


def test_a_step_that_only_calls_again_those_called_before_is_said():
    policy = a_policy(a_step(), a_step("shift_lead", offset_s=30))
    (finding,) = found(policy)
    assert (finding.code, finding.path) == ("same_members", "steps[1].who")
    assert finding.words == "Step 2 never calls anybody whom step 1 has not called."


def test_a_gap_of_an_hour_is_an_error_with_its_time():
    workplace = a_workplace(
        a_shift(cast.GUARD, "2026-11-05 12:00", "2026-11-05 21:00"),
        a_shift(cast.SHIFT_LEAD, "2026-11-05 22:00", "2026-11-06 06:00"),
    )
    (gap,) = only("nobody", a_policy(a_step()), workplace)
    assert (gap.level, gap.starts_at, gap.ends_at) == (
        ERROR,
        utc("2026-11-05 21:00"),
        utc("2026-11-05 22:00"),
    )
    assert said(gap, CHICAGO) == (
        "Thu 5 Nov 2026 15:00 CST to Thu 5 Nov 2026 16:00 CST:"
        " Nobody would be called at all. (steps)"
    )


def test_a_roster_without_anybody_is_an_error_for_the_whole_time():
    (gap,) = only("nobody", a_policy(a_step()), a_workplace(shifts=[]))
    assert (gap.starts_at, gap.ends_at) == (SIX, MIDNIGHT)


def test_a_time_that_hangs_on_one_person_is_said_with_the_name():
    workplace = a_workplace(a_shift(cast.GUARD, "2026-11-05 12:00", "2026-11-06 06:00"))
    (alone,) = only("one_person", a_policy(a_step()), workplace)
    assert alone.words.startswith("Only Gus would be called")


def test_a_selector_with_nobody_in_it_is_said_with_its_place_and_time():
    policy = a_policy(a_step("everyone_on_duty", "role:medic"))
    (empty,) = only("empty", policy)
    assert (empty.path, empty.starts_at, empty.ends_at) == ("steps[0].who[1]", SIX, MIDNIGHT)
    assert empty.words == "Step 1: role:medic calls nobody."


def test_a_step_that_would_be_skipped_is_said():
    assert "skipped" in codes(a_policy(a_step(), a_step("role:medic", offset_s=30)))


@pytest.mark.parametrize("who", ["herself", "watcher", "manager"])
def test_nothing_is_said_about_people_who_depend_on_who_presses(who):
    assert not codes(a_policy(a_step(), a_step(who, offset_s=30))) & {"empty", "skipped"}


def test_a_quorum_that_so_few_people_can_never_reach_is_said():
    assert "quorum_unreachable" not in codes(a_policy(a_step(quorum=3)))
    (finding,) = only("quorum_unreachable", a_policy(a_step(quorum=4)))
    assert finding.words == "4 people are asked for and 3 can be called: it never rests."


def test_a_time_with_fewer_reachable_people_than_the_policy_asks_for_is_uncovered():
    assert "uncovered" not in codes(a_policy(required_proven=3))
    (finding,) = only("uncovered", a_policy(required_proven=4))
    assert finding.words == "3 of 4 people are on duty and can be rung."


def test_call_takers_at_their_positions_cover_nothing():
    sitting = [
        a_shift(player, "2026-11-05 12:00", "2026-11-06 06:00", at_position=True)
        for player in (cast.DISPATCHER, cast.PROTECTED)
    ]
    centre = a_workplace(*sitting, site_kind=EMERGENCY_CALL_CENTRE)
    assert {"uncovered", "skipped", "nobody"} <= codes(a_policy(a_step()), centre)
    assert "uncovered" not in codes(a_policy(a_step()), a_workplace(*sitting))


def test_a_person_on_duty_without_a_verified_way_to_be_reached_is_named():
    people = a_workplace().people | {cast.GUARD.id: Person(id=cast.GUARD.id)}
    (finding,) = only("no_contact", workplace=a_workplace(people=people))
    assert finding.words == "Gus has no verified way to be reached."


def test_a_number_for_calls_reaches_nobody_as_long_as_nothing_calls():
    workplace = with_contacts(a_contact("voice"))
    assert {"nobody", "no_contact", "uncovered"} <= codes(workplace=workplace)
    workplace = with_contacts(a_contact("voice"), a_contact("sms", id=cast.number(0x77)))
    assert not {"nobody", "no_contact", "uncovered"} & codes(workplace=workplace)


def test_a_person_on_the_roster_who_left_is_an_error():
    people = {who: person for who, person in a_workplace().people.items() if who != cast.GUARD.id}
    (finding,) = only("unknown_person", workplace=a_workplace(people=people))
    assert finding.level == ERROR


@pytest.mark.parametrize("kind", ["team", "post", "person"])
def test_a_selector_for_something_that_was_removed_is_an_error(kind):
    policy = a_policy(a_step("everyone_on_duty", f"{kind}:{cast.number(0xDEAD)}"))
    (finding,) = only("unknown", policy)
    assert (finding.level, finding.path) == (ERROR, "steps[0].who[1]")


def with_contacts(*contacts):
    """Return the evening with everybody reachable by these contact methods only."""
    return a_workplace(people={p.id: a_person(p, contacts=contacts) for p in cast.COLLEAGUES})


def test_one_channel_or_one_provider_for_everybody_is_said():
    push, text = a_contact("webpush", provider="acme"), a_contact("sms", provider="acme")
    other = a_contact("sms", provider="other")
    assert "one_channel" in codes(workplace=with_contacts(a_contact("live"), text))
    assert "one_provider" in codes(workplace=with_contacts(push, text))
    assert "screens_only" in codes(workplace=with_contacts(a_contact("live")))
    assert not codes(workplace=with_contacts(push, other)) & {
        "one_channel",
        "one_provider",
        "screens_only",
    }


def test_hours_that_a_contact_method_is_not_safe_in_are_uncovered():
    rule = SafeRule(zone="America/Chicago", start=time(6), end=time(15))
    workplace = with_contacts(a_contact("sms", safe=rule))
    (finding,) = only("uncovered", workplace=workplace)
    assert (finding.starts_at, finding.ends_at) == (utc("2026-11-05 21:00"), MIDNIGHT)


@pytest.mark.parametrize(
    ("night", "safe", "uncovered"),
    [
        # 01:30 comes twice, and between its two times it is before half past one once more.
        ("2026-11-01", (time(1, 30), time(6)), [("04:00", "06:30"), ("07:00", "07:30")]),
        ("2026-11-01", (time(18), time(1, 30)), [("06:30", "07:00"), ("07:30", "11:00")]),
        # 02:30 never comes: the clock goes from two to three.
        ("2026-03-08", (time(2, 30), time(6)), [("04:00", "08:00")]),
        ("2026-03-08", (time(18), time(2, 30)), [("08:00", "11:00")]),
    ],
)
def test_the_nights_on_which_the_clock_is_changed_hide_no_hour_that_is_not_safe(
    night, safe, uncovered
):
    rule = SafeRule(zone="America/Chicago", start=safe[0], end=safe[1])
    shift = a_shift(cast.GUARD, f"{night} 02:00", f"{night} 12:00")
    people = {cast.GUARD.id: a_person(contacts=(a_contact("sms", safe=rule),))}
    starts_at, ends_at = utc(f"{night} 04:00"), utc(f"{night} 11:00")
    place = a_workplace(shift, people=people)
    spans = [
        (f"{one.starts_at:%H:%M}", f"{one.ends_at:%H:%M}")
        for one in lint(a_policy(a_step()), place, starts_at=starts_at, ends_at=ends_at)
        if one.code == "nobody"
    ]
    assert spans == uncovered


def test_everyone_on_duty_being_somewhere_else_is_said():
    away = [
        a_shift(player, "2026-11-05 12:00", "2026-11-06 06:00", site_id=None)
        for player in (cast.GUARD, cast.SHIFT_LEAD)
    ]
    here = a_shift(cast.DISPATCHER, "2026-11-05 12:00", "2026-11-05 20:00")
    (finding,) = only("nobody_at_site", workplace=a_workplace(*away, here))
    assert finding.starts_at == utc("2026-11-05 20:00")


def test_ways_that_come_only_after_the_next_call_are_said():
    def policy(deadline_s):
        last = a_step("shift_lead", offset_s=30, reach="in_order")
        return a_policy(a_step(), last, deadline_s=deadline_s, repeat_after_s=60)

    assert len(contacts_of(cast.GUARD)) == 3
    assert "late_contact" not in codes(policy(deadline_s=29))
    (finding,) = only("late_contact", policy(deadline_s=30))
    assert finding.words.endswith("only 2 of up to 3 come before the next call.")


def test_errors_come_first():
    workplace = a_workplace(a_shift(cast.GUARD, "2026-11-05 12:00", "2026-11-05 21:00"))
    levels = [finding.level for finding in found(a_policy(a_step()), workplace)]
    assert levels == sorted(levels)
    assert {"error", "warning"} == set(levels)


def test_a_window_of_more_than_92_days_is_refused():
    far = SIX + timedelta(days=92)
    lint(a_policy(), a_workplace(), starts_at=SIX, ends_at=far)
    with pytest.raises(ValueError, match="92 days"):
        lint(a_policy(), a_workplace(), starts_at=SIX, ends_at=far + timedelta(seconds=1))
