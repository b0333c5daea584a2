"""The product, ready to be measured by an outsider: `run.py bench serve --people N --senders M --hook URL --data DIR`.

Prints one JSON line on stdout once everything serves, and runs until SIGTERM. Everything else goes to stderr.
"""

import argparse
import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import FrameType

from tocsin.runtime import settings
from tocsin.runtime.launch import running_tocsin
from tocsin.runtime.settings import SettingError

PORTS = "bench.ports"
MADE_FOR = "bench.made-for"
HOOK = re.compile(r"https?://[!-~]+")


class Stopped(Exception):
    """SIGTERM or SIGINT came."""


def main(words: list[str]) -> int:
    """Serve until told to stop; returns 0, or 1 after saying what is in the way."""
    parser = argparse.ArgumentParser(prog="run.py bench serve", description=__doc__)
    parser.add_argument(
        "--people",
        type=_number,
        default=1,
        help="people on duty, each with a webhook at HOOK/1 ...",
    )
    parser.add_argument(
        "--senders", type=_number, default=1, help="people who may press, each with a token"
    )
    parser.add_argument(
        "--hook", required=True, type=_hook, help="where the webhooks lead, without a number"
    )
    parser.add_argument(
        "--data", required=True, type=Path, help="folder of this installation; made, or used again"
    )
    parser.add_argument("--channels", type=int, choices=(1, 3), default=1)
    parser.add_argument(
        "--step2-after", type=_number, default=0, help="seconds; a second step to HOOK/step2/1 ..."
    )
    given = parser.parse_args(words)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    try:
        _serve(given, given.data.absolute())
    except Stopped:
        return 0
    except (SettingError, OSError, RuntimeError) as problem:
        sys.stderr.write(f"bench serve: {problem}\n")
        return 1
    return 0


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        message = f"{text!r} is no whole number from 0 on"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _hook(text: str) -> str:
    if not HOOK.fullmatch(text):
        message = f"{text!r} is no http address, like http://127.0.0.1:9900/hook"
        raise argparse.ArgumentTypeError(message)
    return text


def _serve(given: argparse.Namespace, data: Path) -> None:
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    _refuse_other(data / MADE_FOR, given)
    ports = _ports(data / PORTS)
    changes = {
        "TOCSIN_DATA": os.fspath(data / "tocsin"),
        "TOCSIN_GATE_BIND": f"127.0.0.1:{ports[0]}",
        "TOCSIN_GATE_URLS": f"http://127.0.0.1:{ports[0]}",
        "TOCSIN_WEB_BIND": f"127.0.0.1:{ports[1]}",
        "TOCSIN_PUBLIC_URL": f"http://127.0.0.1:{ports[1]}",
        "TOCSIN_PRIVATE_WEBHOOKS": "yes",
    }
    with running_tocsin(changes):
        said = json.loads(_filled(given, data, changes))
        (data / MADE_FOR).write_text(_made_for(given), encoding="ascii")
        said["pids"] = [os.getpid(), *said["pids"]]
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()
        while True:
            signal.pause()


def _asked(given: argparse.Namespace) -> dict[str, str]:
    """Return what the workplace is made of, by the words of the command, in the order in which `bench.filling` takes it."""
    hook = given.hook.rstrip("/")
    rest = {"--channels": given.channels, "--step2-after": given.step2_after}
    asked = {"--people": given.people, "--senders": given.senders, "--hook": hook, **rest}
    return {name: str(value) for name, value in asked.items()}


def _made_for(given: argparse.Namespace) -> str:
    return " ".join(f"{name} {value}" for name, value in _asked(given).items())


def _refuse_other(kept: Path, given: argparse.Namespace) -> None:
    """A folder keeps the workplace that it was made with: its webhooks would go where nobody listens any more."""
    if kept.exists() and (made_for := kept.read_text(encoding="ascii")) != _made_for(given):
        message = f"{kept.parent} was made for {made_for}; give the same, or another --data"
        raise RuntimeError(message)


def _filled(given: argparse.Namespace, data: Path, changes: dict[str, str]) -> bytes:
    """Return what `bench.filling` says. In a process of its own: what it loads would stay in this one's memory."""
    command = [sys.executable, "-m", "bench.filling", os.fspath(data), *_asked(given).values()]
    done = subprocess.run(
        command, env=settings.environment(changes), stdout=subprocess.PIPE, check=False
    )
    if done.returncode != 0:
        raise RuntimeError("the workplace could not be made; the lines above say why")
    return done.stdout


def _ports(kept: Path) -> list[int]:
    """Return the ports of this folder's installation, the same at every start."""
    if kept.exists():
        return [int(word) for word in kept.read_text(encoding="ascii").split()]
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    kept.write_text(" ".join(map(str, ports)), encoding="ascii")
    return ports


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Stopped
