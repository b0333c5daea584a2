"""What did the device say? A press, a cancel, a walk: read from the body that the gate stored.

The gate checked size, key, act and token. Everything else is read leniently: what cannot be understood is left
out and named in `note`, because a press that arrives with a strange field is still a press.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

ACTS: Final = ("sos", "cancel", "walk", "extend", "end", "way", "stay", "decline")
TIMER_S: Final = (10, 14_400)
TIMER_USUAL_S: Final = 300
MAX_WAY: Final = 120
MAX_NOTE: Final = 500
MAX_CODE: Final = 12
# From a number that her other side wrote down as hers, for which nobody else has stood: a label.
UNCONFIRMED_NUMBER: Final = "unconfirmed number"
# All else asks for silence, however a script or a button spells it: who asked for it must not be given away by a sound.
LOUD: Final = frozenset({"", "0", "false", "no", "none", "null", "off"})


@dataclass(frozen=True, slots=True)
class Press:
    """One thing a person told us, from an enrolled device or number.

    `key` is hers and makes a repeat harmless. `of` is the key of the SOS or walk that a cancel, an extension or an end
    speaks about. `timer_s` runs from `received_at` (aware UTC). `labels` say what people must know about it.
    `stands_for`: so many signals of a flood were counted and not kept one by one (the gate's `folding.py`); 0: none.
    """

    organisation_id: UUID
    person_id: UUID
    device_id: UUID | None
    key: str
    act: str
    source: str
    received_at: datetime
    is_silent: bool = False
    code: str = ""
    of: str = ""
    timer_s: int = TIMER_USUAL_S
    way: str = ""
    note: str = ""
    watcher_id: UUID | None = None
    labels: tuple[str, ...] = ()
    stands_for: int = 0


def read_press(
    body: bytes,
    *,
    organisation_id: UUID,
    person_id: UUID,
    device_id: UUID | None,
    received_at: datetime,
) -> Press | None:
    """Return the press that a stored body holds, or None if it has no usable key or act (the gate refuses those)."""
    try:
        said = json.loads(body)
    except (UnicodeDecodeError, ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or not isinstance(said.get("key"), str):
        return None
    act = said.get("act", "sos")
    if act not in ACTS:
        return None
    return Press(
        organisation_id=organisation_id,
        person_id=person_id,
        device_id=device_id,
        key=said["key"][:64],
        act=act,
        source="device",
        received_at=received_at,
        is_silent=_is_silent(said.get("silent")),
        code=_text(said.get("code"), MAX_CODE),
        of=_text(said.get("of"), 64),
        timer_s=_timer(said.get("timer_s")),
        way=_text(said.get("way"), MAX_WAY),
        note=_text(said.get("note"), MAX_NOTE),
        watcher_id=_person(said.get("watcher")),
    )


def _text(value: Any, limit: int) -> str:
    # A lone surrogate is valid JSON and cannot be stored: it must not cost the press.
    text = value if isinstance(value, str) else ""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")[:limit]


def _is_silent(value: Any) -> bool:
    return bool(value) and str(value).strip().lower() not in LOUD


def _timer(value: Any) -> int:
    # A script may write "60" or 60.0: taken for nothing, she would be asked four minutes later than she said.
    if not isinstance(value, int | float | str) or isinstance(value, bool):
        return TIMER_USUAL_S
    low, high = TIMER_S
    try:
        return int(min(max(float(value), low), high))
    except (ValueError, OverflowError):
        return TIMER_USUAL_S


def _person(value: Any) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None
