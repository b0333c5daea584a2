"""Who keeps the processes alive? Starts gate, database, engine and web, and starts again what dies.

The gate comes first and waits for nobody: it needs no database to take an SOS. The children die
with a supervisor that is killed, so that the next can have their ports at once; PostgreSQL outlives
it and is adopted. This process stays small: no Django, no event loop.

    SupervisorError     it cannot start: a port or the data folder is taken, a set-up failed
"""

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Event, Thread
from types import FrameType
from typing import IO, Final

from tocsin.runtime import parts as parts_module
from tocsin.runtime import postgres_home, prepare, settings, tables
from tocsin.runtime.parts import Part, SupervisorError, die_with_parent
from tocsin.runtime.postgres import Cluster, Say
from tocsin.runtime.postgres_home import PostgresError
from tocsin.runtime.settings import Settings
from tocsin.runtime.usable import refuse_unusable

END_PARTS_WITHIN_S: Final = 5.5
END_POSTGRES_WITHIN_S: Final = 2.5
STEADY_AFTER_S: Final = 10.0
SLOW_AFTER_S: Final = 30.0
TELL_EVERY_S: Final = 5.0
PORT_FREE_WITHIN_S: Final = 3.0
ONE_SIGNAL: Final = 1
LONGEST_PAUSE_S: Final = 15.0
# So long may the database, or a migration, take before an engine calls people without it. It does so at once when the
# database is refused. Longer than a usual upgrade takes: what a page ended just before the stop may not be in the snapshot.
STAND_BY_AFTER_S: Final = 15.0


@dataclass(slots=True)
class _Watched:
    """A part and its present process."""

    part: Part
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    is_ready: bool = False
    is_slow_told: bool = False
    pause_s: float = 0.0
    start_again_at: float = 0.0
    deaths_untold: int = 0
    told_at: float = field(default=float("-inf"))


class Supervisor:
    """Runs the parts until it is told to stop. Times are monotonic seconds."""

    def __init__(
        self,
        config: Settings,
        *,
        bring_up_to_date: Callable[[], None] | None = None,
        parts: Sequence[Part] | None = None,
        say: Say | None = None,
    ) -> None:
        """Prepare. `bring_up_to_date` sees to the tables; it is called once the database is up."""
        self._config = config
        self._bring_up_to_date = bring_up_to_date or partial(prepare.bring_up_to_date, config)
        self._watched = [_Watched(part) for part in parts or parts_module.parts_of(config)]
        self._say = say or parts_module.teller(config)
        self._cluster = Cluster(config, say=self._say)
        self._database_ready = Event()
        self._stand_by_from = float("inf")
        self._held_back: IO[bytes] | None = None
        self._failure: str | None = None
        self._signals = 0
        self._is_told = False
        self._wake_in, self._wake_out = socket.socketpair()
        self._began = time.monotonic()

    def run(self) -> None:
        """Run until SIGTERM, SIGINT or SIGHUP, then end everything within 10 s.

        A second signal ends it at once. Raises SupervisorError or SettingError if it cannot start.
        """
        with self._listening():
            self._hold()
            database = Thread(target=self._keep_database, name="database", daemon=True)
            try:
                self._refuse_taken_ports()
                database.start()
                while not self._signals and self._failure is None:
                    self._look()
                    self._sleep()
            finally:
                self._end(database)
        if self._failure is not None:
            raise SupervisorError(self._failure)

    # --- start and watch --------------------------------------------------------------------------

    def _hold(self) -> None:
        refuse_unusable(self._config)
        try:
            self._cluster.hold()
            postgres_home.make_folder(self._config.run_dir, 0o700)
            for mark in self._config.run_dir.glob("*.ready"):
                mark.unlink()
        except (PostgresError, OSError) as problem:
            raise SupervisorError(str(problem)) from problem
        prepare.ensure_keys(self._config)
        self._held_back = tables.hold_back(self._config)

    def _refuse_taken_ports(self) -> None:
        names = {watched.part.name for watched in self._watched}
        end = time.monotonic() + PORT_FREE_WITHIN_S
        for port in parts_module.ports_of(self._config):
            if port.part not in names:
                continue
            # The children of a supervisor that was just killed may hold theirs for a moment.
            while (problem := parts_module.why_not_free(port)) and time.monotonic() < end:
                time.sleep(0.02)
            if problem:
                message = (
                    f"{port.setting}={port.host}:{port.number}: {problem}. "
                    "Stop what uses it, or set another. "
                    f"Example: {port.setting}={settings.example_of(port.setting)}"
                )
                raise SupervisorError(message)

    def _look(self) -> None:
        now = time.monotonic()
        for watched in self._watched:
            if watched.process is not None:
                self._look_at(watched, now)
            may_start = now >= watched.start_again_at and self._may_run(watched.part, now)
            if watched.process is None and may_start:
                self._launch(watched, now)
        self._mark_ready(now)

    def _may_run(self, part: Part, now: float) -> bool:
        """Tell whether this part has what it needs; one that stands by, whether the database is too long in coming."""
        if self._database_ready.is_set() or not part.needs_database:
            return True
        return part.stands_by and now >= self._stand_by_from

    def _mark_ready(self, now: float) -> None:
        """Write the marks of the server and of the whole, for those who wait for it."""
        with suppress(OSError):
            pid = self._cluster.pid
            if self._database_ready.is_set() and pid and not self._has_marked("postgres", pid):
                self._mark("postgres").write_text(str(pid), encoding="utf-8")
            if not self._is_told and all(watched.is_ready for watched in self._watched):
                self._mark("supervisor").write_text(str(os.getpid()), encoding="utf-8")
                self._is_told = True
                self._say("supervisor.ready", after_ms=round((now - self._began) * 1000))

    def _launch(self, watched: _Watched, now: float) -> None:
        watched.started_at, watched.is_ready, watched.is_slow_told = now, False, False
        try:
            self._mark(watched.part.name).unlink(missing_ok=True)
            watched.process = subprocess.Popen(
                [sys.executable, "-m", watched.part.module],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509 - only prctl
            )
        except OSError as problem:
            # No memory or no process left just now: the same as a death at birth.
            self._note_death(watched, now, str(problem))

    def _look_at(self, watched: _Watched, now: float) -> None:
        process, name = watched.process, watched.part.name
        if process is None:
            return
        code = process.poll()
        if code is not None:
            self._note_death(watched, now, code)
        elif not watched.is_ready and self._has_marked(name, process.pid):
            watched.is_ready = True
            took_ms = round((now - watched.started_at) * 1000)
            self._say("part.ready", part=name, pid=process.pid, after_ms=took_ms)
        elif (
            not watched.is_ready
            and not watched.is_slow_told
            and now - watched.started_at > SLOW_AFTER_S
        ):
            watched.is_slow_told = True
            self._say("part.slow", part=name, pid=process.pid, since_s=round(SLOW_AFTER_S))

    def _note_death(self, watched: _Watched, now: float, code: int | str) -> None:
        """Plan the restart: at once after a steady life or a first death, then ever later."""
        watched.process, watched.is_ready = None, False
        if now - watched.started_at >= STEADY_AFTER_S:
            watched.pause_s = 0.0
        watched.start_again_at = now + watched.pause_s
        watched.pause_s = min(watched.part.longest_pause_s, watched.pause_s * 2 or 0.1)
        watched.deaths_untold += 1
        if now - watched.told_at >= TELL_EVERY_S:
            watched.told_at = now
            deaths, watched.deaths_untold = watched.deaths_untold, 0
            self._say("part.died", part=watched.part.name, code=code, deaths=deaths)

    def _has_marked(self, name: str, pid: int) -> bool:
        try:
            return self._mark(name).read_text(encoding="utf-8").strip() == str(pid)
        except OSError:
            return False

    def _mark(self, name: str) -> Path:
        return self._config.run_dir / f"{name}.ready"

    # --- the database, in a thread: its recovery delays no restart of the gate -----------------

    def _keep_database(self) -> None:
        stopping = self._cluster.stopping
        is_first = not self._config.database_url and not self._has_cluster()
        had_tables = prepare.were_up_to_date_once(self._config)
        if prepare.is_up_to_date(self._config):
            self._let_parts_start()
        elif had_tables:
            # Newer code: until its migrations have run an engine may call from what the last one knew.
            self._stand_by_from = time.monotonic() + STAND_BY_AFTER_S
        pause_s, told = 0.0, ""
        while not stopping.wait(pause_s):
            pause_s = min(LONGEST_PAUSE_S, pause_s * 2 or 0.25)
            try:
                self._bring_database_up()
            except (PostgresError, SupervisorError, OSError) as problem:
                # At a first start a person is watching; later the gate stays open, come what may.
                told = self._said_refused(str(problem), told)
                if is_first and not stopping.is_set():
                    self._failure = told
                    self._wake()
                    return
                if had_tables:
                    self._stand_by_from = time.monotonic()
                    self._wake()
            else:
                self._let_parts_start()
                self._cluster.watch()
                return

    def _said_refused(self, problem: str, told: str) -> str:
        """Return why the database is refused, having said it if it is not what was `told` last."""
        if problem != told:
            self._say("database.refused", problem=problem)
        return problem

    def _bring_database_up(self) -> None:
        how = self._cluster.start()
        if how != "outside":
            self._say(f"postgres.{how}", pid=self._cluster.pid)
        self._bring_up_to_date()

    def _let_parts_start(self) -> None:
        if self._held_back:
            self._held_back.close()
        self._database_ready.set()
        self._wake()

    def _has_cluster(self) -> bool:
        return (postgres_home.base_folder(self._config) / "data" / "PG_VERSION").exists()

    # --- signals and the end ----------------------------------------------------------------------

    @contextmanager
    def _listening(self) -> Iterator[None]:
        """Have signals wake the loop: a death is seen at once, without looking all the time."""

        def stop(_number: int, _frame: FrameType | None) -> None:
            self._signals += 1

        def child(_number: int, _frame: FrameType | None) -> None:
            """Only wake."""

        for end in (self._wake_in, self._wake_out):
            end.setblocking(False)
        endings = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        before = {number: signal.signal(number, stop) for number in endings}
        before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, child)
        old_wakeup = signal.set_wakeup_fd(self._wake_out.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(old_wakeup)
            for number, handler in before.items():
                signal.signal(number, handler)

    def _wake(self) -> None:
        with suppress(BlockingIOError):
            self._wake_out.send(b"\0")

    def _sleep(self) -> None:
        now = time.monotonic()
        waits = [1.0]
        for watched in self._watched:
            if watched.process is None and watched.start_again_at > now:
                waits.append(watched.start_again_at - now)
            elif watched.process is not None and not watched.is_ready:
                waits.append(0.02)
        select.select([self._wake_in], [], [], min(waits))
        with suppress(BlockingIOError):
            self._wake_in.recv(4096)

    def _end(self, database: Thread) -> None:
        """End the parts together, the database after them: the engine settles what it holds."""
        self._say("supervisor.ending")
        self._mark("supervisor").unlink(missing_ok=True)
        self._cluster.stopping.set()
        living = [watched.process for watched in self._watched if watched.process is not None]
        for process in living:
            process.terminate()
        end = time.monotonic() + END_PARTS_WITHIN_S
        while (
            any(process.poll() is None for process in living)
            and time.monotonic() < end
            and self._signals <= ONE_SIGNAL
        ):
            time.sleep(0.01)
        for process in living:
            process.kill()
            process.wait()
        if database.is_alive():
            database.join(END_POSTGRES_WITHIN_S)
        self._cluster.stop(timeout_s=END_POSTGRES_WITHIN_S)
        self._say("supervisor.ended")


def main(_arguments: list[str]) -> int:
    """Run Tocsin until it is told to stop (`tocsin up`).

    Raises SupervisorError or SettingError if it cannot start.
    """
    Supervisor(settings.load()).run()
    return 0
