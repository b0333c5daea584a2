"""Is it really this sender? By a signature over the whole request, or by its key in a header. Pure.

A signature is HMAC-SHA256, with the key's own bytes, over

    id "." timestamp "." method " " path-with-query "." body

in the headers of Standard Webhooks: `webhook-id` (used once), `webhook-timestamp` (seconds, within five minutes) and
`webhook-signature` (`v1,` and base64; several, divided by blanks, while a key is changed). Method and path are in it, so
that what was signed for one door opens no other. A device that cannot sign sends the key itself: as the password of
HTTP Basic (any user name), or as `Authorization: Bearer`, `Authorization: Token` or `X-Tocsin-Key`. Never in an address.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tocsin.registry.rules.sender import Proof

WINDOW_S: Final = 300
MAX_NONCE: Final = 64
MAX_SIGNATURES: Final = 5
SCHEME: Final = "v1,"


@dataclass(frozen=True, slots=True)
class Request:
    """What of a request is proved. Header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


def is_proved(proof: Proof, key: bytes, request: Request, *, at: datetime) -> bool:
    """Return whether the request proves in this sender's own way that it is the sender's."""
    if proof is Proof.SIGNATURE:
        return _is_signed(key, request, at)
    if proof is Proof.BASIC:
        return _is_same(_basic_password(request), key)
    if proof is Proof.TOKEN:
        return _is_same(_token(request), key)
    # What a broker speaks for has no door here.
    return False


def nonce_of(request: Request) -> str:
    """Return the number used once that a signed request names."""
    return request.headers.get("webhook-id", "")


def sign(key: bytes, request: Request, *, nonce: str, timestamp: int) -> str:
    """Return the signature of a request, as its header has it."""
    said = f"{nonce}.{timestamp}.{request.method} {request.path}.".encode() + request.body
    return SCHEME + base64.b64encode(hmac.new(key, said, hashlib.sha256).digest()).decode()


def _is_signed(key: bytes, request: Request, at: datetime) -> bool:
    nonce, stamp = nonce_of(request), request.headers.get("webhook-timestamp", "")
    if not 0 < len(nonce) <= MAX_NONCE or not stamp.isdecimal() or len(stamp) > 12:
        return False
    if abs(at.timestamp() - int(stamp)) > WINDOW_S:
        return False
    wanted = sign(key, request, nonce=nonce, timestamp=int(stamp))
    given = request.headers.get("webhook-signature", "").split()[:MAX_SIGNATURES]
    return any(_is_same(one, wanted.encode()) for one in given)


def _basic_password(request: Request) -> str:
    scheme, _, said = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(said, validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return ""


def _token(request: Request) -> str:
    scheme, _, said = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() in {"bearer", "token"}:
        return said.strip()
    return request.headers.get("x-tocsin-key", "")


def _is_same(given: str, wanted: bytes) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted)
