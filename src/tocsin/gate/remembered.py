"""Has this been stored already, and what became of it? What the gate remembers, bounded."""

import json
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, NamedTuple, TypeVar
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
        self._grades: dict[bytes, tuple[Grade, frozenset[bytes] | None]] = {}

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

    def grade_of(self, name: bytes, device: bytes = b"") -> Grade | None:
        """Return the last grade told for a person's bytes and key, if any, and if it was told to this device."""
        grade, told_to = self._grades.get(name, (None, None))
        return grade if told_to is None or device in told_to else None

    def learn(self, message: bytes) -> int:
        """Take grades from the engine's bell; return how many, 0 for what is no list of grades.

        A page says which device was revoked just now (`x`): what was told to it is told no more.
        """
        try:
            items = json.loads(message)
            revoked = {UUID(i["x"]).bytes for i in items if "x" in i}
            told = [_told(item) for item in items if "x" not in item]
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return 0
        for name, grade, devices in told:
            _put(self._grades, name, (grade, devices))
        if revoked:
            self._forget(frozenset(revoked))
        return len(told) + len(revoked)

    def _forget(self, revoked: frozenset[bytes]) -> None:
        for name, (grade, devices) in self._grades.items():
            if devices is not None and devices & revoked:
                self._grades[name] = (grade, devices - revoked)


def _told(item: Mapping[str, Any]) -> tuple[bytes, Grade, frozenset[bytes] | None]:
    """Return a name, its grade, and to which devices it is told; None: to whoever has the key."""
    devices = item.get("d")
    return (
        UUID(item["p"]).bytes + item["k"].encode(),
        Grade(item["g"], item.get("by")),
        None if devices is None else frozenset(UUID(device).bytes for device in devices),
    )


def _put(known: dict[K, V], key: K, value: V) -> None:
    known.pop(key, None)
    known[key] = value
    if len(known) > limits.KEYS_KNOWN:
        del known[next(iter(known))]
