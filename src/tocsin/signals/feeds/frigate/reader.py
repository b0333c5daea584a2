"""What did Frigate see, over MQTT? `<prefix>/events`; `<prefix>/available` and `<prefix>/stats` say that it lives.

Source: Frigate, "MQTT" (`type` new, update or end, `after.id`, `recognized_license_plate`, `sub_label`). The same id comes
many times: it is one vehicle's track, and one sighting, however its plate is read on the way. A plate of Frigate's own list of
known ones stands in `sub_label`.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from tocsin.signals.feeds.reading import (
    BadLine,
    Message,
    Origin,
    Reading,
    event,
    mapping,
    number,
    plate,
    plates,
    read_json,
    text,
    whole,
)
from tocsin.signals.feeds.times import epoch
from tocsin.signals.rules.quarantine import Why
from tocsin.signals.rules.seen import PlateRead, Source

EVENTS: Final = "events"
AVAILABLE: Final = "available"
VEHICLES: Final = frozenset({"car", "truck", "bus", "motorcycle", "license_plate"})


@whole
def read(message: Message, origin: Origin, at: datetime) -> Reading:
    """Return the sighting of a vehicle whose plate was read; anything else is passed over."""
    if message.topic == AVAILABLE:
        return Reading(is_alive=message.body.strip() == b"online")
    if message.topic not in {EVENTS, ""}:
        return Reading()
    said = mapping(read_json(message.body))
    after = mapping(said.get("after"))
    if text(after.get("label"), 40) not in VEHICLES:
        return Reading()
    reads = tuple(_reads(after))
    if not any(reads) and not after.get("recognized_license_plate"):
        # Not read yet, or never: most updates are of this kind.
        return Reading()
    found = plates(reads)
    if not after.get("id"):
        raise BadLine(Why.BAD_FIELD)
    # The message comes when the plate was read; `start_time` may be minutes before.
    seen_at = epoch(after.get("frame_time") or after.get("start_time"))
    return Reading((event(origin, Source.PLATE, seen_at, at, (after["id"],), plates=found),))


def _reads(after: Mapping[str, Any]) -> Iterator[PlateRead | None]:
    said, score = _pair(after.get("recognized_license_plate"))
    if said:
        score = after.get("recognized_license_plate_score", score)
        yield plate(said, 1.0 if score is None else score)
    name, score = _pair(after.get("sub_label"))
    if isinstance(name, str) and any(sign.isdigit() for sign in name):
        number(score, 0, 1)
        yield plate(name, 1.0 if score is None else score)


def _pair(value: object) -> tuple[object, object]:
    if isinstance(value, (list, tuple)):
        return (value[0] if value else None), (value[1] if len(value) > 1 else None)
    return value, None
