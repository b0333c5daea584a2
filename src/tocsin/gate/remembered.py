"""Has this been stored already, and what became of it? What the gate remembers, bounded."""

import json
from collections.abc import Callable, Hashable, Iterable
from typing import NamedTuple, TypeVar
from uuid import UUID

from tocsin.gate import limits

Answer = Callable[[bool], None]
"""Called once: True = on disk, False = not stored."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Grade(NamedTuple):
    """How far an SOS has come, as the engine last told, and the short name of who did it."""

    grade: str
    by: str | None


class Remembered:
    """Marks of what is being written and what is stored, and the grades of SOS by (person, key)."""

    def __init__(self) -> None:
        """Know nothing: after a restart a repeated signal is written again, which is harmless."""
        self._waiting: dict[bytes, list[Answer]] = {}
        self._stored: dict[bytes, None] = {}
        self._grades: dict[bytes, Grade] = {}

    def is_stored(self, mark: bytes) -> bool:
        """Return whether `mark` is on disk, and make it the last to be forgotten."""
        if mark not in self._stored:
            return False
        _put(self._stored, mark, None)
        return True

    def wait(self, mark: bytes, answer: Answer) -> bool:
        """Have `answer` called when `mark` is on disk; return whether the caller must write it."""
        waiting = self._waiting.setdefault(mark, [])
        waiting.append(answer)
        return len(waiting) == 1

    def settle(self, marks: Iterable[bytes], *, is_stored: bool) -> None:
        """Answer everyone who waits for `marks`."""
        for mark in marks:
            if is_stored:
                _put(self._stored, mark, None)
            for answer in self._waiting.pop(mark, ()):
                answer(is_stored)

    def grade_of(self, name: bytes) -> Grade | None:
        """Return the last grade told for a person's bytes and key, if any."""
        return self._grades.get(name)

    def learn(self, message: bytes) -> int:
        """Take grades from the engine's bell; return how many, 0 for what is no list of grades."""
        try:
            items = json.loads(message)
            told = [
                (UUID(i["p"]).bytes + i["k"].encode(), Grade(i["g"], i.get("by"))) for i in items
            ]
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return 0
        for name, grade in told:
            _put(self._grades, name, grade)
        return len(told)


def _put(known: dict[K, V], key: K, value: V) -> None:
    known.pop(key, None)
    known[key] = value
    if len(known) > limits.KEYS_KNOWN:
        del known[next(iter(known))]
