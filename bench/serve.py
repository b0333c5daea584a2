"""The product, ready to be measured by an outsider: `run.py bench serve --people N --senders M --hook URL --data DIR`.

Prints one JSON line on stdout once everything serves, and runs until SIGTERM. Everything else goes to stderr.
"""

import argparse
import http.client
import json
import os
import signal
import socket
import sys
from pathlib import Path
from types import FrameType
from uuid import UUID

import psycopg

from bench import workplace
from tocsin.runtime import keys as keys_module
from tocsin.runtime.database import connect
from tocsin.runtime.launch import running_tocsin
from tocsin.runtime.links import stream_token
from tocsin.runtime.postgres import database_url
from tocsin.runtime.settings import SettingError, Settings

KNOWN = "bench.json"


class Stopped(Exception):
    """SIGTERM or SIGINT came."""


def main(words: list[str]) -> int:
    """Serve until told to stop; returns 0, or 1 after saying what is in the way."""
    parser = argparse.ArgumentParser(prog="run.py bench serve", description=__doc__)
    parser.add_argument(
        "--people", type=int, default=1, help="people on duty, each with a webhook at HOOK/1 ..."
    )
    parser.add_argument(
        "--senders", type=int, default=1, help="people who may press, each with a token"
    )
    parser.add_argument("--hook", required=True, help="where the webhooks lead, without a number")
    parser.add_argument(
        "--data", required=True, type=Path, help="folder of this installation; made, or used again"
    )
    parser.add_argument("--channels", type=int, choices=(1, 3), default=1)
    parser.add_argument(
        "--step2-after", type=int, default=0, help="seconds; a second step to HOOK/step2/1 ..."
    )
    given = parser.parse_args(words)
    order = workplace.Order(
        given.people, given.senders, given.hook.rstrip("/"), given.channels, given.step2_after
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    try:
        _serve(order, given.data.absolute())
    except Stopped:
        return 0
    except (SettingError, OSError, RuntimeError) as problem:
        sys.stderr.write(f"bench serve: {problem}\n")
        return 1
    return 0


def _serve(order: workplace.Order, data: Path) -> None:
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    known_file = data / KNOWN
    known = json.loads(known_file.read_text(encoding="utf-8")) if known_file.exists() else {}
    ports = known.get("ports") or _free_ports(2)
    changes = {
        "TOCSIN_DATA": os.fspath(data / "tocsin"),
        "TOCSIN_GATE_BIND": f"127.0.0.1:{ports[0]}",
        "TOCSIN_GATE_URLS": f"http://127.0.0.1:{ports[0]}",
        "TOCSIN_WEB_BIND": f"127.0.0.1:{ports[1]}",
        "TOCSIN_PUBLIC_URL": f"http://127.0.0.1:{ports[1]}",
        "TOCSIN_PRIVATE_WEBHOOKS": "yes",
    }
    with running_tocsin(changes) as settings:
        tokens = data / "tokens"
        if not known:
            known = {"ports": ports, "organisation": str(_make(settings, order, tokens))}
            workplace.remember(known_file, known)
        _check_in(settings, tokens)
        sys.stdout.write(json.dumps(_line(settings, known, tokens)) + "\n")
        sys.stdout.flush()
        while True:
            signal.pause()


def _check_in(settings: Settings, tokens: Path) -> None:
    """Have every sender's phone look in once, as its page does when it is opened: the gate then knows its token."""
    connection = http.client.HTTPConnection(*settings.gate_bind, timeout=10)
    for token in tokens.read_text(encoding="ascii").split():
        connection.request("GET", "/sos", headers={"Authorization": f"Bearer {token}"})
        connection.getresponse().read()
    connection.close()


def _make(settings: Settings, order: workplace.Order, tokens: Path) -> UUID:
    with psycopg.connect(
        database_url(settings, "postgres", database="postgres"), autocommit=True
    ) as conn:
        conn.execute("create database floor")
    with connect(settings, "engine") as conn:
        return workplace.make(conn, keys_module.load(settings.keys_dir), order, tokens)


def _line(settings: Settings, known: dict[str, object], tokens: Path) -> dict[str, object]:
    keys = keys_module.load(settings.keys_dir)
    marks = ("supervisor", "gate", "engine", "web", "postgres")
    return {
        "sos_url": f"{settings.gate_urls[0]}/sos",
        "tokens_file": os.fspath(tokens),
        "stream_url": f"{settings.public_url}/live",
        "stream_token": stream_token(keys.answer, UUID(str(known["organisation"]))),
        "database_url": database_url(settings, "postgres", database="floor"),
        "pids": [
            os.getpid(),
            *(int((settings.run_dir / f"{m}.ready").read_text().split()[0]) for m in marks),
        ],
    }


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Stopped
