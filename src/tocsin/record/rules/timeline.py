"""How does a part of the record read, line by line, for people?

Names and personal fields come through the reader that is passed in: it knows whose keys exist and
what this viewer may see. A field whose key was destroyed reads as erased; the line stays.
"""

import base64
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final
from uuid import UUID

from tocsin.record.rules.entries import Entry
from tocsin.record.rules.kinds import KINDS, Form
from tocsin.record.rules.values import time_of

ERASED: Final = "[erased]"
# What stands last in the name of a number is its unit.
UNITS: Final = frozenset({"ms", "s"})

# What became of each message; a failure stands by itself, with its reason.
ABOUT_MESSAGES: Final = frozenset({"delivery.sent", "delivery.receipt", "delivery.unanswered"})
FOLDED: Final = "Here messages are counted, and what providers call them is left out; an export of the record has every one."


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, and where.

    `name` gives the name of a person, None for other ids. `unseal` gets the entry, the field, the
    person and the ciphertext, and gives the text, None when it cannot be read. `shows_duress` is
    False for whatever may be seen on a screen of the one who raised it (I9).
    """

    zone: tzinfo
    name: Callable[[UUID], str | None]
    unseal: Callable[[UUID, str, UUID, bytes], str | None]
    shows_duress: bool = False


def timeline(entries: Sequence[Entry], reader: Reader) -> str:
    """Return the entries in the order of their time, with seconds since the first; "" for none.

    What only keeps account of messages, with nothing else in between, is one line of each kind with how many; then the last
    line says so. An export has every entry.
    """
    ordered = sorted(entries, key=lambda entry: (entry.at, entry.id))
    lines: list[str] = []
    day = None
    folded = _folded(ordered)
    for several in folded:
        local = several[0].at.astimezone(reader.zone)
        if local.date() != day:
            day = local.date()
            lines.append(f"{day.isoformat()} ({local.tzname()})")
        lines.append(_line(several, local, ordered[0].at, reader))
    if len(folded) < len(ordered):
        lines.append(FOLDED)
    return "".join(f"{line}\n" for line in lines)


def _folded(ordered: Sequence[Entry]) -> list[list[Entry]]:
    """Return the entries, those about messages between two others together by their kind."""
    found: list[list[Entry]] = []
    run: dict[str, list[Entry]] = {}
    for entry in ordered:
        if entry.kind not in ABOUT_MESSAGES:
            run = {}
            found.append([entry])
        elif entry.kind in run:
            run[entry.kind].append(entry)
        else:
            run[entry.kind] = [entry]
            found.append(run[entry.kind])
    return found


def ids_in(entries: Sequence[Entry]) -> set[UUID]:
    """Return every id that stands in a line, so that the names can be loaded at once."""
    found = {entry.actor_id for entry in entries if entry.actor_id is not None}
    for entry in entries:
        forms = KINDS[entry.kind].fields if entry.kind in KINDS else {}
        for name, value in entry.body.items():
            if forms.get(name) is Form.ID:
                found.add(UUID(value))
            elif forms.get(name) is Form.IDS:
                found.update(map(UUID, value))
    return found


def _line(several: Sequence[Entry], local: datetime, begun: datetime, reader: Reader) -> str:
    entry = several[0]
    since_s = (entry.at - begun).total_seconds()
    who = reader.name(entry.actor_id) if entry.actor_id is not None else None
    said = f"{who}: " if who else ""
    kind = KINDS.get(entry.kind)
    what = kind.meaning if kind else entry.kind
    one = len(several) == 1
    found = _details(entry, reader) if one else _details_of_many(several, begun, reader)
    details = "; ".join(filter(None, found))
    end = f" ({details})" if details else ""
    return (
        f"{local.isoformat(timespec='milliseconds')[11:23]} {since_s:+10.3f} s  {said}{what}{end}"
    )


def _details(entry: Entry, reader: Reader) -> list[str | None]:
    kind = KINDS.get(entry.kind)
    forms: Mapping[str, Form] = kind.fields if kind else {}
    return [
        _detail(entry, name, forms[name], reader)
        for name in forms
        if name in entry.body
        and (name != "duress" or reader.shows_duress)
        # What a provider calls a message tells a reader nothing; it is in the export.
        and not (entry.kind.startswith("delivery.") and name in {"reference", "provider_id"})
    ]


def _details_of_many(several: Sequence[Entry], begun: datetime, reader: Reader) -> list[str]:
    """Return how many these are, until when, and how many of each person, channel and word of a provider."""
    found = [
        f"{len(several)} times",
        f"until {(several[-1].at - begun).total_seconds():+.3f} s",
    ]
    for field in ("person", "channel", "status"):
        given = [str(entry.body[field]) for entry in several if field in entry.body]
        names = [reader.name(UUID(each)) for each in given] if field == "person" else given
        counts = Counter(filter(None, names))
        if counts:
            found.append(f"{field}: {', '.join(f'{name} {n}' for name, n in counts.items())}")
    return found


def _detail(entry: Entry, name: str, form: Form, reader: Reader) -> str | None:
    value = entry.body[name]
    if form is Form.FLAG:
        return name if value else None
    if form in {Form.ID, Form.IDS}:
        names = [reader.name(UUID(each)) for each in ([value] if form is Form.ID else value)]
        people = ", ".join(filter(None, names))
        # An id that is nobody's tells a reader nothing; it is in the export.
        return f"{name}: {people}" if people else None
    if form is Form.NUMBER:
        stem, _, unit = name.rpartition("_")
        return f"{stem} {value} {unit}" if unit in UNITS else f"{name} {value}"
    return f"{name}: {_words(entry, name, form, reader)}"


def _words(entry: Entry, name: str, form: Form, reader: Reader) -> str:
    value: Any = entry.body[name]
    if form is Form.SEALED:
        ciphertext = base64.b64decode(value["sealed"])
        return reader.unseal(entry.id, name, UUID(value["of"]), ciphertext) or ERASED
    if form is Form.TIME:
        local = time_of(value).astimezone(reader.zone)
        return local.isoformat(sep=" ", timespec="seconds")
    if form is Form.COUNTS:
        return ", ".join(f"{each} {count}" for each, count in value.items())
    return ", ".join(value) if form is Form.CODES else str(value)
