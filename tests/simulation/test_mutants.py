"""Does the harness catch every wrong engine? The checker that does names the invariant."""

import pytest

from tests.simulation.checkers import violations
from tests.simulation.mutants import MUTANTS, TWIN_MUTANTS, Mutant
from tests.simulation.play import play
from tests.simulation.script import Script, write
from tests.simulation.test_twins import SITUATIONS, shows_the_same

ENOUGH_SEEDS = 60
SHIPPED_NIGHTS = [night for mutant in MUTANTS for night in mutant.nights]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_wrong_engine_is_caught(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = mutant.make(monkeypatch)
    others: set[str] = set()
    for script in (*mutant.nights, *map(write, range(ENOUGH_SEEDS))):
        for found in violations(script, play(script, shipped)):
            if found.startswith(tuple(f"{name}:" for name in mutant.breaks)):
                return
            others.add(found[:80])
    pytest.fail(f"{mutant.name}: lives through every night (other findings: {sorted(others)[:3]})")


@pytest.mark.parametrize("mutant", TWIN_MUTANTS, ids=lambda mutant: mutant.name)
def test_an_engine_that_gives_duress_away_is_caught(
    mutant: Mutant, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutant.make(monkeypatch)
    assert not all(shows_the_same(name) for name in SITUATIONS)


@pytest.mark.parametrize("night", SHIPPED_NIGHTS, ids=range(len(SHIPPED_NIGHTS)))
def test_the_shipped_engine_passes_the_nights_that_were_made_for_wrong_ones(night: Script) -> None:
    assert violations(night, play(night)) == []
