"""Is this machine fit to be relied upon? What `tocsin doctor` finds out about it, line by line, and what to do."""

import ctypes
import os
import shutil
import socket
import ssl
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

import psycopg

from tocsin.runtime import kept_mail, outside_database, postgres_home, reach, running, usable
from tocsin.runtime.finding import OK, WARNING, WRONG, closed
from tocsin.runtime.finding import Finding as Finding
from tocsin.runtime.folders import is_there
from tocsin.runtime.outside_database import Answer
from tocsin.runtime.postgres_home import PostgresError
from tocsin.runtime.postgres_make import ROLES
from tocsin.runtime.settings import Settings

OLDEST_PYTHON: Final = (3, 11)
# The newest minor releases known when this version was made; older ones have known holes.
NEWEST_MINOR: Final = {15: 20, 16: 16, 17: 12, 18: 6}
SCARCE_MB: Final = 1024
FULL_MB: Final = 200
SYNCS: Final = 100
SLOW_SYNC_MS: Final = 20.0
TIME_ERROR: Final = 5
TIMEX_BYTES: Final = 512
MQTT_PORT: Final = 1_883
MQTTS_PORT: Final = 8_883
ANSWERS_WITHIN_S: Final = 3.0
CONNACK: Final = b"\x20"
REFUSALS: Final = {
    3: "it is not available",
    4: "it refuses the name or the password",
    5: "it refuses the name or the password",
}


def examine(config: Settings) -> Iterator[Finding]:
    """Yield what was found, one finding at a time, so that a slow check delays no other line."""
    yield _python()
    yield from _settings(config)
    yield from _disk(config)
    yield _spool(config)
    yield _keys(config)
    yield from _database(config)
    yield from _set_aside()
    yield kept_mail.examine(config)
    yield from running.examine(config)
    yield _clock()
    yield from reach.examine(config)
    yield from _broker(config)
    yield _watcher(config)
    yield _address(config)


def _python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        return Finding(WRONG, "python", f"{found} is too old: 3.11 or newer is needed.")
    if sys.platform != "linux":
        return Finding(
            WARNING, "python", f"{found}; Tocsin is tested on Linux, this is {sys.platform}."
        )
    return Finding(OK, "python", found)


def _settings(config: Settings) -> Iterator[Finding]:
    """Say of a setting that would stop the start what the start would say."""
    for problem in usable.unusable(config):
        # Not there before the start is the rule for this one: systemd makes it (RuntimeDirectory=) and takes it away.
        is_made_later = problem.name == "TOCSIN_RUN" and not is_there(config.run_dir)
        yield Finding(WARNING if is_made_later else WRONG, "setting", str(problem))
    if not config.database_url:
        try:
            postgres_home.refuse_wrong_settings(config)
        except PostgresError as refused:
            yield Finding(WRONG, "setting", str(refused))


def _existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that is there.

    Raises:
        PermissionError: it lies where this account may not look.
    """
    return next(part for part in (folder, *folder.parents) if part.is_dir())


def _disk(config: Settings) -> Iterator[Finding]:
    folders = {"data": config.data_dir, "spool": config.spool_dir}
    for name, folder in folders.items():
        try:
            free_mb = shutil.disk_usage(_existing(folder)).free // 2**20
        except PermissionError:
            yield closed(f"disk {name}", folder)
            continue
        state = OK if free_mb >= SCARCE_MB else WARNING if free_mb >= FULL_MB else WRONG
        advice = "" if state == OK else " Free some: an SOS that cannot be stored is refused."
        yield Finding(state, f"disk {name}", f"{free_mb} MB free at {folder}.{advice}")


def _spool(config: Settings) -> Finding:
    try:
        folder = _existing(config.spool_dir)
    except PermissionError:
        return closed("spool", config.spool_dir)
    note = (
        "" if folder == config.spool_dir else f" (measured at {folder}; the gate makes the spool)"
    )
    try:
        took_ms = _sync_ms(folder)
    except OSError as problem:
        return Finding(
            WRONG, "spool", f"cannot write and sync in {folder}: {problem}. Set TOCSIN_SPOOL."
        )
    if took_ms > SLOW_SYNC_MS:
        text = (
            f"{took_ms:.1f} ms a sync{note}: each SOS waits for one; use a faster disk for "
            "TOCSIN_SPOOL."
        )
        return Finding(WARNING, "spool", text)
    return Finding(OK, "spool", f"{took_ms:.2f} ms a sync (mean of {SYNCS}){note}.")


def _sync_ms(folder: Path) -> float:
    with tempfile.TemporaryFile(dir=folder) as file:
        began = time.monotonic()
        for _ in range(SYNCS):
            file.write(b"x" * 256)
            file.flush()
            os.fdatasync(file.fileno())
        return (time.monotonic() - began) / SYNCS * 1000


def _keys(config: Settings) -> Finding:
    try:
        return _judge_keys(config)
    except PermissionError:
        return closed("keys", config.keys_dir)


def _judge_keys(config: Settings) -> Finding:
    folder = config.keys_dir
    if not folder.is_dir():
        return Finding(WARNING, "keys", f"{folder} is not there yet; `tocsin up` makes the keys.")
    too_open = [path for path in (folder, *folder.iterdir()) if path.stat().st_mode & 0o077]
    if too_open:
        names = ", ".join(map(str, too_open))
        return Finding(
            WRONG, "keys", f"others may read {names}. chmod 700 the folder, 600 the files."
        )
    if folder.is_relative_to(config.data_dir):
        text = f"{folder} lies with the data: who gets one backup can read all. Set TOCSIN_KEYS."
        return Finding(WARNING, "keys", text)
    return Finding(OK, "keys", f"{folder} is closed to others.")


def _database(config: Settings) -> Iterator[Finding]:
    what = "database"
    if not config.database_url:
        if not postgres_home.is_running(postgres_home.base_folder(config) / "data"):
            yield Finding(WARNING, what, _where_none_runs(config))
            return
        text = (
            "the embedded PostgreSQL; for production set TOCSIN_DATABASE_URL (patches, standby, "
            "backups)."
        )
        yield Finding(WARNING, what, text)
    answers = []
    away = {}
    for role in ROLES:
        try:
            answers.append(outside_database.ask(config, role))
        except psycopg.OperationalError as problem:
            away[role] = outside_database.first_line(problem)
    for role, said in away.items():
        helps = f" {outside_database.what_helps(config, role)}" if answers else ""
        yield Finding(WRONG, what, f"{role} cannot connect: {said}.{helps}")
    if away and not answers:
        yield Finding(WRONG, what, outside_database.NO_ROLE)
    if answers:
        yield judge_version(answers[0].version)
    yield from (judge_role(answer) for answer in answers)


def _where_none_runs(config: Settings) -> str:
    """Return where was looked for the embedded PostgreSQL, and who looks at the right place if it may be another."""
    said = f"no embedded PostgreSQL runs in {postgres_home.base_folder(config)}"
    other = postgres_home.elsewhere(config)
    if other:
        folder, account = other
        return f"{said}; {account} has one in {folder}: run the doctor as {account}."
    return f"{said} (of TOCSIN_DATA, {config.data_dir}); `tocsin up` starts it."


def _set_aside() -> Iterator[Finding]:
    """Name old databases that are kept: they hold people's data, and nobody erases in them."""
    for base in sorted(postgres_home.ROOT_HOME.glob("*.set-aside-*")):
        text = (
            f"{base} is kept from a data folder that was deleted; delete it when it is not needed."
        )
        yield Finding(WARNING, "old database", text)


def judge_version(version: int) -> Finding:
    """Return whether a server of this version (its own number, 180006 is 18.6) is fit."""
    major, minor = divmod(version, 10_000)
    found = f"PostgreSQL {major}.{minor}"
    if major < min(NEWEST_MINOR):
        return Finding(
            WRONG, "database", f"{found} is too old: {min(NEWEST_MINOR)} or newer is needed."
        )
    if minor < NEWEST_MINOR.get(major, 0):
        text = (
            f"{found} is older than {major}.{NEWEST_MINOR[major]}, which closes security holes; "
            "update it."
        )
        return Finding(WARNING, "database", text)
    return Finding(OK, "database", found)


def judge_role(answer: Answer) -> Finding:
    """Return whether row-level security holds for this role."""
    if answer.is_superuser or answer.bypasses_row_security:
        text = (
            f"{answer.role} passes over row-level security: ALTER ROLE {answer.role} NOSUPERUSER "
            "NOBYPASSRLS;"
        )
        return Finding(WRONG, "role", text)
    return Finding(OK, "role", f"{answer.role} is bound by row-level security.")


def _clock() -> Finding:
    """Say whether a time service keeps the system's clock (the kernel knows)."""
    what = "clock"
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(TIMEX_BYTES))
    except (OSError, AttributeError):
        state = -1
    if state < 0:
        return Finding(
            WARNING, what, "whether a time service keeps it is unknown here; make sure one does."
        )
    if state == TIME_ERROR:
        return Finding(
            WARNING, what, "no time service keeps it: times on record may be wrong; start NTP."
        )
    return Finding(OK, what, "kept by a time service.")


def _broker(config: Settings) -> Iterator[Finding]:
    if not config.mqtt_url:
        return
    parts = urlsplit(config.mqtt_url)
    port = parts.port or (MQTTS_PORT if parts.scheme == "mqtts" else MQTT_PORT)
    problem = _kept_out(parts, port)
    if problem:
        text = f"{parts.hostname}:{port}: {problem}: its readers and trackers are not heard. TOCSIN_MQTT_URL."
        yield Finding(WRONG, "broker", text)
        return
    is_plain = parts.scheme == "mqtt" and parts.hostname not in {"127.0.0.1", "::1", "localhost"}
    if is_plain:
        yield Finding(
            WARNING, "broker", f"{parts.hostname} is heard without encryption: use mqtts://."
        )
    else:
        yield Finding(OK, "broker", f"{parts.hostname}:{port} lets us in.")


def _kept_out(parts: SplitResult, port: int) -> str:
    """Return why a broker does not let us in ("" if it does): it is away, its certificate, our name or password."""
    host = parts.hostname or ""
    try:
        with socket.create_connection((host, port), ANSWERS_WITHIN_S) as plain:
            is_tls = parts.scheme == "mqtts"
            wire = (
                ssl.create_default_context().wrap_socket(plain, server_hostname=host)
                if is_tls
                else plain
            )
            wire.sendall(_connect(unquote(parts.username or ""), unquote(parts.password or "")))
            answer = wire.recv(4)
            wire.close()
    except ssl.SSLCertVerificationError as problem:
        return f"its certificate is not trusted ({problem.verify_message}); SSL_CERT_FILE names another file"
    except OSError as problem:
        return problem.strerror or str(problem)
    if len(answer) < 4 or answer[:1] != CONNACK:
        return "it does not answer as an MQTT broker does"
    return REFUSALS.get(answer[3], "it refuses us") if answer[3] else ""


def _connect(name: str, password: str) -> bytes:
    """Return the first packet of MQTT 3.1.1 (OASIS, 3.1): a session of its own that nothing is kept for."""
    flags = 2 | (0x80 if name else 0) | (0x40 if password else 0)
    said = ["tocsin-doctor", *([name] if name else []), *([password] if password else [])]
    fields = [len(one.encode()).to_bytes(2, "big") + one.encode() for one in said]
    body = b"\x00\x04MQTT\x04" + bytes([flags]) + (10).to_bytes(2, "big") + b"".join(fields)
    length: list[int] = []
    rest = len(body)
    while rest or not length:
        length.append(rest % 128 | (0x80 if rest >= 128 else 0))
        rest //= 128
    return bytes([0x10, *length]) + body


def _watcher(config: Settings) -> Finding:
    """Say whether the watcher can be reached; it is not asked, which would tell it that all is well."""
    what = "watcher"
    if not config.heartbeat_url:
        text = "nobody outside notices when this machine falls silent. Set TOCSIN_HEARTBEAT_URL."
        return Finding(WARNING, what, text)
    parts = urlsplit(config.heartbeat_url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        _begin(parts.hostname or "", port, is_encrypted=parts.scheme == "https")
    except OSError as problem:
        said = getattr(problem, "verify_message", "") or problem.strerror or problem
        text = f"{parts.hostname}:{port}: {said}: it is not told, and calls a person. TOCSIN_HEARTBEAT_URL."
        return Finding(WARNING, what, text)
    return Finding(OK, what, f"{parts.hostname}:{port} answers; the engine tells it every minute.")


def _begin(host: str, port: int, *, is_encrypted: bool) -> None:
    """Do what a request begins with, and ask nothing: a watcher with a certificate that nobody trusts is never told."""
    with socket.create_connection((host, port), ANSWERS_WITHIN_S) as line:
        if is_encrypted:
            ssl.create_default_context().wrap_socket(line, server_hostname=host).close()


def _address(config: Settings) -> Finding:
    parts = urlsplit(config.public_url)
    if parts.scheme == "https" or parts.hostname in {"127.0.0.1", "::1", "localhost"}:
        return Finding(OK, "address", config.public_url)
    text = f"{config.public_url} is not encrypted: put it behind https (TOCSIN_PUBLIC_URL)."
    return Finding(WRONG, "address", text)
