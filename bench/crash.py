"""kill -9 of everything at random moments of the burst: is anything lost, with the receiver up, and away?

What counts is what was accepted (202) before the kill. A repeat is harmless only under the same reference.
"""

import argparse
import asyncio
import random  # noqa: TID251 - moments, not secrets; the seed is printed
from collections.abc import Sequence

from bench import load, results
from bench.product import Product, Wanted, measuring
from bench.results import Figure
from bench.sink import Sink

SOS, RUNS, CONNECTIONS, SEED = 1_000, 20, 16, 20_261
EARLIEST, LATEST, AFTER_MAX_S = 0.05, 0.95, 0.5


def main(words: list[str]) -> int:
    """Measure; return 1 if a must is not met."""
    parser = argparse.ArgumentParser(prog="run.py bench crash", description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS, help="with the receiver up, and away")
    parser.add_argument("--n", type=int, default=SOS, help="SOS of a burst")
    given = parser.parse_args(words)
    chance = random.Random(SEED)
    up, away = [
        [_run(given.n, chance, is_away=is_away, number=number) for number in range(given.runs)]
        for is_away in (False, True)
    ]
    figures = []
    for name, runs in (("receiver up", up), ("receiver away", away)):
        figures += [
            Figure(f"{name}: runs without a loss", sum(r["lost"] == 0 for r in runs), "runs",
                   must=given.runs, is_least=True),
            Figure(f"{name}: lost", sum(r["lost"] for r in runs), "SOS", must=0),
            Figure(f"{name}: repeats, worst run", max(r["repeats"] for r in runs), "messages",
                   must=100, stretch=32),
            Figure(f"{name}: repeats under another reference",
                   sum(r["other_reference"] for r in runs), "messages", must=0),
        ]  # fmt: skip
    about = f"{given.runs} runs each of a burst of {given.n}, seed {SEED}"
    is_published = given.runs >= RUNS and given.n >= SOS
    return results.keep("crash", about, figures, is_published=is_published, up=up, away=away)


def _run(n: int, chance: random.Random, *, is_away: bool, number: int) -> dict[str, int]:
    """Return what one burst, killed, came to. Each on a new folder, with people of its own."""
    kill_at = chance.randint(max(1, int(n * EARLIEST)), int(n * LATEST))
    wait_s = chance.uniform(0, AFTER_MAX_S)
    with measuring(Wanted(senders=n)) as (product, sink):
        if is_away:
            sink.stop()
        presses = load.presses(product.sos_url, product.tokens(), "sos")
        sent = asyncio.run(_killed(product, presses, kill_at, wait_s))
        product.start()
        if is_away:
            sink.start()
        accepted = [one.key for one in sent if one.is_accepted]
        sink.wait(accepted, quiet_s=20)
        # What may still be sent a second time.
        sink.wait_until(lambda _: False, quiet_s=2)
        said = _judged(accepted, sink, kill_at)
    results.say(f"  run {number + 1}, receiver {'away' if is_away else 'up'}: {said}")
    return said


async def _killed(
    product: Product, presses: Sequence[load.Press], kill_at: int, wait_s: float
) -> list[load.Sent]:
    accepted = 0
    kill: asyncio.Task[int] | None = None
    known = product.everything()

    async def later() -> int:
        await asyncio.sleep(wait_s)
        return await asyncio.to_thread(product.kill, known)

    def after_each(one: load.Sent) -> bool:
        nonlocal accepted, kill
        accepted += one.is_accepted
        if accepted >= kill_at and kill is None:
            kill = asyncio.ensure_future(later())
        return kill is None or not kill.done()

    sent = await load.burst(product.sos_url, presses, CONNECTIONS, after_each)
    if kill is None:
        await asyncio.to_thread(product.kill)
    else:
        await kill
    return sent


def _judged(accepted: Sequence[str], sink: Sink, kill_at: int) -> dict[str, int]:
    arrivals = sink.arrivals()
    here = [arrivals.get(key, []) for key in accepted]
    return {
        "killed_after": kill_at,
        "accepted": len(accepted),
        "lost": sum(not found for found in here),
        "repeats": sum(max(0, len(found) - 1) for found in here),
        "other_reference": sum(max(0, len({a.reference for a in found}) - 1) for found in here),
    }
