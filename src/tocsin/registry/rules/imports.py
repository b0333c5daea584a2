"""What did a file bring, and which of its lines were refused, each for what reason?

Nothing here is half taken: whoever imports takes `rows` only if `refused` is empty, or shows the
report first. `given` is shown to the one who imports and goes into no log.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Final, Generic, TypeVar

from tocsin.registry.rules.contacts import SafeRule

MAX_FILE_BYTES: Final = 5 * 1024 * 1024
MAX_LINES: Final = 50_000
MAX_FIELD: Final = 1_000
MAX_SHOWN: Final = 60

Row_co = TypeVar("Row_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Refused:
    """One thing wrong with one line (1 is the first): the field, why, and what stood there.

    `code`: of the finding (`roster_check`), where a roster's linter found it.
    """

    line: int
    field: str
    problem: str
    given: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Import(Generic[Row_co]):
    """What a file brought. `warned` lines are in `rows` too, and somebody should look at them."""

    rows: tuple[Row_co, ...] = ()
    refused: tuple[Refused, ...] = ()
    warned: tuple[Refused, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Return whether every line was taken."""
        return not self.refused


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """One member of staff from a file. `site` is a name, `manager` a staff number, or empty.

    `given`: the columns that may be missing and in which something stood; the others' values are only usual ones.
    """

    line: int
    staff_number: str
    name: str
    short_name: str
    role: str
    language: str = "en"
    site: str = ""
    manager: str = ""
    teams: tuple[str, ...] = ()
    given: frozenset[str] = field(default=frozenset(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRow:
    """One contact method from a file: never verified by coming from a file.

    `address` is E.164, a mail address or a web address, by `channel`.
    """

    line: int
    staff_number: str
    channel: str
    address: str
    order: int
    is_work: bool
    safe: SafeRule | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftRow:
    """One shift of one person from a file, in wall time of the roster's zone (naive).

    `person` is what the file calls the person: a staff number, or a mail address from a calendar.
    """

    line: int
    person: str
    starts: datetime
    ends: datetime
    role: str = ""
    post: str = ""
    at_position: bool = False


def overlaps(rows: Iterable[ShiftRow]) -> tuple[Refused, ...]:
    """Return a warning for each shift that begins before the same person's shift before it ends."""
    found = []
    for before, after in pairwise(sorted(rows, key=lambda row: (row.person, row.starts))):
        if before.person == after.person and after.starts < before.ends:
            problem = f"overlaps with line {before.line}"
            given = f"{after.starts:%Y-%m-%d %H:%M}"
            found.append(Refused(after.line, "start", problem, given))
    return tuple(found)


def shown(text: object) -> str:
    """Return what stood in a file, made fit to show: one line, printable, at most 60 characters."""
    clean = "".join(
        letter if letter.isprintable() else "?" for letter in str(text)[: MAX_SHOWN + 1]
    )
    return clean if len(clean) <= MAX_SHOWN else clean[: MAX_SHOWN - 1] + "…"
