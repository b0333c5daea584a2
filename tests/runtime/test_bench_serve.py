"""Can an outsider measure the product? `bench serve` as its user has it: one line, tokens, webhooks, and a quick end."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

ROOT = Path(__file__).parents[2]
FIRST_START_S, END_S, STEP2_S = 120, 10, 2
LETTERS = ("", "/b", "/c")


class Hooks(ThreadingHTTPServer):
    """Keeps what the webhooks get: path and body."""

    def __init__(self) -> None:
        """Listen on a port of its own."""
        self.got: list[tuple[str, dict[str, Any]]] = []
        super().__init__(("127.0.0.1", 0), _Hook)


class _Hook(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        """Keep it and say yes."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert isinstance(self.server, Hooks)
        self.server.got.append((self.path, json.loads(body)))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    """Return where the webhooks lead."""
    server = Hooks()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def serve(data: Path, hooks: Hooks) -> tuple[subprocess.Popen[str], dict[str, Any]]:
    """Return the command that serves, and what it says."""
    hook = f"http://127.0.0.1:{hooks.server_port}"
    words = ["--people", "2", "--senders", "3", "--hook", hook, "--data", os.fspath(data)]
    words += ["--channels", "3", "--step2-after", str(STEP2_S)]
    command = [sys.executable, "-m", "bench", "serve", *words]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)  # fmt: skip
    assert process.stdout
    return process, json.loads(process.stdout.readline())


def end(process: subprocess.Popen[str], said: dict[str, Any]) -> str:
    """Stop it; every process that it named is gone in time. Return what else it wrote on stdout."""
    process.send_signal(signal.SIGTERM)
    rest, _ = process.communicate(timeout=END_S)
    assert process.returncode == 0
    assert [pid for pid in said["pids"] if Path(f"/proc/{pid}").exists()] == []
    return rest


def press(said: dict[str, Any], token: str, key: str) -> int:
    """Return the status of an SOS."""
    where = urlsplit(said["sos_url"])
    connection = http.client.HTTPConnection(where.netloc, timeout=10)
    headers = {"Authorization": f"Bearer {token}"}
    connection.request("POST", where.path, json.dumps({"key": key}), headers)
    return connection.getresponse().status


@pytest.mark.parametrize("other", ["--hook http://127.0.0.1:9/b", "--people 3"])
def test_a_folder_that_was_made_for_something_else_is_refused_before_anything_starts(
    tmp_path: Path, other: str
) -> None:
    given = ["--people", "2", "--senders", "3", "--hook", "http://127.0.0.1:9/a", *other.split()]
    made_for = "--people 2 --senders 3 --hook http://127.0.0.1:9/a --channels 1 --step2-after 0"
    (tmp_path / "bench.made-for").write_text(made_for, encoding="ascii")
    command = [sys.executable, "-m", "bench", "serve", *given, "--data", os.fspath(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"bench serve: {tmp_path} was made for {made_for}; give the same, or another --data\n"  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == ["bench.made-for"]


@pytest.mark.night
def test_an_outsider_has_all_that_he_measures_with_and_a_second_start_has_the_same_tokens(
    tmp_path: Path, hooks: Hooks
) -> None:
    process, said = serve(tmp_path / "made", hooks)
    assert set(said) == {"sos_url", "tokens_file", "stream_url", "stream_token", "database_url", "pids"}  # fmt: skip
    assert all(type(pid) is int and Path(f"/proc/{pid}").exists() for pid in said["pids"])
    programs = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in said["pids"]]
    for part in (b"tocsin.gate", b"tocsin.engine", b"tocsin.console", b"/postgres\0"):
        assert sum(part in program for program in programs) == 1
    with psycopg.connect(said["database_url"]) as conn:
        assert conn.info.dbname == "floor"
        assert conn.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone() == (0,)  # fmt: skip
        conn.execute("create table may_be_used (id int)")
    tokens = Path(said["tokens_file"]).read_text(encoding="ascii").split("\n")
    assert (len(set(tokens)), tokens[-1]) == (4, "")

    # The same key of two people is two incidents; 8 and 64 characters are taken, 7 and 65 are not.
    keys = ("k" * 8, "k" * 8, "A.z_-09Z" * 8)
    assert [press(said, *each) for each in zip(tokens[:3], keys, strict=True)] == [202] * 3
    assert [press(said, tokens[0], "k" * n) for n in (7, 65)] == [400] * 2
    first = [f"/{person}{letter}" for person in (1, 2) for letter in LETTERS]
    wanted = sorted([*first, "/step2/1", "/step2/2"] * 3)
    until = time.monotonic() + 10
    while len(hooks.got) < len(wanted) and time.monotonic() < until:
        time.sleep(0.05)
    assert sorted(path for path, _ in hooks.got) == wanted
    assert {body["key"] for _, body in hooks.got} == set(keys)
    steps = {(path.startswith("/step2"), body["step"]) for path, body in hooks.got}
    assert steps == {(False, 0), (True, 1)}
    assert len({body["reference"] for _, body in hooks.got}) == len(wanted)
    assert all(body["person"] for _, body in hooks.got)

    assert end(process, said) == ""
    process, again = serve(tmp_path / "made", hooks)
    assert Path(again["tokens_file"]).read_text(encoding="ascii").split("\n") == tokens
    assert (again["sos_url"], again["stream_token"]) == (said["sos_url"], said["stream_token"])
    assert end(process, again) == ""
