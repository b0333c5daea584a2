"""How is a line of a roster (pattern, override, swap) written as JSON, and read back exactly?"""

from datetime import date, datetime, time
from typing import Any, Final

from tocsin.registry.rules.contacts import EVERY_DAY
from tocsin.registry.rules.document import DocumentError, Reader
from tocsin.registry.rules.roster import Override, Pattern, ShiftKey, Swap, Turn

PATTERN: Final = "pattern"
OVERRIDE: Final = "override"
SWAP: Final = "swap"
LINE_KINDS: Final = (PATTERN, OVERRIDE, SWAP)
Line = Pattern | Override | Swap

_TURN_FIELDS: Final = ("people", "team_id")
_KEY_FIELDS: Final = ("pattern_id", "local_date", "person_id")
_SWAP_FIELDS: Final = ("id", "first", "second")
_OVERRIDE_FIELDS: Final = (
    "id",
    "action",
    "person_id",
    "starts",
    "ends",
    "role",
    "post_id",
    "at_position",
)
_PATTERN_FIELDS: Final = (
    "id",
    "first_date",
    "start",
    "turns",
    "end",
    "length_min",
    "weekdays",
    "every_n_days",
    "turn_days",
    "valid_from",
    "valid_until",
    "role",
    "post_id",
    "at_position",
)


def kind_of(line: Line) -> str:
    """Return the kind under which this line is stored."""
    if isinstance(line, Pattern):
        return PATTERN
    return OVERRIDE if isinstance(line, Override) else SWAP


def line_to_dict(line: Line) -> dict[str, Any]:
    """Return the line as JSON-able values; `line_from_dict` gives the same line back."""
    if isinstance(line, Pattern):
        return _pattern_to_dict(line)
    if isinstance(line, Override):
        return _override_to_dict(line)
    return {
        "id": str(line.id),
        "first": _key_to_dict(line.first),
        "second": _key_to_dict(line.second),
    }


def _pattern_to_dict(pattern: Pattern) -> dict[str, Any]:
    return {
        "id": str(pattern.id),
        "first_date": pattern.first_date.isoformat(),
        "start": pattern.start.isoformat(),
        "turns": [
            {"people": [str(person) for person in turn.people], "team_id": _text(turn.team_id)}
            for turn in pattern.turns
        ],
        "end": _iso(pattern.end),
        "length_min": pattern.length_min,
        "weekdays": sorted(pattern.weekdays),
        "every_n_days": pattern.every_n_days,
        "turn_days": pattern.turn_days,
        "valid_from": _iso(pattern.valid_from),
        "valid_until": _iso(pattern.valid_until),
        "role": pattern.role,
        "post_id": _text(pattern.post_id),
        "at_position": pattern.at_position,
    }


def _override_to_dict(override: Override) -> dict[str, Any]:
    return {
        "id": str(override.id),
        "action": override.action,
        "person_id": str(override.person_id),
        "starts": override.starts.isoformat(),
        "ends": override.ends.isoformat(),
        "role": override.role,
        "post_id": _text(override.post_id),
        "at_position": override.at_position,
    }


def _key_to_dict(key: ShiftKey) -> dict[str, str]:
    return {
        "pattern_id": str(key.pattern_id),
        "local_date": key.local_date.isoformat(),
        "person_id": str(key.person_id),
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _iso(value: date | datetime | time | None) -> str | None:
    return None if value is None else value.isoformat()


def line_from_dict(kind: str, value: object) -> Line:
    """Return the line of this kind; its types are checked, its sense by `roster_check.check`.

    Raises DocumentError for an unknown kind, an unknown or missing field, or a wrong type.
    """
    if kind == PATTERN:
        return _pattern(Reader(value, "", _PATTERN_FIELDS))
    if kind == OVERRIDE:
        return _override(Reader(value, "", _OVERRIDE_FIELDS))
    if kind == SWAP:
        return _swap(Reader(value, "", _SWAP_FIELDS))
    problem = f"is none of {', '.join(LINE_KINDS)}"
    raise DocumentError("kind", problem)


def _pattern(read: Reader) -> Pattern:
    return Pattern(
        id=read.id("id"),
        first_date=read.day("first_date"),
        start=read.clock("start"),
        turns=tuple(_turn(item, path) for path, item in read.each("turns")),
        end=read.optional_clock("end"),
        length_min=read.whole("length_min") if read.has("length_min") else None,
        weekdays=frozenset(read.wholes("weekdays")) if read.has("weekdays") else EVERY_DAY,
        every_n_days=read.whole("every_n_days", 1),
        turn_days=read.whole("turn_days", 1),
        valid_from=read.optional_day("valid_from"),
        valid_until=read.optional_day("valid_until"),
        role=read.text("role", ""),
        post_id=read.optional_id("post_id"),
        at_position=read.flag("at_position", default=False),
    )


def _turn(value: object, path: str) -> Turn:
    read = Reader(value, path, _TURN_FIELDS)
    return Turn(people=read.ids("people"), team_id=read.optional_id("team_id"))


def _override(read: Reader) -> Override:
    return Override(
        id=read.id("id"),
        action=read.text("action"),
        person_id=read.id("person_id"),
        starts=read.wall("starts"),
        ends=read.wall("ends"),
        role=read.text("role", ""),
        post_id=read.optional_id("post_id"),
        at_position=read.flag("at_position", default=False),
    )


def _swap(read: Reader) -> Swap:
    first, second = (
        Reader(read.item(name), read.path(name), _KEY_FIELDS) for name in ("first", "second")
    )
    return Swap(id=read.id("id"), first=_key(first), second=_key(second))


def _key(read: Reader) -> ShiftKey:
    return ShiftKey(
        pattern_id=read.id("pattern_id"),
        local_date=read.day("local_date"),
        person_id=read.id("person_id"),
    )
