"""Where in this calendar do its entries (VEVENT) begin, and what stands in each?

The file is cut by hand and each entry is parsed alone: one broken entry costs only itself, and
every refusal can say the line on which its entry begins.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from icalendar import Component, Event

from tocsin.registry.feeds.decoding import decode
from tocsin.registry.rules.imports import MAX_FIELD, MAX_FILE_BYTES, MAX_LINES, Refused, shown

MAX_ENTRY_LINES: Final = 500
# What the parser raises on mutated files besides ValueError: OSError for TZID=America (a folder of
# zones), AttributeError for a parameter that is there twice, and the like.
UNREADABLE: Final = (ValueError, OSError, AttributeError, TypeError, LookupError, ArithmeticError)
# RFC 5546. The others take shifts back, or are answers of those who were invited.
_METHODS: Final = frozenset({"", "PUBLISH", "REQUEST", "ADD"})
# The file itself, and what says when a zone's clocks change: neither is anything that somebody might miss.
_FRAMES: Final = frozenset({"VCALENDAR", "VTIMEZONE", "STANDARD", "DAYLIGHT"})
_ANY: Final = "BEGIN:"
_BEGIN: Final = "BEGIN:VEVENT"
_END: Final = "END:VEVENT"


@dataclass(frozen=True, slots=True)
class Block:
    """One entry of a calendar, parsed, with the line on which it begins."""

    line: int
    entry: Component


def blocks(raw: bytes, refused: list[Refused], warned: list[Refused]) -> Iterator[Block]:
    """Yield each entry that can be read; what cannot is added to `refused`, what is none (a task, a note) to `warned`."""
    if len(raw) > MAX_FILE_BYTES:
        refused.append(Refused(1, "", f"the file is larger than {MAX_FILE_BYTES // 2**20} MB"))
        return
    try:
        lines = decode(raw).splitlines()
    except ValueError as problem:
        refused.append(Refused(1, "", str(problem)))
        return
    if len(lines) > MAX_LINES:
        problem_words = f"there are more than {MAX_LINES} lines; nothing was read"
        refused.append(Refused(MAX_LINES + 1, "", problem_words))
    elif not lines or lines[0].strip().upper() != "BEGIN:VCALENDAR":
        refused.append(Refused(1, "", "is no calendar: it does not begin with BEGIN:VCALENDAR"))
    elif (method := _method(lines)) not in _METHODS:
        refused.append(Refused(*_refused_method(lines, method)))
    else:
        warned += _others(lines)
        yield from _parsed(_cut(lines, refused), refused)


def _others(lines: list[str]) -> Iterator[Refused]:
    """Yield what stands beside the entries and is passed over, once for each; what stands inside of something is a part of it."""
    inside = ""
    for number, line in enumerate(lines, start=1):
        word = line.strip().upper()
        if inside:
            inside = "" if word == f"END:{inside}" else inside
        elif word.startswith(_ANY) and (name := word.removeprefix(_ANY)) not in _FRAMES:
            inside = name
            if word != _BEGIN:
                yield Refused(number, shown(name), "is no shift (VEVENT) and is left out")


def _method(lines: list[str]) -> str:
    """Return what the sender wants done with the file: the calendar's METHOD, or nothing."""
    said = [line.strip().upper() for line in lines if line[:6].upper() == "METHOD"]
    return said[0].partition(":")[2].strip() if said else ""


def _refused_method(lines: list[str], method: str) -> tuple[int, str, str, str]:
    number = next(n for n, line in enumerate(lines, 1) if line[:6].upper() == "METHOD")
    problem = "is no roster; nothing was read"
    if method == "CANCEL":
        problem = "takes shifts back, which no import does: remove their lines on the site's page"
    return number, "METHOD", problem, shown(method)


def _cut(lines: list[str], refused: list[Refused]) -> Iterator[tuple[int, list[str]]]:
    start = 0
    for number, line in enumerate(lines, start=1):
        word = line.strip().upper()
        if word == _BEGIN:
            if start:
                refused.append(Refused(start, "VEVENT", "does not end before the next one begins"))
            start = number
        elif word == _END and start:
            yield start, lines[start - 1 : number]
            start = 0
    if start:
        refused.append(Refused(start, "VEVENT", "does not end: the file was cut off"))
    elif lines[-1].strip().upper() != "END:VCALENDAR":
        refused.append(Refused(len(lines), "VCALENDAR", "does not end: the file was cut off"))


def _parsed(cut: Iterator[tuple[int, list[str]]], refused: list[Refused]) -> Iterator[Block]:
    for number, lines in cut:
        if len(lines) > MAX_ENTRY_LINES:
            problem = f"has more than {MAX_ENTRY_LINES} lines"
            refused.append(Refused(number, "VEVENT", problem))
            continue
        try:
            entry = Event.from_ical("\r\n".join(lines) + "\r\n")
        except UNREADABLE as problem:
            refused.append(Refused(number, "VEVENT", "cannot be read", shown(problem)))
            continue
        wrong = [*_broken(number, lines, entry), *_too_long(number, entry)]
        refused += wrong
        if not wrong:
            yield Block(number, entry)


def _broken(number: int, lines: list[str], entry: Component) -> list[Refused]:
    return [
        Refused(
            number, str(name or "VEVENT"), "cannot be read", shown(_stood(lines, name) or problem)
        )
        for name, problem in entry.errors
    ]


def _stood(lines: list[str], name: str | None) -> str:
    """Return what stands in the file at this name, not what a library says of it; "" if it is not found."""
    found = (line.partition(":") for line in lines)
    values = (value for head, _, value in found if name and head.partition(";")[0].upper() == name)
    return next(values, "")


def _too_long(number: int, entry: Component) -> list[Refused]:
    problem = f"is longer than {MAX_FIELD} characters"
    return [
        Refused(number, name, problem)
        for name in ("UID", "SUMMARY", "LOCATION")
        if len(str(entry.get(name, ""))) > MAX_FIELD
    ]
