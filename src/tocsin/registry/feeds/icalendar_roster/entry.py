"""What does one entry of a calendar say: whose shift, from when to when, how often?

Times are taken off the wall as they are written, with the zone beside them. A length is wall time
too: a shift of 12 hours ends at the same hour on the night of a change of the clock (decision in
notes/stack.md: other expanders made 13 hours of it).
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from tocsin.registry.rules.imports import shown
from tocsin.registry.rules.roster import MAX_LENGTH_MIN

MAX_PEOPLE: Final = 50
_UTC: Final = ZoneInfo("UTC")
_NO_SHIFT: Final = {
    "CANCELLED": "is cancelled (STATUS) and is left out",
    "TENTATIVE": "is only tentative (STATUS) and is left out",
}
# By PARTSTAT: who is invited, and not to be counted on.
_NOT_COMING: Final = {
    "DECLINED": "has declined and is left out",
    "TENTATIVE": "only may come (PARTSTAT) and is left out",
    "DELEGATED": "sends somebody else (PARTSTAT) and is left out",
}
_ONLY_TOLD: Final = "is only told of it (ROLE) and is left out"
_ROOMS: Final = frozenset({"ROOM", "RESOURCE"})


class EntryError(ValueError):
    """An entry that is refused: the property, why, and what stood there."""

    def __init__(self, name: str, problem: str, given: object = "") -> None:
        """Keep the three for the report."""
        super().__init__(f"{name} {problem}")
        self.name, self.problem, self.given = name, problem, shown(given)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry. `starts` and `length` are wall time in `zone`.

    `replaces` is the start of the shift of a series that it stands in for. `left_out` says why nobody
    works it: it makes no shift, and of a series it takes that one away. `not_coming`: who is invited and not counted on,
    with why.
    """

    line: int
    uid: str
    zone: ZoneInfo
    starts: datetime
    length: timedelta
    people: tuple[str, ...]
    role: str = ""
    post: str = ""
    rule: str = ""
    more: tuple[datetime, ...] = ()
    except_at: frozenset[datetime] = field(default_factory=frozenset)
    replaces: datetime | None = None
    left_out: str = ""
    not_coming: tuple[tuple[str, str], ...] = ()


def read_entry(line: int, raw: Any, zone: ZoneInfo) -> Entry:
    """Return what a parsed VEVENT says; a time without a zone is in `zone`. Raises EntryError."""
    starts, own_zone = _moment(raw, "DTSTART", zone)
    replaces = _wall(raw, "RECURRENCE-ID", own_zone, zone) if "RECURRENCE-ID" in raw else None
    if replaces and raw["RECURRENCE-ID"].params.get("RANGE"):
        name = "RECURRENCE-ID"
        raise EntryError(name, "changes all later shifts at once: write a series of its own")
    left_out = _left_out(raw)
    people, not_coming = ((), ()) if left_out else _people(raw)
    return Entry(
        line=line,
        uid=_uid(raw),
        zone=own_zone,
        starts=starts,
        length=_length(raw, starts, own_zone, zone),
        people=people,
        role=_role(raw),
        post=_text(raw, "LOCATION"),
        rule=_rule(raw, own_zone),
        more=tuple(_list(raw, "RDATE", own_zone, zone)),
        except_at=frozenset(_list(raw, "EXDATE", own_zone, zone)),
        replaces=replaces,
        left_out=left_out,
        not_coming=not_coming,
    )


def _left_out(raw: Any) -> str:
    # Nobody is counted on who only may come, or who is marked as free: a gap that is said is better
    # than cover that is not there.
    if _text(raw, "STATUS").upper() in _NO_SHIFT:
        return _NO_SHIFT[_text(raw, "STATUS").upper()]
    is_free = _text(raw, "TRANSP").upper() == "TRANSPARENT"
    return "is marked as free time (TRANSP) and is left out" if is_free else ""


def _uid(raw: Any) -> str:
    uid = _text(raw, "UID")
    if not uid:
        name = "UID"
        problem = "is missing: without it, nobody knows which entries of the file are about the same shift"
        raise EntryError(name, problem)
    return uid


def _one(raw: Any, name: str) -> Any:
    value = raw.get(name)
    if isinstance(value, list):
        raise EntryError(name, "is there more than once")
    return value


def _text(raw: Any, name: str) -> str:
    return str(_one(raw, name) or "").strip()


def _moment(raw: Any, name: str, zone: ZoneInfo) -> tuple[datetime, ZoneInfo]:
    value = _one(raw, name)
    if value is None:
        raise EntryError(name, "is missing")
    return _read_moment(name, value.dt, str(value.params.get("TZID", "")), zone)


def _read_moment(name: str, at: Any, tzid: str, zone: ZoneInfo) -> tuple[datetime, ZoneInfo]:
    if not isinstance(at, datetime):
        is_date = isinstance(at, date)
        raise EntryError(name, "is a whole day, which is no shift" if is_date else "is no time", at)
    wall = at.replace(tzinfo=None, fold=0)
    if isinstance(at.tzinfo, ZoneInfo):
        return wall, at.tzinfo
    if tzid:
        # A zone defined inside the file may differ from every real one; guessing would move a
        # shift.
        raise EntryError(name, "is in a time zone that is not known by this name", tzid)
    return (wall, zone) if at.tzinfo is None else (at.astimezone(UTC).replace(tzinfo=None), _UTC)


def _wall(raw: Any, name: str, own: ZoneInfo, zone: ZoneInfo) -> datetime:
    wall, written_in = _moment(raw, name, zone)
    return _in_zone(wall, written_in, own)


def _in_zone(wall: datetime, written_in: ZoneInfo, own: ZoneInfo) -> datetime:
    if written_in.key == own.key:
        return wall
    return wall.replace(tzinfo=written_in).astimezone(own).replace(tzinfo=None, fold=0)


def _list(raw: Any, name: str, own: ZoneInfo, zone: ZoneInfo) -> list[datetime]:
    values = raw.get(name, [])
    found = []
    for value in values if isinstance(values, list) else [values]:
        tzid = str(value.params.get("TZID", ""))
        for one in value.dts:
            wall, written_in = _read_moment(name, one.dt, tzid, zone)
            found.append(_in_zone(wall, written_in, own))
    return found


def _length(raw: Any, starts: datetime, own: ZoneInfo, zone: ZoneInfo) -> timedelta:
    if "DTEND" in raw:
        name, length = "DTEND", _wall(raw, "DTEND", own, zone) - starts
    elif "DURATION" in raw:
        name, length = "DURATION", _one(raw, "DURATION").dt
    else:
        name = "DTEND"
        raise EntryError(name, "is missing")
    if not isinstance(length, timedelta) or length <= timedelta(0):
        raise EntryError(name, "ends the shift before it begins")
    if length > timedelta(minutes=MAX_LENGTH_MIN):
        raise EntryError(name, f"makes a shift of more than {MAX_LENGTH_MIN // 60} hours")
    return length


def _people(raw: Any) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    attendees = raw.get("ATTENDEE", [])
    coming: list[str] = []
    others: list[tuple[str, str]] = []
    for attendee in attendees if isinstance(attendees, list) else [attendees]:
        if str(attendee.params.get("CUTYPE", "")).upper() in _ROOMS:
            continue
        mail = str(attendee).strip()
        mail = mail[len("mailto:") :] if mail.casefold().startswith("mailto:") else mail
        why = _why_not(attendee)
        others += [(mail.casefold(), why)] if why else []
        coming += [] if why else [mail.casefold()]
    if not attendees:
        coming = [part.strip() for part in _text(raw, "SUMMARY").split("|") if part.strip()]
    if not coming and not others:
        name = "SUMMARY"
        raise EntryError(name, "names nobody, and there is no ATTENDEE")
    if len(coming) > MAX_PEOPLE:
        name = "ATTENDEE"
        raise EntryError(name, f"is there more than {MAX_PEOPLE} times")
    return tuple(dict.fromkeys(coming)), tuple(others)


def _why_not(attendee: Any) -> str:
    if str(attendee.params.get("ROLE", "")).upper() == "NON-PARTICIPANT":
        return _ONLY_TOLD
    return _NOT_COMING.get(str(attendee.params.get("PARTSTAT", "")).upper(), "")


def _role(raw: Any) -> str:
    groups = raw.get("CATEGORIES", [])
    first = groups[0] if isinstance(groups, list) and groups else groups
    names = [str(name).strip() for name in getattr(first, "cats", [])]
    return names[0] if names else ""


def _rule(raw: Any, own: ZoneInfo) -> str:
    if "EXRULE" in raw:
        # RFC 2445 had it: what it takes away must not be counted as cover.
        name = "EXRULE"
        raise EntryError(name, "repeats in a way that is not read here: write the shifts out")
    rule = _one(raw, "RRULE")
    if rule is None:
        return ""
    return _until_on_the_wall(rule, own)


def _until_on_the_wall(rule: Any, own: ZoneInfo) -> str:
    # RFC 5545 gives UNTIL in UTC; the series is expanded on the wall, so UNTIL has to go there too.
    text = ";".join(part for part in rule.to_ical().decode().split(";") if part[:6] != "UNTIL=")
    until = rule.get("UNTIL", [None])[0]
    if until is None:
        return text
    if isinstance(until, datetime):
        wall = until if until.tzinfo is None else until.astimezone(own).replace(tzinfo=None)
        return f"{text};UNTIL={wall:%Y%m%dT%H%M%S}"
    return f"{text};UNTIL={until:%Y%m%d}T235959"
