"""Whoever looked and wrote it too late is told so, by text; whoever may not know hears nothing."""

from dataclasses import replace

import pytest

from tests import cast
from tests.builders import AT
from tests.stories.held_walks import EndOfShift
from tocsin.decisions.rules.incident import Incident, Kind
from tocsin.flow.alarms import Change
from tocsin.notifications.rules.calling import MAX_WAVES, told_too_late
from tocsin.notifications.rules.delivery import Delivery
from tocsin.registry.rules.policy import SiteFacts
from tocsin.signals.rules.hold import State

LEA = cast.SHIFT_LEAD


class Late(EndOfShift):
    """Lea was asked to look, and writes back."""

    def question(self) -> Incident:
        """Return the first question."""
        return min(
            (i for i in self.alarms.incidents() if i.kind is Kind.LOOK), key=lambda i: i.opened_at
        )

    def writes(self, digit: str, who: cast.Player = LEA, *, ago_s: float = 0) -> list[Change]:
        """Let somebody answer with the code of her text."""
        codes = [d.code for d in self.messages(self.question()) if d.person_id == who.id and d.code]
        return self.texts(who, f"{digit} {codes[0]}", ago_s=ago_s)

    def told(self) -> list[Delivery]:
        """Return who was told that it came too late."""
        return [d for d in self.messages(self.question()) if d.template == "look_late"]


@pytest.fixture
def late() -> Late:
    """Return the night, with Lea asked."""
    night = Late()
    night.opens()
    night.passes(200)
    return night


def goes(night: Late) -> None:
    """Let Wren go: nobody waits any more."""
    night.looks()
    night.presses_on_phone("walk")
    assert night.hold().state is State.LEFT


def test_a_look_by_text_that_comes_when_she_has_gone_is_answered_by_text_and_changes_nothing(
    late: Late,
) -> None:
    goes(late)
    before, hold = late.question(), late.hold()
    late.writes("1")
    assert [(d.person_id, d.channel) for d in late.told()] == [(LEA.id, "sms")]
    after = late.question()
    assert (after.closed_at, after.closed_how) == (before.closed_at, before.closed_how)
    assert late.hold() == hold
    assert "look.late" in late.record()


def test_a_look_by_text_that_lay_too_long_is_answered_and_the_question_stays_open(
    late: Late,
) -> None:
    late.writes("1", ago_s=181)
    assert [d.person_id for d in late.told()] == [LEA.id]
    assert late.shown() == "wait"
    late.writes("1")
    assert late.shown() == "looked"
    assert len(late.told()) == 1


def test_a_look_by_text_that_counts_is_not_answered(late: Late) -> None:
    late.writes("1", ago_s=170)
    assert late.shown() == "looked"
    assert not late.told()


def test_who_saw_something_is_never_too_late(late: Late) -> None:
    goes(late)
    late.writes("2")
    assert not late.told()


@pytest.mark.guarantee("I11")
def test_who_is_kept_from_her_since_is_told_nothing(late: Late) -> None:
    goes(late)
    hers = late.alarms._people[cast.PROTECTED.id]
    kept = {**late.alarms._people, hers.person.id: replace(hers, kept_out=frozenset({LEA.id}))}
    late.alarms._people = kept
    assert late.writes("1") == []
    assert not late.told()


def test_a_question_is_answered_so_often_and_no_more(late: Late) -> None:
    people = {LEA.id: late.alarms._people[LEA.id].person}
    facts = SiteFacts(at=AT, people=people, on_duty=())
    last, _ = told_too_late(replace(late.question(), calls=MAX_WAVES - 1), LEA.id, facts)
    assert last.calls == MAX_WAVES
    assert told_too_late(last, LEA.id, facts) == (last, ())
