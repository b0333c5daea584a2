"""How is a push closed so that only the subscribed browser reads it, and how do we say who we are?

Source: RFC 8291 (message encryption), RFC 8188 (aes128gcm), RFC 8292 (VAPID). Done by `http_ece`
and `py_vapid`, the parts of `pywebpush` without its two HTTP clients (which take 0.9 s to import).
"""

from typing import Final

import http_ece  # type: ignore[import-untyped]
from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02, VapidException  # type: ignore[import-untyped]

from tocsin.notifications.channels.webpush.subscription import Subscription
from tocsin.notifications.rules.message import ChannelError

PAYLOAD_MAX_BYTES: Final = 3 * 1024
RECORD_BYTES: Final = 4096
# RFC 8292: at most 24 hours; renewed at half of what we ask for.
TOKEN_S: Final = 12 * 3600


def seal(
    payload: bytes,
    subscription: Subscription,
    *,
    private_key: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """Return the encrypted body; key and salt are new for each message unless a test gives them.

    Raises:
        ChannelError: `bad_address` (permanent) for a key that is no point; `too_large` (permanent).
    """
    if len(payload) > PAYLOAD_MAX_BYTES:
        raise ChannelError(code="too_large", permanent=True)
    try:
        sealed: bytes = http_ece.encrypt(
            payload,
            salt=salt,
            private_key=private_key or ec.generate_private_key(ec.SECP256R1()),
            dh=subscription.public_key,
            auth_secret=subscription.auth,
            rs=RECORD_BYTES,
        )
    except (ValueError, InvalidKey) as problem:
        raise ChannelError(code="bad_address", permanent=True) from problem
    return sealed


class Vapid:
    """Our signed name, made once for each push service and half a day."""

    def __init__(self, private_key: str, contact: str) -> None:
        """Take the 32-byte scalar as base64url, and the `mailto:` that push services write to."""
        self._key = Vapid02.from_raw(private_key.encode())
        self._contact = contact
        self._made: dict[str, tuple[int, str]] = {}

    def header(self, origin: str, at_s: int) -> str:
        """Return the Authorization header for a push service; `at_s` is seconds since 1970."""
        known = self._made.get(origin)
        if known is not None and at_s < known[0] - TOKEN_S // 2:
            return known[1]
        claims = {"aud": origin, "exp": at_s + TOKEN_S, "sub": self._contact}
        try:
            header = str(self._key.sign(claims)["Authorization"])
        except VapidException as problem:
            raise ChannelError(code="bad_address", permanent=True) from problem
        if len(self._made) > RECORD_BYTES:
            self._made.clear()
        self._made[origin] = (at_s + TOKEN_S, header)
        return header
