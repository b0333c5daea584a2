"""How alike are two names of people? Accents, alphabets, nicknames, swapped and missing parts, spelling, typing errors.

A name is compared part by part, in any order, after folding; every likeness is the same from both sides. What is left in
another script after folding is spelled out beside other letters (`scripts.py`). Nothing is concluded from what a name says
about origin: a name is letters here.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations, pairwise
from sys import intern
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA, JaroWinkler

from tocsin.decisions.rules import scripts
from tocsin.decisions.rules.name_tables import GREEK, LETTERS, NICKNAMES, PARTICLES, TITLES
from tocsin.registry.rules.typed import MAX_NAME

MAX_TOKENS: Final = 8
MAX_TOKEN: Final = 40
# Free words are searched for names up to here, and two parts of one name stand at most so far from each other.
MAX_WORDS: Final = 60
APART_IN_WORDS: Final = 2

# Points of a name that is the same in two or more parts, and in its only one.
FULL: Final = 600
SINGLE: Final = 450
# A part that only one side has: a middle name not told. Small, since people leave them out.
MISSING: Final = -5
MOST_MISSING: Final = 3

LIKE_VARIANT: Final = 0.96
# The same name in another script, which is a name that sounds the same; and the same but for vowels that nobody wrote.
LIKE_SCRIPT: Final = 0.96
LIKE_CONSONANTS: Final = 0.90
LIKE_NICKNAME: Final = 0.93
LIKE_SHORT: Final = 0.85
LIKE_INITIAL: Final = 0.80
LIKE_TYPO: Final = 0.97
TYPO_FROM: Final = 0.80
SHORTEST_TYPO: Final = 4
SHORTEST_STEM: Final = 4
LIKE_JOINED: Final = 0.97
# Two parts of one side are one part of the other; needs a third, or it is the whole name in one piece.
CLOSED_UP: Final = -10
FEWEST_CLOSED_UP: Final = 3
# Two spellings of one part differ by so many letters at most, for this.
SPELLING_APART: Final = 3


class Likeness(NamedTuple):
    """How alike two parts of a name are, 0 to 1, and in which way."""

    like: float
    code: str


class Name(NamedTuple):
    """A name, folded: its parts as they stand, without particles, and all of it in one piece."""

    tokens: tuple[str, ...]
    joined: str


Part = tuple[str, int]
# A letter or figure, and the vowels and marks that other scripts write after it.
_WORD: Final = re.compile(r"[^\W_](?:[^\W_]|[\u0900-\u109f])*")
_VARIANTS: Final = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
SAME: Final = Likeness(1.0, "name_same")
UNLIKE: Final = Likeness(0.0, "name_other")
# What says of a part said in words that it is this name, and no word that is like it.
_SAID_SO: Final = frozenset({SAME.code, "name_script"})
_TOO_LITTLE: Final = frozenset({UNLIKE.code, "name_initial", "name_short", "name_joined"})


def fold(text: str) -> str:
    """Return the name in small letters without marks, other alphabets written in ours, apostrophes closed up."""
    return fold_all(text[:MAX_NAME])


def fold_all(text: str) -> str:
    """Return text of any length, folded as a name is."""
    composed = unicodedata.normalize("NFC", text).lower()
    spelled = "".join(LETTERS.get(char, char) for char in composed)
    apart = unicodedata.normalize("NFKD", spelled)
    plain = "".join(char for char in apart if not _is_accent(char))
    if not plain.isascii():
        for greek, latin in GREEK.items():
            plain = plain.replace(greek, latin)
        plain = unicodedata.normalize("NFC", plain)
    return re.sub(r"['’`ʼ]", "", plain)


def _is_accent(char: str) -> bool:
    """Return whether this is a mark above or below a letter, or an Arabic or Hebrew vowel; no vowel or voicing of others.

    Nor does a variant count by which a name in characters is drawn (Unicode 16, 23.4).
    """
    # Canonical combining classes (Unicode 16, 4.3): points of Hebrew and Arabic from 10, marks around a letter from 200.
    kind = unicodedata.combining(char)
    return kind >= 200 or 10 <= kind <= 36 or char in _VARIANTS


def read_name(text: str) -> Name:
    """Return the name in its parts; titles go, particles go where two others remain. Empty: no letter in it."""
    found = [token[:MAX_TOKEN] for token in _WORD.findall(fold(text))]
    if len(found) == 1:
        found = list(scripts.family_first(found[0]))
    tokens = [token for token in found if token not in TITLES] or found
    core = [token for token in tokens if token not in PARTICLES]
    kept = core if len(core) >= 2 else tokens
    return Name(tuple(map(intern, kept[:MAX_TOKENS])), "".join(tokens[:MAX_TOKENS]))


_SPELLING: Final = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        (r"sch|sh", "S"), (r"tch|ch", "C"), (r"ph", "f"), (r"th", "t"), (r"ck|q", "k"), (r"kh", "h"),
        (r"dt\b", "t"), (r"c(?=[eiy])", "s"), (r"c", "k"), (r"x", "ks"), (r"z", "s"), (r"w", "v"),
        (r"mps", "ms"), (r"[ae][iy]", "E"), (r"oo|ou", "u"), (r"ue", "u"), (r"oe", "o"), (r"ae", "a"),
        (r"ee|ie|y|j(?=[aeou])", "i"), (r"(?<=[aeiou])h(?=[^aeiou])|(?<=[^aeiou])h\b", ""), (r"(.)\1", r"\1"),
        (r"(?<=..)e\b", ""), (r"(?<=..)([eo])f\b", r"\1v"), (r"(?<=[^aeiou])r\b", "er"),
    )
)  # fmt: skip


@lru_cache(maxsize=65_536)
def spelling(token: str) -> str:
    """Return the part as it is spelled by ear: `meyer`, `meier`, `maier` are one; so are `smith` and `smythe`, `ivanov` and `ivanoff`, `petr` and `peter`."""
    for pattern, to in _SPELLING:
        token = pattern.sub(to, token)
    return token


def spellings(part: str) -> frozenset[str]:
    """Return a part of any script as it is spelled by ear."""
    return frozenset(map(spelling, scripts.writings(part)))


@lru_cache(maxsize=65_536)
def like_token(one: str, other: str) -> Likeness:
    """Return how alike two folded parts are; the same from both sides."""
    if one == other:
        return SAME
    return _letters(one, other) if one.isascii() and other.isascii() else _scripts(one, other)


def _scripts(one: str, other: str) -> Likeness:
    """Return the likeness of two parts as they are spelled in our letters; of Chinese characters only one that sounds the same."""
    here, there = scripts.writings(one), scripts.writings(other)
    if set(here) & set(there):
        return Likeness(LIKE_SCRIPT, "name_script")
    if scripts.is_han(one) and scripts.is_han(other):
        return UNLIKE
    found = [_letters(a, b) for a in here for b in there]
    like, code = max(found, default=UNLIKE)
    bare = scripts.leaves_vowels_out(one) or scripts.leaves_vowels_out(other)
    if bare and scripts.consonants(one) & scripts.consonants(other):
        return max(Likeness(LIKE_CONSONANTS, "name_script"), Likeness(like * LIKE_SCRIPT, code))
    return Likeness(like * LIKE_SCRIPT, code)


def _letters(one: str, other: str) -> Likeness:
    if len(one) == 1 or len(other) == 1:
        return Likeness(LIKE_INITIAL, "name_initial") if one[0] == other[0] else UNLIKE
    if other in NICKNAMES.get(one, ()):
        return Likeness(LIKE_NICKNAME, "name_nickname")
    if min(len(one), len(other)) >= 3 and spelling(one) == spelling(other):
        return Likeness(LIKE_VARIANT, "name_variant")
    return max(_typo(one, other), _stem(one, other))


def _typo(one: str, other: str) -> Likeness:
    """Return the likeness by typing errors: one edit in every four letters, weighed by Jaro-Winkler."""
    longer = max(len(one), len(other))
    if longer == SHORTEST_TYPO - 1 and sorted(one) == sorted(other):
        return Likeness(LIKE_SHORT, "name_typo") if OSA.distance(one, other) == 1 else UNLIKE
    if longer < SHORTEST_TYPO or min(len(one), len(other)) < SHORTEST_TYPO - 1:
        return UNLIKE
    edits = max(1, longer // 4)
    if OSA.distance(one, other, score_cutoff=edits) > edits:
        return UNLIKE
    like = max(JaroWinkler.similarity(one, other), JaroWinkler.similarity(one[::-1], other[::-1]))
    return Likeness(like * LIKE_TYPO, "name_typo") if like >= TYPO_FROM else UNLIKE


def _stem(one: str, other: str) -> Likeness:
    """Return the likeness of a name and its beginning: `konstan` on a badge for `konstantinopoulos`."""
    short, long = sorted((one, other), key=len)
    if len(short) >= SHORTEST_STEM and long.startswith(short):
        return Likeness(LIKE_SHORT, "name_short")
    return UNLIKE


class _Pair(NamedTuple):
    like: float
    code: str
    here: int
    there: int


def _pairs(one: Sequence[str], other: Sequence[str]) -> Iterator[_Pair]:
    """Yield each part of the one with its likest in the other, the likest pair first."""
    found: list[tuple[float, str, str, str, int, int]] = []
    for here, token in enumerate(one):
        for there, against in enumerate(other):
            like = like_token(token, against)
            if like.like:
                first, second = sorted((token, against))
                found.append((-like.like, first, second, like.code, here, there))
    taken_here: set[int] = set()
    taken_there: set[int] = set()
    for minus, _, _, code, here, there in sorted(found):
        if here not in taken_here and there not in taken_there:
            taken_here.add(here)
            taken_there.add(there)
            yield _Pair(-minus, code, here, there)


def compare_names(one: Name, other: Name) -> tuple[Part, ...]:
    """Return the parts of the score that two names give, at most `FULL` together; none: not alike.

    Two names of which only one part of several agrees give little, so that a shared first name is no match.
    """
    if not one.tokens or not other.tokens:
        return ()
    by_parts = _by_parts(one.tokens, other.tokens)
    if max(len(one.tokens), len(other.tokens)) >= FEWEST_CLOSED_UP:
        closed = _closed_up(one.tokens, other.tokens), _closed_up(other.tokens, one.tokens)
        by_parts = max(by_parts, *closed, key=_sum)
    if one.joined == other.joined and one.tokens != other.tokens:
        whole = SINGLE if min(len(one.tokens), len(other.tokens)) == 1 else FULL
        return max(by_parts, (("name_joined", round(whole * LIKE_JOINED)),), key=_sum)
    return by_parts


def neighbours(tokens: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield where two neighbours stand, and both in one piece; nothing of a name of fewer than three parts."""
    if len(tokens) >= FEWEST_CLOSED_UP:
        yield from enumerate(one + other for one, other in pairwise(tokens))


def _sound_alike(one: str, other: str) -> bool:
    if one.isascii() and other.isascii() and abs(len(one) - len(other)) > SPELLING_APART:
        # Most are: spelling both by ear would take most of the time of a comparison.
        return False
    return not spellings(one).isdisjoint(spellings(other))


def _closed_up(tokens: Sequence[str], others: Sequence[str]) -> tuple[Part, ...]:
    """Return the parts of the score where two neighbours are one part of the other name: Xiao Ming for Xiaoming."""
    for at, both in neighbours(tokens):
        if any(_sound_alike(both, token) for token in others):
            closed = (*tokens[:at], both, *tokens[at + 2 :])
            return (*_by_parts(closed, others), ("name_joined", CLOSED_UP))
    return ()


def _by_parts(one: Sequence[str], other: Sequence[str]) -> tuple[Part, ...]:
    pairs = list(_pairs(one, other))
    fewer = min(len(one), len(other))
    if not pairs:
        return ()
    total = sum(pair.like for pair in pairs)
    mean = total / fewer
    points = SINGLE * mean if fewer == 1 else FULL * mean * mean
    parts = [(pair.code, round(points * pair.like / total)) for pair in pairs]
    if _is_swapped(pairs):
        parts.append(("name_swapped", 0))
    missing = min(abs(len(one) - len(other)), MOST_MISSING)
    if missing:
        parts.append(("name_missing", MISSING * missing))
    return tuple(parts)


def read_words(text: str) -> tuple[str, ...]:
    """Return the first `MAX_WORDS` words of free text, folded as names are; what is only one letter is none."""
    found = (token[:MAX_TOKEN] for token in _WORD.findall(fold_all(text)))
    return tuple(token for token in found if len(token) > 1)[:MAX_WORDS]


def name_in_words(words: Sequence[str], name: Name) -> tuple[Part, ...]:
    """Return the parts of the score that a name gives which is said in free words; none: it is not in them.

    Two parts of it have to stand beside each other, one of them to the letter, neither an initial or a beginning: many a
    first name is a word. The codes are their own, so that what was found in words never makes a match certain.
    """
    if len(name.tokens) < 2:
        return ()
    at = [n for n, word in enumerate(words) if any(_is_said(word, t) for t in name.tokens)]
    found = [
        compare_names(Name((words[one], words[other]), words[one] + words[other]), name)
        for one, other in combinations(at, 2)
        if other - one <= APART_IN_WORDS
    ]
    said = max((parts for parts in found if _is_named(parts)), key=_sum, default=())
    return tuple((f"words_{code}", points) for code, points in said)


def _is_said(word: str, token: str) -> bool:
    code = like_token(word, token).code
    # A letter makes another word of a short one: a stone wall is not Will Stone.
    return code not in _TOO_LITTLE and (code != "name_typo" or len(word) > SHORTEST_TYPO)


def _is_named(parts: Sequence[Part]) -> bool:
    codes = [code for code, points in parts if points > 0]
    return len(codes) >= 2 and bool(_SAID_SO & set(codes)) and not _TOO_LITTLE & set(codes)


def _is_swapped(pairs: Sequence[_Pair]) -> bool:
    order = [pair.there for pair in sorted(pairs, key=lambda pair: pair.here)]
    return order != sorted(order)


def _sum(parts: Sequence[Part]) -> int:
    return sum(points for _, points in parts)


def is_full(parts: Sequence[Part]) -> bool:
    """Return whether two or more parts of a name agree to the letter, and none is only alike."""
    same = sum(code == "name_same" for code, _ in parts)
    return same >= 2 and all(
        code in ("name_same", "name_swapped", "name_missing") for code, _ in parts
    )
