"""When does one device's flood become a count? After 20 entries that the database has not got.

So a broken or stolen device cannot fill the spool. Its presses and its other acts (codes, walks) are counted apart: a
flood of the one never costs what the other says. Each folded signal is answered *stored* only
when the count that includes it is on disk, at most a second later.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from tocsin.gate import limits
from tocsin.gate.signal_body import Signal

# A number above all others: an entry that is being written.
_WRITING = 1 << 64

Write = Callable[[bytes, list[bytes]], None]
"""Called with the payload of a FOLD entry and the marks that it stores."""


class Line(NamedTuple):
    """What is counted together: the presses of one device, or its other acts."""

    ids: bytes
    is_press: bool


@dataclass(slots=True)
class _Fold:
    marks: list[bytes] = field(default_factory=list)
    last_key: str = ""
    n_sos: int = 0
    last_sos_key: str | None = None
    is_silent: bool = False


class Folding:
    """Counts the undrained entries of each line, and what comes on top of those of each device."""

    def __init__(self, read_drained: Callable[[], int], write: Write) -> None:
        """`read_drained` tells up to which number the database has everything."""
        self._read_drained, self._write = read_drained, write
        self._undrained: dict[Line, list[int]] = {}
        self._swept_to = 0
        self._folds: dict[bytes, _Fold] = {}
        self._written_at: dict[bytes, float] = {}

    def is_full(self, line: Line) -> bool:
        """Return whether this line has all the whole entries that it may have."""
        numbers = self._undrained.get(line, ())
        if len(numbers) < limits.WHOLE_PER_DEVICE:
            return False
        drained = self._read_drained()
        self._undrained[line] = [number for number in numbers if number > drained]
        return len(self._undrained[line]) >= limits.WHOLE_PER_DEVICE

    def begin(self, line: Line) -> None:
        """Note that an entry of this line is being written."""
        self._undrained.setdefault(line, []).append(_WRITING)

    def end(self, line: Line, number: int | None) -> None:
        """Note the number that the entry got; None = it was not stored."""
        numbers = self._undrained[line]
        numbers.remove(_WRITING)
        if number is not None:
            numbers.append(number)

    def add(self, line: Line, mark: bytes, signal: Signal) -> None:
        """Count a signal; it is written within FOLD_S, with the others of its device."""
        ids = line.ids
        fold = self._folds.get(ids)
        if fold is None:
            fold = self._folds[ids] = _Fold()
            loop = asyncio.get_running_loop()
            due = self._written_at.get(ids, -limits.FOLD_S) + limits.FOLD_S
            loop.call_at(max(due, loop.time()), self._flush, ids)
        fold.marks.append(mark)
        fold.last_key = signal.key
        if line.is_press:
            fold.n_sos += 1
            fold.last_sos_key = signal.key
            fold.is_silent = fold.is_silent or signal.is_silent

    def flush_all(self) -> None:
        """Write every count now."""
        for ids in list(self._folds):
            self._flush(ids)

    def sweep(self, now: float) -> None:
        """Forget devices that have nothing undrained and nothing folded of late."""
        drained = self._read_drained()
        if drained != self._swept_to:
            self._swept_to = drained
            counted = self._undrained.items()
            for line in [i for i, numbers in counted if max(numbers, default=0) <= drained]:
                del self._undrained[line]
        for ids in [i for i, at in self._written_at.items() if now - at > limits.FOLD_S]:
            del self._written_at[ids]

    def _flush(self, ids: bytes) -> None:
        fold = self._folds.pop(ids, None)
        if fold is None:
            return
        self._written_at[ids] = asyncio.get_running_loop().time()
        count = {
            "count": len(fold.marks),
            "last_key": fold.last_key,
            "sos": fold.n_sos,
            "last_sos_key": fold.last_sos_key,
            "silent": fold.is_silent,
        }
        self._write(ids + json.dumps(count, separators=(",", ":")).encode(), fold.marks)
