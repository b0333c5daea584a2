"""The receiver is away for 30 s while SOS come in: what is lost, and how long after it is back has it all?"""

import argparse
import asyncio
import time

from bench import load, results
from bench.floor import running_floor
from bench.product import Wanted, measuring
from bench.results import Figure
from bench.sink import Sink

SOS, AWAY_S, PER_S = 40, 30.0, 2.0


def main(words: list[str]) -> int:
    """Measure; return 1 if a must is not met."""
    parser = argparse.ArgumentParser(prog="run.py bench receiver_away", description=__doc__)
    parser.add_argument("--away", type=float, default=AWAY_S, help="seconds")
    away_s = parser.parse_args(words).away
    n = max(1, min(SOS, int((away_s - 2) * PER_S)))
    with (
        measuring(Wanted(senders=n + 1)) as (product, sink),
        running_floor(product.said["database_url"], sink.url) as floor_url,
    ):
        ours = load.presses(product.sos_url, product.tokens(), "sos")
        least = load.presses(floor_url, [""] * (n + 1), "floor")
        # One each while it is there, so that kept connections are cut under both.
        asyncio.run(_both((product.sos_url, ours[:1]), (floor_url, least[:1])))
        sink.wait([ours[0].key, least[0].key])
        sink.stop()
        gone = time.monotonic()
        sent, floor_sent = asyncio.run(_both((product.sos_url, ours[1:]), (floor_url, least[1:])))
        time.sleep(max(0.0, gone + away_s - time.monotonic()))
        back_ns = sink.start()
        sink.wait([one.key for one in sent + floor_sent if one.is_accepted])
        late, floor_late = (_late_s(some, sink, back_ns) for some in (sent, floor_sent))
    figures = [
        Figure("all delivered after its return", max(late), "s", 1, 0.3, max(floor_late)),
        Figure("lost or refused", n - len(late), "SOS", must=0),
    ]
    raw = {"late_s": results.spread(late), "floor_late_s": results.spread(floor_late)}
    about = f"{n} SOS at {PER_S:g}/s while the receiver is away for {away_s:g} s"
    return results.keep("receiver_away", about, figures, is_published=away_s >= AWAY_S, **raw)


async def _both(
    ours: tuple[str, list[load.Press]], least: tuple[str, list[load.Press]]
) -> tuple[list[load.Sent], list[load.Sent]]:
    first, second = await asyncio.gather(load.paced(*ours, PER_S), load.paced(*least, PER_S))
    return first, second


def _late_s(sent: list[load.Sent], sink: Sink, back_ns: int) -> list[float]:
    arrivals = sink.arrivals()
    here = [one.key for one in sent if one.is_accepted and one.key in arrivals]
    return [(arrivals[key][0].at_ns - back_ns) / 1e9 for key in here] or [float("inf")]
