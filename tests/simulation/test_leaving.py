"""Somebody who comes to her leaves, or is shut out, in the middle: does nothing rest on him, and does the ladder go on?"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import pytest

from tests import cast
from tests.simulation import checkers, checks_sending, leaving
from tests.simulation.leaving import LEAVES, SHUT_OUT, write_left
from tests.simulation.play import play
from tests.simulation.script import Do, Script, a_quiet_night
from tocsin.decisions.rules import incident as incidents
from tocsin.flow import decide, raise_sos
from tocsin.flow.alarms import ActDone
from tocsin.flow.memory_alarms import MemoryAlarms
from tocsin.notifications.rules import calling, escalation
from tocsin.notifications.rules.happenings import Acted

SEEDS: Final = 16
NIGHTLY: Final = 600
# Whoever is on the roster and works here no more is called by nothing.
USUAL: Final = tuple(
    check
    for check in checkers.CHECKERS
    if check
    not in {
        checks_sending.every_press_calls_everybody,
        checks_sending.a_press_too_soon_is_heard_when_it_is_time,
    }
)
Patch = pytest.MonkeyPatch


def violations(script: Script) -> list[str]:
    history = play(script)
    return [found for check in (*leaving.CHECKERS, *USUAL) for found in check(script, history)]


def _acts(at: float, doing: str, who: cast.Player = cast.GUARD, *, by_text: bool = False) -> Do:
    return Do(at, "act", who, {"doing": doing, "by_text": by_text})


SOS: Final = Do(1.0, "sos", cast.PROTECTED, {"key": "sos-0001", "silent": False})
IN_CHARGE: Final = a_quiet_night(SOS, _acts(5.0, "in_charge"), Do(10.0, LEAVES, cast.GUARD), seed="in charge")  # fmt: skip
CALLING: Final = a_quiet_night(SOS, _acts(5.0, "calling"), Do(10.0, LEAVES, cast.GUARD), seed="calling")  # fmt: skip
IS_OUT: Final = a_quiet_night(SOS, _acts(5.0, "in_charge"), Do(10.0, SHUT_OUT, cast.GUARD), seed="shut out")  # fmt: skip
SAID_OVER: Final = a_quiet_night(
    SOS,
    _acts(4.0, "in_charge", cast.SHIFT_LEAD),
    _acts(5.0, "over"),
    Do(10.0, SHUT_OUT, cast.GUARD),
    _acts(15.0, "over", cast.DISPATCHER),
    seed="said over",
)
WRITES: Final = a_quiet_night(SOS, Do(10.0, LEAVES, cast.GUARD), _acts(12.0, "in_charge", by_text=True), seed="writes")  # fmt: skip
ACTS_ON: Final = a_quiet_night(SOS, _acts(5.0, "going"), Do(10.0, SHUT_OUT, cast.GUARD), _acts(15.0, "in_charge"), seed="acts on")  # fmt: skip
AGAIN: Final = Do(11.0, "sos", cast.PROTECTED, {"key": "sos-0002", "silent": False})
PRESSES_AGAIN: Final = a_quiet_night(*IN_CHARGE.todo, AGAIN, seed="presses again")
NIGHTS: Final = (IN_CHARGE, CALLING, IS_OUT, SAID_OVER, WRITES, ACTS_ON, PRESSES_AGAIN)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One wrong engine: what is wrong, which invariants that breaks, how it is made, on which nights it shows."""

    name: str
    breaks: tuple[str, ...]
    make: Callable[[Patch], None]
    nights: tuple[Script, ...]


def _what_they_did_stays(patch: Patch) -> None:
    patch.setattr(escalation, "without_gone", lambda incident, *_: (incident, ()))


def _only_who_is_shut_out_is_gone(patch: Patch) -> None:
    patch.setattr(MemoryAlarms, "inactive", lambda *_: frozenset())


def _only_who_left_is_gone(patch: Patch) -> None:
    shipped = calling.without_gone

    def without_gone(one: Any, facts: Any, now: Any) -> Any:
        return shipped(one, replace(facts, kept_out=frozenset()), now)

    patch.setattr(escalation, "without_gone", without_gone)


def _his_over_stays(patch: Patch) -> None:
    shipped = incidents.without

    def without(one: Any, *who: Any) -> Any:
        return replace(shipped(one, *who), over=one.over)

    patch.setattr(calling, "without", without)


def _the_call_stays_his(patch: Patch) -> None:
    shipped = incidents.without

    def without(one: Any, *who: Any) -> Any:
        return replace(shipped(one, *who), caller_id=one.caller_id)

    patch.setattr(calling, "without", without)


def _his_code_answers(patch: Patch) -> None:
    shipped = MemoryAlarms.sender

    def sender(self: MemoryAlarms, *given: Any) -> Any:
        found = shipped(self, *given)
        return found and replace(found, is_inactive=False)

    patch.setattr(MemoryAlarms, "sender", sender)


def _who_acted_before_may_go_on(patch: Patch) -> None:
    def acts(what: Any, _notes: Any, at: Any) -> tuple[ActDone, ...]:
        is_act = isinstance(what, Acted)
        return (ActDone(what.person_id, what.doing, what.via, at),) if is_act else ()

    patch.setattr(decide, "_acts", acts)


def _a_press_does_not_ask_who_left(patch: Patch) -> None:
    shipped = raise_sos._Sites.facts
    patch.setattr(
        raise_sos._Sites, "facts", lambda *given: replace(shipped(*given), gone=frozenset())
    )


MUTANTS: Final = (
    Mutant("what they did stays", ("I3",), _what_they_did_stays, (IN_CHARGE,)),
    Mutant("only who is shut out is gone", ("I3",), _only_who_is_shut_out_is_gone, (IN_CHARGE,)),
    Mutant("only who left is gone", ("I3",), _only_who_left_is_gone, (IS_OUT,)),
    Mutant("his over stays", ("I3",), _his_over_stays, (SAID_OVER,)),
    Mutant("the call stays his", ("I3",), _the_call_stays_his, (CALLING,)),
    Mutant(
        "a press does not ask who left", ("I3",), _a_press_does_not_ask_who_left, (PRESSES_AGAIN,)
    ),
    Mutant("his code answers", ("I18",), _his_code_answers, (WRITES,)),
    Mutant("who acted before may go on", ("I18",), _who_acted_before_may_go_on, (ACTS_ON,)),
)


@pytest.mark.guarantee("I3", "I11", "I18")
@pytest.mark.parametrize("part", range(4))
def test_no_night_rests_on_who_is_gone(part: int) -> None:
    seeds = range(part, SEEDS, 4)
    assert [f"left {s}: {v}" for s in seeds for v in violations(write_left(s))[:3]] == []


@pytest.mark.night
def test_no_night_of_hundreds_rests_on_who_is_gone() -> None:
    seeds = range(SEEDS, SEEDS + NIGHTLY)
    assert [f"left {s}: {v}" for s in seeds for v in violations(write_left(s))[:3]] == []


@pytest.mark.parametrize("night", NIGHTS, ids=lambda night: str(night.seed))
def test_the_shipped_engine_passes_the_nights_made_for_wrong_ones(night: Script) -> None:
    assert violations(night) == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_wrong_engine_is_caught(mutant: Mutant, monkeypatch: Patch) -> None:
    mutant.make(monkeypatch)
    found = [each for night in mutant.nights for each in violations(night)]
    names = tuple(f"{name}:" for name in mutant.breaks)
    assert any(each.startswith(names) for each in found), found[:5]
