"""Could a call-taker send somebody to exactly this place, and which words say it?

A dispatchable address is one that is enough to find the person: the validated street address and
the floor, room or similar (47 CFR 9.3). What is missing is said as the question that the
call-taker would ask.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final

from tocsin.registry.rules.document import Reader
from tocsin.registry.rules.findings import Finding, error, warning

MAX_LINE: Final = 120
COUNTRY_LETTERS: Final = 2
# Where the same street name in the same town's name is told apart by the state or province.
STATES_MATTER: Final = frozenset({"US", "CA", "MX", "BR", "AU", "IN"})
_BOXES: Final = ("po box", "p.o. box", "p o box", "postfach", "apartado de correos")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a site or a place in it is. Every part is text, empty if there is none.

    `country` is two letters (ISO 3166-1). `way_in` says which entrance crews use; `near` is a
    landmark where houses have no numbers.
    """

    country: str = ""
    region: str = ""
    city: str = ""
    postcode: str = ""
    street: str = ""
    house_number: str = ""
    near: str = ""
    building: str = ""
    floor: str = ""
    room: str = ""
    way_in: str = ""


PARTS: Final = tuple(part.name for part in fields(Address))


def check(address: Address, *, buildings: int = 1, storeys: int = 1) -> tuple[Finding, ...]:
    """Return what a call-taker would have to ask, and what is no address at all.

    `buildings` and `storeys` are those of the site: with more than one, the building or the floor
    must be named.
    """
    return (*_street(address), *_town(address), *_indoors(address, buildings, storeys))


def _street(address: Address) -> Iterator[Finding]:
    for part in PARTS:
        value = getattr(address, part)
        if len(value) > MAX_LINE:
            yield error("long", part, f"It is longer than {MAX_LINE} characters.")
        if any(ord(letter) < ord(" ") for letter in value):
            yield error("control", part, "It holds a line break or a control character.")
    if not address.street.strip():
        yield error("street", "street", "The call-taker will ask: what street?")
    elif any(box in address.street.casefold() for box in _BOXES):
        yield error("box", "street", "A post box is no place: nobody can be sent there.")
    if not address.house_number.strip():
        if address.near.strip():
            words = "There is no house number: the landmark must be one that crews know."
            yield warning("house_number", "house_number", words)
        else:
            words = "The call-taker will ask: what number, or next to what?"
            yield error("house_number", "house_number", words)


def _town(address: Address) -> Iterator[Finding]:
    if not address.city.strip():
        yield error("city", "city", "The call-taker will ask: what town?")
    country = address.country
    if len(country) != COUNTRY_LETTERS or not country.isascii() or not country.isupper():
        yield error("country", "country", "Two capital letters say which country, like US or ES.")
    if country in STATES_MATTER and not address.region.strip():
        yield warning("region", "region", "The state or province is missing.")
    if not address.postcode.strip():
        yield warning("postcode", "postcode", "The postcode is missing.")


def _indoors(address: Address, buildings: int, storeys: int) -> Iterator[Finding]:
    if buildings > 1 and not address.building.strip():
        words = f"The call-taker will ask: which of the {buildings} buildings?"
        yield error("building", "building", words)
    if storeys > 1 and not address.floor.strip():
        yield error("floor", "floor", f"The call-taker will ask: which of the {storeys} floors?")
    if (address.floor.strip() or buildings > 1) and not address.room.strip():
        yield warning("room", "room", "The call-taker will ask: which room, or which part of it?")
    if not address.way_in.strip():
        yield warning(
            "way_in", "way_in", "The call-taker will ask: which entrance should they use?"
        )


def within(site: Address, place: Address) -> Address:
    """Return the place's address with everything that it leaves out taken from its site's."""
    own = {part: value for part, value in asdict(place).items() if value.strip()}
    return replace(site, **own)


def to_say(address: Address) -> str:
    """Return the address as it is said to a call-taker: the street first, then inwards."""
    number = " ".join(part for part in (address.house_number, address.street) if part.strip())
    town = " ".join(part for part in (address.region, address.postcode) if part.strip())
    parts = (
        number,
        _named("near", address.near),
        address.city,
        town,
        _named("building", address.building),
        _named("floor", address.floor),
        _named("room", address.room),
        _named("way in:", address.way_in),
    )
    return ", ".join(part for part in parts if part.strip())


def _named(word: str, value: str) -> str:
    return f"{word} {value}" if value.strip() else ""


def to_dict(address: Address) -> dict[str, Any]:
    """Return the address as JSON-able values without empty parts; `from_dict` gives it back."""
    return {part: value for part, value in asdict(address).items() if value}


def from_dict(value: object) -> Address:
    """Return the address that this document holds, or raise DocumentError for an unknown part."""
    read = Reader(value, "", PARTS)
    return Address(**{part: read.text(part, "") for part in PARTS})
