"""Does each checker of an ordinary night earn its place? For each, a wrong engine and a night in which it alone speaks.

A checker that another one covers could fall silent, and nobody would notice. A number is a seed, found by trying: the
first night of that wrong engine in which no other checker finds anything. If nights are written anew, try again.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import pytest

from tests import cast
from tests.simulation import mutants
from tests.simulation.checkers import CHECKERS
from tests.simulation.play import play
from tests.simulation.script import Do, Script, Trouble, a_quiet_night, write
from tests.simulation.world import Shipped
from tests.snapshots import DURESS_CODE
from tocsin.decisions.rules.incident import Grade, Incident
from tocsin.engine.outbox import Outbox
from tocsin.engine.settling import Settling
from tocsin.engine.telling import Telling
from tocsin.flow import settle
from tocsin.notifications.rules import delivery
from tocsin.notifications.rules.delivery import Delivery, Outcome, State

Patch = pytest.MonkeyPatch
AN_SOS: Final = Do(2.0, "sos", cast.PROTECTED, {"key": "sos-0001", "silent": False})
PRESSED: Final = a_quiet_night(AN_SOS, seed="pressed")
PUSH_GONE: Final = replace(
    PRESSED, troubles=[Trouble("push", "gone", 0.0, 60.0)], seed="push is gone"
)
UNDER_DURESS: Final = a_quiet_night(
    AN_SOS,
    Do(20.0, "cancel", cast.PROTECTED, {"key": "cancel-01", "code": DURESS_CODE}),
    seed="under duress",
)


@dataclass(frozen=True, slots=True)
class Alone:
    """One checker, a wrong engine that it catches, and the night in which nothing else does."""

    checker: str
    wrong: str
    night: int | Script


def _gone_is_kept_as_sent(patch: Patch) -> None:
    shipped = delivery.settled

    def settled(one: Delivery, outcome: Outcome, now: datetime) -> Delivery:
        after = shipped(one, outcome, now)
        return after if after.state is not State.FAILED else replace(after, state=State.SENT, ended_at=None, sent_at=now)  # fmt: skip

    patch.setattr(settle, "settled", settled)


def _each_message_goes_out_again(patch: Patch) -> None:
    shipped = Outbox._send

    async def send(self: Outbox, peer: Any, one: Delivery, message: Any) -> None:
        await shipped(self, peer, one, message)
        await asyncio.sleep(0.5)
        await self._channels[one.channel].send(message, timeout_s=5.0)

    patch.setattr(Outbox, "_send", send)


def _a_loop_breaks_at_every_attempt(patch: Patch) -> None:
    def tell(_self: Settling, _incidents: Any) -> None:
        raise ValueError

    patch.setattr(Settling, "_tell_of", tell)


def _a_step_shows_the_truth_again(patch: Patch) -> None:
    shipped = Telling._lines

    def lines(self: Telling, incident: Incident, told: Grade) -> list[dict[str, object]]:
        if incident.next_step > 2:
            anew = replace(incident, keys=incident.cancelled_keys, cancelled_keys=())
            return shipped(self, anew, Grade("sent"))
        return shipped(self, incident, told)

    patch.setattr(Telling, "_lines", lines)


MADE_HERE: Final[dict[str, Callable[[Patch], Shipped | None]]] = {
    "gone is kept as sent": _gone_is_kept_as_sent,
    "each message goes out again": _each_message_goes_out_again,
    "a step shows the truth again": _a_step_shows_the_truth_again,
    "a loop breaks at every attempt": _a_loop_breaks_at_every_attempt,
}
EVERY_ONE: Final = (
    Alone("every_press_is_heard", "two people are one incident", 6),
    Alone("every_press_calls_everybody", "two presses within a minute are one", 8),
    Alone("a_press_too_soon_is_heard_when_it_is_time", "a press too soon is owed no call", 400),
    Alone("every_delivery_ends", "nothing is ever unanswered", 0),
    Alone("every_message_goes_out_in_time", "no lease is taken back", 4),
    Alone("a_failure_is_tried_again_and_moves_on", "busy is for good", 34),
    Alone("the_next_method_goes_at_once", "the next method waits for its turn", 23),
    Alone("sent_means_taken", "gone is kept as sent", PUSH_GONE),
    Alone("seen_means_a_person", "a receipt is an answer", 0),
    Alone("seen_means_that_it_went_out", "one answer proves every channel", 5),
    Alone(
        "a_provider_that_refuses_is_said",
        "a provider that refuses is silent",
        mutants.ALL_REFUSED,
    ),
    Alone("nothing_is_sent_twice", "each message goes out again", PRESSED),
    Alone("one_message_has_one_reference", "a retry forgets its reference", 4),
    Alone("what_is_over_sends_nothing", "goes on sending after the end", 10),
    Alone("the_ladder_runs_step_by_step", "every step twice", 0),
    Alone("nobody_is_ever_quiet", "the ladder ends", 6),
    Alone(
        "unanswered_is_said_only_after_a_call",
        "the first call counts as unanswered",
        mutants.NOBODY_ON_DUTY,
    ),
    Alone(
        "the_emergency_call_has_an_owner_or_is_missed_aloud", "an unclaimed call is never said", 0
    ),
    Alone("only_people_stop_it", "any answer stops it", 6),
    Alone("charge_lapses_unless_renewed", "charge never lapses", 28),
    Alone("over_counts_only_after_what_she_did_last", "over said before a new press counts", 8),
    Alone(
        "a_true_code_ends_only_what_it_means",
        "a cancel of any press ends it",
        mutants.LATE_CANCEL,
    ),
    Alone("the_duress_code_always_calls", "no walk, no duress", mutants.NO_WALK),
    Alone("a_silent_sos_never_reaches_her_own_devices", "a silent SOS rings her phone", 0),
    Alone("a_silent_incident_stays_silent", "a step shows the truth again", UNDER_DURESS),
    Alone("drills_and_real_ones_are_told_apart", "a drill says nothing of it", 0),
    Alone("nobody_hears_who_must_not", "whom she ruled out is called", 0),
    Alone("a_device_is_told_only_what_is_true", "help is coming", 0),
    Alone("nothing_broke", "a loop breaks at every attempt", PRESSED),
)


def make(name: str, patch: Patch) -> Shipped | None:
    """Make this wrong engine."""
    known = {mutant.name: mutant.make for mutant in (*mutants.MUTANTS, *mutants.TWIN_MUTANTS)}
    return (known | MADE_HERE)[name](patch)


def who_speaks(script: Script, shipped: Shipped | None) -> set[str]:
    """Return the names of the checkers that find something in this night."""
    history = play(script, shipped)
    return {check.__name__ for check in CHECKERS if any(True for _ in check(script, history))}


def test_each_checker_has_its_wrong_engine() -> None:
    assert [one.checker for one in EVERY_ONE] == [check.__name__ for check in CHECKERS]


@pytest.mark.parametrize("one", EVERY_ONE, ids=lambda one: one.checker)
def test_a_checker_alone_catches_its_wrong_engine(one: Alone, monkeypatch: Patch) -> None:
    shipped = make(one.wrong, monkeypatch)
    night = write(one.night) if isinstance(one.night, int) else one.night
    assert who_speaks(night, shipped) == {one.checker}
