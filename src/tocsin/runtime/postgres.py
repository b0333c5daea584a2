"""How is a database reached, and how is the embedded PostgreSQL made, started, watched and stopped?

The server is a direct child, so that its death is known at once, but in a session of its own, so
that it outlives a supervisor that was killed; the next one adopts it. There is no TCP: one socket
in a private folder, and the operating system says who is asking (peer authentication).
"""

import fcntl
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from typing import Final, Protocol
from urllib.parse import quote, urlsplit, urlunsplit

from tocsin.runtime import postgres_home, postgres_make
from tocsin.runtime.postgres_home import Home, PostgresError
from tocsin.runtime.postgres_make import DATABASE, ROLES
from tocsin.runtime.settings import Settings, wrong

LOG_BYTES: Final = 8 * 1024 * 1024
STILL_WORKING_AFTER_S: Final = 10.0
LONGEST_PAUSE_S: Final = 15.0
LOOK_EVERY_S: Final = 0.1


def database_url(settings: Settings, role: str, *, database: str | None = None) -> str:
    """Return the address of the database for `role`; the same in every process, no I/O.

    `role` is owner, web, engine or door (or the name of a role on the
    server; `postgres` is the embedded one's superuser). With TOCSIN_DATABASE_URL its own user name
    is replaced by `role`; a password in it serves all roles (better: a pgpass file).
    `database` is another one than Tocsin's on the same server.
    """
    role = f"tocsin_{role}" if f"tocsin_{role}" in ROLES else role
    if settings.database_url:
        parts = urlsplit(settings.database_url)
        login, at, hosts = parts.netloc.rpartition("@")
        password = login.partition(":")[2] if at else ""
        name = quote(role, safe="") + (f":{password}" if password else "")
        path = f"/{quote(database, safe='')}" if database else parts.path or f"/{DATABASE}"
        return urlunsplit(("postgresql", f"{name}@{hosts}", path, parts.query, ""))
    socket = quote(
        os.fspath(postgres_home.socket_folder(postgres_home.base_folder(settings))), safe=""
    )
    return (
        f"postgresql://{quote(role, safe='')}@/{quote(database or DATABASE, safe='')}?host={socket}"
    )


class Say(Protocol):
    """Tells the operator one fact: a stable name and fields."""

    def __call__(self, event: str, /, **fields: object) -> None:
        """Tell it."""
        ...


def say_nothing(_event: str, /, **_fields: object) -> None:
    """Tell nobody."""


class Cluster:
    """The embedded PostgreSQL of one data folder.

    With an outside database every method does nothing.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        durable: bool = True,
        say: Say = say_nothing,
    ) -> None:
        """Prepare; nothing is touched before `start`.

        `durable=False` is for tests, which need no disk.
        """
        self._settings = settings
        self._durable = durable
        self._say = say
        self._home: Home | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._adopted: int | None = None
        self._lock: int | None = None
        self.stopping = Event()

    def url(self, role: str, *, database: str | None = None) -> str:
        """Return `database_url`; the role `postgres` is the superuser of the embedded server."""
        return database_url(self._settings, role, database=database)

    @property
    def pid(self) -> int | None:
        """Return the process id of the server, or None."""
        return self._child.pid if self._child else self._adopted

    def start(self) -> str:
        """Bring the server up and return how: `outside`, `adopted`, `started` or `made`.

        Waits as long as recovery takes. Raises PostgresError if it cannot be brought up, or if
        another supervisor holds this data folder.
        """
        if self._settings.database_url:
            return "outside"
        self.hold()
        self._home = home = postgres_home.open_home(self._settings)
        try:
            programs = postgres_home.programs(self._settings, home.account)
            made = postgres_make.make(home, programs, durable=self._durable)
            postgres_make.configure(home, durable=self._durable)
            if made:
                return self._launch(home, programs, "made")
            return self._adopt_or_launch(home, programs)
        except OSError as problem:
            message = f"cannot start PostgreSQL: {problem}."
            raise PostgresError(message) from problem

    def hold(self) -> None:
        """Take the data folder for this process until `stop`: no two supervisors share one.

        Raises PostgresError: another process holds it (its
        number is told), or the folder cannot be used.
        """
        if self._lock is not None:
            return
        path = self._settings.data_dir / "supervisor.lock"
        try:
            postgres_home.make_folder(path.parent, 0o755)
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as problem:
            refused = wrong("TOCSIN_DATA", path.parent, f"cannot be used ({problem.strerror})")
            raise PostgresError(str(refused)) from problem
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as problem:
            holder = os.pread(handle, 20, 0).decode(errors="replace").strip()
            os.close(handle)
            message = (
                f"another Tocsin (process {holder or 'unknown'}) runs on {path.parent}; stop it, "
                "or set TOCSIN_DATA to another folder."
            )
            raise PostgresError(message) from problem
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        self._lock = handle

    def stop(self, *, timeout_s: float = 8.0) -> None:
        """End the server, which writes a checkpoint, and let go of the data folder."""
        pid = self.pid
        if pid is not None and self._home is not None:
            for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
                if self._has_ended():
                    break
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
                self._wait_ended(timeout_s if number == signal.SIGINT else 1.0)
        self._child = self._adopted = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def watch(self) -> None:
        """Keep the server up until `stopping` is set; after a death at once, then with pauses."""
        pause_s = 0.0
        up_since = time.monotonic()
        while not self.stopping.wait(LOOK_EVERY_S):
            if self._settings.database_url or not self._has_ended():
                self._keep_log_small()
                continue
            self._say("postgres.died")
            if time.monotonic() - up_since > LONGEST_PAUSE_S:
                pause_s = 0.0
            if self.stopping.wait(pause_s):
                return
            pause_s = min(LONGEST_PAUSE_S, pause_s * 2 or 0.1)
            try:
                how = self.start()
            except PostgresError as problem:
                self._say("postgres.refused", problem=str(problem))
                # It was not up for a moment: the pauses go on growing.
                up_since = time.monotonic()
            else:
                self._say(f"postgres.{how}", pid=self.pid)
                up_since = time.monotonic()

    def remove(self) -> None:
        """Stop the server and delete its data; for tests and benches on temporary folders."""
        home = self._home
        self.stop(timeout_s=1.0 if not self._durable else 8.0)
        if home is not None:
            shutil.rmtree(postgres_home.socket_folder(home.base), ignore_errors=True)
            shutil.rmtree(home.base, ignore_errors=True)

    def _adopt_or_launch(self, home: Home, programs: Path) -> str:
        pid = postgres_home.postmaster(home.data)
        if pid is not None and self._is_ours(pid, programs):
            self._adopted, self._child = pid, None
            if self._wait_ready(home):
                return "adopted"
        self._clear_remains(home)
        return self._launch(home, programs, "started")

    def _is_ours(self, pid: int, programs: Path) -> bool:
        """Tell whether the living server runs the programs that we would run; else end it."""
        try:
            if Path(f"/proc/{pid}/exe").readlink() == (programs / "postgres").resolve():
                return True
            os.kill(pid, signal.SIGINT)
        except OSError:
            return False
        self._adopted = pid
        self._wait_ended(60.0)
        return False

    def _clear_remains(self, home: Home) -> None:
        """Remove what a killed server left: children with its memory, files with its name."""
        self._adopted = None
        for pid in postgres_home.processes_in(home.data):
            os.kill(pid, signal.SIGKILL)
        (home.data / "postmaster.pid").unlink(missing_ok=True)
        folder = postgres_home.socket_folder(home.base)
        for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
            (folder / name).unlink(missing_ok=True)

    def _launch(self, home: Home, programs: Path, how: str) -> str:
        folder = home.base / "configuration"
        files = [f"--{name}={folder / file}" for name, file in postgres_make.FILES.items()]
        socket = postgres_home.socket_folder(home.base)
        with home.log.open("ab") as log:
            home.log.chmod(0o600)
            self._child = subprocess.Popen(
                [programs / "postgres", "-D", home.data, "-k", socket, *files],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **postgres_make.as_account(home),
            )
        if not self._wait_ready(home):
            if self.stopping.is_set():
                message = "PostgreSQL was still starting when it was told to stop."
                raise PostgresError(message)
            self._child = None
            message = f"PostgreSQL ended at its start; {home.log} says: {_tail(home.log)}"
            raise PostgresError(message)
        return how

    def _wait_ready(self, home: Home) -> bool:
        """Wait until the server takes connections; False when it ends instead.

        Recovery may take minutes: no limit.
        """
        told = began = time.monotonic()
        while not self._has_ended() and not self.stopping.is_set():
            if _status(home.data) == "ready":
                return True
            if time.monotonic() - told > STILL_WORKING_AFTER_S:
                told = time.monotonic()
                self._say("postgres.recovering", since_s=round(told - began))
            time.sleep(0.005)
        return False

    def _has_ended(self) -> bool:
        if self._child is not None:
            return self._child.poll() is not None
        return (
            self._home is None
            or self._adopted is None
            or postgres_home.postmaster(self._home.data) != self._adopted
        )

    def _wait_ended(self, timeout_s: float) -> None:
        end = time.monotonic() + timeout_s
        while not self._has_ended() and time.monotonic() < end:
            time.sleep(0.01)

    def _keep_log_small(self) -> None:
        if self._home is None or self._home.log.stat().st_size <= LOG_BYTES:
            return
        shutil.copyfile(self._home.log, self._home.log.with_suffix(".log.1"))
        os.truncate(self._home.log, 0)


@contextmanager
def running(settings: Settings) -> Iterator[None]:
    """Hold a database up for one command: the running one, or one started for it."""
    cluster = Cluster(settings)
    if not settings.database_url and postgres_home.is_running(
        postgres_home.base_folder(settings) / "data"
    ):
        yield
        return
    cluster.start()
    try:
        yield
    finally:
        cluster.stop()


def _status(data: Path) -> str:
    try:
        return (data / "postmaster.pid").read_text(encoding="utf-8").split("\n")[7].strip()
    except (OSError, IndexError):
        return ""


def _tail(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")[-400:].strip()
    except OSError:
        return "nothing"
