"""How long does one name or plate take against 10,000, 100,000 and 1,000,000 entries, on one core, in memory?

Names are asked about as desks do: as they are, misspelled, of strangers, only one part of them, an initial for the first;
plates as they are, misread, of strangers, and as a part. Entries are the made-up people of `bench/made_up.py`.
"""

import argparse
import gc
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from bench import results
from bench.made_up import Crowd
from bench.plate_noise import noised
from bench.results import Figure
from tocsin.decisions.index import Index
from tocsin.decisions.rules.matching import Entry
from tocsin.signals.rules.seen import PlateRead, Seen, Source

AT = datetime(2026, 1, 1, tzinfo=UTC)
SIZES = (10_000, 100_000, 1_000_000)
MUST_AT, MUST_P99_MS = 100_000, 30.0
QUESTIONS, SAMPLED, SEED = 2000, 2000, 11
PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 2**20


def main(words: list[str]) -> int:
    """Measure; return 1 if a must is not met."""
    parser = argparse.ArgumentParser(prog="run.py bench matching", description=__doc__)
    parser.add_argument("--n", type=int, default=QUESTIONS)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    given = parser.parse_args(words)
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    figures, raw = [], {}
    for size in given.sizes:
        sizes, spreads = _measured(size, given.n)
        figures += sizes
        raw[str(size)] = spreads
    is_published = given.n >= QUESTIONS and tuple(given.sizes) == SIZES
    about = f"{given.n} questions of each kind, one core"
    return results.keep("matching", about, figures, is_published=is_published, **raw)


def _measured(size: int, n: int) -> tuple[list[Figure], dict[str, object]]:
    crowd = Crowd(SEED)
    sample: list[Entry] = []
    before, began = _rss_mb(), time.perf_counter()
    index = Index()
    for entry in crowd.entries(size):
        if len(sample) < SAMPLED or crowd.rng.random() < SAMPLED / size:
            sample.append(entry)
        index.put(entry)
    built_s, used = time.perf_counter() - began, _rss_mb() - before
    gc.collect()
    gc.freeze()
    kinds = {**_names(crowd, sample), **_plates(crowd, sample)}
    spreads: dict[str, object] = {}
    times: dict[str, list[float]] = {"name": [], "plate": []}
    for kind, ask in kinds.items():
        took = [_took_ms(index, ask()) for _ in range(n)]
        spreads[kind] = results.spread(took)
        times[kind.partition(",")[0]] += took
    must = MUST_P99_MS if size == MUST_AT else None
    figures = [
        figure
        for what, took in times.items()
        for figure in (
            Figure(f"{what} against {size:,}, p50", results.quantile(took, 0.5), "ms"),
            Figure(f"{what} against {size:,}, p99", results.quantile(took, 0.99), "ms", must=must),
        )
    ]
    figures.append(Figure(f"memory of {size:,} entries", used, "MB"))
    spreads["people made and index built, s"] = round(built_s, 1)
    gc.unfreeze()
    return figures, spreads


def _names(crowd: Crowd, sample: list[Entry]) -> dict[str, Callable[[], Seen]]:
    def known() -> str:
        return crowd.rng.choice(sample).names[0]

    return {
        "name, as it is": lambda: _seen(name=known()),
        "name, misspelled": lambda: _seen(name=_typo(crowd, known())),
        "name, a stranger's": lambda: _seen(name=crowd.name()),
        "name, one part": lambda: _seen(name=crowd.rng.choice(known().split())),
        "name, initial and surname": lambda: _seen(name=f"{known()[0]} {known().split()[-1]}"),
        "name, with a birth date": lambda: _seen(name=known(), born_on=crowd.born()),
    }


def _plates(crowd: Crowd, sample: list[Entry]) -> dict[str, Callable[[], Seen]]:
    def known() -> str:
        return crowd.rng.choice(sample).plates[0].text

    return {
        "plate, as it is": lambda: _plate(known()),
        "plate, misread": lambda: _plate(noised(known(), 0.1, crowd.rng) or "X"),
        "plate, a stranger's": lambda: _plate(crowd.plate()),
        "plate, a part": lambda: _plate(known()[1:5]),
    }


def _typo(crowd: Crowd, name: str) -> str:
    at = crowd.rng.randrange(len(name))
    return name[:at] + crowd.rng.choice("abcdefghijklmnopqrstuvwxyz") + name[at + 1 :]


def _took_ms(index: Index, seen: Seen) -> float:
    began = time.perf_counter_ns()
    index.find(seen)
    return (time.perf_counter_ns() - began) / 1e6


def _plate(text: str) -> Seen:
    return _seen(plates=(PlateRead(text),))


def _seen(**said: object) -> Seen:
    return Seen(
        organisation_id=UUID(int=1),
        source=Source.DESK,
        track="bench",
        seen_at=AT,
        heard_at=AT,
        **said,
    )  # type: ignore[arg-type]


def _rss_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_MB
