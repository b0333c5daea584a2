"""How late is a second step that is due after 60 s, and after a restart, one that is overdue?"""

import argparse
import asyncio
import time

from bench import load, results
from bench.product import Product, Wanted, measuring
from bench.results import Figure
from bench.sink import Sink

SOS, PER_S, DUE_S, OVERDUE, DOWN_S = 40, 2.0, 60, 20, 3.0
SECOND = "/step2/"


def main(words: list[str]) -> int:
    """Measure; return 1 if a must is not met."""
    parser = argparse.ArgumentParser(prog="run.py bench second_step", description=__doc__)
    parser.add_argument("--due", type=int, default=DUE_S, help="seconds")
    due_s = parser.parse_args(words).due
    with measuring(Wanted(senders=SOS + OVERDUE, step2_after_s=due_s)) as (product, sink):
        presses = load.presses(product.sos_url, product.tokens(), "sos")
        sent = asyncio.run(load.paced(product.sos_url, presses[:SOS], PER_S))
        _wait(sink, sent, due_s + 10)
        late = [(at - s.sent_ns) / 1e6 - due_s * 1e3 for s, at in _second(sink, sent)]
        overdue = asyncio.run(load.burst(product.sos_url, presses[SOS:], 4))
        after_start, after_ready = _overdue(product, sink, overdue, due_s)
    figures = [
        Figure("late, p50", results.quantile(late, 0.5), "ms", must=20, stretch=5),
        Figure("late, max", max(late, default=0), "ms", must=250),
        Figure("too early (more than 1 ms)", sum(one < -1 for one in late), "steps", must=0),
        Figure("overdue, last after all is ready", after_ready, "s", must=2),
        Figure("overdue, last after the start command", after_start, "s"),
        Figure("never came", SOS - len(late), "steps", must=0),
    ]
    about = f"{SOS} at {PER_S:g}/s due after {due_s} s, from the press; {OVERDUE} overdue"
    raw = {"late_ms": results.spread(late)}
    return results.keep("second_step", about, figures, is_published=due_s >= DUE_S, **raw)


def _overdue(
    product: Product, sink: Sink, sent: list[load.Sent], due_s: int
) -> tuple[float, float]:
    """Kill everything until the steps are overdue, start again; return the last one's seconds after both."""
    sink.wait([one.key for one in sent if one.is_accepted])
    time.sleep(max(0.0, due_s - 5))
    product.kill()
    time.sleep(5 + DOWN_S)
    product.start()
    ready_ns = time.monotonic_ns()
    _wait(sink, sent, 20)
    arrived = [at for _, at in _second(sink, sent)]
    if len(arrived) < len(sent):
        return float("inf"), float("inf")
    return (max(arrived) - product.started_ns) / 1e9, (max(arrived) - ready_ns) / 1e9


def _wait(sink: Sink, sent: list[load.Sent], quiet_s: float) -> None:
    sink.wait_until(lambda _: len(_second(sink, sent)) >= len(sent), quiet_s)


def _second(sink: Sink, sent: list[load.Sent]) -> list[tuple[load.Sent, int]]:
    """Return those whose second step has arrived, and when."""
    arrivals = sink.arrivals()
    found = [
        (s, [a.at_ns for a in arrivals.get(s.key, ()) if a.path.startswith(SECOND)]) for s in sent
    ]
    return [(one, times[0]) for one, times in found if times]
