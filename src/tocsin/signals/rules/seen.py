"""What does a door, a reader or a person say was seen, before anybody knows what it means?

Every feed, desk check and guard's report becomes one `Seen`; the engine matches it (`decisions/`), and only what hits a
case is kept. Pure; the JSON form is what lies sealed in `signals_report`.
"""

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

MAX_CANDIDATES: Final = 20
MAX_TEXT: Final = 200
_IDS: Final = (
    "sender_id",
    "reported_by_id",
    "site_id",
    "place_id",
    "post_id",
    "case_id",
    "order_id",
    "person_id",
)


class Source(StrEnum):
    """Who or what saw it."""

    DESK = "desk"
    GUARD = "guard"
    BADGE = "badge"
    PLATE = "plate"
    MONITOR = "monitor"
    OWN_DEVICE = "own_device"
    CONTACT = "contact"
    VISITOR_LIST = "visitor_list"
    FEED = "feed"
    ON_DUTY = "on_duty"


# She says that it is the person whom her own order is about, and not which.
HERS_SHE_SAYS: Final = "her_own"
# What a person tells on a page; a list of visitors is a machine's in her hand.
TOLD: Final = frozenset({Source.GUARD, Source.CONTACT})


@dataclass(frozen=True, slots=True)
class PlateRead:
    """One reading of a plate as a camera gave it. `score` 0 to 1; `region` as the reader names it, or ""."""

    text: str
    score: float = 1.0
    region: str = ""


@dataclass(frozen=True, slots=True)
class Position:
    """Where something was: WGS 84 degrees, metres, when the fix was made (aware UTC); None: not said."""

    latitude: float
    longitude: float
    fixed_at: datetime
    accuracy_m: float | None = None
    speed_m_s: float | None = None
    is_mocked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One thing that was seen. Times are aware UTC; `track` is the same for every message about the same event.

    `born_year`: where a person knows no more of the birth date than that. `case_id`: given when the sender belongs to
    one case (a court-ordered monitor), or a person says who it is. `person_id`: whose own device this position is of.
    `order_id`: the order in whose place elsewhere (her home, a school) the position is; such a place is no site of ours.
    `address`: an e-mail address or the name of an account. `codes`: what lowers its trust or says more (`rules/fix.py`,
    `feeds/`).
    """

    organisation_id: UUID
    source: Source
    track: str
    seen_at: datetime
    heard_at: datetime
    sender_id: UUID | None = None
    reported_by_id: UUID | None = None
    site_id: UUID | None = None
    place_id: UUID | None = None
    post_id: UUID | None = None
    case_id: UUID | None = None
    person_id: UUID | None = None
    order_id: UUID | None = None
    name: str = ""
    born_on: date | None = None
    born_year: int | None = None
    phone: str = ""
    address: str = ""
    badge: str = ""
    plates: tuple[PlateRead, ...] = ()
    position: Position | None = None
    words: str = ""
    codes: tuple[str, ...] = field(default=())


def is_told(seen: Seen) -> bool:
    """Return whether a person says what she saw or heard, in her own words: it is let go only by a person."""
    return seen.reported_by_id is not None and seen.source in TOLD


def write_seen(seen: Seen) -> str:
    """Return what was seen as JSON; what was not said is left out."""
    said = {name: _plain(getattr(seen, name)) for name in Seen.__dataclass_fields__}
    return json.dumps({name: value for name, value in said.items() if value not in (None, "", [])})


def read_seen(text: str) -> Seen:
    """Return what `write_seen` wrote.

    Raises:
        ValueError: it is not the JSON of a `Seen`, or a part of it is missing.
    """
    try:
        said = json.loads(text)
        return _seen(said)
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        message = "not a Seen"
        raise ValueError(message) from error


def _plain(value: object) -> object:
    if isinstance(value, (UUID, date)):
        return value.isoformat() if isinstance(value, date) else str(value)
    if isinstance(value, PlateRead):
        return [value.text, value.score, value.region]
    if isinstance(value, Position):
        return {name: _plain(getattr(value, name)) for name in Position.__dataclass_fields__}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value


def _seen(said: dict[str, Any]) -> Seen:
    known = dict(said)
    for name in ("organisation_id", *_IDS):
        if name in known:
            known[name] = UUID(known[name])
    for name in ("seen_at", "heard_at"):
        known[name] = datetime.fromisoformat(known[name])
    known["source"] = Source(known["source"])
    if "born_on" in known:
        known["born_on"] = date.fromisoformat(known["born_on"])
    known["plates"] = tuple(PlateRead(*one) for one in known.get("plates", ()))
    known["codes"] = tuple(known.get("codes", ()))
    if "position" in known:
        at = datetime.fromisoformat(known["position"]["fixed_at"])
        known["position"] = Position(**{**known["position"], "fixed_at": at})
    return Seen(**known)
