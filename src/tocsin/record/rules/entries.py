"""What is an entry, byte for byte? One canonical JSON text, self-contained.

    EntryRefused        an unknown kind or field, a missing one, a value of the wrong type

Canonical: UTF-8, keys sorted, no blanks, whole numbers only, times as
`2026-11-22T02:51:00.123456Z`; for the keys and values allowed here it is the same text as RFC
8785. A field of a person is there as ciphertext only, `{"of": person, "sealed": base64}`, under
her key: when the key is destroyed, the tree still fits.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tocsin.record.rules.kinds import KINDS
from tocsin.record.rules.values import time_of, time_text, written

VERSION: Final = 1
MAX_LEAF_BYTES: Final = 16_384

_LEAF: Final = "leaf"
# Made once: `json.dumps` makes a new one each time, at half the cost of an entry.
_ENCODER: Final = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
)


class EntryRefused(ValueError):
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
    if entry.at.tzinfo is None:
        raise EntryRefused(entry.kind, "has a time without a zone")
    whole = {
        "actor": _id_or_none(entry.actor_id),
        "at": time_text(entry.at),
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


def canonical(value: Any) -> bytes:
    """Return the one text of a JSON value; the values are checked before they come here."""
    return _ENCODER.encode(value).encode()


def _body(kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    known = KINDS.get(kind)
    if known is None:
        raise EntryRefused(kind, "is not a kind of entry")
    plain: dict[str, Any] = {}
    for name, value in body.items():
        form = known.fields.get(name)
        if form is None:
            raise EntryRefused(kind, f"has no field {name}")
        if value is None:
            continue
        try:
            plain[name] = written(form, value)
        except ValueError as error:
            raise EntryRefused(kind, f"{name} is not {form.value}") from error
    if not plain.keys() >= known.required:
        missing = ", ".join(sorted(known.required - plain.keys()))
        raise EntryRefused(kind, f"lacks {missing}")
    return plain


def _id_or_none(value: UUID | None) -> str | None:
    return None if value is None else str(value)
