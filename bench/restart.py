"""From kill -9 to the next SOS accepted: the gate alone under its supervisor, and everything with run.py."""

import argparse
import asyncio
import os
import signal
import time
from statistics import median

from bench import load, results
from bench.product import Product, Wanted, measuring
from bench.results import Figure
from bench.wire import Line

ROUNDS, LOOK_S, GIVE_UP_S = 5, 0.01, 60.0
PER_ROUND = 2


def main(words: list[str]) -> int:
    """Measure; return 1 if a must is not met."""
    parser = argparse.ArgumentParser(prog="run.py bench restart", description=__doc__)
    parser.add_argument("--n", type=int, default=ROUNDS)
    n = parser.parse_args(words).n
    gate, whole, ready = [], [], []
    with measuring(Wanted(senders=n * PER_ROUND)) as (product, sink):
        presses = load.presses(product.sos_url, product.tokens(), "sos")
        keys = [press.key for press in presses]
        for _ in range(n):
            time.sleep(1.0)
            gate.append(_again_s(product, presses.pop(), _kill_gate(product)))
        for _ in range(n):
            # Given time to be steady: the next kill is not of a start.
            time.sleep(2.0)
            killed_ns = product.kill()
            product.begin()
            whole.append(_again_s(product, presses.pop(), killed_ns))
            product.wait_ready()
            ready.append((time.monotonic_ns() - killed_ns) / 1e9)
        sink.wait(keys)
        lost = sum(key not in sink.arrivals() for key in keys)
    figures = [
        Figure("gate alone, max", max(gate), "s", must=1),
        Figure("everything, max", max(whole), "s", must=4, stretch=2),
        Figure("everything, every part ready, median", median(ready), "s"),
        Figure("lost", lost, "SOS", must=0),
    ]
    raw = {"gate_s": results.spread(gate), "all_s": results.spread(whole)}
    about = f"{n} kills each, to the first SOS that is accepted"
    return results.keep("restart", about, figures, is_published=n >= ROUNDS, **raw)


def _kill_gate(product: Product) -> int:
    mark = product.data / "tocsin" / "run" / "gate.ready"
    os.kill(int(mark.read_text(encoding="utf-8").split()[0]), signal.SIGKILL)
    return time.monotonic_ns()


def _again_s(product: Product, press: load.Press, killed_ns: int) -> float:
    """Return the seconds from the kill to the answer "stored" to this SOS, sent again until then."""
    return asyncio.run(_again(product.sos_url, press, killed_ns))


async def _again(url: str, press: load.Press, killed_ns: int) -> float:
    end = time.monotonic() + GIVE_UP_S
    line = Line(url)
    while time.monotonic() < end:
        sent = await load.send(line, press)
        if sent.is_accepted:
            line.close()
            return (sent.answered_ns - killed_ns) / 1e9
        await asyncio.sleep(LOOK_S)
    return float("inf")
