"""Which processes make up an installation, where do they listen, and how are they told apart?"""

import ctypes
import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tocsin.runtime.clock import WallClock
from tocsin.runtime.postgres import Say
from tocsin.runtime.settings import Settings

_PR_SET_PDEATHSIG: Final = 1


class SupervisorError(Exception):
    """Tocsin cannot start; the message says why and what would help."""


@dataclass(frozen=True, slots=True)
class Part:
    """One process that is kept alive. `longest_pause_s` bounds the back-off of its restarts.

    `stands_by`: it does without the database what it can, and opens none while `tables.may_be_used` says no.
    """

    name: str
    module: str
    needs_database: bool
    longest_pause_s: float
    stands_by: bool = False


GATE: Final = Part("gate", "tocsin.gate", needs_database=False, longest_pause_s=0.5)
ENGINE: Final = Part(
    "engine", "tocsin.engine", needs_database=True, longest_pause_s=2.0, stands_by=True
)
WEB: Final = Part("web", "tocsin.console", needs_database=True, longest_pause_s=5.0)
CARRIER: Final = Part("carrier", "tocsin.carrier", needs_database=False, longest_pause_s=5.0)
LISTENER: Final = Part("listener", "tocsin.listener", needs_database=True, longest_pause_s=5.0)


def parts_of(config: Settings) -> tuple[Part, ...]:
    """Return the parts of this installation, in the order of their start."""
    usual = (GATE, CARRIER, ENGINE, WEB) if config.demo else (GATE, ENGINE, WEB)
    return (*usual, LISTENER) if config.mqtt_url else usual


@dataclass(frozen=True, slots=True)
class Port:
    """Where a part listens, and the setting that says so."""

    part: str
    setting: str
    host: str
    number: int


def ports_of(config: Settings) -> tuple[Port, ...]:
    """Return every port that this installation listens on.

    Those of number 0 are the system's to choose.
    """
    ports = [
        Port("gate", "TOCSIN_GATE_BIND", *config.gate_bind),
        Port("web", "TOCSIN_WEB_BIND", *config.web_bind),
    ]
    if config.demo:
        ports.append(Port("carrier", "TOCSIN_CARRIER_BIND", *config.carrier_bind))
        ports.append(Port("carrier", "TOCSIN_CARRIER_SMTP_BIND", *config.carrier_smtp_bind))
    return tuple(port for port in ports if port.number)


def why_not_free(port: Port) -> str | None:
    """Return why nobody can listen on `port` now (in the words of the system), or None."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            port.host, port.number, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as problem:
        return problem.strerror or str(problem)
    return None


def die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """Return what a child runs before its program to get signal `number` when its parent is killed.

    None where the system has no such thing (it is Linux's own).
    """
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def ask() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:
            # It died before we asked.
            os.kill(os.getpid(), signal.SIGKILL)

    return ask


def teller(config: Settings) -> Say:
    """Return what tells the operator a fact: as `logs` does, without its 16 MB."""
    clock = WallClock()

    def say(event: str, /, **fields: object) -> None:
        if config.plain_logs:
            line = " ".join([event, *(f"{name}={value}" for name, value in fields.items())])
        else:
            head = {"process": "supervisor", "event": event, "timestamp": clock.now().isoformat()}
            line = json.dumps({**head, **fields}, default=str)
        try:
            sys.stderr.write(line + "\n")
            sys.stderr.flush()
        except (OSError, ValueError):
            # Nobody listens any more (a closed terminal, a full log disk); the work goes on.
            return

    return say
