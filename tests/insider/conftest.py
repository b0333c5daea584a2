"""Two worlds, from one seed: in one of them an order exists, with everything that comes of it; else they are the same."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import clone
from tests.insider.cases import Insiders, Worlds, enter_everything, seed
from tests.insider.moments import HOUSE_BEFORE, ORDER_BEFORE, aged
from tests.insider.routes import routes_of
from tests.pages.conftest import GATEWAYS, free_port, wait_until_served
from tests.pages.house import House
from tocsin.runtime import keys
from tocsin.runtime import settings as settings_module
from tocsin.runtime.postgres import Cluster

TEMPLATE = "insider_template"


HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Compare the worlds before anything is done in only one; press everything (the matrix) when that is done.

    They come first of all tests: these files are the longest, and small ones fill up the end of a spread run.
    """
    ours = [item for item in items if HERE in item.path.parents]
    order = {"test_two_worlds.py": 0, "test_matrix.py": 2}
    ours.sort(key=lambda item: order.get(item.path.name, 1))
    others = [item for item in items if HERE not in item.path.parents]
    items[:] = [*ours, *others]


@pytest.fixture(scope="session")
def worlds(
    cluster: Cluster, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Worlds]:
    """Return a web process in a world without the order, and one in the world with it."""
    folder = tmp_path_factory.mktemp("worlds")
    (folder / "gateways.toml").write_text(GATEWAYS, encoding="utf-8")
    found = keys.ensure(folder / "keys")
    clone(cluster, TEMPLATE, template=migrated)
    common = environment(cluster, folder, TEMPLATE)
    insiders = _seeded(cluster, folder, found)
    aged(cluster.url("postgres", database=TEMPLATE), HOUSE_BEFORE)
    for name in ("without", "with"):
        clone(cluster, f"insider_{name}", template=TEMPLATE)
    started: list[subprocess.Popen[bytes]] = []
    houses = []
    try:
        for name in ("without", "with"):
            given = environment(cluster, folder, f"insider_{name}")
            log = folder / f"web-{name}.log"
            with log.open("wb") as file:
                web = subprocess.Popen([sys.executable, "-m", "tests.pages.web"], env=given, stderr=file)  # fmt: skip
            started.append(web)
            wait_until_served(given["TOCSIN_PUBLIC_URL"], web, log)
            houses.append(House(settings_module.load(given), found, given["TOCSIN_PUBLIC_URL"]))
        secret = enter_everything(houses[1], insiders)
        for name in ("without", "with"):
            aged(cluster.url("postgres", database=f"insider_{name}"), ORDER_BEFORE)
        superuser = cluster.url("postgres", database="insider_with")
        yield Worlds(houses[0], houses[1], insiders, secret, routes_of(common), folder, superuser)
    finally:
        for web in started:
            web.send_signal(signal.SIGTERM)
            web.wait(timeout=10)


def _seeded(cluster: Cluster, folder: Path, found: keys.Keys) -> Insiders:
    settings = settings_module.load(environment(cluster, folder, TEMPLATE))
    house = House(settings, found, "")
    insiders = seed(house)
    house.conn.close()
    house.engine.close()
    return insiders


def environment(cluster: Cluster, folder: Path, database: str) -> dict[str, str]:
    """Return how a process of ours is told of a world."""
    port = free_port()
    return {
        **os.environ,
        "TOCSIN_DATA": str(folder),
        "TOCSIN_DATABASE_URL": cluster.url("owner", database=database),
        "TOCSIN_WEB_BIND": f"127.0.0.1:{port}",
        "TOCSIN_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "TOCSIN_GATE_URLS": "http://127.0.0.1:9",
        "TOCSIN_GATEWAYS": str(folder / "gateways.toml"),
    }
