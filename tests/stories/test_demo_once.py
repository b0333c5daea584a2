"""Does the whole demo run, keep its promises and end, beside a program that has its port, and twice?"""

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.pages.house import Browser, totp
from tests.runtime.conftest import is_alive
from tocsin.runtime import postgres_home, settings
from tocsin.runtime.settings import Settings

BIND = (
    "TOCSIN_GATE_BIND",
    "TOCSIN_WEB_BIND",
    "TOCSIN_CARRIER_BIND",
    "TOCSIN_CARRIER_SMTP_BIND",
)


def free_ports(count: int) -> list[int]:
    with_sockets = [socket.socket() for _ in range(count)]
    for one in with_sockets:
        one.bind(("127.0.0.1", 0))
    ports = [int(one.getsockname()[1]) for one in with_sockets]
    for one in with_sockets:
        one.close()
    return ports


@pytest.fixture
def changes(tmp_path: Path) -> dict[str, str]:
    binds = {name: f"127.0.0.1:{port}" for name, port in zip(BIND, free_ports(4), strict=True)}
    return {"TOCSIN_DATA": str(tmp_path), **binds}


@pytest.fixture(autouse=True)
def cleaned(tmp_path: Path) -> Iterator[None]:
    """Remove the cluster of the demo: as root it does not lie in the data folder."""
    yield
    config: Settings = settings.load({"TOCSIN_DATA": str(tmp_path / "demo")})
    base = postgres_home.base_folder(config)
    subprocess.run(["rm", "-rf", str(base)], check=False)


@contextmanager
def listening(port: int) -> Iterator[None]:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        yield


def play(changes: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tocsin", "demo", "--once"],
        env=settings.environment(changes),
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )


def judged(output: str) -> tuple[int, int]:
    found = re.search(r"^(\d+) of (\d+) promises were kept", output, re.M)
    assert found, output[-2000:]
    return int(found[1]), int(found[2])


def check(done: subprocess.CompletedProcess[str]) -> None:
    kept, made = judged(done.stdout)
    assert (done.returncode, made - kept) == (0, 0), done.stdout[-3000:] + done.stderr[-2000:]
    assert made > 60
    assert "INTACT." in done.stdout
    assert done.stdout.rstrip().endswith("The outcome could have been the same.")


@pytest.mark.guarantee("I1")
def test_the_story_is_played_beside_a_program_that_has_a_port_and_keeps_every_promise(
    changes: dict[str, str],
) -> None:
    taken = int(changes["TOCSIN_CARRIER_BIND"].rpartition(":")[2])
    with listening(taken):
        done = play(changes)
    check(done)
    assert f"Port {taken} is taken (carrier): using" in done.stdout


ACCOUNT = re.compile(r"^  (\w+) +(\S.*?) +code (\d{6})  key (\w+)  ", re.M)


def told_at_first(demo: subprocess.Popen[str]) -> str:
    """Return what a reader is told before the story begins."""
    assert demo.stdout is not None
    lines = []
    for line in demo.stdout:
        lines.append(line)
        if "these codes are good for" in line:
            break
    return "".join(lines)


@pytest.mark.night
def test_a_reader_is_told_where_to_look_and_who_can_sign_in_and_takes_part(
    changes: dict[str, str],
) -> None:
    command = [sys.executable, "-m", "tocsin", "demo"]
    # A shell that runs the tests in the background has SIGINT ignored, which the demo would inherit: the reader's has not.
    heard = signal.signal(signal.SIGINT, signal.default_int_handler)
    demo = subprocess.Popen(command, env=settings.environment(changes), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # fmt: skip
    signal.signal(signal.SIGINT, heard)
    try:
        told = told_at_first(demo)
        accounts = {login: rest for login, *rest in ACCOUNT.findall(told)}
        board = re.search(r"^The board \(sign in\) +(\S+)/$", told, re.M)
        carrier = re.search(r"^Every phone and mailbox +(\S+)$", told, re.M)
        assert (board is None, carrier is None) == (False, False), told
        # Kit takes no part in the story by herself: each code counts once.
        password, code, key = accounts["kit"]
        assert code in {totp(secret=key), totp(time.time() - 30, secret=key)}
        reader = Browser(board[1])  # type: ignore[index]
        reader.sends("/sign-in", "/account/second/code", login="kit", password=password)
        reader.sends("/account/second/code", "/", code=code)
        assert "<h1>Board</h1>" in reader.get("/").text
        assert requests.get(carrier[1], timeout=20).status_code == 200  # type: ignore[index]
    finally:
        demo.send_signal(signal.SIGINT)
        _, problems = demo.communicate(timeout=30)
    assert (demo.returncode, "Traceback" in problems) == (130, False), problems
    marks = list((Path(changes["TOCSIN_DATA"]) / "demo" / "run").glob("*.ready"))
    assert marks
    assert [mark for mark in marks if is_alive(int(mark.read_text(encoding="utf-8")))] == []


@pytest.mark.night
@pytest.mark.guarantee("I1")
def test_the_story_is_played_twice_on_one_folder_and_keeps_every_promise(
    changes: dict[str, str],
) -> None:
    check(play(changes))
    check(play(changes))
