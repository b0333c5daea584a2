"""When is she asked about her walk?"""

from datetime import timedelta

import pytest

from tests import cast
from tests.builders import AT, a_policy, a_step
from tocsin.registry.rules.policy import MAX_STEPS
from tocsin.registry.rules.usual import usual_sos, walk_before
from tocsin.signals.rules.walk import Walk, ended, extended, overdue

WALK = Walk(
    id=cast.number(0x71),
    organisation_id=cast.HARBOUR_EMS,
    person_id=cast.PROTECTED.id,
    site_id=cast.HARBOUR.id,
    watcher_id=cast.GUARD.id,
    key="walk-0001",
    state="open",
    started_at=AT,
    timer_s=60,
    timer_set_at=AT,
)


def test_she_is_asked_when_her_timer_runs_out() -> None:
    assert WALK.due_at == AT + timedelta(seconds=60)


def test_extending_runs_the_timer_anew_from_now_also_after_she_was_asked() -> None:
    again = extended(overdue(WALK), 30, AT + timedelta(seconds=70))
    assert (again.state, again.due_at) == ("open", AT + timedelta(seconds=100))


@pytest.mark.parametrize(
    ("asked", "given"), [(9, 10), (10, 10), (14_400, 14_400), (14_401, 14_400)]
)
def test_a_timer_runs_from_ten_seconds_to_four_hours(asked: int, given: int) -> None:
    assert extended(WALK, asked, AT).timer_s == given


def test_an_overdue_walk_is_still_under_way_and_an_ended_one_is_not() -> None:
    assert overdue(WALK).is_open
    done = ended(WALK, "her code", AT)
    assert (done.is_open, done.state, done.ended_how) == (False, "ended", "her code")


def test_the_ladder_of_a_walk_is_hers_then_the_watchers_then_the_sites() -> None:
    ladder = walk_before(usual_sos(cast.HARBOUR.id)).steps
    assert [(step.offset_s, step.who[0]) for step in ladder] == [
        (0, "herself"),
        (10, "watcher"),
        (20, "everyone_on_duty"),
        (50, "role:safety_lead"),
    ]


def test_the_fullest_ladder_keeps_its_last_step() -> None:
    full = a_policy(*(a_step(offset_s=10 * n) for n in range(MAX_STEPS)))
    assert [step.offset_s for step in walk_before(full).steps[2:]] == [
        20 + 10 * n for n in range(MAX_STEPS)
    ]
