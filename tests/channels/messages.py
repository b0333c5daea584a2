"""Which messages do the tests of channels send?"""

import json
from base64 import urlsafe_b64encode
from dataclasses import replace
from typing import Any
from uuid import UUID

import http_ece  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tocsin.notifications.channels.webpush.sealing import Vapid
from tocsin.notifications.rules.message import Message

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

MESSAGE = Message(
    reference="01f0c1d2.1.person.webhook",
    delivery_id=UUID(int=1),
    organisation_id=UUID(int=2),
    incident_id=UUID(int=3),
    person_id=UUID(int=4),
    step=1,
    key="press-0001",
    address="",
    subject="Tocsin needs you",
    text="Tocsin: you are needed. Open https://tocsin.example.org/a#k3y\nReply 1 421 in charge",
    link="https://tocsin.example.org/a#k3y",
    code="421",
    is_drill=False,
    is_silent=False,
    secret=SECRET,
)


def a_message(**changes: Any) -> Message:
    """Return the usual message with some fields changed."""
    return replace(MESSAGE, **changes)


BROWSER_KEY = ec.derive_private_key(421, ec.SECP256R1())
BROWSER_AUTH = b"sixteen bytes..."
VAPID_KEY = ec.derive_private_key(1234567, ec.SECP256R1())


def base64url(data: bytes) -> str:
    """Return base64url without padding."""
    return urlsafe_b64encode(data).decode().rstrip("=")


def a_subscription(endpoint: str) -> str:
    """Return what a browser would give us, as JSON."""
    point = BROWSER_KEY.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    keys = {"p256dh": base64url(point), "auth": base64url(BROWSER_AUTH)}
    return json.dumps({"endpoint": endpoint, "expirationTime": None, "keys": keys})


def a_vapid() -> Vapid:
    """Return our signed name, with a key of the tests."""
    scalar = VAPID_KEY.private_numbers().private_value.to_bytes(32, "big")
    return Vapid(base64url(scalar), "mailto:tests@example.org")


def opened_push(body: bytes) -> dict[str, Any]:
    """Return the JSON of a push, opened as the browser would."""
    opened = http_ece.decrypt(body, private_key=BROWSER_KEY, auth_secret=BROWSER_AUTH)
    found = json.loads(opened)
    assert isinstance(found, dict)
    return found
