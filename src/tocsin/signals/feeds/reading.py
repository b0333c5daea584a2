"""What do all feeds share? The message as it came, whose it is, and what became of it. Pure.

    BadLine     this message, or this line of it, cannot be taken; says why in a fixed word (`rules/quarantine.py`)

A reader takes a message and returns a `Reading`; it never raises for what somebody else wrote.
"""

import hashlib
import json
import math
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Final
from uuid import UUID

from tocsin.registry.rules.typed import is_zeros, says_unread
from tocsin.signals.rules.fix import is_event_too_old, judge_event, judge_fix
from tocsin.signals.rules.quarantine import Why
from tocsin.signals.rules.seen import MAX_CANDIDATES, MAX_TEXT, PlateRead, Position, Seen, Source

# A message holds so many events; a list of visitors is longer.
MAX_EVENTS: Final = 200
MAX_PLATE: Final = 12
LEAST_PLATE: Final = 2
MAX_IDENT: Final = 64
MAX_BADGE: Final = 40
MAX_PHONE: Final = 40
SOS: Final = "sos"
MOST_SPEED_M_S: Final = 400.0
MOST_ACCURACY_M: Final = 1_000_000.0


class BadLine(Exception):
    """This message, or this line of it, cannot be taken. `kept`: what of it is taken all the same."""

    def __init__(self, why: Why, kept: Seen | None = None) -> None:
        """Keep the reason."""
        super().__init__(why)
        self.why, self.kept = why, kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Whose message it is: the sender, where it stands, and what it belongs to. `device`: what it calls itself, or ""."""

    organisation_id: UUID
    sender_id: UUID
    site_id: UUID | None = None
    place_id: UUID | None = None
    post_id: UUID | None = None
    case_id: UUID | None = None
    person_id: UUID | None = None
    device: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it came. `topic`: the broker's, without the sender's own prefix.

    `is_kept`: the broker had kept it (MQTT: *retained*) and says it again to whoever comes: no sign that its sender lives now.
    """

    body: bytes
    media_type: str = ""
    query: str = ""
    topic: str = ""
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class Bad:
    """One message or line that is set aside."""

    why: Why
    raw: bytes


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of one message. `dropped`: positions too old to be anybody's business; nothing of them is kept.

    `is_alive`: whether it shows that the sender works (its last will does not).
    """

    seen: tuple[Seen, ...] = ()
    bad: tuple[Bad, ...] = ()
    dropped: int = 0
    is_alive: bool = True


Reader = Callable[[Message, Origin, datetime], Reading]


def whole(read: Reader) -> Reader:
    """Return a reader that sets the whole message aside where `read` raises `BadLine`.

    A position that is too old is none's fault: phones send later what they could not send.
    """

    @wraps(read)
    def taken(message: Message, origin: Origin, at: datetime) -> Reading:
        try:
            return read(message, origin, at)
        except BadLine as problem:
            if problem.why is Why.TOO_OLD and (origin.case_id or origin.person_id):
                return Reading(dropped=1)
            raw = message.body or message.query.encode("utf-8", "replace")
            kept = (problem.kept,) if problem.kept else ()
            return Reading(kept, bad=(Bad(problem.why, raw),))

    return taken


def read_json(body: bytes) -> Any:
    """Return what a body says.

    Raises:
        BadLine: it is no JSON, or nested beyond reason.
    """
    try:
        return json.loads(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadLine(Why.NOT_TEXT) from error
    except (ValueError, RecursionError) as error:
        raise BadLine(Why.NOT_JSON) from error


def events_of(message: Message) -> list[Any]:
    """Return the events of a message that is one, or `{"events": [...]}`; none of a heartbeat, which is empty.

    Raises:
        BadLine: it is no JSON, or neither of the two.
    """
    said = mapping(read_json(message.body))
    events = listed(said["events"]) if "events" in said else [said]
    return [] if events == [{}] else events


def read_each(
    lines: Iterable[Any],
    read: Callable[[Mapping[str, Any]], Seen | None],
    *,
    most: int = MAX_EVENTS,
) -> Reading:
    """Return what the lines say; a bad one is set aside, the rest goes on. None of `read`: nothing to keep."""
    seen: list[Seen] = []
    bad: list[Bad] = []
    dropped = 0
    for number, line in enumerate(lines):
        if number >= most:
            bad.append(Bad(Why.TOO_MANY, _raw(line)))
            break
        try:
            found = read(mapping(line))
        except BadLine as problem:
            if problem.why is Why.TOO_OLD and _is_fix(line):
                dropped += 1
            else:
                bad.append(Bad(problem.why, _raw(line)))
            found = problem.kept
        seen += [found] if found else []
    return Reading(tuple(seen), tuple(bad), dropped)


def _is_fix(line: object) -> bool:
    return isinstance(line, Mapping) and bool({"lat", "location", "position"} & set(line))


def _raw(line: object) -> bytes:
    return json.dumps(line, default=str).encode()


def mapping(value: object) -> Mapping[str, Any]:
    """Return `value` if it is an object.

    Raises:
        BadLine: it is not.
    """
    if not isinstance(value, Mapping):
        raise BadLine(Why.NOT_A_LIST)
    return value


def listed(value: object) -> list[Any]:
    """Return `value` if it is a list.

    Raises:
        BadLine: it is not.
    """
    if not isinstance(value, list):
        raise BadLine(Why.NOT_A_LIST)
    return value


def text(value: object, most: int = MAX_TEXT) -> str:
    """Return one line of text (a number as its digits), at most `most` characters; "" for what is none."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    kept = str(value)[: 4 * most].encode("utf-8", "replace").decode()
    kept = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in kept)
    return " ".join(kept.split())[:most]


def number(value: object, low: float, high: float) -> float | None:
    """Return a number within its bounds, also when it is spelt as text; None if it is not said.

    Raises:
        BadLine: it is said and is no number, or is out of bounds.
    """
    if value is None or value == "":
        return None
    try:
        found = float(value) if isinstance(value, (str, int, float)) else math.nan
    except (ValueError, OverflowError):
        found = math.nan
    if isinstance(value, bool) or not low <= found <= high:
        raise BadLine(Why.BAD_FIELD)
    return found


def plate(value: object, score: object = 1.0, region: object = "") -> PlateRead | None:
    """Return one reading of a plate, or None if these signs cannot be one (an emoji, or UNKNOWN; a ? is an unread sign)."""
    signs = unicodedata.normalize("NFKC", text(value, 4 * MAX_PLATE)).upper()
    kept = "".join(sign for sign in signs if sign.isalnum() or sign in "?*")
    if not LEAST_PLATE <= len(kept) <= MAX_PLATE or not any(sign.isalnum() for sign in kept):
        return None
    if says_unread(kept):
        return None
    return PlateRead(kept, number(score, 0, 1) or 0.0, text(region, 12).lower())


def plates(reads: Iterable[PlateRead | None]) -> tuple[PlateRead, ...]:
    """Return the readings that could be plates, each once with its best score, best first.

    Raises:
        BadLine: there is none.
    """
    found = plates_beside(reads)
    if not found:
        raise BadLine(Why.NO_PLATE)
    return found


def plates_beside(reads: Iterable[PlateRead | None]) -> tuple[PlateRead, ...]:
    """Return the same where a name or a number may stand beside them; nothing if none of them could be a plate."""
    best: dict[str, PlateRead] = {}
    for read in reads:
        if read and (read.text not in best or best[read.text].score < read.score):
            best[read.text] = read
    return tuple(sorted(best.values(), key=lambda read: -read.score)[:MAX_CANDIDATES])


def track_of(origin: Origin, *parts: object) -> str:
    """Return what is the same for every message about one event of this sender, whatever it calls it."""
    said = ":".join(text(str(part), 1_000) for part in parts)
    if len(said) > MAX_IDENT:
        said = hashlib.blake2b(said.encode(), digest_size=16).hexdigest()
    return f"{origin.sender_id.hex}:{said}"


def event(
    origin: Origin,
    source: Source,
    said_at: datetime | None,
    heard_at: datetime,
    track: tuple[object, ...],
    **more: Any,
) -> Seen:
    """Return something seen by this sender. `track`: what it calls the event.

    Raises:
        BadLine: it is too old for anybody to act on it, or it is of a card or a plate that was not read, whatever else of it
            is kept.
    """
    if is_event_too_old(said_at, heard_at):
        raise BadLine(Why.TOO_OLD)
    seen_at, codes = judge_event(said_at, heard_at)
    named = track if any(track) else (said_at.isoformat() if said_at else seen_at.isoformat(),)
    seen = Seen(
        organisation_id=origin.organisation_id,
        source=source,
        track=track_of(origin, *named),
        seen_at=seen_at,
        heard_at=heard_at,
        sender_id=origin.sender_id,
        site_id=origin.site_id,
        place_id=origin.place_id,
        post_id=origin.post_id,
        codes=(*codes, *more.pop("codes", ())),
        **more,
    )
    if seen.badge and is_zeros(seen.badge):
        raise BadLine(Why.NO_BADGE, kept=seen if _says_more(seen) else None)
    if seen.plates and all(is_zeros(read.text) for read in seen.plates):
        # Os look like zeros: it is compared all the same.
        raise BadLine(Why.NO_PLATE, kept=seen)
    return seen


def _says_more(seen: Seen) -> bool:
    """Return whether it says of somebody more than a badge."""
    return bool(seen.name or seen.phone or seen.address or seen.plates)


def position(said: Mapping[str, Any], at: datetime, **more: Any) -> Position:
    """Return a position from degrees under `lat` and `lon`.

    Raises:
        BadLine: there is none, or it is not on Earth.
    """
    try:
        latitude, longitude = number(said.get("lat"), -90, 90), number(said.get("lon"), -180, 180)
    except BadLine as error:
        raise BadLine(Why.BAD_POSITION) from error
    if latitude is None or longitude is None:
        raise BadLine(Why.NO_POSITION)
    return Position(latitude, longitude, at, **more)


def moved(
    origin: Origin, found: Position, heard_at: datetime, *, codes: tuple[str, ...] = ()
) -> Seen:
    """Return where a monitor, or her own device, was; the same fix has the same track.

    Raises:
        BadLine: it is of the future, or too old.
    """
    judged = judge_fix(found, heard_at)
    if isinstance(judged, Why):
        raise BadLine(judged)
    return Seen(
        organisation_id=origin.organisation_id,
        source=Source.MONITOR if origin.case_id else Source.OWN_DEVICE,
        track=track_of(origin, int(found.fixed_at.timestamp() * 1000)),
        seen_at=min(found.fixed_at, heard_at),
        heard_at=heard_at,
        sender_id=origin.sender_id,
        case_id=origin.case_id,
        person_id=origin.person_id,
        position=found,
        codes=(*judged, *codes),
    )


def call_for_help(origin: Origin, heard_at: datetime, *named: object) -> Seen:
    """Return that her own device asks for help, wherever it is and however old its fix: that is never dropped."""
    return Seen(
        organisation_id=origin.organisation_id,
        source=Source.OWN_DEVICE,
        track=track_of(origin, SOS, *named),
        seen_at=heard_at,
        heard_at=heard_at,
        sender_id=origin.sender_id,
        person_id=origin.person_id,
        codes=(SOS,),
    )


def speed(value: object, unit_m_s: float = 1.0) -> float | None:
    """Return metres a second of a speed in units of `unit_m_s`; below zero is unknown."""
    found = number(value, -1_000_000, MOST_SPEED_M_S / unit_m_s)
    return None if found is None or found < 0 else found * unit_m_s


def accuracy(value: object) -> float | None:
    """Return metres; zero and below are unknown, since no fix is exact."""
    found = number(value, -1_000_000, MOST_ACCURACY_M)
    return None if found is None or found <= 0 else found
