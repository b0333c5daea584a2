"""What do cameras make of plates? The confusion model by which plates are noised; published in docs/explanation/matching.md.

Per character, at a rate of errors `p`: with `p` it is read as another (four in five by the table below, the rest as any
other), with `p / 5` it is lost, with `p / 10` one too many is read; with `p` the plate loses one character at an end (an
edge of the picture, a frame, a bolt). A reader's own score falls with what it got wrong. The weights are our own estimate
from how the characters look, not a measurement of any reader: whoever has readings of his own can put them here.
"""

import random  # noqa: TID251 - the same noise for the same seed

LOOKALIKES: dict[str, str] = {
    "0": "ODQ8", "O": "0DQC", "Q": "0OG", "D": "0OB", "1": "I7LT", "I": "1LT", "L": "1I", "8": "B36", "B": "83R",
    "5": "S6", "S": "58", "2": "Z7", "Z": "27", "6": "G58", "G": "6CQ", "4": "A", "A": "4R", "7": "T12", "T": "7Y1",
    "V": "YUW", "Y": "VT", "U": "V0", "M": "NHW", "N": "MHW", "W": "VM", "C": "G0", "E": "FB", "F": "EP", "P": "FR",
    "R": "PKA", "K": "XR", "X": "KY", "H": "NM", "3": "89B", "9": "38", "J": "1U",
}  # fmt: skip
ANY = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
BY_TABLE = 0.8


def noised(plate: str, p: float, rng: random.Random) -> str:
    """Return the plate as a camera reads it at this rate of errors."""
    read = []
    for char in plate:
        if rng.random() < p / 5:
            continue
        read.append(_misread(char, rng) if rng.random() < p else char)
        if rng.random() < p / 10:
            read.append(rng.choice(ANY))
    if len(read) > 3 and rng.random() < p:
        del read[rng.choice((0, -1))]
    return "".join(read)


def _misread(char: str, rng: random.Random) -> str:
    if rng.random() < BY_TABLE:
        return rng.choice(LOOKALIKES.get(char, ANY))
    return rng.choice(ANY)


def score(plate: str, read: str, rng: random.Random) -> float:
    """Return how sure a reader says that it is: high for most, lower for what it got wrong, and sometimes wrongly so."""
    base = 0.96 if plate == read else 0.86
    return round(min(1.0, max(0.3, rng.gauss(base, 0.06))), 3)


def table() -> str:
    """Return the confusion table as docs/explanation/matching.md shows it; a test holds the page to it."""
    rows = [
        f"| `{char}` | {' '.join(f'`{other}`' for other in others)} |"
        for char, others in LOOKALIKES.items()
    ]
    return "\n".join(["| is | is read as, each as often |", "|---|---|", *rows])
