"""Who is looked for in the measurements? Made-up people and plates, as many as wanted, the same for the same seed.

First names are those of the project's own table, surnames are put together from syllables; both are used as unevenly as
names are (the most common surname is had by 1 in 120), so that a common name has many bearers, as in life.
"""

import random  # noqa: TID251 - the same people for the same seed
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import accumulate
from uuid import UUID

from tocsin.decisions.rules.matching import Entry
from tocsin.decisions.rules.name_tables import NICKNAMES
from tocsin.registry.rules.door import KnownPlate

BEGIN_WORDS = "Al An Bar Ben Bran Car Col Cor Dal Dan Dor El Er Fair Far Fen Gar Gil Gran Hal Har Hol Ing Jar Ken Kir Lan Lev Lin Mac Mar Mel Mor Nor Os Par Pem Quin Ran Ros San Sel Shel Star Sut Tal Tor Ul Van Wal Wes Win Yar Zim"
BEGIN = BEGIN_WORDS.split()
MIDDLE_WORDS = (
    "a ber da den der e el en er i in ka la le li ma mon na ne o or ra ri ro sa ta ter ti to va"
)
MIDDLE = MIDDLE_WORDS.split()
END_WORDS = "berg by croft dale den don er ery ett field ford gate ham hurst ini ins kin land ley low man mer mont more ner ney ni nov over ow ridge rin ron sen shaw son stein ston ten ton vale ver vik ville ward well wick wood worth"
END = END_WORDS.split()
SURNAMES = 160_000
STATES = ("US-CA", "US-TX", "US-IL", "US-NY", "US-OH", "US-WA")
LETTERS, DIGITS = "ABCDEFGHJKLMNPRSTUVWXYZ", "0123456789"


class Crowd:
    """A maker of people and plates."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self._first = sorted(NICKNAMES)
        self.rng.shuffle(self._first)
        self._last = self._surnames()
        self._first_weights = list(accumulate(1 / (rank + 12) for rank in range(len(self._first))))
        self._last_weights = list(accumulate(1 / (rank + 8) for rank in range(len(self._last))))

    def _surnames(self) -> list[str]:
        made: dict[str, None] = {}
        while len(made) < SURNAMES:
            middle = "".join(self.rng.choices(MIDDLE, k=self.rng.choice((0, 0, 1, 1, 2))))
            made[self.rng.choice(BEGIN) + middle + self.rng.choice(END)] = None
        return list(made)

    def name(self) -> str:
        """Return a first name, sometimes a second, and a surname."""
        first = self.rng.choices(
            self._first, cum_weights=self._first_weights, k=1 + (self.rng.random() < 0.25)
        )
        last = self.rng.choices(self._last, cum_weights=self._last_weights)
        return " ".join((*first, *last)).title()

    def born(self) -> date:
        """Return a birth date of somebody of 18 to 80."""
        return date(1946, 1, 1) + timedelta(days=self.rng.randrange(62 * 365))

    def plate(self) -> str:
        """Return a plate in one of five common layouts."""
        layout = self.rng.choice(("AAA0000", "0AAA000", "AA00000", "AAA000", "AA00AAA"))
        return "".join(self.rng.choice(LETTERS if char == "A" else DIGITS) for char in layout)

    def entries(self, n: int) -> Iterator[Entry]:
        """Yield `n` entries: a name (one in five an alias too), a birth date, one plate or two, for some a phone."""
        for number in range(n):
            names = [self.name() for _ in range(1 + (self.rng.random() < 0.2))]
            plates = [
                KnownPlate(self.plate(), self.rng.choice(STATES))
                for _ in range(1 + (self.rng.random() < 0.3))
            ]
            phone = f"+1{self.rng.randrange(200, 999)}5550{self.rng.randrange(100, 200)}"
            yield Entry(
                case_id=UUID(int=number + 1),
                names=tuple(names),
                born_on=self.born() if self.rng.random() < 0.9 else None,
                phones=(phone,) if self.rng.random() < 0.5 else (),
                plates=tuple(plates),
            )
