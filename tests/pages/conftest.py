"""What do the pages' tests share? One web process on a migrated database, for the whole session."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.conftest import clone
from tests.pages.house import House, Organisation
from tocsin.runtime import keys
from tocsin.runtime import settings as settings_module
from tocsin.runtime.postgres import Cluster

STARTS_WITHIN_S = 40
GATEWAYS = """
[tw]
kind = "twilio"
organisation = "nobody"
url = "http://127.0.0.1:1/"
number = "+13125550100"
account = "AC1"
secret = "gateway-token"
"""


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@pytest.fixture(scope="session")
def house(
    cluster: Cluster, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """Return a running web process on a database of its own."""
    folder = tmp_path_factory.mktemp("house")
    (folder / "gateways.toml").write_text(GATEWAYS, encoding="utf-8")
    clone(cluster, "pages", template=migrated)
    port = free_port()
    given = {
        "TOCSIN_DATA": str(folder),
        "TOCSIN_DATABASE_URL": cluster.url("owner", database="pages"),
        "TOCSIN_WEB_BIND": f"127.0.0.1:{port}",
        "TOCSIN_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "TOCSIN_GATE_URLS": f"http://127.0.0.1:{free_port()}",
        "TOCSIN_GATEWAYS": str(folder / "gateways.toml"),
    }
    found = keys.ensure(Path(folder / "keys"))
    environment = {**os.environ, **given}
    with (folder / "web.log").open("wb") as log:
        web = subprocess.Popen(
            [sys.executable, "-m", "tests.pages.web"], env=environment, stderr=log
        )
    try:
        base = given["TOCSIN_PUBLIC_URL"]
        wait_until_served(base, web, folder / "web.log")
        yield House(settings_module.load(given), found, base)
    finally:
        web.send_signal(signal.SIGTERM)
        web.wait(timeout=10)


def wait_until_served(base: str, web: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < until and web.poll() is None:
        try:
            requests.get(base + "/health", timeout=1)
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"the web process did not start: {log.read_text(encoding='utf-8')[-2000:]}")


@pytest.fixture
def org(house: House) -> Organisation:
    """Return a new employer."""
    return house.new_organisation()
