"""Which state, province or country is meant by a plate's region, however it is written? One table.

US states with the federal district and the territories, Canada's provinces and territories (ISO 3166-2, and their names),
and countries by their two letters, the letter on a vehicle, and their name. What is not in the table is *not said*: a
spelling that nobody knows is no other state.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

_STATES: Final = (
    "AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|DE Delaware|FL Florida|GA Georgia|"
    "HI Hawaii|ID Idaho|IL Illinois|IN Indiana|IA Iowa|KS Kansas|KY Kentucky|LA Louisiana|ME Maine|MD Maryland|"
    "MA Massachusetts|MI Michigan|MN Minnesota|MS Mississippi|MO Missouri|MT Montana|NE Nebraska|NV Nevada|NH New Hampshire|"
    "NJ New Jersey|NM New Mexico|NY New York|NC North Carolina|ND North Dakota|OH Ohio|OK Oklahoma|OR Oregon|PA Pennsylvania|"
    "RI Rhode Island|SC South Carolina|SD South Dakota|TN Tennessee|TX Texas|UT Utah|VT Vermont|VA Virginia|WA Washington|"
    "WV West Virginia|WI Wisconsin|WY Wyoming|DC District of Columbia|DC Washington DC|PR Puerto Rico|GU Guam|"
    "VI Virgin Islands|VI US Virgin Islands|AS American Samoa|MP Northern Mariana Islands"
)
_PROVINCES: Final = (
    "AB Alberta|BC British Columbia|MB Manitoba|NB New Brunswick|NL Newfoundland and Labrador|NL Newfoundland|"
    "NS Nova Scotia|NT Northwest Territories|NU Nunavut|ON Ontario|PE Prince Edward Island|QC Quebec|SK Saskatchewan|YT Yukon"
)
# Two letters, the letters on a vehicle or in other codes (they stand before the name in brackets), the name.
_COUNTRIES: Final = (
    "us (usa) United States|us United States of America|ca (cdn can) Canada|mx (mex) Mexico|gb (uk gbr) United Kingdom|"
    "gb Great Britain|ie (irl) Ireland|de (d deu ger) Germany|de Deutschland|fr (f fra) France|es (e esp) Spain|it (i ita) Italy|"
    "pt (p prt) Portugal|nl (nld) Netherlands|be (b bel) Belgium|lu (lux) Luxembourg|at (a aut) Austria|ch (che) Switzerland|"
    "dk (dnk) Denmark|se (s swe) Sweden|no (n nor) Norway|fi (fin) Finland|pl (pol) Poland|cz (cze) Czechia|sk (svk) Slovakia|"
    "hu (h hun) Hungary|ro (rou) Romania|bg (bgr) Bulgaria|gr (grc) Greece|hr (hrv) Croatia|si (slo svn) Slovenia|"
    "ee (est) Estonia|lv (lva) Latvia|lt (ltu) Lithuania|ua (ukr) Ukraine|au (aus) Australia|nz (nzl) New Zealand|"
    "jp (j jpn) Japan|br (bra) Brazil|ar (arg) Argentina|in (ind) India|za (zaf) South Africa"
)


@lru_cache(maxsize=4096)
def places_of(text: str) -> frozenset[str]:
    """Return every place that a region may mean, as "us", "us-il" or "de": empty where it is not said, or not known.

    Two letters are a state or a country ("CA", "DE"), so several are returned; a code with its country is one.
    """
    return _known().get(_folded(text), frozenset())


def are_one(one: str, other: str) -> bool | None:
    """Return whether two regions may be the same, or None: one is not said, not known, or lies in the other."""
    here, there = places_of(one), places_of(other)
    if not here or not there:
        return None
    if here & there:
        return True
    return None if any(_lies_in(a, b) or _lies_in(b, a) for a in here for b in there) else False


def _lies_in(place: str, country: str) -> bool:
    return place.startswith(f"{country}-")


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(char for char in apart if not unicodedata.combining(char))
    return " ".join(re.findall(r"[a-z0-9]+", plain.replace(".", "")))


@lru_cache(maxsize=1)
def _known() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}

    def add(spelling: str, place: str) -> None:
        found.setdefault(_folded(spelling), set()).add(place)

    for country, parts in (("us", _STATES), ("ca", _PROVINCES)):
        for line in parts.split("|"):
            code, _, name = line.partition(" ")
            place = f"{country}-{code.lower()}"
            for spelling in (
                code,
                name,
                f"{country} {code}",
                f"{country} {name}",
                f"{country}{code}",
            ):
                add(spelling, place)
            if country == "us":
                add(f"usa {code}", place)
    for line in _COUNTRIES.split("|"):
        code, _, rest = line.partition(" ")
        others, name = re.fullmatch(r"(?:\(([a-z ]+)\) )?(.+)", rest).groups()  # type: ignore[union-attr]
        for spelling in (code, name, *(others or "").split()):
            add(spelling, code)
    return {spelling: frozenset(places) for spelling, places in found.items()}
