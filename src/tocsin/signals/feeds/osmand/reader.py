"""Where is a device that speaks the OsmAnd protocol (Traccar's clients too)? Its query, or its JSON.

Source: Traccar, `OsmAndProtocolDecoder`. In the query speed is in knots; in JSON it is metres a second. A timestamp is
seconds, or milliseconds where it is too large for that, or ISO 8601, or "yyyy-mm-dd hh:mm:ss" (UTC here); none is now. A
message without a position says only that the device lives. -1 is unknown. A mocked fix is kept and trusted less.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from tocsin.signals.feeds.reading import (
    SOS,
    BadLine,
    Message,
    Origin,
    Reading,
    accuracy,
    call_for_help,
    mapping,
    moved,
    position,
    read_json,
    speed,
    text,
    whole,
)
from tocsin.signals.feeds.times import any_time
from tocsin.signals.rules.fix import KNOT_M_S, NO_TIME, NOT_VALID
from tocsin.signals.rules.quarantine import Why

MAX_FIELDS = 200
YES = frozenset({"1", "true"})
NO = frozenset({"0", "false"})


def read(message: Message, origin: Origin, at: datetime) -> Reading:
    """Return where the device was. A message that names no device is refused, one of another device set aside.

    An alarm `sos` of her own device is a call for help, whatever else is wrong with the message.
    """
    reading = _position(message, origin, at)
    stamp = _alarm(message) if origin.person_id else None
    if stamp is None:
        return reading
    return replace(
        reading, seen=(call_for_help(origin, at, stamp or at.isoformat()), *reading.seen)
    )


@whole
def _position(message: Message, origin: Origin, at: datetime) -> Reading:
    if message.body.lstrip()[:1] == b"{":
        return _json(message, origin, at)
    return _query(message, origin, at)


def _alarm(message: Message) -> str | None:
    """Return the time that a message with an alarm names, or ""; None: there is no alarm in it.

    A repeat names the same time and is one press; without a time each is a press of its own.
    """
    try:
        if message.body.lstrip()[:1] == b"{":
            where = mapping(mapping(read_json(message.body)).get("location"))
            extras = where.get("extras")
            said = where.get("alarm") or (
                extras.get("alarm") if isinstance(extras, Mapping) else None
            )
            return text(where.get("timestamp"), 40) if said == SOS else None
        fields = _fields(message)
        return fields.get("timestamp", "") if fields.get("alarm", "").lower() == SOS else None
    except BadLine:
        return None


def _query(message: Message, origin: Origin, at: datetime) -> Reading:
    fields = _fields(message)
    _refuse_other(fields.get("id") or fields.get("deviceid"), origin)
    said: dict[str, Any] = dict(fields)
    if "location" in fields:
        said["lat"], _, said["lon"] = fields["location"].partition(",")
    if not said.get("lat") and not said.get("lon"):
        return Reading()
    fixed_at = any_time(fields.get("timestamp"))
    codes: tuple[str, ...] = () if fixed_at else (NO_TIME,)
    if fields.get("valid", "1").lower() in NO:
        codes += (NOT_VALID,)
    found = position(
        said,
        fixed_at or at,
        accuracy_m=accuracy(fields.get("accuracy")),
        speed_m_s=speed(fields.get("speed"), KNOT_M_S),
        is_mocked=fields.get("mock", "").lower() in YES,
    )
    return Reading((moved(origin, found, at, codes=codes),))


def _fields(message: Message) -> dict[str, str]:
    try:
        both = f"{message.query}&{message.body.decode()}"
        return dict(parse_qsl(both, max_num_fields=MAX_FIELDS, keep_blank_values=True))
    except ValueError as error:
        raise BadLine(Why.NOT_TEXT) from error


def _json(message: Message, origin: Origin, at: datetime) -> Reading:
    said = mapping(read_json(message.body))
    _refuse_other(said.get("device_id"), origin)
    if said.get("location") is None:
        return Reading()
    where = mapping(said["location"])
    if where.get("coords") is None:
        return Reading()
    coords: Mapping[str, Any] = mapping(where["coords"])
    fixed_at = any_time(where.get("timestamp"))
    found = position(
        {"lat": coords.get("latitude"), "lon": coords.get("longitude")},
        fixed_at or at,
        accuracy_m=accuracy(coords.get("accuracy")),
        speed_m_s=speed(coords.get("speed")),
        is_mocked=where.get("mock") is True,
    )
    return Reading((moved(origin, found, at, codes=() if fixed_at else (NO_TIME,)),))


def _refuse_other(device: object, origin: Origin) -> None:
    named = text(device)
    if not named or (origin.device and named != origin.device):
        raise BadLine(Why.OTHER_DEVICE)
