"""A man walks about with a monitor that jitters, falls silent, lies or sends late: what is said of a fence, second by second?

The truth is where he really is; the rules hear only what the receiver sends. `play` returns, for each second, the
truth and what would be shown.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from tests import cast
from tests.builders import AT
from tocsin.decisions.rules import distance, fences
from tocsin.decisions.rules.distance import Fence, Side, Zone, area_of
from tocsin.signals.rules.seen import Position

M: Final = 1 / 111_195
SECONDS: Final = 1_800
SQUARE: Final = area_of(
    {
        "type": "Polygon",
        "coordinates": [[[-87.61, 41.88], [-87.6076, 41.88], [-87.6076, 41.8818], [-87.61, 41.8818], [-87.61, 41.88]]],
    }
)  # fmt: skip
FENCE: Final = Fence(id=cast.number(0x901), case_id=cast.number(0x902), area=SQUARE, metres=100)


@dataclass(frozen=True, slots=True)
class Second:
    """One second: where he is, what is shown, and whether a visit was told."""

    t: int
    is_inside: bool
    shown: Side
    told: tuple[str, ...]
    heard_s: float


def play(seed: int) -> Iterator[Second]:
    """Yield the seconds of one half hour."""
    dice = random.Random(f"track/{seed}")
    accuracy = dice.choice((5.0, 15.0, 40.0))
    every = dice.choice((5, 10, 30, 60))
    bias = dice.uniform(-0.9, 0.9)
    silent = [(at, at + dice.uniform(60, 500)) for at in (dice.uniform(100, 1_500), dice.uniform(100, 1_500))]  # fmt: skip
    zones: dict[str, Zone] = {}
    latest = -1e9
    for t in range(SECONDS):
        south = _south(t, dice_seed=seed)
        at = AT + timedelta(seconds=t)
        told: tuple[str, ...] = ()
        is_silent = any(a <= t < b for a, b in silent)
        if t % every == 0 and not is_silent:
            latest = t
            zones, found = fences.visits(
                {"fence": FENCE}, zones, _fix(dice, south, t, accuracy, bias), at
            )
            told = tuple(visit.key for visit in found)
        shown = distance.shown(zones.get("fence", Zone()), at)
        yield Second(t, south <= 100, shown, told, t - latest)


def _south(t: int, *, dice_seed: int) -> float:
    """Return how many metres south of the square he is: he comes, lingers at the edge, goes in, and leaves."""
    phase = (dice_seed % 7) * 40
    return 300 + 280 * math.cos((t + phase) / 240) + 30 * math.sin(t / 11)


def _fix(dice: random.Random, south: float, t: int, accuracy: float, bias: float) -> Position:
    # Walls bend a whole track to one side; here a receiver is never worse than it says.
    error = max(-accuracy, min(accuracy, bias * accuracy + dice.gauss(0, accuracy / 4)))
    at = AT + timedelta(seconds=t)
    return Position(41.88 - (south + error) * M, -87.609, at, accuracy)
