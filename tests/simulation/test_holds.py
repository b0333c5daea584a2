"""Is her walk held through bad nights, and is every engine caught that lets her go unseen?"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import pytest

from tests import cast
from tests.simulation import checks_hearing, checks_holds, checks_sending
from tests.simulation.holding import WREN, a_held_night, a_met_night, write_held, write_met
from tests.simulation.play import play
from tests.simulation.script import Do, Script
from tests.simulation.world import Shipped
from tocsin.engine import telling
from tocsin.flow import ask_to_look, look, memory_alarms, open_held_walks
from tocsin.signals.rules import hold as holds
from tocsin.signals.rules import replanning
from tocsin.signals.rules.hold import Hold, Saw, State
from tocsin.signals.rules.replanning import Replanned

SEEDS: Final = 20
MET_SEEDS: Final = 8
NIGHTLY: Final = 200
# What holds of a question too. A look ends it, and what was asked of people ends later than the night.
STILL: Final = (
    checks_sending.every_press_is_heard,
    checks_sending.every_message_goes_out_in_time,
    checks_sending.sent_means_taken,
    checks_sending.nothing_is_sent_twice,
    checks_sending.one_message_has_one_reference,
    checks_sending.what_is_over_sends_nothing,
    checks_hearing.drills_and_real_ones_are_told_apart,
    checks_hearing.nobody_hears_who_must_not,
    checks_hearing.nothing_broke,
)
Patch = pytest.MonkeyPatch


def violations(script: Script, shipped: Shipped | None = None) -> list[str]:
    history = play(script, shipped)
    every = (*checks_holds.CHECKERS, *STILL)
    return [found for checker in every for found in checker(script, history)]


def a_look(at: float, saw: str = "nothing", who: cast.Player = cast.GUARD, *, decides: bool = False) -> Do:  # fmt: skip
    return Do(at, "look", who, {"saw": saw, "decides": decides, "key": f"look-{at}"})


LOOKED = a_held_night(a_look(500.0), until=900.0, seed="looked")
LOOKED_AND_WENT = a_held_night(
    a_look(500.0),
    Do(760.0, "walk", WREN, {"key": "walk-0001", "timer_s": 600}),
    until=900.0,
    seed="went",
)
BLIND = a_held_night(a_look(500.0, "could_not"), until=700.0, seed="blind")
SWAPPED = a_held_night(
    Do(300.0, "roster", WREN, {"ends_s": 800.0, "key": "r-1"}), until=900.0, seed="swapped"
)
GLANCE = a_held_night(
    a_look(500.0, "something"),
    a_look(520.0, who=cast.DISPATCHER),
    until=700.0,
    seed="glance",
)
BACK = a_held_night(a_look(500.0), steps=[(600.0, -170.0)], until=900.0, seed="back")
PUT_OFF = a_met_night(
    Do(300.0, "roster", WREN, {"starts_s": 8_000.0, "key": "r-1"}), until=2_600.0, seed="put off"
)
NIGHTS: Final = (PUT_OFF, LOOKED, LOOKED_AND_WENT, BLIND, SWAPPED, GLANCE, BACK)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One wrong engine: what is wrong, which invariants that breaks, how it is made, on which nights it shows."""

    name: str
    breaks: tuple[str, ...]
    make: Callable[[Patch], Shipped | None]
    nights: tuple[Script, ...]


def _an_old_look_counts(patch: Patch) -> None:
    patch.setattr(holds, "lapsed", lambda hold, at: hold)
    patch.setattr(holds, "is_fresh", lambda hold, at: hold.state is State.LOOKED)


def _blind_is_a_look(patch: Patch) -> None:
    shipped = look._seen

    def seen(alarms: Any, hold: Any, made: Any, *rest: Any) -> Any:
        seeing = replace(made, saw=Saw.NOTHING) if made.saw is Saw.COULD_NOT else made
        return shipped(alarms, hold, seeing, *rest)

    patch.setattr(look, "_seen", seen)


def _clear_is_said(patch: Patch) -> None:
    shipped = holds.word_for_her
    words = {"looked": "clear"}
    patch.setattr(telling, "word_for_her", lambda hold: words.get(shipped(hold), shipped(hold)))


def _opened_twice_over_a_swap(patch: Patch) -> None:
    def replan(found: Any, known: Any, at: Any) -> Replanned:
        ats = {hold.edge_at for hold in known}
        return Replanned(tuple(e for e in found if e.at not in ats and replanning.is_time(e, at)))

    patch.setattr(replanning, "replan", replan)


def _the_respondent_is_asked(patch: Patch) -> None:
    shipped = ask_to_look.facts_for

    def facts_for(*given: Any) -> Any:
        return replace(shipped(*given), kept_out=frozenset())

    patch.setattr(ask_to_look, "facts_for", facts_for)


def _a_look_of_his_counts(patch: Patch) -> None:
    patch.setattr(memory_alarms.MemoryAlarms, "kept_out", lambda *_: frozenset())


def _a_second_glance_lifts_it(patch: Patch) -> None:
    shipped = holds.considered

    def considered(*given: Any, decides: bool = False) -> Hold:
        del decides
        return shipped(*given, decides=True)

    patch.setattr(holds, "considered", considered)


def _the_wall_clock_keeps_a_look_young(patch: Patch) -> None:
    shipped = open_held_walks.hold_due

    def hold_due(alarms: Any, organisation: Any, hold: Any, due: Any, **more: Any) -> Any:
        return shipped(alarms, organisation, hold, min(due, alarms.now()), **more)

    from tocsin.engine import engine

    patch.setitem(engine.DUE, "hold", hold_due)


def _nobody_asks_the_leads(patch: Patch) -> None:
    shipped = ask_to_look.lookers
    patch.setattr(ask_to_look, "lookers", lambda *given: shipped(*given)[:1])


def _a_start_put_off_stays_open(patch: Patch) -> None:
    patch.setattr(replanning, "_is_put_off", lambda *_: False)


def _a_start_put_off_is_let_go_at_once(patch: Patch) -> None:
    patch.setattr(replanning, "_is_put_off", lambda hold, edge, _: edge.at > hold.edge_at)


def _forgets_holds_at_start(patch: Patch) -> None:
    patch.setattr(memory_alarms.MemoryAlarms, "_waiting_holds", lambda *_: [])


HIS_LOOK = a_held_night(a_look(500.0, who=cast.RESPONDENT), until=700.0, seed="his")
NOBODY = a_held_night(until=700.0, seed="nobody")
DIED = a_held_night(a_look(500.0), crash_at=frozenset({900}), until=750.0, seed="died")
MUTANTS: Final = (
    Mutant("an old look counts", ("I20",), _an_old_look_counts, (LOOKED_AND_WENT,)),
    Mutant("blind counts as a look", ("I20",), _blind_is_a_look, (BLIND,)),
    Mutant("clear is said", ("I20",), _clear_is_said, (LOOKED,)),
    Mutant("opened twice over a swap", ("I6",), _opened_twice_over_a_swap, (SWAPPED,)),
    Mutant("the respondent is asked to look", ("I11",), _the_respondent_is_asked, (NOBODY,)),
    Mutant("a look of his counts", ("I11",), _a_look_of_his_counts, (HIS_LOOK,)),
    Mutant("a second glance lifts it", ("I14",), _a_second_glance_lifts_it, (GLANCE,)),
    Mutant("a look keeps young", ("I20",), _the_wall_clock_keeps_a_look_young, (BACK,)),
    Mutant("the leads are not asked", ("I21",), _nobody_asks_the_leads, (NOBODY,)),
    Mutant("a start put off is a missed look", ("I15",), _a_start_put_off_stays_open, (PUT_OFF,)),
    Mutant("a start put off is let go", ("I15",), _a_start_put_off_is_let_go_at_once, (PUT_OFF,)),
    Mutant("a hold has no timer", ("I15", "I20"), _forgets_holds_at_start, (LOOKED,)),
)


@pytest.mark.guarantee("I6", "I7", "I11", "I14", "I20", "I21")
@pytest.mark.parametrize("part", range(4))
def test_no_night_lets_her_go_unseen_and_says_otherwise(part: int) -> None:
    found = [
        f"held {seed}: {each}"
        for seed in range(part, SEEDS, 4)
        for each in violations(write_held(seed))[:3]
    ]
    assert found == []


@pytest.mark.guarantee("I6", "I11", "I15", "I20")
@pytest.mark.parametrize("part", range(4))
def test_no_night_of_a_start_that_is_put_off_lets_her_come_unseen(part: int) -> None:
    seeds = range(part, MET_SEEDS, 4)
    assert [f"met {s}: {v}" for s in seeds for v in violations(write_met(s))[:3]] == []


@pytest.mark.guarantee("I6")
def test_a_look_that_has_grown_too_old_is_none_for_the_next_hold_by_a_clock_that_was_set_back() -> (
    None
):
    assert violations(write_held(800_336)) == []


@pytest.mark.guarantee("I6")
def test_a_look_is_no_younger_than_the_clock_was_set_back_before_another_engine_came() -> None:
    assert violations(write_held(800_078)) == []


@pytest.mark.night
def test_no_night_of_hundreds_lets_her_go_or_come_unseen() -> None:
    seeds = range(SEEDS, SEEDS + NIGHTLY)
    found = [f"held {s}: {v}" for s in seeds for v in violations(write_held(s))[:3]]
    found += [f"met {s}: {v}" for s in seeds for v in violations(write_met(s))[:3]]
    assert found == []


@pytest.mark.parametrize("night", [*NIGHTS, HIS_LOOK, NOBODY, DIED], ids=lambda n: str(n.seed))
def test_the_shipped_engine_passes_the_nights_made_for_wrong_ones(night: Script) -> None:
    assert violations(night) == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_wrong_engine_is_caught(mutant: Mutant, monkeypatch: Patch) -> None:
    shipped = mutant.make(monkeypatch)
    found = [each for night in mutant.nights for each in violations(night, shipped)]
    names = tuple(f"{name}:" for name in mutant.breaks)
    assert any(each.startswith(names) for each in found), found[:5]
