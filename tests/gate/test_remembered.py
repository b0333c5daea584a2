"""Is what the gate remembers bounded, and is the oldest forgotten first?"""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tocsin.gate import limits
from tocsin.gate.remembered import Grade, Remembered

PERSON = UUID("018f0000-0000-7000-8000-0000000000b2")


def test_everybody_who_waits_for_the_same_signal_is_answered_by_one_write() -> None:
    remembered, answers = Remembered(), []

    must_write = [remembered.wait(b"mark", answers.append) for _ in range(3)]
    remembered.settle([b"mark"], is_stored=True)

    assert must_write == [True, False, False]
    assert answers == [True, True, True]
    assert remembered.is_stored(b"mark")


def test_a_signal_that_could_not_be_stored_is_not_remembered_as_stored() -> None:
    remembered, answers = Remembered(), []
    remembered.wait(b"mark", answers.append)

    remembered.settle([b"mark"], is_stored=False)

    assert answers == [False]
    assert not remembered.is_stored(b"mark")
    assert remembered.wait(b"mark", answers.append)


def test_the_oldest_key_is_forgotten_when_there_are_too_many() -> None:
    remembered = Remembered()
    marks = [b"%d" % n for n in range(limits.KEYS_KNOWN)]
    remembered.settle(marks, is_stored=True)
    assert remembered.is_stored(marks[0])

    remembered.settle([b"one more"], is_stored=True)

    assert remembered.is_stored(marks[0])
    assert not remembered.is_stored(marks[1])


def test_the_oldest_grade_is_forgotten_when_there_are_too_many() -> None:
    remembered = Remembered()
    for n in range(limits.KEYS_KNOWN + 1):
        grade = [{"p": str(PERSON), "k": f"press-{n}", "g": "sent", "by": None}]
        assert remembered.learn(json.dumps(grade).encode()) == 1

    assert remembered.grade_of(PERSON.bytes + b"press-0") is None
    assert remembered.grade_of(PERSON.bytes + b"press-1") == Grade("sent", None)


def test_what_is_no_list_of_grades_is_passed_over() -> None:
    remembered = Remembered()

    for message in (
        b"",
        b"hello",
        b"{}",
        b"[1]",
        b'[{"p": 1}]',
        b'[{"p": "x", "k": 1}]',
        b"[" * 9999,
    ):
        assert remembered.learn(message) == 0


@pytest.mark.guarantee("I18")
def test_what_is_told_to_some_devices_is_told_to_no_other_one() -> None:
    known, person = Remembered(), UUID(int=7)
    name, hers, lost = person.bytes + b"the-way-now", UUID(int=1), UUID(int=2)

    def told(*devices: UUID) -> None:
        line = {"p": str(person), "k": "the-way-now", "g": "looked", "by": "R.", "d": [str(d) for d in devices]}  # fmt: skip
        assert known.learn(json.dumps([line]).encode()) == 1

    told(hers, lost)
    assert known.grade_of(name, hers.bytes) == known.grade_of(name, lost.bytes) == ("looked", "R.")
    # Revoked: at once by the page, and whenever the engine tells again.
    assert known.learn(json.dumps([{"x": str(lost)}]).encode()) == 1
    assert known.grade_of(name, hers.bytes) == ("looked", "R.")
    assert known.grade_of(name, lost.bytes) is None
    told(hers)
    assert known.grade_of(name, lost.bytes) is None
    told()
    assert known.grade_of(name, hers.bytes) is None


class Standing:
    """A clock that stands until it is moved; the wall can be set without the other."""

    def __init__(self) -> None:
        self.wall, self.passed = datetime(2026, 3, 2, 21, 0, tzinfo=UTC), 1000.0

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.passed


@pytest.mark.parametrize(
    ("counts_for_s", "after_s", "said"),
    [
        (170.0, 169.0, ("looked", "R.")),
        (170.0, 171.0, ("wait", None)),
        (None, 181.0, ("wait", None)),
        # The engine's clock is ahead of the gate's: three minutes all the same.
        (900.0, 181.0, ("wait", None)),
        (-5.0, 0.0, ("wait", None)),
    ],
)
def test_a_look_is_told_for_three_minutes_though_no_engine_takes_it_back(
    counts_for_s: float | None, after_s: float, said: tuple[str, str | None]
) -> None:
    clock = Standing()
    known, name = Remembered(clock), PERSON.bytes + b"the-way-now"
    line = {"p": str(PERSON), "k": "the-way-now", "g": "looked", "by": "R."}
    until = {} if counts_for_s is None else {"u": clock.wall.timestamp() + counts_for_s}
    assert known.learn(json.dumps([line | until]).encode()) == 1
    clock.passed += after_s
    clock.wall -= timedelta(hours=1)
    assert known.grade_of(name) == said


def test_what_else_is_told_does_not_grow_old() -> None:
    clock = Standing()
    known = Remembered(clock)
    for key, word in (("the-way-now", "something"), ("press-1", "in_charge")):
        told = [{"p": str(PERSON), "k": key, "g": word, "by": None}]
        assert known.learn(json.dumps(told).encode()) == 1
    clock.passed += 86_400
    assert known.grade_of(PERSON.bytes + b"the-way-now") == ("something", None)
    assert known.grade_of(PERSON.bytes + b"press-1") == ("in_charge", None)
