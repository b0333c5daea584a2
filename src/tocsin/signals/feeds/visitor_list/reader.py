"""Who is expected, or has come in at the desk? CSV with a head line, or JSON: a list, or `{"visitors": [...]}`.

Columns: `name` (needed, or `plate`), `born_on`, `phone`, `plate`, `at`, `id`, `words` (whom they visit, which firm). A time
ahead of us is when they are expected, and no fault.
"""

import csv
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from tocsin.signals.feeds.reading import (
    MAX_PHONE,
    BadLine,
    Message,
    Origin,
    Reading,
    event,
    listed,
    plate,
    plates_beside,
    read_each,
    read_json,
    text,
    whole,
)
from tocsin.signals.feeds.times import any_time, day
from tocsin.signals.rules.quarantine import Why
from tocsin.signals.rules.seen import Seen, Source

MAX_VISITORS: Final = 2_000
EXPECTED: Final = "expected"


@whole
def read(message: Message, origin: Origin, at: datetime) -> Reading:
    """Return one sighting for each visitor; a line that names nobody is set aside."""
    lines = _lines(message)

    def one(line: Mapping[str, Any]) -> Seen:
        name = text(line.get("name"))
        reads = plates_beside([plate(line.get("plate"))])
        is_unread = bool(line.get("plate")) and not reads
        if not name and not reads:
            raise BadLine(Why.NO_PLATE if is_unread else Why.NO_NAME)
        said_at = any_time(line.get("at"))
        is_ahead = said_at is not None and said_at > at
        track = (
            (line["id"],)
            if line.get("id")
            else (name, reads and reads[0].text, said_at or at.date())
        )
        seen = event(
            origin, Source.VISITOR_LIST, at if is_ahead else said_at or at, at, track, name=name,
            born_on=day(line.get("born_on")), phone=text(line.get("phone"), MAX_PHONE), plates=reads,
            words=text(line.get("words")), codes=(EXPECTED,) if is_ahead else (),
        )  # fmt: skip
        if is_unread:
            raise BadLine(Why.NO_PLATE, kept=seen)
        return seen

    return read_each(lines, one, most=MAX_VISITORS)


def _lines(message: Message) -> list[Any]:
    if message.body.lstrip()[:1] in {b"[", b"{"}:
        said = read_json(message.body)
        return listed(said.get("visitors") if isinstance(said, Mapping) else said)
    try:
        rows = message.body.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise BadLine(Why.NOT_TEXT) from error
    head = next(csv.reader(rows[:1]), [])
    names = [name.strip().lower() for name in head]
    if not {"name", "plate"} & set(names):
        raise BadLine(Why.NO_COLUMNS)
    try:
        found = list(csv.reader(rows[1 : MAX_VISITORS + 2]))
    except csv.Error as error:
        raise BadLine(Why.NOT_TEXT) from error
    return [dict(zip(names, row, strict=False)) for row in found if any(row)]
