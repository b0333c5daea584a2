"""How does a real provider prove that a call-back is its own? Written from their documents.

Twilio: base64 of HMAC-SHA1 (key: the account's token) over the full URL followed by every form
field's name and value, sorted by name (twilio.com/docs/usage/security). The others:
`t=<unix>,v1=<hex>`, HMAC-SHA256 over "<t>.<body>"; or a name and password; or a secret header.
Nothing here is shared with the gate, which checks them: a mistake in one is found by the other.
"""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Mapping
from urllib.parse import urlencode

from tocsin.notifications.channels.http import Request
from tocsin.runtime.settings import Gateway


def twilio_signature(token: str, url: str, fields: Mapping[str, str]) -> str:
    """Return the X-Twilio-Signature of a form posted to `url`."""
    joined = url
    for name in sorted(fields):
        joined += name
        joined += fields[name]
    digest = hmac.new(token.encode("utf-8"), joined.encode("utf-8"), hashlib.sha1)
    return b64encode(digest.digest()).decode("ascii")


def hmac_signature(secret: str, at_s: int, body: bytes) -> str:
    """Return our own gateways' signature; `at_s` is seconds since 1970."""
    signed = hmac.new(
        secret.encode("utf-8"), str(at_s).encode("ascii") + b"." + body, hashlib.sha256
    )
    return f"t={at_s},v1={signed.hexdigest()}"


def signed_form(gateway: Gateway, url: str, fields: Mapping[str, str], *, at_s: int) -> Request:
    """Return the POST of a form to `url`, proven in the way of `gateway`."""
    body = urlencode(fields).encode("ascii")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if gateway.kind == "twilio":
        token = gateway.inbound_secret or gateway.secret
        headers["X-Twilio-Signature"] = twilio_signature(token, url, fields)
    elif gateway.inbound_auth == "basic":
        login = f"{gateway.account or gateway.name}:{gateway.inbound_secret}"
        headers["Authorization"] = "Basic " + b64encode(login.encode("utf-8")).decode("ascii")
    elif gateway.inbound_auth == "header":
        headers["X-Tocsin-Secret"] = gateway.inbound_secret
    else:
        headers["X-Tocsin-Signature"] = hmac_signature(gateway.inbound_secret, at_s, body)
    return Request("POST", url, headers, body)
