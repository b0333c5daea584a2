"""Does the shipped engine keep its promises through hundreds of bad nights?

A failing seed prints itself; `Script` and history of one seed: `play(write(seed))`.
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence

import pytest

from tests import cast
from tests.simulation.checkers import violations
from tests.simulation.play import play
from tests.simulation.script import Do, Script, a_quiet_night, write

SEEDS = 120
PARTS = 10
NIGHTLY = int(os.environ.get("TOCSIN_NIGHT_SEEDS", "5000"))


def found_in(seeds: Sequence[int]) -> list[str]:
    return [
        f"seed {seed}: {found}"
        for seed in seeds
        for script in [write(seed)]
        for found in violations(script, play(script))[:3]
    ]


@pytest.mark.guarantee(
    "I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8", "I10", "I15", "I16", "I22", "I25"
)
@pytest.mark.parametrize("part", range(PARTS))
def test_no_night_breaks_a_promise(part: int) -> None:
    assert found_in(range(part, SEEDS, PARTS)) == []


@pytest.mark.night
def test_no_night_of_thousands_breaks_a_promise() -> None:
    began, seconds, broken = time.monotonic(), 0.0, []
    for seed in range(SEEDS, SEEDS + NIGHTLY):
        script = write(seed)
        history = play(script)
        seconds += history.seconds
        broken += [f"seed {seed}: {found}" for found in violations(script, history)[:3]]
    print(f"simulated : real = {seconds / (time.monotonic() - began):.0f} : 1")
    assert broken == []


@pytest.mark.guarantee("I6", "I7")
def test_another_machine_takes_over_no_later_for_a_clock_that_was_set_back_before() -> None:
    assert found_in([101_301]) == []


@pytest.mark.guarantee("I5")
def test_her_code_ends_what_a_revoked_phone_has_joined_meanwhile() -> None:
    assert found_in([1138]) == []


def test_a_seed_replays_to_the_same_trace() -> None:
    assert play(write(7)).trace() == play(write(7)).trace()


def test_a_seed_replays_to_the_same_trace_in_another_process_with_another_hash_seed() -> None:
    program = (
        "from tests.simulation.play import play\n"
        "from tests.simulation.script import write\n"
        "print([play(write(seed)).digest() for seed in (2, 7, 11)])"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": "."},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
        for hash_seed in ("1", "4242")
    }
    assert len(said) == 1


SHORT_NIGHT = (
    Do(1.0, "sos", cast.PROTECTED, {"key": "sos-1", "silent": False}),
    Do(4.0, "walk", cast.GUARD, {"key": "walk-1", "timer_s": 10}),
    Do(12.0, "sos", cast.PROTECTED, {"key": "sos-2", "silent": False}),
)


def a_short_night(*deaths: int) -> Script:
    return a_quiet_night(*SHORT_NIGHT, answers=0.5, until=25.0, crash_at=frozenset(deaths))


@pytest.mark.guarantee("I1", "I7")
def test_a_death_at_any_single_step_loses_and_doubles_nothing() -> None:
    """Every n-th call to the store, the spool or a provider is once the last of its process."""
    for nth in range(1, 240, 3):
        script = a_short_night(nth)
        assert violations(script, play(script)) == [], f"died at step {nth}"


@pytest.mark.night
@pytest.mark.guarantee("I1", "I7")
def test_a_death_at_any_two_steps_loses_and_doubles_nothing() -> None:
    for first in range(1, 240, 5):
        for second in range(first + 1, first + 30, 4):
            script = a_short_night(first, second)
            assert violations(script, play(script)) == [], f"died at {first} and {second}"
