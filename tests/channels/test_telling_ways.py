"""What does her phone hear about her way when she has two walks that are held, and until when is a look told?"""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from tests import cast
from tests.builders import AT
from tocsin.engine.telling import Telling
from tocsin.signals.rules import hold as holds
from tocsin.signals.rules.hold import Hold, Kind, State

UNUSED: Any = None


def a_hold(kind: Kind, n: int, state: State = State.HELD) -> Hold:
    """Return a hold of Wren's: two shifts that touch, at two sites."""
    person, site = cast.PROTECTED.id, cast.number(n)
    return Hold(cast.number(n + 1), cast.HARBOUR_EMS, person, site, kind, AT, AT, state)


LEAVES = a_hold(Kind.LEAVING, 0xA0)
COMES = a_hold(Kind.ARRIVING, 0xB0)


def test_the_end_of_where_she_comes_to_takes_nothing_from_where_she_leaves() -> None:
    telling = Telling(UNUSED, UNUSED, UNUSED)
    assert telling._learn_word(LEAVES) == ("wait", None)
    assert telling._learn_word(COMES) == ("", None)
    assert telling._learn_word(holds.met(COMES, AT)) == ("wait", None)
    assert telling._learn_word(holds.declined(LEAVES, AT)) == ("none", None)


def test_of_two_the_more_cautious_word_is_told_until_it_is_over() -> None:
    telling, seen = Telling(UNUSED, UNUSED, UNUSED), replace(COMES, state=State.SOMETHING)
    until = AT + timedelta(minutes=3)
    looked = replace(LEAVES, state=State.LOOKED, looked_until=until)
    assert telling._learn_word(looked) == ("looked", None)
    assert telling._learn_word(seen) == ("something", None)
    assert telling._learn_word(LEAVES) == ("something", None)
    # A lead has decided about what was seen.
    assert telling._learn_word(COMES) == ("wait", None)


def test_a_look_is_told_with_its_end_and_nothing_else_is() -> None:
    telling, until = Telling(UNUSED, UNUSED, UNUSED), AT + timedelta(minutes=3)
    telling._learn_word(replace(LEAVES, state=State.LOOKED, looked_until=until))
    assert telling._way(LEAVES.person_id, "looked", "R.")["u"] == until.timestamp()
    assert "u" not in telling._way(LEAVES.person_id, "wait", None)
    telling._learn_word(LEAVES)
    assert "u" not in telling._way(LEAVES.person_id, "looked", None)


class _Gate:
    """A gate that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    def ring_all(self, lines: list[dict[str, Any]]) -> bool:
        """Hear it."""
        self.told += lines
        return True


class _Desk:
    """A desk that knows nobody's phones and names."""

    async def do(self, _work: Any, _lane: str) -> dict[UUID, Any]:
        """Return nothing."""
        return {}


def test_a_look_that_she_asks_about_has_its_end_also_from_an_engine_that_has_just_started() -> None:
    gate, until = _Gate(), AT + timedelta(minutes=3)
    desk: Any = _Desk()
    bell: Any = gate
    telling = Telling(desk, bell, UNUSED)
    looked = replace(LEAVES, state=State.LOOKED, looked_until=until)
    asyncio.run(telling._tell_ways([looked], {LEAVES.person_id: "looked"}))
    assert [line["u"] for line in gate.told] == [until.timestamp()] * 2
