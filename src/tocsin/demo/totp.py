"""Which six digits does an authenticator app show now? RFC 6238 with the usual SHA-1 and 30 s."""

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Final

PERIOD_S: Final = 30
DIGITS: Final = 6


def code_at(secret: str, at: datetime) -> str:
    """Return the code of a base32 `secret` at `at` (aware)."""
    counter = int(at.timestamp()) // PERIOD_S
    digest = hmac.digest(
        base64.b32decode(secret, casefold=True), counter.to_bytes(8, "big"), hashlib.sha1
    )
    start = digest[-1] & 0xF
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def secret_of(raw: bytes) -> str:
    """Return random bytes as the base32 that an authenticator app takes."""
    return base64.b32encode(raw).decode("ascii").rstrip("=")
