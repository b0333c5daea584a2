"""What do the gate's tests share? Gates, as processes of their own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.gate.gate_process import GateProcess


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GateProcess]:
    """Return a gate that the tests of one file share; each test uses keys of its own."""
    process = GateProcess(tmp_path_factory.mktemp("gate"))
    process.start()
    yield process
    process.stop()


@pytest.fixture
def make_gate(tmp_path: Path) -> Iterator[Callable[..., GateProcess]]:
    """Return what makes gates of a test's own, ended with it."""
    made: list[GateProcess] = []

    def make(**settings: str) -> GateProcess:
        process = GateProcess(tmp_path, **settings)
        made.append(process)
        return process

    yield make
    for process in made:
        if process.process.poll() is None:
            process.kill()
