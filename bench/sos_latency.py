"""SOS to the first responder's webhook, at 2 a second."""

import argparse
import asyncio

from bench import load, results
from bench.floor import running_floor
from bench.product import Wanted, measuring
from bench.results import Figure

PER_S = 2.0
SOS = 220


def main(words: list[str]) -> int:
    """Measure; return 1 if a must is not met."""
    parser = argparse.ArgumentParser(prog="run.py bench sos_latency", description=__doc__)
    parser.add_argument("--n", type=int, default=SOS)
    n = parser.parse_args(words).n
    with (
        measuring(Wanted(senders=n)) as (product, sink),
        running_floor(product.said["database_url"], sink.url) as floor_url,
    ):
        ours = load.presses(product.sos_url, product.tokens(), "sos")
        least = load.presses(floor_url, [""] * n, "floor")
        sent, floor_sent = asyncio.run(_in_turn((product.sos_url, ours), (floor_url, least)))
        sink.wait([one.key for one in sent + floor_sent if one.is_accepted])
        arrivals = sink.arrivals()
        took, floor_took = (
            [(arrivals[s.key][0].at_ns - s.sent_ns) / 1e6 for s in some if s.key in arrivals]
            for some in (sent, floor_sent)
        )
    p50, floor_p50 = results.quantile(took, 0.5), results.quantile(floor_took, 0.5)
    p99 = results.quantile(took, 0.99)
    figures = [
        Figure("p50", p50, "ms", must=10, stretch=4, floor=floor_p50),
        Figure("p50 / floor p50", p50 / floor_p50 if floor_p50 else 0, "x", must=6),
        Figure("p99", p99, "ms", must=50, floor=results.quantile(floor_took, 0.99)),
        Figure("max", max(took, default=0), "ms", floor=max(floor_took, default=0)),
        Figure("lost or refused", n - len(took), "SOS", must=0),
    ]
    raw = {"product_ms": results.spread(took), "floor_ms": results.spread(floor_took)}
    about = f"{n} SOS at {PER_S:g}/s, the floor in turn with it"
    return results.keep("sos_latency", about, figures, is_published=n >= SOS, **raw)


async def _in_turn(
    ours: tuple[str, list[load.Press]], least: tuple[str, list[load.Press]]
) -> tuple[list[load.Sent], list[load.Sent]]:
    """Press the product and, half a period later, the floor."""

    async def later() -> list[load.Sent]:
        await asyncio.sleep(0.5 / PER_S)
        return await load.paced(*least, PER_S)

    first, second = await asyncio.gather(load.paced(*ours, PER_S), later())
    return first, second
