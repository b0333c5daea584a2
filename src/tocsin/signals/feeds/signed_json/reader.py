"""What does any other system say, in the form that we describe? One event, or `{"events": [...]}`.

An event: `id`, `at`, and at least one of `name` (with `born_on` or `born_year`), `phone`, `badge`, `plates` (texts, or objects of
`plate`, `score`, `region`), `words` beside them. A sender that belongs to a case sends `position` instead: `lat`, `lon`,
`fixed_at`, `accuracy_m`, `speed_m_s`, `is_mocked`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tocsin.signals.feeds.reading import (
    MAX_BADGE,
    MAX_PHONE,
    BadLine,
    Message,
    Origin,
    Reading,
    accuracy,
    event,
    events_of,
    listed,
    mapping,
    moved,
    number,
    plate,
    plates_beside,
    position,
    read_each,
    speed,
    text,
    whole,
)
from tocsin.signals.feeds.times import any_time, day
from tocsin.signals.rules.quarantine import Why
from tocsin.signals.rules.seen import PlateRead, Seen, Source


@whole
def read(message: Message, origin: Origin, at: datetime) -> Reading:
    """Return one sighting for each event; a bad one is set aside, the rest goes on."""

    def one(line: Mapping[str, Any]) -> Seen:
        return (
            _moved(line, origin, at)
            if line.get("position") is not None
            else _event(line, origin, at)
        )

    return read_each(events_of(message), one)


def _event(line: Mapping[str, Any], origin: Origin, at: datetime) -> Seen:
    reads = plates_beside(_plate(said) for said in listed(line.get("plates") or []))
    is_unread = bool(line.get("plates")) and not reads
    born_year = number(line.get("born_year"), 1900, at.year)
    found: dict[str, Any] = {
        "name": text(line.get("name")),
        "phone": text(line.get("phone"), MAX_PHONE),
        "badge": "".join(text(line.get("badge"), MAX_BADGE).split()).upper(),
        "plates": reads,
    }
    if not any(found.values()):
        raise BadLine(Why.NO_PLATE if is_unread else Why.NO_NAME)
    seen = event(
        origin, Source.FEED, any_time(line.get("at")), at, (line["id"],) if line.get("id") else (),
        born_on=day(line.get("born_on")), born_year=int(born_year) if born_year else None,
        words=text(line.get("words")), **found,
    )  # fmt: skip
    if is_unread:
        raise BadLine(Why.NO_PLATE, kept=seen)
    return seen


def _plate(said: object) -> PlateRead | None:
    if isinstance(said, Mapping):
        score = said.get("score")
        return plate(said.get("plate"), 1.0 if score is None else score, said.get("region", ""))
    return plate(said)


def _moved(line: Mapping[str, Any], origin: Origin, at: datetime) -> Seen:
    said = mapping(line["position"])
    fixed_at = any_time(said.get("fixed_at"))
    if fixed_at is None:
        raise BadLine(Why.NO_TIME)
    found = position(
        said,
        fixed_at,
        accuracy_m=accuracy(said.get("accuracy_m")),
        speed_m_s=speed(said.get("speed_m_s")),
        is_mocked=said.get("is_mocked") is True,
    )
    return moved(origin, found, at)
