"""Are gaps in cover said before they are needed, through deaths, outages and nights of changed clocks? (I21)"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest

from tests import cast
from tests.builders import AT
from tests.simulation import checks_cover, checks_hearing, checks_sending
from tests.simulation.covering import a_change_night, a_covered_night, on_duty, write_covered
from tests.simulation.play import play
from tests.simulation.script import Do, Script
from tocsin.engine import cover
from tocsin.flow import announce_gaps
from tocsin.registry.rules import roster, wall_time
from tocsin.registry.rules.duty import Shift

SEEDS: Final = 24
NIGHTLY: Final = 1_000
CHANGE_SEEDS: Final = 10
STILL: Final = (
    checks_sending.every_press_is_heard,
    checks_sending.sent_means_taken,
    checks_sending.nothing_is_sent_twice,
    checks_sending.one_message_has_one_reference,
    checks_hearing.nothing_broke,
)
Patch = pytest.MonkeyPatch


def violations(script: Script) -> list[str]:
    history = play(script)
    return [found for check in (*checks_cover.CHECKERS, *STILL) for found in check(script, history)]


def _shift(who: cast.Player, begins_s: float | None, ends_s: float | None) -> Any:
    return on_duty(who, AT, begins_s, ends_s)


ALWAYS: Final = tuple(_shift(who, None, None) for who in (cast.DISPATCHER, cast.SHIFT_LEAD))
TONIGHT: Final = a_covered_night((ALWAYS[0], _shift(cast.GUARD, None, 20_000.0)), seed="tonight")
RUNNING: Final = a_covered_night((ALWAYS[0], _shift(cast.GUARD, None, -3_000.0)), seed="running")
TAKEN_OUT: Final = a_covered_night(
    ALWAYS, Do(100.0, "plan", cast.SAFETY_LEAD, {"stints": ALWAYS[:1]}), seed="taken out"
)
OVERLAPPING: Final = a_covered_night(
    (
        _shift(cast.GUARD, None, 8_000.0),
        _shift(cast.GUARD, 4_000.0, None),
        _shift(cast.DISPATCHER, None, 4_000.0),
        _shift(cast.SHIFT_LEAD, 8_000.0, None),
    ),
    seed="overlapping",
)
BEGINNING: Final = a_covered_night((*ALWAYS, _shift(cast.GUARD, 150.0, None)), seed="beginning")
NIGHTS: Final = (TONIGHT, RUNNING, TAKEN_OUT, OVERLAPPING, BEGINNING)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One wrong engine: what is wrong, how it is made, on which nights it shows."""

    name: str
    make: Callable[[Patch], None]
    nights: Sequence[Script]


def _a_running_gap_is_said_every_minute(patch: Patch) -> None:
    shipped = cover.gaps

    def gaps(planned: Any, required: int, *, starts_at: Any, ends_at: Any) -> Any:
        del starts_at
        at = ends_at - cover.AHEAD
        return shipped(planned, required, starts_at=at, ends_at=ends_at)

    patch.setattr(cover, "gaps", gaps)


def _only_the_next_minutes_are_looked_at(patch: Patch) -> None:
    patch.setattr(cover, "AHEAD", timedelta(minutes=5))


def _shifts_are_counted_not_people(patch: Patch) -> None:
    shipped, numbers = cover._shift, iter(range(1, 1_000_000))

    def shift(*given: Any) -> Shift:
        return replace(shipped(*given), person_id=cast.number(0xFFF000 + next(numbers)))

    patch.setattr(cover, "_shift", shift)


def _the_first_look_is_the_last(patch: Patch) -> None:
    patch.setattr(cover, "LOOK_S", 86_400.0)


def _told_to_everybody_but_the_leads(patch: Patch) -> None:
    guards = replace(announce_gaps.LEADS, who=("role:guard", "role:dispatcher"))
    patch.setattr(announce_gaps, "LEADS", guards)


def _nobody_who_begins_is_asked(patch: Patch) -> None:
    patch.setattr(cover, "begun_shifts", lambda _: [])


MUTANTS: Final = (
    Mutant("a running gap is said every minute", _a_running_gap_is_said_every_minute, (RUNNING,)),
    Mutant("only the next minutes are looked at", _only_the_next_minutes_are_looked_at, (TONIGHT,)),
    Mutant("shifts are counted, not people", _shifts_are_counted_not_people, (OVERLAPPING,)),
    Mutant("the first look is the last", _the_first_look_is_the_last, (TAKEN_OUT,)),
    Mutant("told to everybody but the leads", _told_to_everybody_but_the_leads, (TONIGHT,)),
    Mutant("nobody who begins is asked", _nobody_who_begins_is_asked, (BEGINNING,)),
)


@pytest.mark.guarantee("I21")
@pytest.mark.parametrize("part", range(4))
def test_no_night_has_a_gap_that_was_not_said_before(part: int) -> None:
    seeds = range(part, SEEDS, 4)
    assert [f"covered {s}: {v}" for s in seeds for v in violations(write_covered(s))[:3]] == []


@pytest.mark.night
def test_no_night_of_a_thousand_has_a_gap_that_was_not_said_before() -> None:
    seeds = range(SEEDS, SEEDS + NIGHTLY)
    assert [f"covered {s}: {v}" for s in seeds for v in violations(write_covered(s))[:3]] == []


def change_violations(seed: int) -> list[str]:
    """Return what is wrong with a night in which the clocks change: somebody is on duty round the clock, so no gap."""
    script = a_change_night(seed)
    history = play(script)
    kinds = [entry.kind for _, change in history.changes() for entry in change.entries]
    gaps = kinds.count("gap.announced")
    found = [each for check in (*checks_cover.CHECKERS, *STILL) for each in check(script, history)]
    return [f"I6: {gaps} gaps in a roster round the clock"] * bool(gaps) + found


@pytest.mark.guarantee("I6", "I21")
@pytest.mark.parametrize("part", range(2))
def test_a_roster_round_the_clock_has_no_gap_in_a_night_in_which_the_clocks_change(part: int) -> None:  # fmt: skip
    seeds = range(part, CHANGE_SEEDS, 2)
    assert [f"change {s}: {v}" for s in seeds for v in change_violations(s)[:3]] == []


def _the_readings_of_the_wall_are_mixed_up(patch: Patch) -> None:
    patch.setattr(roster, "earliest", wall_time.latest)
    patch.setattr(roster, "latest", wall_time.earliest)


def _the_hour_of_the_day_before_is_taken(patch: Patch) -> None:
    def as_yesterday(wall: datetime, zone: ZoneInfo) -> datetime:
        yesterday = datetime.combine(wall.date(), time(12), zone) - timedelta(days=1)
        return wall.replace(tzinfo=UTC) - (yesterday.utcoffset() or timedelta())

    patch.setattr(roster, "latest", as_yesterday)


@pytest.mark.parametrize(
    "spoil",
    [
        _the_readings_of_the_wall_are_mixed_up,
        _the_hour_of_the_day_before_is_taken,
    ],
)
def test_a_wrong_planner_is_caught(spoil: Callable[[Patch], None], monkeypatch: Patch) -> None:
    spoil(monkeypatch)
    found = [each for seed in range(CHANGE_SEEDS) for each in change_violations(seed)]
    assert any(each.startswith("I6:") for each in found), found[:5]


@pytest.mark.parametrize("night", NIGHTS, ids=lambda night: str(night.seed))
def test_the_shipped_engine_passes_the_nights_made_for_wrong_ones(night: Script) -> None:
    assert violations(night) == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_wrong_engine_is_caught(mutant: Mutant, monkeypatch: Patch) -> None:
    mutant.make(monkeypatch)
    found = [each for night in mutant.nights for each in violations(night)]
    assert any(each.startswith("I21:") for each in found), found[:5]
