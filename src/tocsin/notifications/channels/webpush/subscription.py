"""What did a browser give us to push to? Read apart from the sealing, whose libraries only the engine needs."""

import binascii
import json
from base64 import b64decode
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from tocsin.notifications.channels.http import Target, target_of
from tocsin.notifications.rules.message import ChannelError

POINT_BYTES: Final = 65
AUTH_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a browser gave us: where to post, and its keys."""

    endpoint: str
    public_key: bytes
    auth: bytes


def parse_subscription(text: str) -> Subscription:
    """Return the subscription of a browser's JSON.

    Raises:
        ChannelError: `bad_address` (permanent) when it is none.
    """
    try:
        value = json.loads(text)
        keys = value["keys"]
        subscription = Subscription(
            str(value["endpoint"]), _from_base64(keys["p256dh"]), _from_base64(keys["auth"])
        )
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise ChannelError(code="bad_address", permanent=True) from None
    if len(subscription.public_key) != POINT_BYTES or len(subscription.auth) != AUTH_BYTES:
        raise ChannelError(code="bad_address", permanent=True)
    return subscription


def pushed_to(text: str) -> Target:
    """Return where a push to this subscription goes: all is well with it that can be known before one is sent.

    Raises:
        ChannelError: `bad_address` (permanent) for no subscription, an address that cannot be asked, a key that is no point.
    """
    subscription = parse_subscription(text)
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), subscription.public_key)
    except ValueError:
        raise ChannelError(code="bad_address", permanent=True) from None
    return target_of(subscription.endpoint)


def _from_base64(text: str) -> bytes:
    try:
        return b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as problem:
        raise ValueError from problem
