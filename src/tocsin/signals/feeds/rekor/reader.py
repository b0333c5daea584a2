"""What did a Rekor Scout (OpenALPR) camera read? `alpr_group`, `alpr_results` or `heartbeat`.

Source: Rekor, "Webhook data" (`best_uuid`, `candidates[]`, `epoch_start`). Confidence is 0 to 100, times are in
milliseconds. A group is one passing vehicle; its first picture is also its track, so that the `alpr_results` of that picture
is the same sighting. Switch `alpr_results` off where groups are sent: they tell no more.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from tocsin.signals.feeds.reading import (
    BadLine,
    Message,
    Origin,
    Reading,
    event,
    listed,
    mapping,
    number,
    plate,
    plates,
    read_each,
    read_json,
    text,
    whole,
)
from tocsin.signals.feeds.times import epoch
from tocsin.signals.rules.quarantine import Why
from tocsin.signals.rules.seen import PlateRead, Seen, Source


@whole
def read(message: Message, origin: Origin, at: datetime) -> Reading:
    """Return one sighting for each vehicle; a heartbeat says only that the camera is there."""
    said = mapping(read_json(message.body))
    kind = text(said.get("data_type"), 40)
    if kind == "alpr_results":
        results = listed(said.get("results"))
        taken_at = epoch(said.get("epoch_time"))
    elif kind == "alpr_group":
        results, taken_at = [said], epoch(said.get("epoch_start"))
    elif kind in {"heartbeat", "vehicle"}:
        return Reading()
    else:
        raise BadLine(Why.NOT_A_LIST)

    def one(result: Mapping[str, Any]) -> Seen:
        found = plates(_reads(result))
        first, number_of = (
            _track(said) if kind == "alpr_group" else (said.get("uuid"), _number(said, result))
        )
        # Without a name of the picture its time is the track: a number alone is the same every day.
        track = (first, number_of) if first else (found[0].text, (taken_at or at).isoformat())
        return event(origin, Source.PLATE, taken_at, at, track, plates=found)

    return read_each(results, one)


def _track(group: Mapping[str, Any]) -> tuple[object, int]:
    pictures = group.get("uuids")
    first = pictures[0] if isinstance(pictures, list) and pictures else group.get("best_uuid")
    return (first, 0)


def _number(said: Mapping[str, Any], result: Mapping[str, Any]) -> int:
    return next((n for n, one in enumerate(said["results"]) if one is result), 0)


def _reads(result: Mapping[str, Any]) -> Iterator[PlateRead | None]:
    region = result.get("best_region") or result.get("region") or ""
    best = result.get("best_plate_number") or result.get("plate")
    confidence = (
        result.get("best_confidence") if "best_confidence" in result else result.get("confidence")
    )
    yield plate(best, _score(confidence), region)
    for one in listed(result.get("candidates") or []):
        yield plate(mapping(one).get("plate"), _score(mapping(one).get("confidence")), region)


def _score(confidence: object) -> float:
    return (number(confidence, 0, 100) or 0.0) / 100
