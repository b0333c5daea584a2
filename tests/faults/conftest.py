"""Which installation do the faults befall? One for all tests, which leave it well."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.place import WALKERS, Place
from tests.faults.sink import Sink

ON_DUTY = 5


@pytest.fixture(scope="session")
def lasting_place() -> Iterator[Place]:
    """Return an installation that runs, with five people on duty and many with phones, fourteen of them walkers."""
    sink = Sink()
    with tempfile.TemporaryDirectory(prefix="tocsin-faults-") as folder:
        one = Place(Path(folder), sink)
        try:
            one.start()
            one.fill(on_duty=ON_DUTY, phones=400, walkers=WALKERS)
            one.restart_engine()
            yield one
        finally:
            one.remove()
            sink.close()


@pytest.fixture
def place(lasting_place: Place) -> Iterator[Place]:
    """Return the installation, and heal it afterwards, whatever became of the test."""
    yield lasting_place
    lasting_place.let_postgres_go()
    lasting_place.sink.hanging.clear()
    if lasting_place.sink.is_refusing:
        lasting_place.sink.listen()
    lasting_place.wait_settled()


@pytest.fixture
def own_place(tmp_path: Path) -> Iterator[Place]:
    """Return an installation of the test's own; nothing of it runs yet."""
    sink = Sink()
    one = Place(tmp_path, sink)
    yield one
    one.remove()
    sink.close()
