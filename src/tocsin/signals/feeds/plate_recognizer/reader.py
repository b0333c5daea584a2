"""What did a Plate Recognizer Stream camera read? JSON, or a form with a field `json` (and a picture, never kept).

Source: Plate Recognizer, "Stream webhooks" (`hook`, `data.results[]`). `plate` is a lower-case text with `candidates`,
or, in the newer vehicle form, an object with `props.plate[]` of value and score. Every candidate is kept. One result is
one vehicle; the picture's name and the result's place in it are its track, so that a repeated call is one sighting.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from tocsin.signals.feeds.reading import (
    Message,
    Origin,
    Reading,
    event,
    listed,
    mapping,
    plate,
    plates,
    read_each,
    read_json,
    text,
    whole,
)
from tocsin.signals.feeds.times import iso_time
from tocsin.signals.rules.seen import PlateRead, Seen, Source


@whole
def read(message: Message, origin: Origin, at: datetime) -> Reading:
    """Return one sighting for each vehicle with something like a plate."""
    said = mapping(read_json(message.body))
    data = mapping(said.get("data"))
    # A message without a time is still of now: the camera calls at once.
    taken_at = iso_time(data.get("timestamp"))
    results = listed(data.get("results"))
    picture = text(data.get("filename") or mapping(said.get("hook") or {}).get("filename"), 500)
    numbered = [
        {**result, "_n": n} if isinstance(result, dict) else result
        for n, result in enumerate(results)
    ]

    def one(result: Mapping[str, Any]) -> Seen | None:
        reads = tuple(_reads(result))
        if not reads and result.get("plate") is None:
            # A vehicle whose plate was not in the picture.
            return None
        found = plates(reads)
        # Without a picture's name the time tells one passing from the next: the same car comes again tomorrow.
        track = (
            (picture, result["_n"])
            if picture
            else (text(data.get("camera_id")), found[0].text, (taken_at or at).isoformat())
        )
        return event(origin, Source.PLATE, taken_at, at, track, plates=found)

    return read_each(numbered, one)


def _reads(result: Mapping[str, Any]) -> Iterator[PlateRead | None]:
    said = result.get("plate")
    if isinstance(said, Mapping):
        props = mapping(said.get("props") or {})
        regions = [mapping(one).get("value", "") for one in listed(props.get("region") or [])]
        for one in listed(props.get("plate") or []):
            yield plate(mapping(one).get("value"), mapping(one).get("score"), (*regions, "")[0])
        return
    region = result.get("region")
    code = region.get("code", "") if isinstance(region, Mapping) else region
    yield plate(said, result.get("score"), code)
    for one in listed(result.get("candidates") or []):
        yield plate(mapping(one).get("plate"), mapping(one).get("score"), code)
