"""What does an answer link or a stream token carry, and is it ours?

An answer link is `<public url>/a#<secret>`: the secret is in the fragment, so it is in no log and no request line, and
whoever opens the link changes nothing. It is for one message: one incident, one person, one channel.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Final
from uuid import UUID

MAC_BYTES: Final = 16
MAX_SECRET_CHARS: Final = 120
_ANSWER: Final = b"tocsin answer link\0"
_STREAM: Final = b"tocsin stream token\0"


@dataclass(frozen=True, slots=True)
class AnswerLink:
    """Which message a link answers."""

    organisation_id: UUID
    delivery_id: UUID


def answer_secret(key: bytes, organisation_id: UUID, delivery_id: UUID) -> str:
    """Return the secret of one message's link: organisation, delivery, 128 bits of HMAC-SHA256."""
    return f"{organisation_id.hex}.{delivery_id.hex}.{_mac(key, _ANSWER, organisation_id, delivery_id)}"


def answer_link(public_url: str, key: bytes, organisation_id: UUID, delivery_id: UUID) -> str:
    """Return the whole link, as it stands in a message."""
    return f"{public_url}/a#{answer_secret(key, organisation_id, delivery_id)}"


def read_answer_secret(key: bytes, secret: str) -> AnswerLink | None:
    """Return what a secret stands for, or None if it is not ours. Says nothing about whether it may still be used."""
    parts = secret.split(".") if len(secret) <= MAX_SECRET_CHARS and secret.isascii() else []
    if len(parts) != 3:
        return None
    organisation_id, delivery_id = _id(parts[0]), _id(parts[1])
    if organisation_id is None or delivery_id is None:
        return None
    expected = _mac(key, _ANSWER, organisation_id, delivery_id)
    if not hmac.compare_digest(expected, parts[2]):
        return None
    return AnswerLink(organisation_id, delivery_id)


def stream_token(key: bytes, organisation_id: UUID) -> str:
    """Return the token of an unattended screen: it hears *that* something changed, and can read nothing."""
    return f"{organisation_id.hex}.{_mac(key, _STREAM, organisation_id)}"


def read_stream_token(key: bytes, token: str) -> UUID | None:
    """Return the organisation of a stream token, or None if it is not ours."""
    parts = token.split(".") if len(token) <= MAX_SECRET_CHARS and token.isascii() else []
    organisation_id = _id(parts[0]) if len(parts) == 2 else None
    if organisation_id is None:
        return None
    expected = _mac(key, _STREAM, organisation_id)
    return organisation_id if hmac.compare_digest(expected, parts[1]) else None


def _mac(key: bytes, purpose: bytes, *parts: UUID) -> str:
    message = purpose + b"".join(part.bytes for part in parts)
    digest = hmac.new(key, message, hashlib.sha256).digest()[:MAC_BYTES]
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def _id(text: str) -> UUID | None:
    try:
        found = UUID(hex=text)
    except ValueError:
        return None
    return found if found.hex == text else None
