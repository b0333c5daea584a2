"""He is seen, for several cases at once, her walk is overdue, and she presses: does each still call whom it must?"""

from collections.abc import Callable
from typing import Any, Final

import pytest

from tests import cast
from tests.simulation import checks_ladder, checks_sending, checks_sightings
from tests.simulation.play import play
from tests.simulation.script import Do, Script
from tests.simulation.sighting import HERS, ONLY_RULE, PLACE, a_seen_night, a_sighting, write_mixed
from tests.simulation.test_sightings import STILL
from tocsin.notifications.rules import escalation, hers

SEEDS: Final = 16
NIGHTLY: Final = 600
EVERY: Final = (
    *checks_sightings.CHECKERS,
    *STILL,
    checks_sending.every_press_calls_everybody,
    checks_sending.every_delivery_ends,
    checks_sending.a_failure_is_tried_again_and_moves_on,
    checks_ladder.nobody_is_ever_quiet,
)
Patch = pytest.MonkeyPatch


def violations(script: Script) -> list[str]:
    history = play(script)
    return [found for check in EVERY for found in check(script, history)]


def _walk(at: float) -> Do:
    return Do(at, "walk", cast.PROTECTED, {"key": "walk-0001", "timer_s": 10})


def _sos(at: float) -> Do:
    return Do(at, "sos", cast.PROTECTED, {"key": "sos-0001", "silent": False})


OVERDUE_THEN_SEEN: Final = a_seen_night(_walk(1.0), a_sighting(20.0, "t1"), _sos(40.0), seed="overdue then seen")  # fmt: skip
SEEN_THEN_OVERDUE: Final = a_seen_night(a_sighting(2.0, "t1"), _walk(4.0), _sos(50.0), seed="seen then overdue")  # fmt: skip
SEVERAL: Final = a_seen_night(
    a_sighting(2.0, "t1", ONLY_RULE),
    a_sighting(8.0, "t2", PLACE),
    a_sighting(14.0, "t3", HERS, "possible"),
    _walk(5.0),
    _sos(30.0),
    seed="several",
)
NIGHTS: Final = (OVERDUE_THEN_SEEN, SEEN_THEN_OVERDUE, SEVERAL)


def _a_press_is_part_of_what_was_seen(patch: Patch) -> None:
    shipped = hers.press_again

    def again(incident: Any, *given: Any) -> Any:
        return (incident, ()) if incident.case_ids else shipped(incident, *given)

    patch.setattr(hers, "press_again", again)


def _what_is_seen_rings_nobody(patch: Patch) -> None:
    shipped = escalation._begin

    def begin(incident: Any, *given: Any) -> Any:
        changed, effects = shipped(incident, *given)
        return (changed, ()) if incident.case_ids else (changed, effects)

    patch.setattr(escalation, "_begin", begin)


MUTANTS: Final[tuple[tuple[str, Callable[[Patch], None], str], ...]] = (
    ("a press is part of what was seen", _a_press_is_part_of_what_was_seen, "I5:"),
    ("what is seen rings nobody", _what_is_seen_rings_nobody, "I16:"),
)


@pytest.mark.guarantee("I3", "I5", "I11", "I14")
@pytest.mark.parametrize("part", range(4))
def test_no_mixed_night_swallows_anything(part: int) -> None:
    seeds = range(part, SEEDS, 4)
    assert [f"mixed {s}: {v}" for s in seeds for v in violations(write_mixed(s))[:3]] == []


@pytest.mark.night
def test_no_mixed_night_of_hundreds_swallows_anything() -> None:
    seeds = range(SEEDS, SEEDS + NIGHTLY)
    assert [f"mixed {s}: {v}" for s in seeds for v in violations(write_mixed(s))[:3]] == []


@pytest.mark.parametrize("night", NIGHTS, ids=lambda night: str(night.seed))
def test_the_shipped_engine_passes_the_nights_made_for_wrong_ones(night: Script) -> None:
    assert violations(night) == []


@pytest.mark.parametrize(("name", "make", "breaks"), MUTANTS, ids=[name for name, _, _ in MUTANTS])
def test_a_wrong_engine_is_caught(
    name: str, make: Callable[[Patch], None], breaks: str, monkeypatch: Patch
) -> None:
    make(monkeypatch)
    found = [each for night in NIGHTS for each in violations(night)]
    assert any(each.startswith(breaks) for each in found), (name, found[:5])
