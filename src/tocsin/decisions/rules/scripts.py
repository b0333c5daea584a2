"""How may a part of a name in another script stand in our letters? Chinese, Korean, Japanese, Arabic, Hebrew and the rest.

A part keeps the letters in which it was written, so that two of one script are compared as they are; only beside other
letters is it spelled out, and what is found so is never *certain*. It is spelled letter by letter (anyascii), without a
dictionary: kanji read as Japanese and foreign names spelled in Chinese are not found.
"""

import re
from functools import lru_cache
from typing import Final

from anyascii import anyascii

from tocsin.decisions.rules.script_tables import ARABIC_NAMES, DOUBLE, FAMILY_NAMES

# Two consonants are in too many names.
SHORTEST_CONSONANTS: Final = 3

_HAN: Final = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff々]+")
_HANGUL: Final = re.compile(r"[가-힣]+")
_KANA: Final = re.compile(r"[ぁ-ヿ]+")
# Scripts that leave most vowels out.
_CONSONANTS: Final = re.compile(r"[\u0590-\u06ff]+")
# Final and Persian forms of one letter.
_ARABIC_FORMS: Final = str.maketrans("\u0649\u06cc\u06a9\u0629", "\u064a\u064a\u0643\u0647")
_ONE_SOUND: Final = (
    ("sh", "S"), ("kh", "k"), ("gh", "g"), ("th", "t"), ("dh", "d"), ("ph", "f"), ("c", "k"), ("q", "k"),
)  # fmt: skip


def family_first(word: str) -> tuple[str, ...]:
    """Return a Chinese or Korean name that is written in one piece as family name and given name; any other as it is."""
    if len(word) < 2 or not (_HAN.fullmatch(word) or _HANGUL.fullmatch(word)):
        return (word,)
    at = 2 if len(word) > 2 and word[:2] in DOUBLE else 1
    return word[:at], word[at:]


def writings(part: str) -> tuple[str, ...]:
    """Return how this folded part of a name may be written in our letters, at least one way if it has any letter there.

    A part in our letters is returned as it is.
    """
    # Not kept: most parts are of this kind.
    return (part,) if part.isascii() else _spelled_out(part)


@lru_cache(maxsize=65_536)
def _spelled_out(part: str) -> tuple[str, ...]:
    known = FAMILY_NAMES.get(part) or ARABIC_NAMES.get(part.translate(_ARABIC_FORMS))
    if known:
        return known
    if _HANGUL.fullmatch(part):
        return _hangul(part)
    if _KANA.fullmatch(part):
        return _kana(part)
    return _kept(_letters(anyascii(part)))


def _letters(text: str) -> str:
    return "".join(char for char in text.lower() if char.isalnum())


def _kept(*texts: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def _hangul(part: str) -> tuple[str, ...]:
    """Return the official spelling, and the usual one: `Gyeonghui`, and `Kyunghi` for Kyunghee."""
    official = anyascii(part)
    usual = official.replace("G", "K").replace("eo", "u").replace("ui", "i").replace("eu", "u")
    return _kept(_letters(official), _letters(usual))


def _kana(part: str) -> tuple[str, ...]:
    """Return the spelling with long vowels as they are written, and without: `Yuuki`, `Yuki`."""
    marked = re.sub("([ゃゅょャュョ])", r"<\1", re.sub("[っッ]", ">", part))
    spelled = re.sub(r">(.)", r"\1\1", re.sub(r"i<y", "y", anyascii(marked).lower()))
    long = re.sub(r"(sh|ch|j)y", r"\1", _letters(spelled))
    return _kept(long, re.sub(r"ou|oo", "o", re.sub(r"([aeiu])\1", r"\1", long)))


def leaves_vowels_out(part: str) -> bool:
    """Return whether the part is Arabic or Hebrew, and no name of which we know the vowels."""
    is_known = part.translate(_ARABIC_FORMS) in ARABIC_NAMES
    return not is_known and _CONSONANTS.fullmatch(part) is not None


@lru_cache(maxsize=65_536)
def consonants(part: str) -> frozenset[str]:
    """Return what is left of the part without vowels; nothing where that is fewer than `SHORTEST_CONSONANTS` letters.

    The first letter stays, a vowel as `a`. A Hebrew `v` may be a vowel, and `al` before an Arabic name may be left out.
    """
    if part.isascii():
        return _bare(re.sub(r"(.)\1", r"\1", part))
    short = part.removeprefix("ال") if len(part) > 4 else part
    spelled = {("a" if one[0] in "اعאע" else "") + _letters(anyascii(one)) for one in (part, short)}
    return frozenset().union(
        *(_bare(one) | _bare(one[:1] + one[1:].replace("v", "")) for one in spelled)
    )


def _bare(spelled: str) -> frozenset[str]:
    for several, one in _ONE_SOUND:
        spelled = spelled.replace(several, one)
    first = "a" if spelled[:1] in "aeiou" else spelled[:1]
    left = first + re.sub(r"[aeiouyw]|h$", "", spelled[1:])
    return frozenset({left} if len(left) >= SHORTEST_CONSONANTS else ())


def is_han(part: str) -> bool:
    """Return whether the part is in Chinese characters, of which every one is a syllable."""
    return _HAN.fullmatch(part) is not None
