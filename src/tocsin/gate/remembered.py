"""Has this been stored already, and what became of it? What the gate remembers, bounded."""

import json
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, Final, NamedTuple, TypeVar
from uuid import UUID

from tocsin.gate import limits
from tocsin.runtime.clock import Clock, WallClock

Answer = Callable[[bool], None]
"""Called once: True = on disk, False = not stored."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

# What is told of a look, and what is told once it has grown too old: the engine may not be there to say so.
LOOKED: Final = "looked"
WAIT: Final = "wait"


class Grade(NamedTuple):
    """How far an SOS has come, as the engine last told, and the short name of who did it."""

    grade: str
    by: str | None


class _Told(NamedTuple):
    """A grade, the devices to which it is told (None: to whoever has the key), and until when, by the monotonic clock."""

    grade: Grade
    devices: frozenset[bytes] | None
    until: float | None = None


class Remembered:
    """Marks of what is being written and what is stored, and the grades of SOS by (person, key)."""

    def __init__(self, clock: Clock | None = None) -> None:
        """Know nothing: after a restart a repeated signal is written again, which is harmless."""
        self._clock = clock or WallClock()
        self._waiting: dict[bytes, list[Answer]] = {}
        self._stored: dict[bytes, None] = {}
        self._grades: dict[bytes, _Told] = {}

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
        """Return the last grade told for a person's bytes and key, if any, and if it was told to this device.

        A look that has grown too old is none, also when no engine is there to say so: *wait* again, by nobody.
        """
        told = self._grades.get(name)
        if told is None or (told.devices is not None and device not in told.devices):
            return None
        is_old = told.until is not None and self._clock.monotonic() > told.until
        return Grade(WAIT, None) if is_old else told.grade

    def learn(self, message: bytes) -> int:
        """Take grades from the engine's bell; return how many, 0 for what is no list of grades.

        A page says which device was revoked just now (`x`): what was told to it is told no more.
        """
        try:
            items = json.loads(message)
            revoked = {UUID(i["x"]).bytes for i in items if "x" in i}
            told = [self._told(item) for item in items if "x" not in item]
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return 0
        for name, known in told:
            _put(self._grades, name, known)
        if revoked:
            self._forget(frozenset(revoked))
        return len(told) + len(revoked)

    def _forget(self, revoked: frozenset[bytes]) -> None:
        for name, told in self._grades.items():
            if told.devices is not None and told.devices & revoked:
                self._grades[name] = told._replace(devices=told.devices - revoked)

    def _told(self, item: Mapping[str, Any]) -> tuple[bytes, _Told]:
        """Return a name, and what is told under it. A look says until when it counts (`u`, seconds since 1970)."""
        devices, until = item.get("d"), None
        if item["g"] == LOOKED:
            left_s = limits.LOOK_S
            if item.get("u") is not None:
                left_s = min(left_s, item["u"] - self._clock.now().timestamp())
            until = self._clock.monotonic() + left_s
        told = _Told(
            Grade(item["g"], item.get("by")),
            None if devices is None else frozenset(UUID(device).bytes for device in devices),
            until,
        )
        return UUID(item["p"]).bytes + item["k"].encode(), told


def _put(known: dict[K, V], key: K, value: V) -> None:
    known.pop(key, None)
    known[key] = value
    if len(known) > limits.KEYS_KNOWN:
        del known[next(iter(known))]
