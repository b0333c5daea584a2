"""What does a text message mean? An SOS, an answer with its code, or words for people to read.

The word may stand anywhere and in any case. STOP, CANCEL and END from an enrolled phone disable nothing: a person in
panic types them (field.md B3). An answer counts only with its message's three digits.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MAX_TEXT: Final = 1_600
SOS_WORDS: Final = frozenset({"sos", "help", "ayuda", "socorro", "auxilio", "mayday"})
# What phones send by themselves on their emergency gesture.
PHONE_PHRASES: Final = ("emergency sos", "emergency call", "llamada de emergencia", "i need help")
ANSWERS: Final = {"1": "in_charge", "2": "going", "3": "there", "4": "cannot"}
_ANSWER: Final = re.compile(r"\s*([1-4])\s*[,;:.\-]?\s*([0-9]{3})\s*[.!]?\s*")
_WORDS: Final = re.compile(r"[a-z]+")


class Meaning(StrEnum):
    """What a text is."""

    SOS = "sos"
    ANSWER = "answer"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Said:
    """The meaning of a text; `doing`, `code` and the `digit` itself only for an answer."""

    meaning: Meaning
    doing: str = ""
    code: str = ""
    digit: str = ""


def read(text: str) -> Said:
    """Return what a text means. An SOS word wins over everything else in it."""
    plain = folded(text[:MAX_TEXT])
    words = set(_WORDS.findall(plain))
    spelt = "sos" in re.sub(r"[^a-z]", "", plain) and bool(re.search(r"\bs\W*o\W*s\b", plain))
    if words & SOS_WORDS or spelt or any(phrase in plain for phrase in PHONE_PHRASES):
        return Said(Meaning.SOS)
    match = _ANSWER.fullmatch(plain)
    if match:
        return Said(Meaning.ANSWER, ANSWERS[match[1]], match[2], match[1])
    return Said(Meaning.UNCLEAR)


def folded(text: str) -> str:
    """Return a text in small letters without accents."""
    bare = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in bare if not unicodedata.combining(c))
