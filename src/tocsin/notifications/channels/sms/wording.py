r"""How long is a text in the air, and how is it made to fit?

GSM 03.38 (3GPP TS 23.038): 160 characters of its own alphabet or 70 of any other in one segment,
153 or 67 in each of several. `^{}[~]|\€` take two places.
"""

import re
import unicodedata
from typing import Final

SEGMENTS_MAX: Final = 3
GSM_ONE: Final = 160
GSM_MANY: Final = 153
UCS2_ONE: Final = 70
UCS2_MANY: Final = 67
GSM_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED: Final = frozenset("^{}\\[~]|€")
LOOK_ALIKES: Final = {
    0x2018: "'",
    0x2019: "'",
    0x201C: '"',
    0x201D: '"',
    0x2013: "-",
    0x2014: "-",
    0x2026: "...",
    0x00A0: " ",
    0x0009: " ",
}
# Letters that the alphabet has only with the other accent, or only without one.
PLAIN: Final = str.maketrans("áíóúÁÍÓÚçêâîôû", "aiouAIOUceaiou")
UNSEEN: Final = re.compile(
    r"[^\S \n]|[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)


def is_gsm(text: str) -> bool:
    """Return whether the text needs no other alphabet than GSM 03.38."""
    return all(letter in GSM_BASIC or letter in GSM_EXTENDED for letter in text)


def segments(text: str) -> int:
    """Return how many segments the text takes, at least 1."""
    if is_gsm(text):
        places, one, many = (
            len(text) + sum(letter in GSM_EXTENDED for letter in text),
            GSM_ONE,
            GSM_MANY,
        )
    else:
        places, one, many = len(text.encode("utf-16-be")) // 2, UCS2_ONE, UCS2_MANY
    return 1 if places <= one else -(-places // many)


def fit(text: str) -> str:
    """Return the text in at most `SEGMENTS_MAX` segments, without characters that are not seen.

    Only the first line is cut: the link and how to answer stand below it. An accent that would turn
    the whole text into the 70-character alphabet is dropped; another script stays as it is.
    """
    clean = UNSEEN.sub("", unicodedata.normalize("NFC", text).translate(LOOK_ALIKES)).strip()
    folded = clean.translate(PLAIN)
    clean = folded if is_gsm(folded) else clean
    if segments(clean) <= SEGMENTS_MAX:
        return clean
    words, _, below = clean.partition("\n")
    if not words or segments(f"...\n{below}") > SEGMENTS_MAX:
        words, below = clean, ""
    low, high = 0, len(words)
    while low < high:
        middle = (low + high + 1) // 2
        if segments(_cut(words[:middle], below)) <= SEGMENTS_MAX:
            low = middle
        else:
            high = middle - 1
    return _cut(words[:low], below)


def _cut(words: str, below: str) -> str:
    return f"{words.rstrip()}...\n{below}" if below else f"{words.rstrip()}..."
