"""Which device is this? Issues and verifies the Ed25519 tokens that enrolled devices carry.

A token is `tcs1.` and 156 characters of base64url: 53 bytes (version, organisation, person, device,
time of issue) and the signature over them. It is checked with public keys alone, so the gate needs
no secret. Whether a device is still allowed to do anything is the engine's to judge; a revoked
device's SOS still alarms.
"""

import base64
import binascii
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PREFIX: Final = "tcs1."
IDS_BYTES: Final = 48

_VERSION: Final = 1
_BODY: Final = struct.Struct(">B16s16s16sI")
_TOKEN: Final = re.compile(r"tcs1\.[A-Za-z0-9_-]{156}", re.ASCII)
_KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says: whose device it is and when the token was issued (aware, UTC)."""

    organisation_id: UUID
    person_id: UUID
    device_id: UUID
    issued_at: datetime

    @property
    def ids(self) -> bytes:
        """Return organisation, person and device as the 48 bytes that begin a spool payload."""
        return self.organisation_id.bytes + self.person_id.bytes + self.device_id.bytes


def issue(
    private_key: Ed25519PrivateKey,
    *,
    organisation_id: UUID,
    person_id: UUID,
    device_id: UUID,
    issued_at: datetime,
) -> str:
    """Return a signed token for one device; `issued_at` is aware and kept in whole seconds."""
    ids = (organisation_id.bytes, person_id.bytes, device_id.bytes)
    body = _BODY.pack(_VERSION, *ids, int(issued_at.timestamp()))
    return PREFIX + base64.urlsafe_b64encode(body + private_key.sign(body)).decode("ascii")


def verify(public_keys: Sequence[Ed25519PublicKey], token: str) -> Claims | None:
    """Return what the token says if one of `public_keys` signed it, else None; never raises."""
    parts = _split(token)
    if parts is None:
        return None
    body, signature = parts
    for key in public_keys:
        try:
            key.verify(signature, body)
        except InvalidSignature:
            continue
        return _claims(body)
    return None


def read_unverified(token: str) -> Claims | None:
    """Return what the token *claims*, its signature unchecked, or None if it is no token at all.

    Only for showing an unverified signal to a person; nothing may be decided by it.
    """
    parts = _split(token)
    return None if parts is None else _claims(parts[0])


def read_public_keys(path: Path) -> tuple[Ed25519PublicKey, ...]:
    """Return the keys of a file with one base64 public key (32 bytes) a line; `#` begins a remark.

    Raises:
        OSError: the file cannot be read.
        ValueError: a line is not a key; says which line, never its text.
    """
    keys = []
    for number, line in enumerate(path.read_text(encoding="ascii").splitlines(), start=1):
        text = line.partition("#")[0].strip()
        if text:
            keys.append(_public_key(text, number))
    return tuple(keys)


def _public_key(text: str, number: int) -> Ed25519PublicKey:
    try:
        raw = base64.b64decode(text.translate(str.maketrans("-_", "+/")), validate=True)
    except binascii.Error as problem:
        message = f"line {number} is not base64"
        raise ValueError(message) from problem
    if len(raw) != _KEY_BYTES:
        message = f"line {number} has {len(raw)} bytes, a public key has {_KEY_BYTES}"
        raise ValueError(message)
    return Ed25519PublicKey.from_public_bytes(raw)


def _split(token: str) -> tuple[bytes, bytes] | None:
    if not _TOKEN.fullmatch(token):
        return None
    raw = base64.urlsafe_b64decode(token[len(PREFIX) :])
    body, signature = raw[: _BODY.size], raw[_BODY.size :]
    return (body, signature) if body[0] == _VERSION else None


def _claims(body: bytes) -> Claims:
    _, organisation, person, device, issued = _BODY.unpack(body)
    return Claims(
        organisation_id=UUID(bytes=organisation),
        person_id=UUID(bytes=person),
        device_id=UUID(bytes=device),
        issued_at=datetime.fromtimestamp(issued, UTC),
    )
