"""Which installation do the tests of one file hurt?"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.place import Place
from tests.faults.sink import Sink


@pytest.fixture
def sink() -> Iterator[Sink]:
    """Return a receiver of webhooks."""
    one = Sink()
    yield one
    one.close()


@pytest.fixture
def place(sink: Sink) -> Iterator[Place]:
    """Return an installation that runs, with five people on duty and two hundred with phones, ten of them walkers."""
    with tempfile.TemporaryDirectory(prefix="tocsin-faults-") as folder:
        one = Place(Path(folder), sink)
        try:
            one.start()
            one.fill(on_duty=5, phones=200, walkers=10)
            one.restart_engine()
            yield one
        finally:
            one.remove()
