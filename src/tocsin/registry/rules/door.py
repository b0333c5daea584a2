"""What does the door match people and vehicles by? The text that lies sealed in a door entry (`match_sealed`).

Never race, origin, religion or disability: there is no field for them, and one that is not named here is refused.
"""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

MAX_NAMES: Final = 20
MAX_PHONES: Final = 20
MAX_BADGES: Final = 20
MAX_PLATES: Final = 50
MAX_ADDRESSES: Final = 20


class NotADoorDocument(ValueError):
    """The text is not what `to_text` writes: an unknown field, a wrong type, too many of something."""


@dataclass(frozen=True, slots=True)
class KnownPlate:
    """A plate that he is known to use. `region` as it was typed ("US-CA", "D"), or ""."""

    text: str
    region: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorMatch:
    """What a respondent is known by. `names` holds aliases too, the usual one first; `phones` are E.164.

    `addresses`: e-mail addresses and names of accounts. `born_year`: where only the year is known (`born_on` is None then). `colleague_id`: the person he is here, if he
    works here; vehicles whose keys that person has are matched too. `description`: for a person to compare him with,
    nothing is matched by it. `doubted_badges` and `doubted_plates`: which of them somebody says are not his any more;
    until a second person agrees they are *possible* at most.
    """

    names: tuple[str, ...] = ()
    born_on: date | None = None
    born_year: int | None = None
    phones: tuple[str, ...] = ()
    badges: tuple[str, ...] = ()
    plates: tuple[KnownPlate, ...] = ()
    colleague_id: UUID | None = None
    description: str = ""
    addresses: tuple[str, ...] = ()
    doubted_badges: tuple[str, ...] = ()
    doubted_plates: tuple[KnownPlate, ...] = ()


_FIELDS: Final = frozenset(
    {
        "names",
        "born_on",
        "born_year",
        "phones",
        "badges",
        "plates",
        "colleague",
        "description",
        "addresses",
        "doubted_badges",
        "doubted_plates",
    }
)


def to_text(match: DoorMatch) -> str:
    """Return the JSON text to seal; keys sorted, so that equal matches are equal texts.

    Raises:
        NotADoorDocument: more of something than `from_text` would read: it must not be written.
    """
    body: dict[str, Any] = {
        "names": match.names,
        "born_on": match.born_on.isoformat() if match.born_on else None,
        "born_year": match.born_year,
        "phones": match.phones,
        "badges": match.badges,
        "plates": [[plate.text, plate.region] for plate in match.plates],
        "colleague": str(match.colleague_id) if match.colleague_id else None,
        "description": match.description,
    }
    if match.addresses:
        # Left out where there are none: a process that is older than this field reads all others as before.
        body["addresses"] = match.addresses
    if match.doubted_badges:
        body["doubted_badges"] = match.doubted_badges
    if match.doubted_plates:
        body["doubted_plates"] = [[plate.text, plate.region] for plate in match.doubted_plates]
    _read(body)
    return json.dumps(body, sort_keys=True, ensure_ascii=False)


def from_text(text: str) -> DoorMatch:
    """Return what `to_text` wrote; a field that is missing is empty.

    Raises:
        NotADoorDocument: not JSON of that form, an unknown field, or more of something than is kept.
    """
    try:
        return _read(_known(json.loads(text)))
    except NotADoorDocument:
        raise
    except (TypeError, ValueError, AttributeError) as error:
        raise NotADoorDocument("not a door document") from error


def _read(body: dict[str, Any]) -> DoorMatch:
    return DoorMatch(
        names=_texts(body, "names", MAX_NAMES),
        born_on=date.fromisoformat(body["born_on"]) if body.get("born_on") else None,
        born_year=int(body["born_year"]) if body.get("born_year") else None,
        phones=_texts(body, "phones", MAX_PHONES),
        badges=_texts(body, "badges", MAX_BADGES),
        plates=_plates(body, "plates"),
        colleague_id=UUID(body["colleague"]) if body.get("colleague") else None,
        description=str(body.get("description") or ""),
        addresses=_texts(body, "addresses", MAX_ADDRESSES),
        doubted_badges=_texts(body, "doubted_badges", MAX_BADGES),
        doubted_plates=_plates(body, "doubted_plates"),
    )


def _known(body: dict[str, Any]) -> dict[str, Any]:
    if set(body) - _FIELDS:
        raise NotADoorDocument("unknown field")
    return body


def _texts(body: dict[str, Any], field: str, at_most: int) -> tuple[str, ...]:
    values = body.get(field) or []
    if len(values) > at_most or not all(isinstance(value, str) for value in values):
        raise NotADoorDocument(field)
    return tuple(values)


def _plates(body: dict[str, Any], field: str) -> tuple[KnownPlate, ...]:
    pairs = body.get(field) or []
    if len(pairs) > MAX_PLATES:
        raise NotADoorDocument(field)
    return tuple(KnownPlate(str(text), str(region)) for text, region in pairs)
