"""What do the sources say about one fact, side by side, and is it the same? Nothing is corrected, merged or overwritten.

An account is one source's version of one fact, with the time it was said (if known) and heard. A fact that was asked about and
that nobody answers is a blank, and stays one. Whether two texts *mean* the same is for a person: here it is only said
whether the words or the numbers are the same.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

MAX_ACCOUNTS: Final = 2_000
MAX_FACT: Final = 60
MAX_LABEL: Final = 200
MAX_SOURCE: Final = 300
MAX_WORDS: Final = 2_000
FACT: Final = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*")
FORM: Final = "tocsin-accounts"
VERSION: Final = 1
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")
_IN_WORDS: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip


class About(StrEnum):
    """What an account is about."""

    INCIDENT = "incident"
    CASE = "case"
    PERSON = "person"


class Agreement(StrEnum):
    """How the accounts of one fact stand to each other."""

    BLANK = "blank"
    ONE = "one"
    SAME = "same"
    OTHER_WORDS = "other_words"
    OTHER_NUMBERS = "other_numbers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One source's version of one fact. `words` "" and `source` "": nobody gives it, a blank. Times are aware UTC."""

    id: UUID
    organisation_id: UUID
    about: About
    about_id: UUID
    case_id: UUID | None
    fact: str
    label: str
    source: str
    words: str
    heard_at: datetime
    kept_at: datetime
    said_at: datetime | None = None
    kept_by_id: UUID | None = None

    @property
    def is_blank(self) -> bool:
        """Return whether it only says that nobody says."""
        return not self.words


@dataclass(frozen=True, slots=True)
class Row:
    """One fact: its accounts by source, in the order of the columns; an empty cell is a source that does not give it."""

    fact: str
    label: str
    cells: tuple[tuple[Account, ...], ...]
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class Sheet:
    """Facts as rows, sources as columns."""

    sources: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def disagreeing(self) -> int:
        """Return of how many facts the accounts are not the same."""
        unlike = {Agreement.OTHER_WORDS, Agreement.OTHER_NUMBERS}
        return sum(row.agreement in unlike for row in self.rows)


def sheet(accounts: Iterable[Account]) -> Sheet:
    """Return the accounts side by side: facts in the order in which they were first kept, sources by their first word."""
    ordered = sorted(accounts, key=lambda one: (one.kept_at, one.id))
    said = [one for one in ordered if not one.is_blank]
    sources = tuple(dict.fromkeys(one.source for one in said))
    rows = []
    for fact in dict.fromkeys(one.fact for one in ordered):
        of_fact = [one for one in ordered if one.fact == fact]
        given = [one for one in of_fact if not one.is_blank]
        cells = tuple(_cell(given, source) for source in sources)
        rows.append(Row(fact, of_fact[0].label, cells, agreement(given)))
    return Sheet(sources, tuple(rows))


def _cell(given: Sequence[Account], source: str) -> tuple[Account, ...]:
    """Return what one source said, in the order in which it was heard: a later word stands below the earlier."""
    return tuple(sorted((one for one in given if one.source == source), key=_heard))


def _heard(one: Account) -> tuple[datetime, UUID]:
    return one.heard_at, one.id


def agreement(given: Sequence[Account]) -> Agreement:
    """Return whether these accounts say the same: in the same words, else with the same numbers."""
    if not given:
        return Agreement.BLANK
    if len(given) == 1:
        return Agreement.ONE
    if len({_plain(one.words) for one in given}) == 1:
        return Agreement.SAME
    numbers = {_numbers(one.words) for one in given} - {()}
    return Agreement.OTHER_NUMBERS if len(numbers) > 1 else Agreement.OTHER_WORDS


def _plain(words: str) -> str:
    folded = unicodedata.normalize("NFKC", words).casefold()
    return " ".join(folded.replace(".", " ").split())


def _numbers(words: str) -> tuple[str, ...]:
    plain = _plain(words.replace("\N{MINUS SIGN}", "-"))
    for value, word in enumerate(_IN_WORDS):
        plain = re.sub(rf"\b{word}\b", str(value), plain)
    return tuple(sorted({number.lstrip("+") for number in _NUMBER.findall(plain)}))


def refused(account: Account) -> dict[str, str]:
    """Return what is wrong with an account that somebody wants to keep, by field; {} if nothing is."""
    found = {}
    if not FACT.fullmatch(account.fact) or len(account.fact) > MAX_FACT:
        found["fact"] = "a fact is named by small letters, digits, dots and underscores"
    for field, text, most in (
        ("label", account.label, MAX_LABEL),
        ("source", account.source, MAX_SOURCE),
        ("words", account.words, MAX_WORDS),
    ):
        if len(text) > most:
            found[field] = f"at most {most} characters"
    if bool(account.words) != bool(account.source):
        found["source"] = "who says so?" if account.words else "what does it say?"
    if account.said_at and account.said_at > account.heard_at:
        found["said_at"] = "nobody can hear it before it is said"
    if account.heard_at > account.kept_at:
        found["heard_at"] = "it lies ahead"
    return found


def fact_of(label: str) -> str:
    """Return the name that a fact gets which somebody has typed in words; "" if nothing of it is left."""
    folded = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", folded).strip("_")[:MAX_FACT].rstrip("_")
    return name if FACT.fullmatch(name) else ""


def exported(found: Sheet, about: About, about_id: UUID, at: datetime) -> dict[str, Any]:
    """Return the sheet as JSON-able values, every version beside the others.

    `alternateValues` has the shape of NENA EIDO 1.0 for conflicting values of one constituent (NENA-STA-021.1: a
    time stamp and a value each, none preferred); EIDO names no place for a source, so `source` is ours.
    """
    return {
        FORM: VERSION,
        "about": about.value,
        "aboutId": str(about_id),
        "exportedAt": at.isoformat(),
        "sources": list(found.sources),
        "facts": [
            {
                "fact": row.fact,
                "is": row.label,
                "agreement": row.agreement.value,
                "alternateValues": [
                    {
                        "TimeStamp": one.heard_at.isoformat(),
                        "Value": one.words,
                        "source": one.source,
                        "saidAt": one.said_at.isoformat() if one.said_at else None,
                        "keptAt": one.kept_at.isoformat(),
                    }
                    for one in sorted((one for cell in row.cells for one in cell), key=_heard)
                ],
            }
            for row in found.rows
        ],
    }
