"""How much memory does everything take, PostgreSQL included: idle, and after a burst?"""

import argparse
import asyncio
import time
from collections import defaultdict
from pathlib import Path

from bench import load, results
from bench.product import Product, Wanted, measuring, pss_mb
from bench.results import Figure

IDLE_S, SOS = 30.0, 1_000


def main(words: list[str]) -> int:
    """Measure; return 1 if a must is not met."""
    parser = argparse.ArgumentParser(prog="run.py bench memory", description=__doc__)
    parser.add_argument("--idle", type=float, default=IDLE_S, help="seconds before looking")
    idle_s = parser.parse_args(words).idle
    with measuring(Wanted(people=20, senders=SOS)) as (product, sink):
        time.sleep(idle_s)
        idle = _by_program(product)
        presses = load.presses(product.sos_url, product.tokens(), "sos")
        sent = asyncio.run(load.burst(product.sos_url, presses))
        sink.wait([one.key for one in sent if one.is_accepted], 20)
        time.sleep(min(idle_s, 5.0))
        busy = _by_program(product)
    figures = [
        Figure("idle, all processes", sum(idle.values()), "MB", must=240, stretch=190),
        Figure("after 1,000 SOS to 20 people", sum(busy.values()), "MB"),
    ]
    about = f"proportional set size {idle_s:g} s after the start, bench serve itself included"
    return results.keep(
        "memory", about, figures, is_published=idle_s >= IDLE_S, idle_mb=idle, busy_mb=busy
    )


def _by_program(product: Product) -> dict[str, float]:
    """Return MB by what the process is: the last word of its module, or postgres."""
    found: dict[str, float] = defaultdict(float)
    for pid in product.everything():
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
        name = " ".join(words[2:4]).strip() if "python" in words[0] else "postgres"
        found[name] = round(found[name] + pss_mb(pid), 1)
    return dict(found)
