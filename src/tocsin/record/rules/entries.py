"""What is an entry, byte for byte? One canonical JSON text, self-contained.

    EntryRefused        an unknown kind or field, a missing one, a value of the wrong type

Canonical: UTF-8, keys sorted, no blanks, whole numbers only, times as
`2026-11-22T02:51:00.123456Z`; for the keys and values allowed here it is the same text as RFC
8785. A field of a person is there as ciphertext only, `{"of": person, "sealed": base64}`, under
her key: when the key is destroyed, the tree still fits.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from tocsin.record.rules.kinds import KINDS, Form

VERSION: Final = 1
MAX_LEAF_BYTES: Final = 16_384
MAX_LIST: Final = 1_000
# Beyond this, a reader in another language (JavaScript, spreadsheets) no longer sees the same
# number.
MAX_NUMBER: Final = 2**53 - 1

# No @ and no +: an address or a number has no way into a code.
_CODE: Final = re.compile(r"[A-Za-z0-9 ._:;/,=#()'-]{1,128}")
_NO_CODE: Final = re.compile(r"[^A-Za-z0-9 ._:;/,=#()'-]")
# What a provider's error text may quote: a mail address, or a telephone number with its blanks.
_ADDRESS: Final = re.compile(r"\S+@\S+|\+?\d(?:[ ./-]?\d){6,}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_LEAF: Final = "leaf"
_TIME: Final = "%Y-%m-%dT%H:%M:%S.%fZ"


class EntryRefused(ValueError):  # noqa: N818 - a refusal, in the words of the design
    """This cannot be written to the record. Says where and why, without the value."""

    def __init__(self, kind: str, problem: str) -> None:
        """Keep both parts."""
        super().__init__(f"{kind}: {problem}")
        self.kind, self.problem = kind, problem


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact. `at` is when it happened, aware; `body` holds what its kind lists in `kinds.KINDS`.

    In `body`, UUIDs and aware datetimes may stand as they are; the leaf holds their text.
    """

    id: UUID
    organisation_id: UUID
    at: datetime
    kind: str
    incident_id: UUID | None = None
    actor_id: UUID | None = None
    body: Mapping[str, Any] = field(default_factory=dict)


def sealed(person_id: UUID, ciphertext: bytes) -> dict[str, str]:
    """Return how a personal field stands in a body.

    Seal it with `seal("record_entry", <field>, <entry id>, text)`, so that it opens in this entry
    only.
    """
    return {"of": str(person_id), "sealed": base64.b64encode(ciphertext).decode("ascii")}


def leaf_of(entry: Entry) -> bytes:
    """Return the canonical bytes of an entry.

    Raises:
        EntryRefused: the kind or a field is unknown, missing, of the wrong type, or the whole is
        too long.
    """
    whole = {
        "actor": _id_or_none(entry.actor_id),
        "at": _time_text(entry.at, entry.kind),
        "body": _body(entry.kind, entry.body),
        "id": str(entry.id),
        "incident": _id_or_none(entry.incident_id),
        "kind": entry.kind,
        "organisation": str(entry.organisation_id),
        "v": VERSION,
    }
    leaf = canonical(whole)
    if len(leaf) > MAX_LEAF_BYTES:
        raise EntryRefused(entry.kind, f"is longer than {MAX_LEAF_BYTES} bytes")
    return leaf


def entry_of(leaf: bytes) -> Entry:
    """Return the entry that this leaf says; times in `body` stay text.

    Raises:
        EntryRefused: it is no leaf of this version.
    """
    try:
        whole = json.loads(leaf)
        entry = Entry(
            id=UUID(whole["id"]),
            organisation_id=UUID(whole["organisation"]),
            at=time_of(whole["at"]),
            kind=whole["kind"],
            incident_id=UUID(whole["incident"]) if whole["incident"] else None,
            actor_id=UUID(whole["actor"]) if whole["actor"] else None,
            body=whole["body"],
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise EntryRefused(_LEAF, "is not an entry") from error
    if whole.get("v") != VERSION:
        raise EntryRefused(_LEAF, "is of an unknown version")
    return entry


def as_code(text: str, *, is_reason: bool = False) -> str:
    """Return what a provider or a device said as a code: never empty, never an address.

    A surprising error text must not keep an alarm's entry from being written, nor bring a number
    into it.
    """
    if is_reason:
        text = _ADDRESS.sub("#", text)
    return _NO_CODE.sub("_", text)[:128].strip() or "_"


def canonical(value: Any) -> bytes:  # noqa: ANN401 - any JSON value
    """Return the one text of a JSON value; the values are checked before they come here."""
    text = json.dumps(
        value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    )
    return text.encode()


def time_text(at: datetime) -> str:
    """Return a time as the record writes it, in UTC with microseconds."""
    # Not strftime's %Y: it drops leading zeros of the year on some systems.
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def time_of(text: str) -> datetime:
    """Return the time that the record wrote.

    Raises:
        ValueError: any other notation, so that one instant has one text.
    """
    at = datetime.strptime(text, _TIME).replace(tzinfo=UTC)
    if time_text(at) != text:
        message = "not the record's notation of a time"
        raise ValueError(message)
    return at


def _body(kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    known = KINDS.get(kind)
    if known is None:
        raise EntryRefused(kind, "is not a kind of entry")
    for name in body:
        if name not in known.fields:
            raise EntryRefused(kind, f"has no field {name}")
    for name in known.required:
        if body.get(name) is None:
            raise EntryRefused(kind, f"lacks {name}")
    return {name: _plain(kind, name, value) for name, value in body.items() if value is not None}


def _plain(kind: str, name: str, value: object) -> Any:  # noqa: ANN401 - any JSON value
    form = KINDS[kind].fields[name]
    plain = _as_text(kind, value)
    if isinstance(plain, str) and form in {Form.GIVEN, Form.REASON}:
        plain = as_code(plain, is_reason=form is Form.REASON)
    if not _FITS[form](plain):
        raise EntryRefused(kind, f"{name} is not {form.value}")
    return plain


def _as_text(kind: str, value: object) -> object:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return _time_text(value, kind)
    if isinstance(value, tuple | list):
        return [_as_text(kind, part) for part in value]
    return value


def _time_text(at: datetime, kind: str) -> str:
    if at.tzinfo is None:
        raise EntryRefused(kind, "has a time without a zone")
    return time_text(at)


def _id_or_none(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def _is_id(value: object) -> bool:
    try:
        return isinstance(value, str) and str(UUID(value)) == value
    except ValueError:
        return False


def _is_time(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(time_of(value))
    except ValueError:
        return False


def _is_number(value: object) -> bool:
    # A flag is an int to Python; it is none to a reader.
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MAX_NUMBER


def _is_code(value: object) -> bool:
    return isinstance(value, str) and _CODE.fullmatch(value) is not None


def _is_sealed(value: object) -> bool:
    if not isinstance(value, dict) or set(value) != {"of", "sealed"} or not _is_id(value["of"]):
        return False
    try:
        return bool(base64.b64decode(value["sealed"], validate=True))
    except (binascii.Error, TypeError, ValueError):
        return False


def _is_counts(value: object) -> bool:
    return (
        isinstance(value, dict)
        and len(value) <= MAX_LIST
        and all(_is_code(name) and _is_number(count) for name, count in value.items())
    )


def _is_list(value: object) -> bool:
    return isinstance(value, list) and len(value) <= MAX_LIST


_FITS: Final = {
    Form.ID: _is_id,
    Form.IDS: lambda value: _is_list(value) and all(map(_is_id, value)),
    Form.CODE: _is_code,
    Form.GIVEN: _is_code,
    Form.REASON: _is_code,
    Form.CODES: lambda value: _is_list(value) and all(map(_is_code, value)),
    Form.NUMBER: _is_number,
    Form.FLAG: lambda value: isinstance(value, bool),
    Form.TIME: _is_time,
    Form.DIGEST: lambda value: isinstance(value, str) and _DIGEST.fullmatch(value) is not None,
    Form.COUNTS: _is_counts,
    Form.SEALED: _is_sealed,
}
