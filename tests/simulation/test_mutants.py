"""Does the harness catch every wrong engine? The checker that does names the invariant."""

import pytest

from tests.simulation.checkers import violations
from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.play import play
from tests.simulation.script import write

ENOUGH_SEEDS = 150


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_wrong_engine_is_caught(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = mutant.make(monkeypatch)
    others: set[str] = set()
    for seed in range(ENOUGH_SEEDS):
        script = write(seed)
        for found in violations(script, play(script, shipped)):
            if found.startswith(tuple(f"{name}:" for name in mutant.breaks)):
                return
            others.add(found.partition(":")[0])
    pytest.fail(f"{mutant.name}: lives through {ENOUGH_SEEDS} nights (other findings: {others})")
