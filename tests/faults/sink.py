"""Where do the webhooks of the tests arrive? An HTTP server of our own that writes down everything, and misbehaves."""

import asyncio
import json
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One webhook: when (monotonic), where to, under which reference, and its JSON."""

    at: float
    path: str
    reference: str
    body: dict[str, Any]

    @property
    def key(self) -> str:
        """Return the key that the sender of the SOS chose."""
        return str(self.body["key"])


class Sink:
    """Listens on a free port in a thread of its own; paths in `hanging` are read and never answered."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.hanging: set[str] = set()
        self.port = 0
        self.is_refusing = False
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.listen()

    @property
    def url(self) -> str:
        """Return where the webhooks lead, without a path."""
        return f"http://127.0.0.1:{self.port}"

    def listen(self) -> float:
        """Take connections (again); return when."""
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(5)
        self.is_refusing = False
        return time.monotonic()

    def refuse(self) -> None:
        """Close everything: connections are refused from now on."""
        asyncio.run_coroutine_threadsafe(self._refuse(), self._loop).result(5)
        self.is_refusing = True

    def close(self) -> None:
        """End it."""
        self.refuse()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def of_key(self, key: str) -> list[Arrival]:
        """Return what arrived for one press, the first first."""
        return [arrival for arrival in list(self.arrivals) if arrival.key == key]

    def first(self, key: str, path: str | None = None) -> float:
        """Return when the first webhook of a press arrived (at this path); infinity if none did."""
        found = [a.at for a in self.of_key(key) if path is None or a.path == path]
        return min(found, default=float("inf"))

    def references(self) -> dict[tuple[str, str, int], set[str]]:
        """Return, by (key, path, step), the references that arrived: more than one is a call made twice."""
        found: dict[tuple[str, str, int], set[str]] = defaultdict(set)
        for arrival in list(self.arrivals):
            found[arrival.key, arrival.path, arrival.body["step"]].add(arrival.reference)
        return found

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", self.port, backlog=1024, reuse_address=True
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def _refuse(self) -> None:
        if self._server:
            self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        self._writers.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                path = head[0].split()[1]
                fields = {
                    name.lower(): value.strip()
                    for name, _, value in (line.partition(":") for line in head[1:])
                }
                body = await reader.readexactly(int(fields.get("content-length", "0")))
                arrival = Arrival(
                    time.monotonic(), path, fields.get("webhook-id", ""), json.loads(body)
                )
                self.arrivals.append(arrival)
                if path in self.hanging:
                    await asyncio.sleep(3600)
                writer.write(OK)
        except (OSError, asyncio.IncompleteReadError, ValueError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()
