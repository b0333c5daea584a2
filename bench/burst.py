"""A burst of 1,000 SOS of different people over 16 connections."""

import argparse
import asyncio
from statistics import median

from bench import load, results
from bench.floor import running_floor
from bench.product import Wanted, measuring
from bench.results import Figure
from bench.sink import Sink

SOS, ROUNDS, CONNECTIONS = 1_000, 3, 16


def main(words: list[str]) -> int:
    """Measure; return 1 if a must is not met."""
    parser = argparse.ArgumentParser(prog="run.py bench burst", description=__doc__)
    parser.add_argument("--n", type=int, default=SOS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args(words)
    n, rounds = given.n, given.rounds
    ours, least = [], []
    with (
        measuring(Wanted(senders=n * rounds)) as (product, sink),
        running_floor(product.said["database_url"], sink.url) as floor_url,
    ):
        tokens = product.tokens()
        for number in range(rounds):
            mine = tokens[number * n : (number + 1) * n]
            ours.append(_round(product.sos_url, mine, sink, f"sos{number}"))
            least.append(_round(floor_url, [""] * n, sink, f"floor{number}"))
    rate, floor_rate = (median(r["accepted_per_s"] for r in some) for some in (ours, least))
    all_s, floor_s = (median(r["all_notified_s"] for r in some) for some in (ours, least))
    figures = [
        Figure("accepted a second", rate, "/s", 2000, 3000, floor_rate, is_least=True),
        Figure("all notified after", all_s, "s", 2, 1, floor_s),
        Figure("lost", sum(r["lost"] for r in ours), "SOS", must=0),
        Figure("refused", sum(r["refused"] for r in ours), "SOS", must=0),
        Figure("sent twice", sum(r["repeats"] for r in ours), "messages", must=0),
    ]
    about = f"{n} SOS over {CONNECTIONS} connections, median of {rounds} rounds"
    is_published = n >= SOS and rounds >= ROUNDS
    return results.keep(
        "burst", about, figures, is_published=is_published, product=ours, floor_rounds=least
    )


def _round(url: str, tokens: list[str], sink: Sink, prefix: str) -> dict[str, float]:
    presses = load.presses(url, tokens, prefix)
    sent = asyncio.run(load.burst(url, presses, CONNECTIONS))
    good = [one for one in sent if one.is_accepted]
    sink.wait([one.key for one in good])
    arrivals = sink.arrivals()
    here = [arrivals[one.key] for one in good if one.key in arrivals]
    begun_ns = min(one.sent_ns for one in sent)
    last_ns = max((found[0].at_ns for found in here), default=begun_ns)
    answered = [(one.answered_ns - one.sent_ns) / 1e6 for one in good]
    return {
        "accepted_per_s": round(load.accepted_per_s(sent), 1),
        "answered_ms_p50": round(results.quantile(answered, 0.5), 2),
        "answered_ms_p99": round(results.quantile(answered, 0.99), 2),
        "all_notified_s": round((last_ns - begun_ns) / 1e9, 3),
        "lost": len(good) - len(here),
        "refused": len(presses) - len(good),
        "repeats": sum(len(found) - 1 for found in here),
    }
