"""Which of many names are worth comparing with this one? Postings by part, so that a name meets tens of others and not all.

A row is anything with names (an entry). Every pair that `compare_names` gives at least half of what the floor asks for is
found: by two parts that are alike, by the only part that one side has, or by all of it in one piece. A part in another script
is found by how it is spelled in our letters. Not safe for threads.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from tocsin.decisions.rules.name_tables import NICKNAMES
from tocsin.decisions.rules.names import (
    LIKE_JOINED,
    LIKE_SCRIPT,
    SHORTEST_STEM,
    SHORTEST_TYPO,
    Name,
    like_token,
    neighbours,
    spelling,
    spellings,
)
from tocsin.decisions.rules.postings import Postings
from tocsin.decisions.rules.scripts import consonants, leaves_vowels_out, writings

LIKES_KEPT: Final = 20_000


class NameBlocks:
    """The parts of all names, and the rows that have them."""

    def __init__(self) -> None:
        """Begin empty."""
        self._rows: Postings[str] = Postings()
        self._only: Postings[str] = Postings()
        # Two neighbours in one piece, spelled by ear; only of names of three parts and more, or it would double the index.
        self._closed: Postings[str] = Postings()
        # Parts in other scripts, by how they are spelled in our letters; those without vowels by what they have.
        self._written: dict[str, list[str]] = defaultdict(list)
        self._bare: dict[str, list[str]] = defaultdict(list)
        # Parts in our letters by their consonants: made when the first name without vowels is asked about.
        self._consonants: dict[str, list[str]] | None = None
        # By hash: a million strings here were the largest part of the index. A chance hit is compared and refused.
        self._joined: Postings[int] = Postings()
        self._by_spelling: dict[str, list[str]] = defaultdict(list)
        self._by_length: dict[int, list[str]] = defaultdict(list)
        self._sorted: list[str] = []
        self._is_sorted = True
        self._likes: dict[str, dict[str, float]] = {}

    def add(self, row: int, name: Name) -> None:
        """Let this row be found by the name."""
        for token in name.tokens:
            if self._rows.add(token, row):
                self._learn(token)
        if len(name.tokens) == 1:
            self._only.add(name.tokens[0], row)
        self._joined.add(hash(name.joined), row)
        for _, both in neighbours(name.tokens):
            for sound in spellings(both):
                self._closed.add(sound, row)

    def _learn(self, token: str) -> None:
        self._likes.clear()
        for key in writings(token):
            if key != token:
                self._written[key].append(token)
            self._by_spelling[spelling(key)].append(key)
            self._by_length[len(key)].append(key)
            self._sorted.append(key)
            self._is_sorted = False
        if leaves_vowels_out(token):
            _file(self._bare, token)
        elif self._consonants is not None:
            _file(self._consonants, token)

    def rows_of(self, name: Name) -> Iterator[int]:
        """Yield rows that may match the name, the likest parts first where it has only one; some more than once."""
        yield from self._joined.of(hash(name.joined))
        if len(name.tokens) == 1:
            likes = self.likes(name.tokens[0])
            for token in sorted(likes, key=likes.__getitem__, reverse=True):
                yield from self._rows_with(token, likes[token])
            return
        several = [*map(self.likes, name.tokens), *self._closed_up(name.tokens)]
        for likes in several:
            for like in likes:
                yield from self._only.of(like)
        yield from self._by_two(several)

    def _closed_up(self, tokens: tuple[str, ...]) -> Iterator[dict[str, float]]:
        """Yield, for each two neighbours, the parts that are both in one piece."""
        for _, both in neighbours(tokens):
            keys = {key for sound in spellings(both) for key in self._by_spelling.get(sound, ())}
            found = keys.union(*(self._written.get(key, ()) for key in keys))
            if found:
                yield dict.fromkeys(found, LIKE_JOINED)

    def _rows_with(self, token: str, like: float) -> Iterator[int]:
        """Yield the rows that have this part; of what sounds the same as what is sought, in two pieces as well."""
        yield from self._rows.of(token)
        if like >= LIKE_SCRIPT:
            for sound in spellings(token):
                yield from self._closed.of(sound)

    def rows_in(self, words: tuple[str, ...]) -> list[int]:
        """Return rows that have parts like two of these words, the likest first."""
        several = tuple(dict.fromkeys(words))
        return self._by_two([*map(self.likes, several)]) if len(several) > 1 else []

    def _by_two(self, several_likes: list[dict[str, float]]) -> list[int]:
        """Return rows that have parts like two of these, the likest first."""
        totals: dict[int, float] = {}
        several: dict[int, float] = {}
        several_likes.sort(key=self._weight)
        for left, likes in enumerate(several_likes, 1 - len(several_likes)):
            here = self._likest(likes)
            both = here.keys() & totals.keys()
            several |= {row: totals[row] + here[row] for row in both}
            # What only the part with most rows has is not needed any more.
            totals = totals if left == 0 else totals | here | {row: several[row] for row in both}
        return sorted(several, key=several.__getitem__, reverse=True)

    def _likest(self, likes: dict[str, float]) -> dict[int, float]:
        """Return the rows that have one of these parts, and how much the likest of them is."""
        rows: dict[int, float] = {}
        for token in sorted(likes, key=likes.__getitem__):
            rows.update(dict.fromkeys(self._rows_with(token, likes[token]), likes[token]))
        return rows

    def _weight(self, likes: dict[str, float]) -> int:
        return sum(len(self._rows.of(token)) for token in likes)

    def likes(self, token: str) -> dict[str, float]:
        """Return the parts that are like this one, and how much; never one that `like_token` would refuse."""
        known = self._likes.get(token)
        if known is None:
            found = {other: like_token(token, other).like for other in self._candidates(token)}
            known = {other: like for other, like in found.items() if like}
            if len(self._likes) >= LIKES_KEPT:
                self._likes.clear()
            self._likes[token] = known
        return known

    def _candidates(self, token: str) -> set[str]:
        found = {token, *writings(token)}
        for key in writings(token):
            found |= self._near(key)
        found.update(self._without_vowels(token))
        if self._written:
            found |= {one for key in found for one in self._written.get(key, ())}
        return found

    def _near(self, token: str) -> set[str]:
        """Return the parts in our letters, or spelled so, that may be like this one in our letters."""
        found = {
            other for other in (token, token[0], *NICKNAMES.get(token, ())) if self._has(other)
        }
        found.update(self._by_spelling.get(spelling(token), ()))
        beginnings = (token[:end] for end in range(SHORTEST_STEM, len(token)))
        found.update(beginning for beginning in beginnings if self._has(beginning))
        if len(token) == 1 or len(token) >= SHORTEST_STEM:
            found.update(self._beginning(token))
        if len(token) >= SHORTEST_TYPO - 1:
            found.update(self._misspelled(token))
        return found

    def _has(self, key: str) -> bool:
        return key in self._rows or key in self._written

    def _without_vowels(self, token: str) -> Iterator[str]:
        if not (self._bare or leaves_vowels_out(token)):
            return
        for bare in consonants(token):
            yield from self._bare.get(bare, ())
            if leaves_vowels_out(token):
                yield from self._by_consonants().get(bare, ())

    def _by_consonants(self) -> dict[str, list[str]]:
        if self._consonants is None:
            self._consonants = defaultdict(list)
            for token in self._rows:
                _file(self._consonants, token)
        return self._consonants

    def _beginning(self, start: str) -> Iterable[str]:
        if not self._is_sorted:
            self._sorted.sort()
            self._is_sorted = True
        first = bisect_left(self._sorted, start)
        last = bisect_left(self._sorted, start + "\U0010ffff", lo=first)
        return self._sorted[first:last]

    def _misspelled(self, token: str) -> Iterator[str]:
        # `like_token` allows an edit in four letters of the longer one, which may be longer by that many.
        most = max(1, (len(token) + len(token) // 4 + 1) // 4)
        for length in range(max(SHORTEST_TYPO - 1, len(token) - most), len(token) + most + 1):
            for other, _, _ in process.extract_iter(
                token, self._by_length.get(length, ()), scorer=OSA.distance, score_cutoff=most
            ):
                yield other


def _file(parts: dict[str, list[str]], token: str) -> None:
    for bare in consonants(token):
        parts[bare].append(token)
