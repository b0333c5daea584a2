"""How is the embedded PostgreSQL made and configured?"""

import locale
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from tocsin.runtime import postgres_home
from tocsin.runtime.postgres_home import Home, PostgresError

DATABASE: Final = "tocsin"
ROLES: Final = ("tocsin_owner", "tocsin_web", "tocsin_engine", "tocsin_door")
OLDEST_MAJOR: Final = 15
BUILT_IN_LOCALE_SINCE: Final = 17
IO_METHOD_SINCE: Final = 18

# One installation on a small machine. Messages hold no personal data: no statement, no row.
CONFIGURATION: Final = """\
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 32MB
huge_pages = off
work_mem = 4MB
maintenance_work_mem = 32MB
wal_level = replica
max_wal_senders = 4
max_replication_slots = 4
max_logical_replication_workers = 0
max_worker_processes = 2
max_parallel_workers = 0
max_parallel_workers_per_gather = 0
max_parallel_maintenance_workers = 0
min_wal_size = 32MB
max_wal_size = 256MB
autovacuum_max_workers = 1
autovacuum_naptime = 60s
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] '
log_min_messages = warning
log_min_error_statement = panic
log_error_verbosity = terse
log_checkpoints = off
"""
FROM_18: Final = "io_method = sync\nautovacuum_worker_slots = 2\n"
DURABLE: Final = "fsync = on\nfull_page_writes = on\nsynchronous_commit = on\n"
# Still survives a killed server, but no power cut.
NOT_DURABLE: Final = "fsync = off\nfull_page_writes = off\nsynchronous_commit = on\n"


def role_statements(role: str) -> tuple[str, ...]:
    """Return the statements that make a role which may only connect; the migrations give it its rights."""
    return (
        f"CREATE ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;",
        f"GRANT CONNECT, TEMPORARY ON DATABASE {DATABASE} TO {role};",
    )


FIRST_STATEMENTS: Final = (
    *(role_statements(role)[0] for role in ROLES),
    f"CREATE DATABASE {DATABASE} OWNER tocsin_owner;",
    f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC;",
    *(role_statements(role)[1] for role in ROLES),
)
FILES: Final = {
    "config-file": "postgresql.conf",
    "hba-file": "pg_hba.conf",
    "ident-file": "pg_ident.conf",
}


def make(home: Home, programs: Path, *, durable: bool) -> bool:
    """Make the cluster with its roles and database if there is none.

    A half-made one is never seen.
    """
    for abandoned in home.base.glob("data.making-*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    if (home.data / "PG_VERSION").exists():
        _refuse_other_major(home.data, programs)
        return False
    # A name of its own: the initdb of a killed supervisor may still be writing to another.
    making = home.base / f"data.making-{os.getpid()}"
    making.mkdir(mode=0o700)
    if home.account:
        os.chown(making, home.account.uid, home.account.gid)
    initdb: list[str | Path] = [programs / "initdb", "-D", making, *_options(programs)]
    # A cluster of tests is thrown away; any other must be on disk before its name is.
    _run(home, initdb if durable else [*initdb, "--no-sync"])
    statements = "\n".join(FIRST_STATEMENTS) + "\n"
    single: list[str | Path] = [programs / "postgres", "--single", "-D", making]
    said = _run(home, [*single, *([] if durable else ["-F"]), "postgres"], statements)
    if "ERROR" in said or "FATAL" in said:
        message = f"the new database could not be prepared: {said[-500:]}"
        raise PostgresError(message)
    making.rename(home.data)
    if durable:
        sync_folder(home.base)
    return True


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to disk, so that a rename survives a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def configure(home: Home, *, durable: bool) -> None:
    """Write the configuration beside the data: the server's account may only read it."""
    folder = home.base / "configuration"
    postgres_home.make_folder(folder, 0o755)
    extra = (DURABLE if durable else NOT_DURABLE) + (
        FROM_18 if _major(home.data) >= IO_METHOD_SINCE else ""
    )
    names = {_own_name(), "root", *([home.account.name] if home.account else [])}
    idents = "".join(
        f"tocsin {name} {role}\n" for name in sorted(names) for role in ("postgres", *ROLES)
    )
    files = {
        "postgresql.conf": CONFIGURATION + extra,
        "pg_hba.conf": "local all,replication all peer map=tocsin\n",
        "pg_ident.conf": idents,
    }
    for name, text in files.items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o644)


def as_account(home: Home) -> dict[str, Any]:
    """Return `subprocess` arguments: the home's account, and nothing of our environment."""
    environment = {"LC_ALL": "C", "PATH": "/usr/bin:/bin", "TZ": "UTC"}
    who = (
        {"user": home.account.uid, "group": home.account.gid, "extra_groups": []}
        if home.account
        else {}
    )
    return {"cwd": "/", "env": environment, **who}


def _run(home: Home, command: Sequence[str | Path], given: str = "") -> str:
    try:
        done = subprocess.run(
            command,
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            **as_account(home),
        )
    except subprocess.SubprocessError as problem:
        message = (
            f"cannot run {command[0]} as {home.account.name if home.account else 'this user'}: "
            f"{problem}."
        )
        raise PostgresError(message) from problem
    if done.returncode != 0:
        message = f"{Path(command[0]).name} failed: {done.stderr.strip()[-500:]}"
        raise PostgresError(message)
    return str(done.stderr)


def _own_name() -> str:
    try:
        return postgres_home.own_name()
    except KeyError as problem:
        message = (
            f"this process's user number {os.geteuid()} has no name, and PostgreSQL needs one; add "
            "it to /etc/passwd."
        )
        raise PostgresError(message) from problem


def _major(data: Path) -> int:
    return int((data / "PG_VERSION").read_text(encoding="utf-8"))


def _program_major(programs: Path) -> int:
    command: list[str | Path] = [programs / "postgres", "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    version = re.search(r"\d+", said.stdout)
    return int(version[0]) if version else 0


def _refuse_other_major(data: Path, programs: Path) -> None:
    theirs, ours = _major(data), _program_major(programs)
    if theirs != ours:
        message = (
            f"the data in {data} is of PostgreSQL {theirs}, the programs are {ours}: dump with the "
            "old ones, restore with the new."
        )
        raise PostgresError(message)


def _options(programs: Path) -> list[str]:
    """Return initdb's options.

    The locale is the built-in C.UTF-8, which no upgrade of the operating system re-sorts.

    Versions before 17 lack it and take the C library's. `LC_CTYPE` must be UTF-8 as well: with C,
    trigrams ignore every letter outside ASCII.
    """
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
        name = "C.UTF-8"
    except locale.Error:
        name = "C"
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    major = _program_major(programs)
    if major < OLDEST_MAJOR:
        message = f"PostgreSQL {major} in {programs} is too old; {OLDEST_MAJOR} or newer is needed."
        raise PostgresError(message)
    built_in = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return [
        "--username=postgres",
        "--encoding=UTF8",
        "--data-checksums",
        "--auth=peer",
        f"--locale={name}",
        *(built_in if major >= BUILT_IN_LOCALE_SINCE else []),
    ]
