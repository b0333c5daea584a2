"""What does the installation sign, and is a database older than that?

A head says: these were the first `size` entries of this organisation, and this their root. What
is signed, numbers big-endian:

    "tocsin head v1" and a line feed
    organisation, 16 bytes
    size, 8 bytes
    root, 32 bytes
    microseconds since 1970, 8 bytes

A witness line is what one sends to somebody outside, by paper if need be: `<organisation> <size>
<root in hex>`. Any later export is held against it; who rewrites the record and signs it anew
cannot change the witness's copy.
"""

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

from tocsin.record.rules.entries import canonical
from tocsin.record.rules.values import time_of, time_text

MAGIC: Final = b"tocsin head v1\n"
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# An export need not hold a head of every second: the later one proves what stands between two.
EXPORT_EVERY_ENTRIES: Final = 100
EXPORT_EVERY: Final = timedelta(hours=1)


class Signer(Protocol):
    """What signs heads and exports (`runtime.keys.Signer`)."""

    @property
    def key_id(self) -> str:
        """Return the name of the key."""
        ...

    @property
    def public(self) -> bytes:
        """Return the raw public key, 32 bytes."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return an Ed25519 signature."""
        ...


@dataclass(frozen=True, slots=True)
class Head:
    """A signed root over the first `size` entries; `signed_at` aware."""

    organisation_id: UUID
    size: int
    root: bytes
    signed_at: datetime
    key_id: str
    signature: bytes


def signed_bytes(organisation_id: UUID, size: int, root: bytes, signed_at: datetime) -> bytes:
    """Return what the signature of a head covers."""
    micros = (signed_at - EPOCH) // timedelta(microseconds=1)
    return b"".join(
        (MAGIC, organisation_id.bytes, size.to_bytes(8, "big"), root, micros.to_bytes(8, "big"))
    )


def sign(organisation_id: UUID, size: int, root: bytes, *, at: datetime, signer: Signer) -> Head:
    """Return the signed head of a tree; `at` aware."""
    signature = signer.sign(signed_bytes(organisation_id, size, root, at))
    return Head(organisation_id, size, root, at, signer.key_id, signature)


def head_line(head: Head) -> bytes:
    """Return a head as one line of an export, without the line's end."""
    return canonical(
        {
            "head": {
                "key": head.key_id,
                "organisation": str(head.organisation_id),
                "root": head.root.hex(),
                "signature": base64.b64encode(head.signature).decode("ascii"),
                "signed_at": time_text(head.signed_at),
                "size": head.size,
            }
        }
    )


def head_of_line(line: bytes) -> Head:
    """Return the head that `head_line` wrote.

    Raises:
        ValueError: it is no head line.
    """
    try:
        parts = json.loads(line)["head"]
        return Head(
            organisation_id=UUID(parts["organisation"]),
            size=int(parts["size"]),
            root=bytes.fromhex(parts["root"]),
            signed_at=time_of(parts["signed_at"]),
            key_id=str(parts["key"]),
            signature=base64.b64decode(parts["signature"], validate=True),
        )
    except (ValueError, TypeError, KeyError) as error:
        message = "not a head line"
        raise ValueError(message) from error


def witness_line(head: Head) -> str:
    """Return what a witness keeps of a head."""
    return f"{head.organisation_id} {head.size} {head.root.hex()}"


def is_exported(head: Head, *, after: Head | None) -> bool:
    """Return whether an export shows this head, when `after` is the one before that it shows."""
    return (
        after is None
        or head.size >= after.size + EXPORT_EVERY_ENTRIES
        or head.signed_at >= after.signed_at + EXPORT_EVERY
    )


def newest(heads: Iterable[Head]) -> dict[UUID, Head]:
    """Return the head with the largest size of each organisation."""
    found: dict[UUID, Head] = {}
    for head in heads:
        known = found.get(head.organisation_id)
        if known is None or head.size > known.size:
            found[head.organisation_id] = head
    return found


def lacking(database: Mapping[UUID, Head], remembered: Mapping[UUID, Head]) -> list[UUID]:
    """Return the organisations whose database lacks what was signed; `database`: its heads of the remembered sizes.

    Not empty means HOLD (I8): a restore must not send what was due in the meantime. A database that is ahead has that head
    as well (the file beside the spool is written after the commit). One that was restored, and has grown past it since, has
    none of that size, or one with another root: another history.
    """
    return sorted(
        organisation
        for organisation, last in remembered.items()
        if organisation not in database or database[organisation].root != last.root
    )
