"""What do all tests share? A database of their own, and the rule that on CI nothing is skipped."""

import gc
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings as searching
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tocsin.runtime import settings as settings_module
from tocsin.runtime.postgres import Cluster
from tocsin.runtime.settings import Settings

# A busy machine is no fault of a rule. Hypothesis would fail an example that waits 200 ms for a processor, and ten that take a
# second to draw; without a deadline drawing has thirty seconds, which only a bad strategy takes.
searching.register_profile("untimed", deadline=None)
searching.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--night`: the long loops and the foreign programs."""
    parser.addoption(
        "--night", action="store_true", help="run the long loops and the foreign programs too"
    )
    parser.addoption("--failed-to", help="write the names of what failed to this file")


def pytest_configure(config: pytest.Config) -> None:
    """Name our marker."""
    config.addinivalue_line(
        "markers", "night: long, or needs foreign programs; run by --night only"
    )


class FaultsBeside(LoadScopeScheduling):
    """Gives what befalls one installation to one worker, and everything else to the other."""

    def _split_scope(self, nodeid: str) -> str:
        return "faults" if nodeid.startswith("tests/faults/") else "others"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FaultsBeside | None:
    """Spread what is timed our way (`--dist loadscope`), and the rest as xdist does."""
    return FaultsBeside(config, log) if config.getvalue("dist") == "loadscope" else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the night's tests out by day; this is no skip, they are another suite."""
    if config.getoption("--night"):
        return
    by_night = [item for item in items if item.get_closest_marker("night")]
    if by_night:
        config.hook.pytest_deselected(items=by_night)
        items[:] = [item for item in items if not item.get_closest_marker("night")]


def pytest_collection_finish() -> None:
    """Spare the collector of garbage what lives to the end: looking through thousands of tests was a tenth of the simulator's time."""
    gc.freeze()


_failed: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note what failed, for `tests/once_more.py`."""
    if report.failed and report.nodeid not in _failed:
        _failed.append(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write it down where we were asked to."""
    path = session.config.getoption("--failed-to")
    # The workers of a spread run tell the one who began them, and write nothing.
    is_worker = hasattr(session.config, "workerinput")
    if path and _failed and not is_worker:
        Path(path).write_text("\n".join(_failed), encoding="utf-8")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Turn a skip into a failure when CI=true: what a test needs must be there."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined] # pluggy's own result
    if report.skipped and not hasattr(report, "wasxfail") and settings_module.is_on_ci():
        report.outcome = "failed"
        report.longrepr = (
            f"{item.nodeid} was skipped on CI, where nothing may be: {report.longrepr}"
        )


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """Turn a skipped file into a failure too."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined] # pluggy's own result
    if report.skipped and settings_module.is_on_ci():
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} was skipped on CI, where nothing may be"


@pytest.fixture(scope="session")
def cluster_settings() -> Iterator[Settings]:
    """Return settings on a temporary data folder that others may not enter, like a home."""
    with tempfile.TemporaryDirectory(prefix="tocsin-test-") as folder:
        yield settings_module.load({"TOCSIN_DATA": folder})


@pytest.fixture(scope="session")
def cluster(cluster_settings: Settings) -> Iterator[Cluster]:
    """Return a running embedded PostgreSQL of this test session; `cluster.url(role)` reaches it."""
    server = Cluster(cluster_settings, durable=False)
    server.start()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def migrated(cluster: Cluster, cluster_settings: Settings) -> str:
    """Return the name of a migrated, empty database to which nobody is connected: clone it with `clone`."""
    name = "migrated"
    clone(cluster, name, template="template1")
    # In a process of its own: Django is set up once a process, and for one database.
    environment = {
        **os.environ,
        "TOCSIN_DATA": str(cluster_settings.data_dir),
        "TOCSIN_DATABASE_URL": cluster.url("owner", database=name),
    }
    command = [sys.executable, "-m", "tocsin.console.manage", "migrate"]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return name


def clone(cluster: Cluster, name: str, *, template: str) -> None:
    """Make a database that is like `template`, to which nobody may be connected."""
    # Files are copied in half the time in which their pages are logged.
    statement = f'CREATE DATABASE {name} OWNER tocsin_owner TEMPLATE "{template}" STRATEGY file_copy'  # fmt: skip
    url = cluster.url("postgres", database="postgres")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


_numbers = count(1)


@pytest.fixture
def new_database(cluster: Cluster) -> Callable[..., str]:
    """Return a maker of databases owned by tocsin_owner: `new_database()` returns its name.

    `template` clones one that nobody is connected to (a migrated one: far quicker than migrating
    again). It goes with the cluster: dropped after each test, the next clone took four times as
    long, on a machine that gives freed memory back to its host.
    """

    def make(template: str = "template1") -> str:
        name = f"test_{next(_numbers)}"
        clone(cluster, name, template=template)
        return name

    return make
