"""What does her phone hear about her way when she has two walks that are held, and until when is a look told?"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

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
