"""What arrived, where and when? A receiver of webhooks in its own process, and how a benchmark reads it.

The process writes one line for each arrival (nanoseconds, path, body as it came) and answers 200; the bodies
are read afterwards, so that reading costs no time while it counts.
"""

import asyncio
import json
import signal
import socket
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bench.wire import Answering

FLUSH_S = 0.05
LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request at the receiver."""

    at_ns: int
    path: str
    key: str
    reference: str
    step: int


class Sink:
    """The receiver's process, and what it has written. Its port stays the same when it is started again."""

    def __init__(self, folder: Path) -> None:
        """Choose a port; `start` opens it."""
        self._file = folder / "arrivals"
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        self._read_to = 0
        self._arrivals: dict[str, list[Arrival]] = defaultdict(list)

    def start(self) -> int:
        """Listen; returns when it does (monotonic nanoseconds)."""
        words = ["-m", "bench.sink", str(self.port), str(self._file)]
        self._process = subprocess.Popen(
            [sys.executable, *words], stdout=subprocess.PIPE, start_new_session=True
        )
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())

    def stop(self) -> None:
        """Go away: connections are refused from here on."""
        if self._process:
            self._process.terminate()
            self._process.wait(5)
            self._process = None

    def __enter__(self) -> "Sink":
        """Listen."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Go away."""
        self.stop()

    def arrivals(self) -> Mapping[str, list[Arrival]]:
        """Return everything that has arrived, by key, in the order of time."""
        with self._file.open("rb") as file:
            file.seek(self._read_to)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                self._read_to += len(line)
                arrival = _arrival(line)
                self._arrivals[arrival.key].append(arrival)
        return self._arrivals

    def wait(self, keys: Iterable[str], count: int = 1, *, quiet_s: float = 10.0) -> None:
        """Wait until each key has arrived `count` times, or nothing at all has for `quiet_s`."""
        wanted = list(keys)
        self.wait_until(lambda here: all(len(here.get(k, ())) >= count for k in wanted), quiet_s)

    def wait_until(
        self, is_enough: Callable[[Mapping[str, list[Arrival]]], bool], quiet_s: float
    ) -> None:
        """Wait until `is_enough` of the arrivals says so, or nothing new has come for `quiet_s`."""
        last, since = -1, time.monotonic()
        while not is_enough(self.arrivals()):
            count = sum(map(len, self._arrivals.values()))
            if count != last:
                last, since = count, time.monotonic()
            if time.monotonic() - since > quiet_s:
                return
            time.sleep(LOOK_S)


def _arrival(line: bytes) -> Arrival:
    at_ns, path, body = line.rstrip(b"\n").split(b" ", 2)
    said = json.loads(body)
    return Arrival(
        int(at_ns),
        path.decode(),
        said.get("key", ""),
        said.get("reference", ""),
        said.get("step", 0),
    )


async def _serve(port: int, file: BinaryIO) -> None:
    def hit(at_ns: int, path: bytes, body: bytes, peer: Answering) -> None:
        file.write(b"%d %s %s\n" % (at_ns, path, body.replace(b"\n", b" ")))
        peer.answer()

    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    server = await loop.create_server(
        lambda: Answering(hit), "127.0.0.1", port, backlog=4096, reuse_address=True
    )
    sys.stdout.write(f"{time.monotonic_ns()}\n")
    sys.stdout.flush()
    while not stopped.is_set():
        file.flush()
        try:
            async with asyncio.timeout(FLUSH_S):
                await stopped.wait()
        except TimeoutError:
            continue
    server.close()


def serve(words: list[str]) -> None:
    """Receive until SIGTERM: PORT FILE."""
    with Path(words[1]).open("ab", buffering=1 << 16) as file:
        asyncio.run(_serve(int(words[0]), file))


if __name__ == "__main__":
    serve(sys.argv[1:])
