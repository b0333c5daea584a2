"""Is a plate found though a camera misread it, and how many strangers are stopped for it? By rate of errors.

By the confusion model of `bench/plate_noise.py`. A sighting is one vehicle: what its reader offers (here up to three
readings, each noised anew) is one question. Known vehicles and strangers are asked about; all that is found goes to a
person, as *possible* or *certain*.
"""

import argparse
import random  # noqa: TID251 - the same plates for the same seed
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from bench import results
from bench.made_up import Crowd
from bench.plate_noise import noised, score
from bench.results import Figure
from tocsin.decisions.index import Index
from tocsin.decisions.rules.matching import Certainty, Entry
from tocsin.registry.rules.door import KnownPlate
from tocsin.signals.rules.seen import PlateRead, Seen, Source

AT = datetime(2026, 1, 1, tzinfo=UTC)
ENTRIES, ASKED = 1000, 4000
RATES = (0.0, 0.02, 0.05, 0.1)
READINGS = (1, 3)
SEED = 7


def main(words: list[str]) -> int:
    """Measure; return 1 if a must is not met."""
    parser = argparse.ArgumentParser(prog="run.py bench plates", description=__doc__)
    parser.add_argument("--n", type=int, default=ASKED)
    n = parser.parse_args(words).n
    crowd = Crowd(SEED)
    known = [crowd.plate() for _ in range(ENTRIES)]
    index = Index(
        Entry(case_id=UUID(int=number), plates=(KnownPlate(plate),))
        for number, plate in enumerate(known)
    )
    strangers = [crowd.plate() for _ in range(n)]
    strangers = [plate for plate in strangers if plate not in set(known)]
    figures, raw = [], {}
    for readings in READINGS:
        for rate in RATES:
            rng = random.Random(f"{SEED} {rate} {readings}")
            found = _ask(index, known, strangers, n, (rate, readings, rng))
            label = (
                f"{100 * rate:g} % of characters, {readings} reading{'s' if readings > 1 else ''}"
            )
            raw[label] = found
            figures += _figures(label, rate, found)
    about = f"{ENTRIES} known plates, {n} readings of them and {len(strangers)} of strangers at each rate"
    return results.keep("plates", about, figures, is_published=n >= ASKED, **raw)


def _ask(
    index: Index,
    known: list[str],
    strangers: list[str],
    n: int,
    how: tuple[float, int, random.Random],
) -> dict[str, float]:
    hits = wrong = certain = certain_wrong = stopped = 0
    for turn in range(n):
        number = turn % len(known)
        right = UUID(int=number)
        matches = index.match(_seen(known[number], how))
        hits += any(match.case_id == right for match in matches)
        wrong += sum(match.case_id != right for match in matches)
        sure = [match for match in matches if match.certainty is Certainty.CERTAIN]
        certain += any(match.case_id == right for match in sure)
        certain_wrong += sum(match.case_id != right for match in sure)
    for plate in strangers:
        matches = index.match(_seen(plate, how))
        stopped += bool(matches)
        wrong += len(matches)
        certain_wrong += sum(match.certainty is Certainty.CERTAIN for match in matches)
    return {
        "recall": hits / n,
        "precision": hits / max(hits + wrong, 1),
        "recall_certain": certain / n,
        "precision_certain": certain / max(certain + certain_wrong, 1),
        "strangers_looked_at": stopped / max(len(strangers), 1),
    }


def _seen(plate: str, how: tuple[float, int, random.Random]) -> Seen:
    rate, readings, rng = how
    reads = [noised(plate, rate, rng) for _ in range(readings)]
    return Seen(
        organisation_id=UUID(int=1),
        source=Source.PLATE,
        track="bench",
        seen_at=AT,
        heard_at=AT,
        plates=tuple(PlateRead(read, score(plate, read, rng)) for read in reads if read),
    )


def _figures(label: str, rate: float, found: dict[str, Any]) -> list[Figure]:
    must = {0.0: 100, 0.02: 98, 0.05: 93, 0.1: None}[rate]
    return [
        Figure(f"recall, {label}", 100 * found["recall"], "%", must=must, is_least=True),
        Figure("    precision", 100 * found["precision"], "%"),
        Figure("    precision of certain", 100 * found["precision_certain"], "%"),
        Figure("    strangers looked at", 100 * found["strangers_looked_at"], "%"),
    ]
