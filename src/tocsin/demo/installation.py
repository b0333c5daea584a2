"""How is the demo's installation set up? Like one of production, with the sandbox carrier in place of real gateways.

Its data lies in DATA/demo, all of it: a demo that is started where Tocsin is in use must not touch its database, keys or
spool, nor tell its watcher that all is well. A port that is taken is left to whoever has it: another one is chosen, and said.
"""

import fcntl
import json
import os
import shutil
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tocsin.runtime import settings
from tocsin.runtime.ids import secret
from tocsin.runtime.parts import Port, ports_of, why_not_free
from tocsin.runtime.settings import Settings
from tocsin.runtime.usable import refuse_unusable

GATEWAYS: Final = "gateways.toml"
LOCK: Final = "demo.lock"
# Its spool, PostgreSQL with its log, the record; at a later run most of it is there.
FIRST_MB: Final = 250
LATER_MB: Final = 50
OWNER_ONLY: Final = 0o600
KANNEL_QUERY: Final = (
    "username={account}&password={secret}&to={to}&from={from}&text={text}&dlr-mask=3"
    "&dlr-url={callback}%3Ftype%3D%25d%26reference%3D{reference}"
)
BINDS: Final = (
    "TOCSIN_GATE_BIND",
    "TOCSIN_WEB_BIND",
    "TOCSIN_CARRIER_BIND",
    "TOCSIN_CARRIER_SMTP_BIND",
)
# Of somebody's real installation: the sample employers and the sandbox carrier have no business there.
NOT_OURS: Final = (
    "TOCSIN_DATABASE_URL",
    "TOCSIN_KEYS",
    "TOCSIN_SPOOL",
    "TOCSIN_RUN",
    "TOCSIN_GATEWAYS",
    "TOCSIN_SMTP_URL",
    "TOCSIN_HEARTBEAT_URL",
    "TOCSIN_MQTT_URL",
)


@dataclass(frozen=True, slots=True)
class Installation:
    """The settings that the demo's processes get (`changes`), read (`config`), and what is otherwise than asked (`moved`)."""

    changes: dict[str, str]
    config: Settings
    carrier_url: str
    moved: tuple[str, ...]


class DemoRuns(Exception):
    """Another demo runs on this data folder; the message says which."""


class NoRoom(Exception):
    """The disk of the demo's folder is too full; the message says how much it needs."""


@contextmanager
def held_folder() -> Iterator[Path]:
    """Yield the demo's data folder, made and held: a second demo must not change what the first one reads.

    Raises:
        SettingError: a setting of this process is wrong.
        OSError: the folder cannot be made.
        DemoRuns: somebody has it.
    """
    config = settings.load()
    refuse_unusable(config, "TOCSIN_DATA")
    data = config.data_dir / "demo"
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (data / LOCK).open("a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as problem:
            lock.seek(0)
            message = (
                f"another demo (process {lock.read().strip() or 'unknown'}) runs on {data}; "
                "stop it, or set TOCSIN_DATA to another folder"
            )
            raise DemoRuns(message) from problem
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield data


def set_up(data: Path) -> Installation:
    """Return the demo's settings for its data folder, the gateways file made.

    Raises:
        SettingError: a setting of this process is wrong.
        NoRoom: the disk is too full.
        OSError: a file cannot be written, or there is no free port.
    """
    _refuse_full_disk(data)
    base = {"TOCSIN_DATA": str(data), "TOCSIN_DEMO": "yes", "TOCSIN_PRIVATE_WEBHOOKS": "yes"}
    given = settings.environment({})
    ignored = [
        f"{name} is not used: the demo keeps to {data}." for name in NOT_OURS if given.get(name)
    ]
    base |= dict.fromkeys(NOT_OURS, "")
    wanted = settings.load(settings.environment(base))
    binds, moved = _binds(wanted)
    web, gate = binds["TOCSIN_WEB_BIND"], binds["TOCSIN_GATE_BIND"]
    carrier = f"http://{binds['TOCSIN_CARRIER_BIND']}"
    path = data / GATEWAYS
    _write_gateways(path, carrier)
    changes = base | binds
    changes |= {
        "TOCSIN_PUBLIC_URL": f"http://{web}",
        "TOCSIN_GATE_URLS": f"http://{gate}",
        "TOCSIN_GATEWAYS": str(path),
        "TOCSIN_SMTP_URL": f"smtp://{binds['TOCSIN_CARRIER_SMTP_BIND']}",
        "TOCSIN_MAIL_FROM": "tocsin@harbour.example.org",
        "TOCSIN_PUSH_CONTACT": "mailto:tocsin@harbour.example.org",
    }
    config = settings.load(settings.environment(changes))
    return Installation(changes, config, carrier, (*ignored, *moved))


def _refuse_full_disk(data: Path) -> None:
    """Say so before PostgreSQL and the gate run into it: they would wait for room, and the demo with them."""
    needed_mb = LATER_MB if (data / "migrated").exists() else FIRST_MB
    free_mb = shutil.disk_usage(data).free // 2**20
    if free_mb < needed_mb:
        message = (
            f"{data} has {free_mb} MB free, and the demo needs {needed_mb} MB; free some, "
            "or set TOCSIN_DATA to another folder"
        )
        raise NoRoom(message)


def _binds(config: Settings) -> tuple[dict[str, str], list[str]]:
    """Return where to listen, and a sentence for each port that is taken."""
    binds, moved, used = {}, [], set()
    for port in ports_of(config):
        number = port.number
        problem = why_not_free(port)
        if problem or number in used:
            number = next(free for free in _free_ports(port) if free not in used)
            moved.append(f"Port {port.number} is taken ({port.part}): using {number} instead.")
        used.add(number)
        binds[port.setting] = f"{port.host}:{number}"
    for name in BINDS:
        binds.setdefault(name, "127.0.0.1:0")
    return binds, moved


def _free_ports(port: Port) -> Iterator[int]:
    """Yield the ports after a taken one that nobody uses, then one of the system's choice."""
    for number in range(port.number + 1, min(port.number + 50, 65536)):
        if why_not_free(Port(port.part, port.setting, port.host, number)) is None:
            yield number
    with socket.socket() as probe:
        probe.bind((port.host, 0))
        yield int(probe.getsockname()[1])


def _write_gateways(path: Path, carrier: str) -> None:
    """Write the gateways of the sandbox; their passwords stay the same from run to run."""
    kept = path.with_suffix(".json")
    if kept.exists():
        passwords: dict[str, str] = json.loads(kept.read_text(encoding="utf-8"))
    else:
        passwords = {name: secret() for name in ("harbour", "orchard", "orchard-in")}
        _write(kept, json.dumps(passwords))
    harbour = {
        "kind": "twilio",
        "organisation": "harbour-county-ems",
        "url": f"{carrier}/2010-04-01/Accounts/ACsandbox/Messages.json",
        "number": "+13125550190",
        "account": "ACsandbox",
        "secret": passwords["harbour"],
    }
    orchard = {
        "kind": "http",
        "organisation": "orchard-stores",
        "url": f"{carrier}/cgi-bin/sendsms?{KANNEL_QUERY}",
        "method": "GET",
        "number": "+13125550191",
        "account": "orchard",
        "secret": passwords["orchard"],
        "inbound_secret": passwords["orchard-in"],
    }
    _write(path, _table("harbour", harbour) + _table("orchard", orchard))


def _table(name: str, values: Mapping[str, str]) -> str:
    # A basic string of TOML takes what JSON takes.
    lines = [f"{key} = {json.dumps(value)}" for key, value in values.items()]
    return "\n".join([f"[{name}]", *lines, "", ""])


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f"{path.name}.new")
    draft.touch(mode=OWNER_ONLY)
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
