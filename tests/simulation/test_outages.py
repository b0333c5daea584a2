"""Does nobody notice that the store is away? Production's desk around the shipped engine, through outages of a minute.

In a *calm* outage (nothing else breaks, no page changes what memory cannot know) every checker of an ordinary night
holds, with no allowance for the outage. In a *rough* one the process dies as well, answers of the store are lost,
clocks are stepped and pages go on: then nothing is lost, it goes on, and repeats stay few.
"""

import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pytest

from tests import cast
from tests.builders import a_policy, a_step
from tests.simulation import checkers, checks_hearing, checks_outages, checks_sending, outages
from tests.simulation.history import History
from tests.simulation.outages import write_outage
from tests.simulation.play import play
from tests.simulation.providers import PROVIDERS
from tests.simulation.script import Do, Script, Trouble, a_quiet_night
from tests.snapshots import SeededIds
from tocsin.engine import handing_over
from tocsin.engine.brownout import Recent, SteadyDesk
from tocsin.engine.engine import Engine
from tocsin.flow.standby import Standby

CALM_SEEDS: Final = 16
ROUGH_SEEDS: Final = 16
NIGHTLY: Final = 600
STEPS_S: Final = (-60.0, -1.0, 1.0)
# What holds whatever breaks: of an incident, the ladder of a process that died in memory is nobody's ladder.
ROUGH: Final = (
    *checks_outages.CHECKERS,
    checks_sending.sent_means_taken,
    checks_sending.seen_means_a_person,
    checks_sending.every_delivery_ends,
    checks_hearing.nothing_broke,
)
Patch = pytest.MonkeyPatch


def calm(script: Script) -> list[str]:
    """Return what a calm outage breaks; the checkers are told of none."""
    history = play(script)
    found = [each for check in checks_outages.CHECKERS for each in check(script, history)]
    untold = replace(script, away=[])
    return found or checkers.violations(untold, history)


def rough(script: Script) -> list[str]:
    """Return what a rough outage breaks."""
    history = play(script)
    return [found for check in ROUGH for found in check(script, history)]


def late_again(history: History) -> list[str]:
    """Return what is wrong with how the messages went out that the dead engine held: each once, soon after the return."""
    held = {f.data["reference"] for f in history.of("send") if f.t < 12.7}
    taken = [(f.data["reference"], f.t) for f in history.of("taken")]
    found = [f"I2: {one[-8:]} was never taken" for one in held - {one for one, _ in taken}]
    found += [
        f"I2: {one[-8:]} was taken at {t:.1f}"
        for one, t in taken
        if one in held and not 20 < t < 22
    ]
    several = len([one for one, _ in taken if one in held]) > len(held)
    return [*found, *["I7: sent twice"] * several] if held else ["I2: nothing was held"]


def a_rough_outage(seed: int) -> Script:
    """Return the night of this seed, with everything else that may go wrong."""
    dice = random.Random(f"rough/{seed}")
    base = write_outage(seed)
    steps = [(dice.uniform(1, base.until * 0.9), dice.choice(STEPS_S)) for _ in range(2)]
    return replace(
        base,
        seed=f"rough-{seed}",
        pages_rest_s=0.0,
        crash=dice.choice((0.0005, 0.001, 0.004)),
        lost_bells=dice.choice((0.0, 0.1)),
        steps=sorted(steps) if dice.random() < 0.5 else [],
    )


def _night(*todo: Do, **changes: Any) -> Script:
    values: dict[str, Any] = {"away": [(20.0, 50.0)], "until": 90.0, "is_steady": True}
    script = a_quiet_night(*todo, **values | changes)
    sites = script.snapshot.sites
    with_policy = replace(sites[0], policies=(script.policy,))
    script.snapshot = replace(script.snapshot, sites=(with_policy, *sites[1:]))
    return script


def _sos(at: float, key: str, who: cast.Player = cast.PROTECTED) -> Do:
    return Do(at, "sos", who, {"key": key, "silent": False})


SOON_AGAIN: Final = a_policy(a_step(), a_step("shift_lead", offset_s=10), repeat_after_s=15)
RAISED_BEFORE: Final = _night(_sos(12.0, "sos-0001"), policy=SOON_AGAIN, seed="raised before")
RAISED_WITHOUT: Final = _night(_sos(30.0, "sos-0001"), _sos(44.0, "sos-0002", cast.GUARD), seed="raised without")  # fmt: skip
DIES_WITHOUT: Final = tuple(
    _night(_sos(30.0, "sos-0001"), crash_at=frozenset({step}), seed=f"dies at step {step}")
    for step in (386, 388, 390)
)
IN_HAND: Final = _night(_sos(19.99, "sos-0001"), seed="in hand")
# The watcher saw her leave between the last snapshot and the outage.
SEEN_TO_LEAVE: Final = _night(
    Do(3.0, "walk", cast.PROTECTED, {"key": "walk-0001", "timer_s": 15, "watcher": cast.GUARD.id}),
    Do(12.0, "confirm", cast.PROTECTED),
    away=[(14.0, 60.0)],
    seed="seen to leave",
)
WITHOUT_ITS_BELL: Final = replace(SEEN_TO_LEAVE, lost_bells=1.0, seed="seen to leave, bell lost")
# A page's drill, which no snapshot knows: it is being sent when the engine dies and the store goes away with it.
DIES_IN_MID_SEND: Final = _night(
    Do(12.0, "drill", cast.SHIFT_LEAD),
    troubles=[Trouble(provider, "hang", 11.9, 13.0) for provider in PROVIDERS.values()],
    dies_at=(12.6,),
    away=[(12.7, 20.0)],
    lost_bells=0.0,
    answers=0.0,
    until=40.0,
    seed="dies in mid-send",
)
NIGHTS: Final = (
    RAISED_BEFORE,
    RAISED_WITHOUT,
    *DIES_WITHOUT,
    IN_HAND,
    SEEN_TO_LEAVE,
    WITHOUT_ITS_BELL,
)
# 3324: what was stopped lay in hand of a provider that refused, and went out in the next outage.
FOUND: Final = (3324,)
# 2073: the clock was set back twice before a deadline, which the checker took for once.
FOUND_ROUGH: Final = (2073,)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One wrong engine: what is wrong, which invariants that breaks, how it is made, on which nights it shows."""

    name: str
    breaks: tuple[str, ...]
    make: Callable[[Patch], None]
    nights: Sequence[Script]


def _nothing_stands_by(patch: Patch) -> None:
    patch.setattr(outages, "stand_by", lambda *_: None)


def _only_the_snapshot_is_known(patch: Patch) -> None:
    patch.setattr(Recent, "all", lambda _: [])
    patch.setattr(Standby, "learn_incident", lambda *_: None)


def _memory_is_forgotten(patch: Patch) -> None:
    async def hand_over(self: SteadyDesk, memory: Standby) -> int:
        self._memory = None
        return len(memory._saved)

    patch.setattr(SteadyDesk, "_hand_over", hand_over)

    async def go_on(*_: Any) -> None:
        return None

    patch.setattr(outages, "go_on", go_on)


def _drained_without_a_store(patch: Patch) -> None:
    from tests.simulation import world

    patch.setattr(world, "mark_while_kept", lambda _is_away, mark: mark)


def _what_became_of_messages_is_forgotten(patch: Patch) -> None:
    shipped = handing_over.part_of

    def part_of(memory: Standby, saved: Any, touched: Any) -> handing_over.Part:
        del touched
        known = [one for one in saved if not hasattr(one, "outcome")]
        part = shipped(memory, known, [])
        return handing_over.Part(tuple(one for one in known if hasattr(one, "deliveries")), part.deliveries)  # fmt: skip

    from tocsin.engine import brownout

    patch.setattr(brownout, "part_of", part_of)


def _what_is_in_hand_is_taken_again(patch: Patch) -> None:
    patch.setattr(Standby, "learn_in_hand", lambda *_: None)


def _its_name_is_made_anew(patch: Patch) -> None:
    from tocsin.flow import raise_sos

    words = SeededIds("made anew")
    patch.setattr(raise_sos, "named_word", lambda _: words.word())


def _its_code_is_dealt_anew(patch: Patch) -> None:
    codes = itertools.count(100)
    patch.setattr(SeededIds, "code", lambda *_: str(next(codes)))


def _it_never_comes_back(patch: Patch) -> None:
    async def hand_over(_self: SteadyDesk, _memory: Standby) -> int:
        from tocsin.engine.desk import KEEP, StoreAwayError

        raise StoreAwayError(KEEP)

    patch.setattr(SteadyDesk, "_hand_over", hand_over)


MUTANTS: Final = (
    Mutant("nothing stands by", ("I1", "I3"), _nothing_stands_by, (RAISED_WITHOUT,)),
    Mutant("only the snapshot is known", ("I3", "I5"), _only_the_snapshot_is_known, (RAISED_BEFORE,)),
    Mutant("memory is forgotten", ("I1", "I3"), _memory_is_forgotten, (RAISED_WITHOUT,)),
    Mutant("drained without a store", ("I1",), _drained_without_a_store, DIES_WITHOUT),
    Mutant("what became of messages is forgotten", ("I7", "I2"), _what_became_of_messages_is_forgotten, (RAISED_WITHOUT,)),
    Mutant("what is in hand is taken again", ("I2", "I7"), _what_is_in_hand_is_taken_again, (IN_HAND, *map(write_outage, (223, 44)))),
    Mutant("its name is made anew", ("I15",), _its_name_is_made_anew, DIES_WITHOUT),
    Mutant("its code is dealt anew", ("I15",), _its_code_is_dealt_anew, DIES_WITHOUT),
    Mutant("it never comes back", ("I2",), _it_never_comes_back, (RAISED_WITHOUT,)),
)  # fmt: skip


@pytest.mark.guarantee("I1", "I2", "I3", "I6", "I7")
@pytest.mark.parametrize("part", range(4))
def test_no_night_notices_that_the_store_is_away(part: int) -> None:
    seeds = range(part, CALM_SEEDS, 4)
    assert [f"outage {s}: {v}" for s in seeds for v in calm(write_outage(s))[:3]] == []


@pytest.mark.guarantee("I1", "I2", "I3", "I7")
@pytest.mark.parametrize("part", range(4))
def test_nothing_is_lost_when_everything_else_breaks_too(part: int) -> None:
    seeds = range(part, ROUGH_SEEDS, 4)
    assert [f"rough {s}: {v}" for s in seeds for v in rough(a_rough_outage(s))[:3]] == []


@pytest.mark.guarantee("I8")
@pytest.mark.parametrize("seed", FOUND)
def test_a_night_that_found_something_stays_found(seed: int) -> None:
    assert calm(write_outage(seed)) == []


@pytest.mark.parametrize("seed", FOUND_ROUGH)
def test_a_deadline_is_put_off_by_each_step_of_the_clock_and_by_no_more(seed: int) -> None:
    assert rough(a_rough_outage(seed)) == []


@pytest.mark.guarantee("I5", "I8")
def test_whom_memory_called_about_an_ended_walk_is_on_record_and_hears_once_that_it_is_over() -> (
    None
):
    history = play(WITHOUT_ITS_BELL)
    (incident,) = history.incidents.values()
    assert incident.closed_how == "the watcher saw her leave"
    news = [d for d in history.last.values() if d.template == "stood_down"]
    called = {d.contact_id for d in history.last.values() if d.template == "walk_overdue"}
    assert sorted(d.contact_id for d in news) == sorted(called)
    assert {f.data["delivery"] for f in history.of("taken")} <= set(history.last)


@pytest.mark.guarantee("I2", "I7")
def test_what_a_dead_engine_held_goes_out_as_soon_as_the_store_is_back_and_not_when_its_lease_ends() -> (
    None
):
    assert late_again(play(DIES_IN_MID_SEND)) == []


def test_an_engine_that_leaves_what_a_dead_one_held_to_the_end_of_its_lease_is_caught(
    monkeypatch: Patch,
) -> None:
    async def take_back(_self: Engine) -> None:
        return None

    monkeypatch.setattr(Engine, "take_back", take_back)
    assert late_again(play(DIES_IN_MID_SEND)) != []


@pytest.mark.guarantee("I5")
def test_memory_calls_nobody_about_a_walk_of_whose_end_the_bell_was_heard() -> None:
    assert play(SEEN_TO_LEAVE).incidents == {}


@pytest.mark.night
def test_no_night_of_hundreds_notices_that_the_store_is_away() -> None:
    seeds = range(CALM_SEEDS, CALM_SEEDS + NIGHTLY)
    found = [f"outage {s}: {v}" for s in seeds for v in calm(write_outage(s))[:3]]
    found += [f"rough {s}: {v}" for s in seeds for v in rough(a_rough_outage(s))[:3]]
    assert found == []


@pytest.mark.parametrize("night", NIGHTS, ids=lambda night: str(night.seed))
def test_the_shipped_engine_passes_the_nights_made_for_wrong_ones(night: Script) -> None:
    judged = rough(night) if night.crash_at else calm(night)
    assert judged == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_wrong_engine_is_caught(mutant: Mutant, monkeypatch: Patch) -> None:
    mutant.make(monkeypatch)
    names = tuple(f"{name}:" for name in mutant.breaks)
    others: list[str] = []
    for night in mutant.nights:
        found = rough(night)
        if not any(each.startswith(names) for each in found) and not night.crash_at:
            found = calm(night)
        if any(each.startswith(names) for each in found):
            return
        others += found
    pytest.fail(f"{mutant.name}: lives through every night (other findings: {others[:3]})")
