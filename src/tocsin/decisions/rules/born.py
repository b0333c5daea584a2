"""How alike are two birth dates? The same, day and month swapped, one digit off, or only the year known."""

from datetime import date
from typing import Final, NamedTuple

from tocsin.decisions.rules.names import Part

SAME: Final = 350
SWAPPED: Final = 250
DIGIT: Final = 220
DAY_AND_MONTH: Final = 150
YEAR: Final = 120
OTHER: Final = -120


class Born(NamedTuple):
    """A birth date, or only a year, or neither."""

    on: date | None = None
    year: int | None = None


def compare_born(one: Born, other: Born) -> Part | None:
    """Return what two birth dates add or take; None where one is not known. The same from both sides."""
    here, there = _year(one), _year(other)
    if here is None or there is None:
        return None
    if one.on is None or other.on is None:
        return ("born_year", YEAR) if here == there else ("born_other", OTHER)
    return _by_dates(one.on, other.on)


def _year(born: Born) -> int | None:
    return born.on.year if born.on else born.year


def _by_dates(one: date, other: date) -> Part:
    if one == other:
        return ("born_same", SAME)
    if one.year == other.year and (one.month, one.day) == (other.day, other.month):
        return ("born_swapped", SWAPPED)
    here, there = f"{one:%Y%m%d}", f"{other:%Y%m%d}"
    differing = [i for i in range(8) if here[i] != there[i]]
    if len(differing) == 1 or _are_swapped(here, there, differing):
        return ("born_digit", DIGIT)
    if (one.month, one.day) == (other.month, other.day):
        return ("born_day_month", DAY_AND_MONTH)
    return ("born_year", YEAR) if one.year == other.year else ("born_other", OTHER)


def _are_swapped(here: str, there: str, differing: list[int]) -> bool:
    if len(differing) != 2 or differing[1] - differing[0] != 1:
        return False
    first, second = differing
    return here[first] == there[second] and here[second] == there[first]
