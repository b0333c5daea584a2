"""How does the store in memory save everything or nothing? It notes how to undo each step."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from tocsin.flow.alarms import Change, Settlement

NOTHING: Final = object()


class MemoryUndo:
    """Transactions over dictionaries, one at a time, from any thread; `MemoryAlarms` saves in them."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        """`clock` gives aware UTC."""
        self._clock = clock
        self._lock = threading.RLock()
        self._undo: list[Callable[[], None]] = []
        self._depth = 0
        self._saved: list[Change | Settlement] = []

    @contextmanager
    def atomically(self) -> Iterator[None]:
        """Save everything inside or nothing; inside another one it undoes only its own part."""
        with self._lock:
            mark = len(self._undo)
            self._depth += 1
            try:
                yield
            except BaseException:
                while len(self._undo) > mark:
                    self._undo.pop()()
                raise
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self._undo.clear()

    def now(self) -> datetime:
        """Return the clock's time, aware UTC."""
        return self._clock()

    def take_saved(self) -> list[Change | Settlement]:
        """Return what was saved since the last time, in order, and forget it."""
        with self._lock:
            saved, self._saved = self._saved, []
            return saved

    def put_back(self, saved: Sequence[Change | Settlement]) -> None:
        """Take back what could not be kept elsewhere yet, before everything saved since."""
        with self._lock:
            self._saved = [*saved, *self._saved]

    def _set(self, table: dict[Any, Any], key: Any, value: Any) -> None:
        old = table.get(key, NOTHING)

        def undo() -> None:
            if old is NOTHING:
                table.pop(key, None)
            else:
                table[key] = old

        self._undo.append(undo)
        if value is NOTHING:
            table.pop(key, None)
        else:
            table[key] = value

    def _keep(self, what: Change | Settlement) -> None:
        self._saved.append(what)
        self._undo.append(self._unkeep)

    def _unkeep(self) -> None:
        self._saved.pop()
