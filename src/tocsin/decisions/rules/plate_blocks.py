"""Which of many plates are worth comparing with this reading? Found by look-alikes, by either end, or as a part.

One edit leaves the first two or the last two characters of a plate of five as they are, and three of one of seven: so
both ends are keys. A part is looked for in all plates at once, as text. Not safe for threads.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from tocsin.decisions.rules.plates import SHORTEST_EDITED, SHORTEST_PART, looks
from tocsin.decisions.rules.postings import Postings

# The ends that are keys, by length: longer ones are sharper, and keep only for plates that are long enough.
SHORT_END: Final = 2
LONG_END: Final = 3
LONG_END_FROM: Final = 7
# A reading of more characters is a whole plate; that of a camera is then no part of another.
LONGEST_PART: Final = 6


class PlateBlocks:
    """All plates by their folded form, and the rows that have them."""

    def __init__(self) -> None:
        """Begin empty."""
        self._rows: Postings[str] = Postings()
        self._ends: dict[str, list[str]] = defaultdict(list)
        self._text = "\n"
        self._is_joined = True

    def add(self, row: int, cleaned: str) -> None:
        """Let this row be found by the plate."""
        folded = looks(cleaned)
        if not folded:
            return
        if not self._rows.add(folded, row):
            return
        self._is_joined = False
        for end in (SHORT_END, LONG_END):
            self._ends[f"^{folded[:end]}"].append(folded)
            self._ends[f"{folded[-end:]}$"].append(folded)

    def rows_of(self, read: str) -> Iterator[int]:
        """Yield rows whose plate may be this cleaned reading; some more than once."""
        folded = looks(read)
        yield from self._rows.of(folded)
        plates = self._by_pattern(folded) if "?" in folded else self._near(folded)
        for plate in plates:
            yield from self._rows.of(plate)

    def _near(self, folded: str) -> Iterator[str]:
        if len(folded) >= SHORTEST_EDITED - 1:
            end = LONG_END if len(folded) >= LONG_END_FROM else SHORT_END
            for key in (f"^{folded[:end]}", f"{folded[-end:]}$"):
                for plate, _, _ in process.extract_iter(
                    folded, self._ends.get(key, ()), scorer=OSA.distance, score_cutoff=1
                ):
                    yield plate
        if SHORTEST_PART <= len(folded) <= LONGEST_PART:
            yield from self._having(folded)
        for start in range(len(folded)):
            for stop in range(start + SHORTEST_EDITED, len(folded) + 1):
                if folded[start:stop] in self._rows:
                    yield folded[start:stop]

    def _having(self, part: str) -> Iterator[str]:
        text = self._joined()
        at = text.find(part)
        while at >= 0:
            end = text.index("\n", at)
            yield text[text.rindex("\n", 0, at) + 1 : end]
            at = text.find(part, end)

    def _by_pattern(self, folded: str) -> Iterator[str]:
        pieces = [re.escape(piece) for piece in folded.split("?") if piece]
        if pieces:
            yield from re.findall(f"^.*{'.*'.join(pieces)}.*$", self._joined(), re.MULTILINE)

    def _joined(self) -> str:
        if not self._is_joined:
            self._text = "\n" + "\n".join(self._rows) + "\n"
            self._is_joined = True
        return self._text
