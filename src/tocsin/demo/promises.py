"""Was everything kept that Tocsin promises? Each promise is judged while the story is played."""

from dataclasses import dataclass, field
from typing import Final

SEEN_MAX: Final = 300


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise and whether it was kept; `seen` says what was seen instead."""

    words: str
    is_kept: bool
    seen: str = ""


@dataclass(slots=True)
class Promises:
    """All of them, in the order in which they were judged."""

    made: list[Promise] = field(default_factory=list)

    def keep(self, words: str, seen: object, *, is_kept: bool) -> bool:
        """Write down a promise with what was seen; return whether it was kept."""
        self.made.append(Promise(words, is_kept, str(seen)[:SEEN_MAX]))
        return is_kept

    @property
    def broken(self) -> list[Promise]:
        """Return those that were not kept."""
        return [promise for promise in self.made if not promise.is_kept]
