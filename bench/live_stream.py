"""500 open live streams: how long after an SOS is the last one told?"""

import argparse
import asyncio
import time
from urllib.parse import urlsplit

from bench import load, results
from bench.product import Product, Wanted, measuring
from bench.results import Figure
from bench.wire import Line

STREAMS, ROUNDS, APART_S, WITHIN_S = 500, 20, 1.0, 10.0
CHANGED = b"event: changed"


class Stream(asyncio.Protocol):
    """One open screen; remembers when it was first told since it was asked to listen."""

    def __init__(self, request: bytes) -> None:
        """Keep what is asked."""
        self._request, self._tail = request, b""
        self.told_ns = 0
        self.is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream."""
        self.transport = transport
        if isinstance(transport, asyncio.Transport):
            transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Note the first change."""
        at_ns = time.monotonic_ns()
        whole = self._tail + data
        self.is_open = self.is_open or b" 200 " in whole[:16]
        if not self.told_ns and CHANGED in whole:
            self.told_ns = at_ns
        self._tail = whole[-len(CHANGED) + 1 :]

    def listen(self) -> None:
        """Forget what was told so far."""
        self.told_ns, self._tail = 0, b""


def main(words: list[str]) -> int:
    """Measure; return 1 if a must is not met."""
    parser = argparse.ArgumentParser(prog="run.py bench live_stream", description=__doc__)
    parser.add_argument("--n", type=int, default=ROUNDS)
    parser.add_argument("--streams", type=int, default=STREAMS)
    given = parser.parse_args(words)
    with measuring(Wanted(senders=given.n)) as (product, _):
        first, last, missing = asyncio.run(_rounds(product, given.streams))
    figures = [
        Figure("last one told, p50", results.quantile(last, 0.5), "ms", must=100, stretch=40),
        Figure("last one told, max", max(last, default=0), "ms"),
        Figure("first one told, p50", results.quantile(first, 0.5), "ms"),
        Figure("streams not told", missing, "streams", must=0),
    ]
    about = f"{given.streams} streams, {given.n} SOS {APART_S:g} s apart"
    is_published = given.n >= ROUNDS and given.streams >= STREAMS
    raw = {"last_ms": results.spread(last), "first_ms": results.spread(first)}
    return results.keep("live_stream", about, figures, is_published=is_published, **raw)


async def _rounds(product: Product, count: int) -> tuple[list[float], list[float], int]:
    streams = await _open(product, count)
    line = Line(product.sos_url)
    first, last, missing = [], [], sum(not stream.is_open for stream in streams)
    for press in load.presses(product.sos_url, product.tokens(), "sos"):
        for stream in streams:
            stream.listen()
        sent = await load.send(line, press)
        end = time.monotonic() + WITHIN_S
        while not all(stream.told_ns for stream in streams) and time.monotonic() < end:
            await asyncio.sleep(0.01)
        times = [(s.told_ns - sent.sent_ns) / 1e6 for s in streams if s.told_ns]
        missing += count - len(times)
        first.append(min(times, default=float("inf")))
        last.append(max(times, default=float("inf")))
        await asyncio.sleep(APART_S)
    for stream in streams:
        stream.transport.close()
    line.close()
    return first, last, missing


async def _open(product: Product, count: int) -> list[Stream]:
    url = urlsplit(product.said["stream_url"])
    head = [f"GET {url.path} HTTP/1.1", f"Host: {url.netloc}", "Accept: text/event-stream"]
    head.append(f"Authorization: Bearer {product.said['stream_token']}")
    request = "\r\n".join([*head, "", ""]).encode()
    loop = asyncio.get_running_loop()
    streams = []
    for _ in range(count):
        _, stream = await loop.create_connection(lambda: Stream(request), url.hostname, url.port)
        streams.append(stream)
    end = time.monotonic() + WITHIN_S
    while not all(stream.is_open for stream in streams) and time.monotonic() < end:
        await asyncio.sleep(0.02)
    return streams
