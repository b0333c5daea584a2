"""What may an order forbid, in the nine national codes, and how far is "500 feet" in metres?

The codes are those of the national file of protection orders; the words are our own.
"""

import re
from collections.abc import Mapping
from typing import Final

CONDITIONS: Final[Mapping[str, str]] = {
    "01": "Must not assault, threaten, harass, follow or stalk the protected person or a child.",
    "02": "Must not threaten her family or household.",
    "03": "She alone may be in the residence.",
    "04": "Must stay away from the residence, property, school or place of work.",
    "05": "Must not communicate with her, nor through employers, employees or colleagues.",
    "06": "May visit, or has custody of, the children that the order names.",
    "07": "Must not have or buy a firearm or another weapon.",
    "08": "See the terms in words.",
    "09": "She has custody of the children for the time being.",
}
CHILDREN: Final = frozenset({"06", "09"})
METRES_IN: Final = {"m": 1.0, "ft": 0.3048, "yd": 0.9144, "mi": 1609.344, "km": 1000.0}
MAX_METRES: Final = 50_000
_UNITS: Final = {
    "": "m",
    "m": "m",
    "metre": "m",
    "metres": "m",
    "meter": "m",
    "meters": "m",
    "ft": "ft",
    "foot": "ft",
    "feet": "ft",
    "'": "ft",
    "yd": "yd",
    "yds": "yd",
    "yard": "yd",
    "yards": "yd",
    "mi": "mi",
    "mile": "mi",
    "miles": "mi",
    "km": "km",
}
_DISTANCE: Final = re.compile(
    r"([0-9]{1,3}(?:,[0-9]{3}){1,2}|[0-9]{1,7}(?:\.[0-9]{1,7})?)\s*([a-z']*)\.?"
)


def metres(text: str) -> int | None:
    """Return the distance in whole metres, never less than was written, or None if it is none.

    "100", "100 m", "1,500 ft", "200 yards", "0.5 mile"; without a unit it is metres. None too beyond 50 km.
    """
    found = _DISTANCE.fullmatch(text.strip().casefold())
    unit = _UNITS.get(found[2]) if found else None
    if found is None or unit is None:
        return None
    exact = float(found[1].replace(",", "")) * METRES_IN[unit]
    whole = int(exact) if exact == int(exact) else int(exact) + 1
    return whole if 0 < whole <= MAX_METRES else None


def unknown(codes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the codes that are none of the nine."""
    return tuple(code for code in codes if code not in CONDITIONS)
