"""Which rows have this? A map from a key to rows that takes little memory where most keys have one row."""

from array import array
from collections.abc import Iterator, Sequence
from typing import Final, Generic, TypeAlias, TypeVar

ROW_TYPE: Final = "I"
Rows: TypeAlias = "array[int]"
Key = TypeVar("Key")


class Postings(Generic[Key]):
    """Rows by key, in the order in which they were added. Not safe for threads."""

    __slots__ = ("_rows",)

    def __init__(self) -> None:
        """Begin empty."""
        self._rows: dict[Key, int | Rows] = {}

    def __contains__(self, key: Key) -> bool:
        return key in self._rows

    def __iter__(self) -> Iterator[Key]:
        return iter(self._rows)

    def add(self, key: Key, row: int) -> bool:
        """Let this row be found by the key; return whether the key is new."""
        known = self._rows.get(key)
        if known is None:
            self._rows[key] = row
        elif isinstance(known, int):
            self._rows[key] = array(ROW_TYPE, (known, row))
        else:
            known.append(row)
        return known is None

    def of(self, key: Key) -> Sequence[int]:
        """Return the rows that have the key."""
        known = self._rows.get(key)
        if known is None:
            return ()
        return (known,) if isinstance(known, int) else known
