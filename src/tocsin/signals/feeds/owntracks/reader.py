"""Where is a phone that runs OwnTracks? One JSON object, over HTTP or MQTT; empty bodies are passed over.

Source: OwnTracks booklet, "JSON" and "HTTP". `tst` is when the fix was made, in seconds; `vel` is km/h; `acc`, `vel` are
sent only where they are not zero. The phone keeps what it could not send and sends it later, so that late, repeated and
unordered fixes are usual.
"""

from datetime import datetime
from typing import Final

from tocsin.signals.feeds.reading import (
    BadLine,
    Message,
    Origin,
    Reading,
    accuracy,
    mapping,
    moved,
    position,
    read_json,
    speed,
    whole,
)
from tocsin.signals.feeds.times import epoch
from tocsin.signals.rules.fix import KM_H_M_S
from tocsin.signals.rules.quarantine import Why

LOCATIONS: Final = frozenset({"location", "transition"})
# The broker says this in the phone's name when it is gone.
LAST_WILL: Final = "lwt"
OTHERS: Final = frozenset(
    {"waypoint", "waypoints", "card", "cmd", "status", "steps", "beacon", "configuration", "request"}
)  # fmt: skip


@whole
def read(message: Message, origin: Origin, at: datetime) -> Reading:
    """Return where the phone was; what is no position says only that it lives."""
    if not message.body.strip():
        return Reading()
    said = mapping(read_json(message.body))
    kind = said.get("_type")
    if kind == LAST_WILL:
        return Reading(is_alive=False)
    if isinstance(kind, str) and kind in OTHERS:
        return Reading()
    if not isinstance(kind, str) or kind not in LOCATIONS:
        # "encrypted" too: the phone's own encryption is to be switched off, since nobody here has its key.
        raise BadLine(Why.NOT_A_LIST)
    fixed_at = epoch(said.get("tst"))
    if fixed_at is None:
        raise BadLine(Why.NO_TIME)
    found = position(
        said, fixed_at, accuracy_m=accuracy(said.get("acc")), speed_m_s=speed(said.get("vel"), KM_H_M_S)
    )  # fmt: skip
    return Reading((moved(origin, found, at),))
