"""Is he ever said to be outside while he is not, and is a visit told once? And is every rule caught that says so?"""

from collections.abc import Callable
from typing import Any

import pytest

from tests.simulation.tracks import Second, play
from tocsin.decisions.rules import distance, fences
from tocsin.decisions.rules.distance import Side

SEEDS = 24
# Between two fixes he walks on: so long may what was heard last be shown.
MOVES_ON_S = 120
Patch = pytest.MonkeyPatch


def violations(seed: int) -> list[str]:
    """Return what one half hour breaks."""
    seconds = list(play(seed))
    found = [f"I20: shown as outside at {s.t}, {s.heard_s:.0f} s after the last word" for s in seconds if _is_stale(s)]  # fmt: skip
    found += [
        f"I20: heard inside and shown as {s.shown} at {s.t}" for s in seconds if _is_missed(s)
    ]
    keys = [key for s in seconds for key in s.told]
    starts = dict.fromkeys(keys)
    entries = sum(1 for a, b in zip(seconds, seconds[1:], strict=False) if b.is_inside and not a.is_inside)  # fmt: skip
    if len(starts) > entries + 2:
        found.append(f"jitter: {len(starts)} visits told for {entries} entries")
    if any(s.is_inside and s.heard_s == 0 for s in seconds) and not keys:
        found.append("I14: he was heard inside and nobody was told")
    return found


def _is_stale(second: Second) -> bool:
    return second.shown is Side.OUTSIDE and second.heard_s > MOVES_ON_S


def _is_missed(second: Second) -> bool:
    return second.is_inside and second.heard_s == 0 and second.shown in {Side.OUTSIDE, Side.UNKNOWN}


def _a_stale_fix_is_safe(patch: Patch) -> None:
    patch.setattr(distance, "shown", lambda zone, at: zone.side)


def _the_middle_of_the_circle_counts(patch: Patch) -> None:
    patch.setattr(distance, "accuracy_of", lambda position: 0.0)


def _one_fix_outside_lets_him_go(patch: Patch) -> None:
    patch.setattr(distance, "LEAVE_AFTER_FIXES", 1)
    patch.setattr(distance, "LEAVE_MARGIN_M", -1e9)


def _a_possible_visit_is_dropped(patch: Patch) -> None:
    shipped = fences.visits

    def visits(*given: Any) -> Any:
        after, found = shipped(*given)
        return after, tuple(one for one in found if one.side is Side.INSIDE and False)

    patch.setattr(fences, "visits", visits)


@pytest.mark.guarantee("I14", "I20")
@pytest.mark.parametrize("part", range(2))
def test_no_track_is_said_to_be_outside_that_is_not(part: int) -> None:
    assert [f"{seed}: {v}" for seed in range(part, SEEDS, 2) for v in violations(seed)[:2]] == []


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (_a_stale_fix_is_safe, "I20"),
        (_the_middle_of_the_circle_counts, "I20"),
        (_one_fix_outside_lets_him_go, "jitter"),
        (_a_possible_visit_is_dropped, "I14"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_wrong_rule_is_caught(
    make: Callable[[Patch], None], word: str, monkeypatch: Patch
) -> None:
    make(monkeypatch)
    found = [v for seed in range(SEEDS) for v in violations(seed)]
    assert any(v.startswith(word) for v in found), found[:3]
