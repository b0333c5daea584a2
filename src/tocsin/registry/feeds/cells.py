"""What does a cell of a table say, and what is wrong with it?"""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Final, TypeVar

from tocsin.registry.rules.imports import MAX_FIELD, Refused, shown
from tocsin.registry.rules.typed import TURNING

YES: Final = frozenset({"yes", "y", "true", "1", "si", "sí", "x"})
NO: Final = frozenset({"no", "n", "false", "0", ""})
# A spreadsheet runs a cell that begins with one of these as a formula when somebody opens an
# export.
FORMULA_STARTS: Final = ("=", "+", "-", "@")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLOCK: Final = re.compile(r"[0-9]{2}:[0-9]{2}")
YEARS: Final = range(2000, 2101)
T = TypeVar("T")


@dataclass(slots=True)
class Row:
    """One line of a table. Its methods note what is wrong and go on.

    A method returns an empty or zero value for a cell that it has refused.
    """

    line: int
    cells: Mapping[str, str]
    refused: list[Refused] = field(default_factory=list)
    warned: list[Refused] = field(default_factory=list)

    def wrong(self, name: str, problem: str) -> None:
        """Note that this cell keeps the line from being taken."""
        self.refused.append(Refused(self.line, name, problem, shown(self.cells.get(name, ""))))

    def warn(self, name: str, problem: str) -> None:
        """Note that somebody should look at this cell; the line is taken."""
        self.warned.append(Refused(self.line, name, problem, shown(self.cells.get(name, ""))))

    def has(self, name: str) -> bool:
        """Return whether there is anything in this cell."""
        return bool(self.cells.get(name, "").strip())

    def text(self, name: str, *, most: int = MAX_FIELD, is_required: bool = True) -> str:
        """Return a text in one line, in Unicode's composed form, without spaces around it."""
        text = unicodedata.normalize("NFC", self.cells.get(name, "")).strip()
        if not text and is_required:
            self.wrong(name, "is empty")
        elif len(text) > most:
            self.wrong(name, f"is longer than {most} characters")
        elif any(unicodedata.category(letter) == "Cc" or letter in TURNING for letter in text):
            self.wrong(name, "holds a line break or a control character")
        else:
            return text
        return ""

    def name(self, name: str, *, most: int, is_required: bool = True) -> str:
        """Return a text for people as it is; one that a spreadsheet would run is warned about."""
        text = self.text(name, most=most, is_required=is_required)
        if text.startswith(FORMULA_STARTS):
            self.warn(name, "begins like a formula: a spreadsheet would run it")
        return text

    def one_of(self, name: str, choices: Collection[str], default: str | None = None) -> str:
        """Return one of these words, in small letters; the default for an empty cell."""
        text = self.cells.get(name, "").strip().casefold()
        if not text and default is not None:
            return default
        if text not in choices:
            self.wrong(name, f"is none of {', '.join(choices)}")
            return ""
        return text

    def yes_no(self, name: str, *, default: bool) -> bool:
        """Return yes or no; the default for an empty cell."""
        text = self.cells.get(name, "").strip().casefold()
        if not text:
            return default
        if text not in YES | NO:
            self.wrong(name, "is neither yes nor no")
        return text in YES

    def whole(self, name: str, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`; `low` for an empty cell."""
        text = self.cells.get(name, "").strip()
        if not text:
            return low
        if not text.isascii() or not text.isdigit() or not low <= int(text[:9]) <= high:
            self.wrong(name, f"is not a whole number from {low} to {high}")
            return low
        return int(text[:9])

    def day(self, name: str) -> date | None:
        """Return a date written as 2026-11-01; other ways mean other days elsewhere."""
        day = self._parsed(name, date.fromisoformat, _DAY, "is not a date like 2026-11-01")
        if day is not None and day.year not in YEARS:
            self.wrong(name, f"is not between {YEARS[0]} and {YEARS[-1]}")
            return None
        return day

    def clock(self, name: str) -> time | None:
        """Return a time of day written as 22:30."""
        return self._parsed(name, time.fromisoformat, _CLOCK, "is not a time like 22:30")

    def _parsed(
        self, name: str, parse: Callable[[str], T], shape: re.Pattern[str], problem: str
    ) -> T | None:
        text = self.cells.get(name, "").strip()
        try:
            if shape.fullmatch(text):
                return parse(text)
        except ValueError:
            pass
        self.wrong(name, problem if text else "is empty")
        return None
