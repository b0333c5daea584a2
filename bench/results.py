"""What was measured, what must it be, and is it? Kept as JSON with the machine, shown as a line for each figure."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.machine import machine

FOLDER = Path(__file__).resolve().parent / "results"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. `must` and `stretch` are the most it may be (the least, if `is_least`); None: for the reader only.

    `floor`: the same number of the smallest durable relay, in the same run.
    """

    name: str
    value: float
    unit: str
    must: float | None = None
    stretch: float | None = None
    floor: float | None = None
    is_least: bool = False

    @property
    def is_met(self) -> bool:
        """Return whether it is what it must be."""
        return self.must is None or self._within(self.must)

    @property
    def ratio(self) -> float | None:
        """Return how many times the floor it is."""
        return round(self.value / self.floor, 2) if self.floor else None

    def as_dict(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return {
            "name": self.name,
            "value": round(self.value, 3),
            "unit": self.unit,
            "must": self._limit(self.must),
            "stretch": self._limit(self.stretch),
            "floor": None if self.floor is None else round(self.floor, 3),
            "ratio_to_floor": self.ratio,
            "is_met": self.is_met,
        }

    def line(self) -> str:
        """Return it as a line of a table."""
        floor = "" if self.floor is None else f"{self.floor:.4g} ({self.ratio:.2f} x)"
        word = "" if self.must is None else "pass" if self.is_met else "FAIL"
        if word == "pass" and self.stretch is not None and self._within(self.stretch):
            word = "pass, stretch"
        value = f"{self.value:.4g} {self.unit}"
        must, stretch = self._limit(self.must) or "", self._limit(self.stretch) or ""
        return f"  {self.name:<46} {value:>14} {must:>9} {stretch:>9} {floor:>18}  {word}"

    def _within(self, limit: float) -> bool:
        return self.value >= limit if self.is_least else self.value <= limit

    def _limit(self, limit: float | None) -> str | None:
        return None if limit is None else f"{'>=' if self.is_least else '<='} {limit:g}"


def keep(
    name: str, about: str, figures: Sequence[Figure], *, is_published: bool = True, **raw: object
) -> int:
    """Show the figures and keep them in results/NAME.json (`is_published`); return 1 if one is not met, else 0."""
    here = machine()
    load, disk = here["load_average"][0], here["disk_fdatasync_ms"]["p50"]
    say(f"{name}: {about}  (load average {load}, fdatasync p50 {disk} ms)")
    say(f"  {'':<46} {'measured':>14} {'must':>9} {'stretch':>9} {'floor':>18}")
    for figure in figures:
        say(figure.line())
    failed = [figure.name for figure in figures if not figure.is_met]
    if failed:
        say(f"  NOT MET: {'; '.join(failed)}")
    if is_published:
        FOLDER.mkdir(exist_ok=True)
        said = {"bench": name, "about": about, "figures": [f.as_dict() for f in figures]}
        text = json.dumps({**said, "raw": raw, "machine": here}, indent=1) + "\n"
        (FOLDER / f"{name}.json").write_text(text, encoding="utf-8")
    else:
        say("  (fewer than published: not kept)")
    return 1 if failed else 0


def say(text: str) -> None:
    """Show a line."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def quantile(values: Sequence[float], q: float) -> float:
    """Return the value at `q` (0 to 1) of these, 0 if there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))] if ordered else 0.0


def spread(values: Sequence[float]) -> dict[str, float]:
    """Return what is kept of many values."""
    names = {"min": 0.0, "p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
    return {"n": len(values), **{n: round(quantile(values, q), 3) for n, q in names.items()}}
