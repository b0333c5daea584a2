"""One SOS to 200 people on duty: when is the last one handed over? Then over three channels each."""

import argparse
import asyncio

from bench import load, results
from bench.floor import running_floor
from bench.product import Product, Wanted, measuring
from bench.results import Figure
from bench.sink import Sink

PEOPLE, ROUNDS, PER_S = 200, 20, 1.0


def main(words: list[str]) -> int:
    """Measure; return 1 if a must is not met."""
    parser = argparse.ArgumentParser(prog="run.py bench fan_out", description=__doc__)
    parser.add_argument("--n", type=int, default=ROUNDS)
    n = parser.parse_args(words).n
    with measuring(Wanted(people=PEOPLE, senders=n)) as (product, sink):
        one = _last_ms(product, sink, PEOPLE)
        with running_floor(product.said["database_url"], sink.url, PEOPLE) as url:
            least = _times(url, load.presses(url, [""] * n, "floor"), sink, PEOPLE)
    with measuring(Wanted(people=PEOPLE, senders=n, channels=3)) as (product, sink):
        three = _last_ms(product, sink, PEOPLE * 3)
    complete = min(len(one), len(three))
    figures = [
        Figure("last of 200, p50", _q(one, 0.5), "ms", must=60, stretch=20, floor=_q(least, 0.5)),
        Figure("last of 200, max", _q(one, 1), "ms", must=200, floor=_q(least, 1)),
        Figure("last of 200 x 3 channels, max", _q(three, 1), "ms", must=1000),
        Figure("SOS that did not reach all", n - complete, "SOS", must=0),
    ]
    spreads = {"one_ms": one, "three_ms": three, "floor_ms": least}
    raw = {name: results.spread(values) for name, values in spreads.items()}
    about = f"{n} SOS at {PER_S:g}/s, each to {PEOPLE} people"
    return results.keep("fan_out", about, figures, is_published=n >= ROUNDS, **raw)


def _last_ms(product: Product, sink: Sink, count: int) -> list[float]:
    presses = load.presses(product.sos_url, product.tokens(), f"sos{count}")
    return _times(product.sos_url, presses, sink, count)


def _times(url: str, presses: list[load.Press], sink: Sink, count: int) -> list[float]:
    """Return, for each SOS that reached `count` different addresses, when the last one had it."""
    sent = asyncio.run(load.paced(url, presses, PER_S))
    sink.wait([one.key for one in sent if one.is_accepted], count, quiet_s=5)
    arrivals = sink.arrivals()
    took = []
    for one in sent:
        first = {a.path: a.at_ns for a in reversed(arrivals.get(one.key, ()))}
        if len(first) >= count:
            took.append((max(first.values()) - one.sent_ns) / 1e6)
    return took


def _q(values: list[float], q: float) -> float:
    return results.quantile(values, q)
