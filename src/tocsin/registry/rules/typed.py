"""What can be a name or a number plate at all? Whatever is typed about a person or a vehicle is judged here first.

Emoji, control characters and directions of writing are refused, and so is what is too long: nothing is cut off quietly.
"""

import unicodedata
from enum import StrEnum
from functools import lru_cache
from typing import Final

MAX_NAME: Final = 120
MAX_PLATE_TEXT: Final = 20
SHORTEST_PLATE: Final = 2
LONGEST_PLATE: Final = 12
# One character of a plate that nobody could read; `*` stands for some of them.
UNKNOWN: Final = "?"
# What readers and clerks write where no plate was read; as somebody's plate each would be every vehicle's.
_UNREAD: Final = (
    "UNKNOWN", "UNREAD", "UNREADABLE", "NOTREAD", "NOREAD", "NOPLATE", "NOTFOUND", "NOTKNOWN", "NONE", "NULL", "NIL", "NAN",
    "NA", "DESCONOCIDA", "SINPLACA",
)  # fmt: skip
# They turn the reading direction, so that a name on the screen is not the name that was typed.
TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_IN_NAMES: Final = frozenset(" -'’`.,ʼ")
_BETWEEN: Final = frozenset(" -.·•:/")
# Letters of other alphabets that look the same on a plate.
_SHAPES: Final = str.maketrans("АВЕКМНОРСТУХІЅЈΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEKMHOPCTYXISJABEZHIKMNOPTYX")


class NameProblem(StrEnum):
    """Why a text cannot be a name."""

    LONG = "name_long"
    CHARACTERS = "name_characters"
    NO_LETTER = "name_no_letter"


class PlateProblem(StrEnum):
    """Why a text cannot be a plate."""

    LONG = "plate_long"
    SHORT = "plate_short"
    CHARACTERS = "plate_characters"
    UNREAD = "plate_unread"


def name_problem(text: str) -> NameProblem | None:
    """Return why this cannot be a name, or None.

    It may have letters of any alphabet, marks, figures, spaces, hyphens, apostrophes, dots and commas.
    """
    if len(text) > MAX_NAME:
        return NameProblem.LONG
    if not all(_is_name_character(char) for char in text):
        return NameProblem.CHARACTERS
    if not any(unicodedata.category(char)[0] == "L" for char in text):
        return NameProblem.NO_LETTER
    return None


def _is_name_character(char: str) -> bool:
    return unicodedata.category(char)[0] in "LM" or char.isdecimal() or char in _IN_NAMES


def plate_problem(text: str, *, is_read: bool = True) -> PlateProblem | None:
    """Return why this cannot be a plate, or None. `is_read`: somebody saw it, and may type `?` or `*` for the rest.

    Of somebody's own plate the words that readers write for one that they could not read are refused, and zeros alone.
    """
    if len(text) > MAX_PLATE_TEXT:
        return PlateProblem.LONG
    more = "?*" if is_read else ""
    if not all(char in more or _is_plate_character(char) for char in text):
        return PlateProblem.CHARACTERS
    known = len(clean_plate(text).replace(UNKNOWN, ""))
    if known < SHORTEST_PLATE:
        return PlateProblem.SHORT
    if not is_read and (says_unread(clean_plate(text)) or is_zeros(text)):
        return PlateProblem.UNREAD
    return PlateProblem.LONG if known > LONGEST_PLATE else None


def says_unread(cleaned: str) -> bool:
    """Return whether this is a word for a plate that nobody read."""
    return cleaned in _UNREAD


def is_zeros(text: str) -> bool:
    """Return whether there is nothing in it but zeros, as readers report a card or a plate that they could not read."""
    signs = {char for char in text if char.isalnum()}
    return all(char.isdecimal() and unicodedata.decimal(char) == 0 for char in signs)


def _is_plate_character(char: str) -> bool:
    return char in _BETWEEN or unicodedata.category(char)[0] in "LM" or char.isdecimal()


@lru_cache(maxsize=4096)
def clean_plate(text: str) -> str:
    """Return the plate in capitals and digits; `?` and a `*` inside are kept as `?`, so that the text is a part."""
    wide = unicodedata.normalize("NFKD", text[: 4 * MAX_PLATE_TEXT].upper()).translate(_SHAPES)
    kept = [
        UNKNOWN if char in "?*" else _digit(char) for char in wide if char.isalnum() or char in "?*"
    ]
    return "".join(kept)


def _digit(char: str) -> str:
    return str(unicodedata.decimal(char)) if char.isdecimal() else char
