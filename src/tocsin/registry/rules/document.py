"""Is this JSON object the document that we expect, and where exactly is it not?

Documents (policies, rosters, addresses) are stored as JSON and read back strictly: an unknown
field, a missing one or a wrong type is refused with its path, so that a misspelt setting never
silently takes its default.
"""

import re
from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime, time
from typing import Any, Final, TypeVar
from uuid import UUID

MAX_TEXT: Final = 2_000
MAX_ITEMS: Final = 1_000
_KEPT: Final = re.compile(r"[^\0\ud800-\udfff]*")
T = TypeVar("T")


class DocumentError(ValueError):
    """A document that cannot be read: `path` says where ("steps[2].who"), `problem` why."""

    def __init__(self, path: str, problem: str) -> None:
        """Keep both parts for the screen and for tests."""
        super().__init__(f"{path or 'the document'}: {problem}")
        self.path, self.problem = path, problem


class Reader:
    """Reads one JSON object field by field, each by its name.

    A field without a default is required, unless the method is called optional. Raises
    DocumentError.
    """

    def __init__(self, value: object, path: str, allowed: Collection[str]) -> None:
        """Take the object and refuse it if it is none or holds a field that is not `allowed`."""
        if not isinstance(value, dict):
            raise DocumentError(path, "is not an object")
        unknown = sorted(str(name) for name in value if name not in allowed)
        if unknown:
            raise DocumentError(self._join(path, unknown[0]), "is not a known field")
        self._values: dict[str, Any] = value
        self._path = path

    @staticmethod
    def _join(path: str, name: str) -> str:
        return f"{path}.{name}" if path else name

    def path(self, name: str) -> str:
        """Return the path of this field."""
        return self._join(self._path, name)

    def wrong(self, name: str, problem: str) -> DocumentError:
        """Return the error to raise about this field."""
        return DocumentError(self.path(name), problem)

    def has(self, name: str) -> bool:
        """Return whether the field is there and not null."""
        return self._values.get(name) is not None

    def _get(
        self, name: str, read: Callable[[object], T | None], kind: str, default: T | None
    ) -> T:
        if not self.has(name):
            if default is None:
                raise self.wrong(name, "is missing")
            return default
        value = read(self._values[name])
        if value is None:
            raise self.wrong(name, f"is not {kind}")
        return value

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text of at most 2,000 characters."""
        return self._get(name, _text, f"a text of at most {MAX_TEXT} characters", default)

    def whole(self, name: str, default: int | None = None) -> int:
        """Return a whole number; true and false are none."""
        return self._get(name, _whole, "a whole number", default)

    def flag(self, name: str, default: bool | None = None) -> bool:  # noqa: FBT001 - a JSON value
        """Return true or false."""
        return self._get(name, _flag, "true or false", default)

    def id(self, name: str) -> UUID:
        """Return an id."""
        return self._get(name, _id, "an id", None)

    def optional_id(self, name: str) -> UUID | None:
        """Return an id, or None if there is none."""
        return self.id(name) if self.has(name) else None

    def day(self, name: str) -> date:
        """Return a date ("2026-11-01")."""
        return self._get(name, _parsed(date.fromisoformat), "a date like 2026-11-01", None)

    def optional_day(self, name: str) -> date | None:
        """Return a date, or None if there is none."""
        return self.day(name) if self.has(name) else None

    def clock(self, name: str) -> time:
        """Return a wall time ("22:30")."""
        return self._get(name, _parsed(_wall_clock), "a time like 22:30", None)

    def optional_clock(self, name: str) -> time | None:
        """Return a wall time, or None if there is none."""
        return self.clock(name) if self.has(name) else None

    def wall(self, name: str) -> datetime:
        """Return a wall time with its date and without a zone ("2026-11-01T22:30")."""
        return self._get(name, _parsed(_wall_date), "a local time like 2026-11-01T22:30", None)

    def item(self, name: str) -> object:
        """Return whatever stands there, for a reader of its own; None if nothing does."""
        return self._values.get(name)

    def items(self, name: str) -> tuple[object, ...]:
        """Return the entries of a list of at most 1,000; an absent list is empty."""
        return self._get(name, _list, f"a list of at most {MAX_ITEMS}", ())

    def each(self, name: str) -> Iterator[tuple[str, object]]:
        """Yield the path and the value of each entry of a list."""
        for index, value in enumerate(self.items(name)):
            yield f"{self.path(name)}[{index}]", value

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts."""
        return tuple(_checked(path, value, _text, "a text") for path, value in self.each(name))

    def wholes(self, name: str) -> tuple[int, ...]:
        """Return a list of whole numbers."""
        return tuple(
            _checked(path, value, _whole, "a whole number") for path, value in self.each(name)
        )

    def ids(self, name: str) -> tuple[UUID, ...]:
        """Return a list of ids."""
        return tuple(_checked(path, value, _id, "an id") for path, value in self.each(name))


def _checked(path: str, value: object, read: Callable[[object], T | None], kind: str) -> T:
    result = read(value)
    if result is None:
        raise DocumentError(path, f"is not {kind}")
    return result


def _text(value: object) -> str | None:
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        return None
    # JSON can spell what no database keeps: a zero character, and half of a pair ("\ud800").
    return value if _KEPT.fullmatch(value) else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _id(value: object) -> UUID | None:
    return _parsed(UUID)(value)


def _list(value: object) -> tuple[object, ...] | None:
    return tuple(value) if isinstance(value, list) and len(value) <= MAX_ITEMS else None


def _parsed(parse: Callable[[str], T]) -> Callable[[object], T | None]:
    def read(value: object) -> T | None:
        if not isinstance(value, str):
            return None
        try:
            return parse(value)
        except ValueError:
            return None

    return read


def _wall_clock(text: str) -> time:
    return _naive(time.fromisoformat(text))


def _wall_date(text: str) -> datetime:
    return _naive(datetime.fromisoformat(text))


def _naive(value: T) -> T:
    if getattr(value, "tzinfo", None) is not None:
        message = "a wall time has no zone of its own"
        raise ValueError(message)
    return value
