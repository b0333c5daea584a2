"""How does the gate start, keep itself in order, and stop? Everything put together, once."""

import asyncio
import os
import resource
import signal
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict

from tocsin.gate import journal, limits
from tocsin.gate.committer import Committer
from tocsin.gate.device_keys import DeviceKeys
from tocsin.gate.doors import Doors
from tocsin.gate.http import Connections
from tocsin.gate.inbound import InboundDoor
from tocsin.gate.remembered import Remembered
from tocsin.gate.sos import SosDoor
from tocsin.runtime import doorbell
from tocsin.runtime.settings import Settings
from tocsin.runtime.spool import SEGMENT_BYTES, Writer
from tocsin.runtime.unverified import UnverifiedWriter

_BACKLOG = 4096
_POLL_S = 0.02


class Gate:
    """The gate of one installation; `serve` runs until SIGTERM or SIGINT."""

    def __init__(self, settings: Settings) -> None:
        """Open the spool and the bells; nothing listens yet.

        Raises:
            SpoolBusyError: another gate is running on this spool.
            OSError: a folder cannot be used.
        """
        settings.run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._settings = settings
        self._counts: Counter[str] = Counter()
        writer = Writer(
            settings.spool_dir, n_segments=settings.spool_mb * 1024 * 1024 // SEGMENT_BYTES
        )
        for dropped in writer.dropped:
            self._counts["dropped"] += 1
            journal.error("gate.spool_damaged", **asdict(dropped))
        self._engine = doorbell.Sender(settings.run_dir, doorbell.ENGINE)
        self._bell = doorbell.Listener(settings.run_dir, doorbell.GATE)
        self._committer = Committer(writer, UnverifiedWriter(settings.spool_dir), self._engine)
        self._keys = DeviceKeys(settings.keys_dir / "device-public.txt")
        self._remembered = Remembered()
        self._sos = SosDoor(self._keys, self._committer, self._remembered, self._counts)
        inbound = InboundDoor(settings, self._committer, self._remembered, self._counts)
        doors = Doors(self._sos, inbound, self._health)
        self._connections = Connections(doors.answer, self._counts, most_connections())
        self._ready = settings.run_dir / "gate.ready"

    async def serve(self) -> None:
        """Listen, say so, and stop in good order when told to."""
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        loop.add_signal_handler(signal.SIGUSR1, self._tell_counts)
        self._committer.start(loop)
        loop.add_reader(self._bell.fileno(), self._listen)
        host, port = self._settings.gate_bind
        server = await loop.create_server(
            self._connections.make, host.strip("[]"), port, backlog=_BACKLOG
        )
        self._engine.ring(doorbell.HELLO)
        self._ready.write_text(f"{os.getpid()}\n", encoding="ascii")
        journal.info("gate.ready", port=port, n_keys=self._keys.n_keys)
        self._tick(loop)
        await stop.wait()
        server.close()
        await self._stop(loop)

    async def _stop(self, loop: asyncio.AbstractEventLoop) -> None:
        self._ready.unlink(missing_ok=True)
        self._sos.folding.flush_all()
        end = loop.time() + limits.STOP_S
        while not self._connections.finish() and loop.time() < end:  # noqa: ASYNC110 - bounded
            await asyncio.sleep(_POLL_S)
        await asyncio.to_thread(self._committer.stop)
        self._keys.close()
        loop.remove_reader(self._bell.fileno())
        self._bell.close()
        journal.info("gate.stopped", **self._counts)

    def _listen(self) -> None:
        for message in self._bell.receive():
            self._counts["grades"] += self._remembered.learn(message)

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        # First of all, so that nothing that fails below ends the ticking.
        loop.call_later(limits.SWEEP_S, self._tick, loop)
        now = loop.time()
        self._connections.sweep(now)
        self._keys.refresh()
        self._sos.folding.sweep(now)

    def _health(self) -> Mapping[str, object]:
        # Anybody may ask. A number that moves with every press would tell the respondent of one that he is not called to.
        problem = self._committer.writer.problem
        return {"ok": problem is None and self._keys.n_keys > 0, "problem": problem}

    def _tell_counts(self) -> None:
        # For the operator alone: he has the log.
        journal.info(
            "gate.counts",
            free_segments=self._committer.writer.n_free,
            keys=self._keys.n_keys,
            connections=len(self._connections.open),
            hung_up_unchecked=self._keys.n_unchecked,
            counts=dict(self._counts),
        )


def most_connections() -> int:
    """Allow this process as many open files as it may have; return how many connections that is."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return min(limits.CONNECTIONS, max(soft - limits.OTHER_FILES, 1))
