"""How alike are two number plates? What cameras and people mistake, a part of a plate, and the region.

Look-alikes are folded first (0 O Q D, 1 I L, 8 B, 5 S, 2 Z, 6 G); what differs then is an edit. Two edits on a plate of six
are somebody else's plate, so they count only beside other evidence. The figures are in `docs/explanation/matching.md`.
"""

import re
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from tocsin.registry.rules.regions import are_one
from tocsin.registry.rules.typed import SHORTEST_PLATE, UNKNOWN

# Fewer known characters than this are in half of all plates.
SHORTEST_PART: Final = 3
SHORTEST_EDITED: Final = 5

SAME: Final = 950
LOOK_ALIKE: Final = 850
EACH_LOOK_ALIKE: Final = -30
FEWEST_LOOK_ALIKE: Final = 730
MISREAD: Final = 700
SWAPPED: Final = 640
ONE_OFF: Final = 600
TWO_MISREAD: Final = 380
TWO_OFF: Final = 250
PART_FROM: Final = 300
PART_TO: Final = 900
REGION_SAME: Final = 30
REGION_OTHER: Final = -200
# A reader that gives less than this is not sure itself.
SURE_FROM: Final = 0.9
UNSURE: Final = -300
# A vehicle of the employer has many drivers.
FLEET: Final = 600 / SAME

_CLASSES: Final = ("0OQD", "1IL", "8B", "5S", "2Z", "6G")
LOOKS: Final = str.maketrans({char: group[0] for group in _CLASSES for char in group})
# Mistaken too, but less often than what is folded.
_MISREAD: Final = (
    "4A 7T 71 VY UV MN WV C6 EF PR KX HN 38 98 C0 J1 U0 7Z 39 PF XY HM NW T1 7Y AR 65 35"
)
MISREADS: Final = frozenset(frozenset(pair.translate(LOOKS)) for pair in _MISREAD.split())


class PlateLikeness(NamedTuple):
    """What two plates give to a score, and in which way they are alike."""

    code: str
    points: int


def looks(cleaned: str) -> str:
    """Return the plate with every look-alike folded into one character."""
    return cleaned.translate(LOOKS)


def compare_plates(read: str, known: str) -> PlateLikeness | None:
    """Return what a cleaned reading gives beside a cleaned plate, or None. The same from both sides, but for a part."""
    if read == known:
        return PlateLikeness("plate_same", SAME) if len(known) >= SHORTEST_PLATE else None
    if UNKNOWN in read:
        return _by_pattern(read, known)
    one, other = looks(read), looks(known)
    if one == other:
        differing = sum(a != b for a, b in zip(read, known, strict=True))
        points = LOOK_ALIKE + EACH_LOOK_ALIKE * (differing - 1)
        return PlateLikeness("plate_look_alike", max(points, FEWEST_LOOK_ALIKE))
    found = [_by_edits(one, other), _by_part(one, other)]
    return max((like for like in found if like), key=lambda like: like.points, default=None)


def _by_pattern(read: str, known: str) -> PlateLikeness | None:
    characters = len(read.replace(UNKNOWN, ""))
    if characters < SHORTEST_PART - 1:
        return None
    pattern = "".join("." if char == UNKNOWN else re.escape(char) for char in looks(read))
    whole = re.fullmatch(pattern, looks(known))
    if not whole and (characters < SHORTEST_PART or not _in_order(read, known)):
        return None
    return PlateLikeness("plate_part", _part_points(characters, len(known)))


def _in_order(read: str, known: str) -> bool:
    """Return whether the known pieces of the reading come in the plate, in order."""
    pieces = [re.escape(piece) for piece in looks(read).split(UNKNOWN) if piece]
    return re.search(".*".join(pieces), looks(known)) is not None


def _by_edits(one: str, other: str) -> PlateLikeness | None:
    if min(len(one), len(other)) < SHORTEST_EDITED:
        return None
    edits = OSA.distance(one, other, score_cutoff=2)
    if edits > 2:
        return None
    differing = [{a, b} for a, b in zip(one, other, strict=False) if a != b]
    is_misread = len(one) == len(other) and all(_is_misread(pair) for pair in differing)
    if edits == 1:
        if is_misread:
            return PlateLikeness("plate_misread", MISREAD)
        is_swapped = len(one) == len(other) and len(differing) == 2
        return (
            PlateLikeness("plate_swapped", SWAPPED)
            if is_swapped
            else PlateLikeness("plate_one_off", ONE_OFF)
        )
    if is_misread and len(differing) == 2:
        return PlateLikeness("plate_misread", TWO_MISREAD)
    return PlateLikeness("plate_two_off", TWO_OFF)


def _is_misread(pair: set[str]) -> bool:
    return pair in MISREADS


def _by_part(read: str, known: str) -> PlateLikeness | None:
    """Return the likeness of a reading that is a piece of the plate, or that has more around it than the plate."""
    if len(read) >= SHORTEST_PART and read in known:
        return PlateLikeness("plate_part", _part_points(len(read), len(known)))
    if len(known) >= SHORTEST_EDITED and known in read:
        return PlateLikeness("plate_part", _part_points(len(known), len(read)))
    return None


def _part_points(characters: int, length: int) -> int:
    return min(MISREAD, round(PART_FROM + (PART_TO - PART_FROM) * characters / max(length, 1)))


def region_points(one: str, other: str) -> int:
    """Return what two regions add; 0 where one is not said, is not known, or is a part of the other (`US`, `US-CA`)."""
    same = are_one(one, other)
    if same is None:
        return 0
    return REGION_SAME if same else REGION_OTHER


def doubt_points(score: float) -> int:
    """Return what the reader's own doubt takes off; `score` 0 to 1 as it gave it."""
    return min(0, round((score - SURE_FROM) * -UNSURE))
