"""Whose badge was held to a reader? `{"id", "badge", "at", "direction"}`, or `{"events": [...]}` for what happened while we were away.

A reader that asks before it opens sends one event and takes our answer; which answer is no matter of this module.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from tocsin.signals.feeds.reading import (
    MAX_BADGE,
    BadLine,
    Message,
    Origin,
    Reading,
    event,
    events_of,
    read_each,
    text,
    whole,
)
from tocsin.signals.feeds.times import any_time
from tocsin.signals.rules.quarantine import Why
from tocsin.signals.rules.seen import Seen, Source

IN: Final = "in"
OUT: Final = "out"
DIRECTIONS: Final = frozenset({IN, OUT})


@whole
def read(message: Message, origin: Origin, at: datetime) -> Reading:
    """Return one sighting for each badge; a card that could not be read is set aside."""

    def one(line: Mapping[str, Any]) -> Seen:
        badge = "".join(text(line.get("badge"), MAX_BADGE).split()).upper()
        if not badge:
            raise BadLine(Why.NO_BADGE)
        direction = text(line.get("direction"), 3).lower()
        codes = (direction,) if direction in DIRECTIONS else ()
        said_at = any_time(line.get("at"))
        return event(
            origin,
            Source.BADGE,
            said_at,
            at,
            _track(line, badge, said_at),
            badge=badge,
            codes=codes,
        )

    return read_each(events_of(message), one)


def _track(line: Mapping[str, Any], badge: str, said_at: datetime | None) -> tuple[object, ...]:
    if line.get("id"):
        return (line["id"],)
    return (badge, said_at.isoformat()) if said_at else ()
