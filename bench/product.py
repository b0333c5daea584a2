"""How is the product started, killed and started again? As an outsider would: `run.py bench serve` and its one JSON line.

Everything that is started here is ended, and its folders are removed, also when the benchmark is interrupted.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.sink import Sink
from tocsin.runtime import postgres_home, settings
from tocsin.runtime.parts import die_with_parent

ROOT = Path(__file__).resolve().parent.parent
END_WITHIN_S = 12.0
GONE_WITHIN_S = 10.0
OURS = "TOCSIN_"


class DidNotStart(Exception):
    """`bench serve` ended before it was ready; its last lines say why."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What `bench serve` is asked for."""

    people: int = 1
    senders: int = 1
    channels: int = 1
    step2_after_s: int = 0


class Product:
    """One `bench serve` on a folder of its own."""

    def __init__(self, folder: Path, hook: str, wanted: Wanted) -> None:
        """Prepare; `start` starts it."""
        self.data, self._log = folder / "data", folder / "log"
        self._hook, self._wanted = hook, wanted
        self._process: subprocess.Popen[bytes] | None = None
        self.said: dict[str, str] = {}
        self.pids: list[int] = []
        self.started_ns = 0

    @property
    def sos_url(self) -> str:
        """Return where an SOS is posted."""
        return self.said["sos_url"]

    def tokens(self) -> list[str]:
        """Return the senders' tokens."""
        return Path(self.said["tokens_file"]).read_text(encoding="ascii").split()

    def start(self) -> None:
        """Start it and wait until all of it is ready.

        Raises:
            DidNotStart: it was not.
        """
        self.begin()
        self.wait_ready()

    def begin(self) -> None:
        """Start it and wait for nothing."""
        w = self._wanted
        words = ["--people", w.people, "--senders", w.senders, "--hook", self._hook]
        words += ["--data", self.data, "--channels", w.channels, "--step2-after", w.step2_after_s]
        self.started_ns = time.monotonic_ns()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, ROOT / "run.py", "bench", "serve", *map(str, words)],
                env=clean_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - only calls prctl
            )

    def wait_ready(self) -> None:
        """Wait for the JSON line.

        Raises:
            DidNotStart: it ended instead.
        """
        assert self._process is not None
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            tail = self._log.read_text(encoding="utf-8", errors="replace")[-1500:]
            raise DidNotStart(tail)
        said = json.loads(line)
        self.pids = said.pop("pids")
        self.said = said

    def everything(self) -> list[int]:
        """Return every living process of it, PostgreSQL's children too."""
        first = [self._process.pid] if self._process else []
        return descendants([*first, *self.pids])

    def kill(self, known: Iterable[int] = ()) -> int:
        """SIGKILL every process at once; return when (monotonic nanoseconds), after all are gone.

        `known`: what `everything` said before, to kill without looking first: looking takes a burst's time.
        """
        killed_ns = time.monotonic_ns()
        for pid in known:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        pids = [*known, *self.everything()]
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._reap()
        end = time.monotonic() + GONE_WITHIN_S
        while any(map(is_alive, pids)) and time.monotonic() < end:
            time.sleep(0.005)
        return killed_ns

    def end(self) -> float:
        """SIGTERM; return how many seconds it took until all was gone. What is left by then is killed."""
        if self._process is None:
            return 0.0
        pids = self.everything()
        begun = time.monotonic()
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(END_WITHIN_S)
        took_s = time.monotonic() - begun
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._reap()
        return took_s

    def remove(self) -> None:
        """Remove what it has written outside its folder: root's PostgreSQL lies in another."""
        remove_database(self.data / "tocsin")

    def _reap(self) -> None:
        if self._process:
            self._process.wait(GONE_WITHIN_S)
            if self._process.stdout:
                self._process.stdout.close()
            self._process = None


@contextmanager
def measuring(wanted: Wanted) -> Iterator[tuple[Product, Sink]]:
    """Run the product with a sink beside it; everything is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as name, Sink(Path(name)) as sink:
        product = Product(Path(name), sink.url, wanted)
        try:
            product.start()
            yield product, sink
        finally:
            product.end()
            product.remove()


def remove_database(data_dir: Path) -> None:
    """Remove the embedded PostgreSQL of a data folder, wherever it lies; its server has ended."""
    changes = {"TOCSIN_DATA": os.fspath(data_dir)}
    base = postgres_home.base_folder(settings.load({**clean_environment(), **changes}))
    for pid in postgres_home.processes_in(base / "data"):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    shutil.rmtree(postgres_home.socket_folder(base), ignore_errors=True)
    shutil.rmtree(base, ignore_errors=True)


def clean_environment() -> dict[str, str]:
    """Return this environment without Tocsin's settings: a benchmark measures the defaults."""
    return {n: value for n, value in settings.environment({}).items() if not n.startswith(OURS)}


def descendants(pids: Iterable[int]) -> list[int]:
    """Return these processes and all below them that are alive."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError, ValueError):
                children.setdefault(_stat(int(entry.name))[1], []).append(int(entry.name))
    found: dict[int, None] = {}
    left = list(pids)
    while left:
        pid = left.pop()
        if pid not in found and is_alive(pid):
            found[pid] = None
            left += children.get(pid, [])
    return list(found)


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that is dead and not yet reaped does not."""
    try:
        return _stat(pid)[0] not in {"Z", "X"}
    except (OSError, ValueError):
        return False


def _stat(pid: int) -> tuple[str, int]:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return fields[0], int(fields[1])


def pss_mb(pid: int) -> float:
    """Return the proportional memory of a process in MB (10^6 bytes); 0 if it is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def cpu_s(pid: int) -> float:
    """Return the processor seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
