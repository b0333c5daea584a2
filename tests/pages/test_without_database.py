"""What is left of the pages while PostgreSQL is away? The phone's own page, and words that say what is not."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.pages.conftest import free_port, wait_until_served
from tocsin.runtime import keys


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a web process whose database does not answer."""
    folder = tmp_path_factory.mktemp("alone")
    keys.ensure(Path(folder / "keys"))
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "TOCSIN_DATA": str(folder),
        "TOCSIN_DATABASE_URL": f"postgresql://127.0.0.1:{free_port()}/tocsin",
        "TOCSIN_WEB_BIND": f"127.0.0.1:{port}",
        "TOCSIN_PUBLIC_URL": base,
    }
    with (folder / "web.log").open("wb") as log:
        web = subprocess.Popen(
            [sys.executable, "-m", "tocsin.console"], env=environment, stderr=log
        )
    try:
        wait_until_served(base, web, folder / "web.log")
        yield base
    finally:
        web.terminate()
        web.wait(timeout=10)


@pytest.mark.guarantee("I22")
@pytest.mark.parametrize(
    "path", ["/phone", "/a", "/enrol", "/sw.js", "/static/phone.js", "/health"]
)
def test_what_the_phone_needs_is_there(base: str, path: str) -> None:
    assert requests.get(base + path, timeout=20).status_code == 200


def test_the_board_says_that_it_did_not_work(base: str) -> None:
    shown = requests.get(base + "/", timeout=20)
    assert shown.status_code == 500
    assert "call the emergency number now" in shown.text
    assert shown.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_a_stream_is_not_opened_for_whom_nobody_can_know(base: str) -> None:
    assert requests.get(base + "/live", headers={"Cookie": "tocsin=x"}, timeout=20).status_code == 503  # fmt: skip


@pytest.mark.parametrize("path", ["/a/show", "/a/act"])
def test_the_page_of_a_link_is_told_to_try_again_and_not_that_it_is_dead(base: str, path: str) -> None:  # fmt: skip
    assert requests.post(base + path, data={"secret": "x", "act": "seen"}, timeout=20).status_code == 503  # fmt: skip
