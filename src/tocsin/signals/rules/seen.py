"""What does a door, a reader or a person say was seen, before anybody knows what it means?

Every feed, desk check and guard's report becomes one `Seen`; the engine matches it (`decisions/`), and only what hits a
case is kept. Pure; the JSON form is what lies sealed in `signals_report`.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

MAX_CANDIDATES: Final = 20
MAX_TEXT: Final = 200


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

    `case_id`: given when the sender belongs to one case (a court-ordered monitor), or a person says who it is.
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
    name: str = ""
    born_on: date | None = None
    phone: str = ""
    badge: str = ""
    plates: tuple[PlateRead, ...] = ()
    position: Position | None = None
    words: str = ""
    codes: tuple[str, ...] = field(default=())
