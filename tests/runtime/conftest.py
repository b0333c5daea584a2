"""What do the tests of the ground share? Short waits, and installations of their own."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tocsin.runtime import postgres_home, settings
from tocsin.runtime.settings import Settings


def until(is_so: Callable[[], bool], *, within_s: float) -> float:
    """Return the seconds until `is_so()`; fail the test if it is not within `within_s`."""
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > within_s:
            pytest.fail(f"not so within {within_s} s")
        time.sleep(0.005)
    return time.monotonic() - began


def is_alive(pid: int) -> bool:
    """Tell whether a process works (a dead one that nobody has reaped does not)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}


@dataclass(slots=True)
class Installation:
    """One Tocsin on a folder and a port of its own."""

    folder: Path
    gate_port: int
    has_stubborn_engine: bool = False
    programs: str = ""
    runs: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """Return the settings of its processes."""
        bind = f"127.0.0.1:{self.gate_port}"
        stubborn = "yes" if self.has_stubborn_engine else "no"
        return {
            "TOCSIN_DATA": str(self.folder),
            "TOCSIN_GATE_BIND": bind,
            # Any free one: a demo of somebody's may have the usual port.
            "TOCSIN_WEB_BIND": "127.0.0.1:0",
            "TOCSIN_PLAIN_LOGS": stubborn,
            "TOCSIN_POSTGRES_BIN": self.programs,
        }

    @property
    def config(self) -> Settings:
        """Return the same settings, read."""
        return settings.load(self.environment)

    def start(self, *parts: str) -> subprocess.Popen[str]:
        """Start the supervisor over the named sample parts."""
        run = subprocess.Popen(
            [sys.executable, "-m", "tests.runtime.sample_tocsin", *parts],
            env=settings.environment(self.environment),
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        self.runs.append(run)
        return run

    def ready_pid(self, name: str) -> int:
        """Return the process that says it is the ready `name`, or 0."""
        try:
            return int((self.config.run_dir / f"{name}.ready").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return 0

    def accepts(self) -> bool:
        """Tell whether the gate takes connections."""
        try:
            socket.create_connection(("127.0.0.1", self.gate_port), timeout=1).close()
        except OSError:
            return False
        return True

    def remove(self) -> None:
        """End what still runs, and delete it all."""
        for run in self.runs:
            if run.poll() is None:
                run.kill()
            run.communicate()
        base = postgres_home.base_folder(self.config)
        for pid in postgres_home.processes_in(base / "data"):
            os.kill(pid, 9)
        shutil.rmtree(base, ignore_errors=True)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """Return an installation on an empty folder; nothing of it runs yet."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    one = Installation(tmp_path / "tocsin", port)
    yield one
    one.remove()
