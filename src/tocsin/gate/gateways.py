"""Did this text really come from our gateway? Signatures and secrets of inbound calls.

Twilio: base64(HMAC-SHA1(token, public address + parameters sorted by name)), each different value
of a name once; for other bodies the address alone, with the body's SHA-256 in it. Ours (`hmac`):
X-Tocsin-Signature `t=<unix>,v1=<hex>`, HMAC-SHA256 over `<t>.<body, or for a GET the query>`.
Source: notes of Twilio's own tests.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import parse_qs, urlsplit

from tocsin.gate import limits
from tocsin.gate.messages import Request
from tocsin.runtime.settings import Gateway

_SIGNED: Final = re.compile(rb"t=(\d{1,12}),v1=([0-9a-f]{64})")
_MAX_FIELDS: Final = 200
_PORTS: Final = {"https": 443, "http": 80}


def is_genuine(gateway: Gateway, request: Request, *, bases: Sequence[str], now_s: float) -> bool:
    """Return whether `request` proves to be from `gateway`; one without a secret proves nothing.

    `bases` are our public addresses, `now_s` is the wall clock (Unix).
    """
    if gateway.kind == "twilio":
        return _is_twilios(gateway, request, bases)
    check = _CHECKS.get(gateway.inbound_auth)
    return bool(gateway.inbound_secret) and check is not None and check(gateway, request, now_s)


def _is_twilios(gateway: Gateway, request: Request, bases: Sequence[str]) -> bool:
    secret = gateway.inbound_secret or gateway.secret
    given = request.headers.get(b"x-twilio-signature", b"")
    is_form = request.headers.get(b"content-type", b"").startswith(
        b"application/x-www-form-urlencoded"
    )
    try:
        query = parse_qs(request.query, strict_parsing=bool(request.query))
        fields = _fields(request.body) if is_form else {}
    except ValueError:
        return False
    if not secret or not given:
        return False
    if request.body and not is_form:
        stated = query.get("bodySHA256", [""])[0]
        if not hmac.compare_digest(
            stated.encode(), hashlib.sha256(request.body).hexdigest().encode()
        ):
            return False
    addresses = (url for base in bases for url in with_and_without_port(base + request.target))
    return any(
        hmac.compare_digest(twilio_signature(secret, url, fields).encode(), given)
        for url in addresses
    )


def twilio_signature(secret: str, url: str, fields: Mapping[str, Sequence[str]]) -> str:
    """Return the X-Twilio-Signature of a call to `url` with these form fields (name -> values)."""
    pairs = (name + value for name in sorted(fields) for value in sorted(set(fields[name])))
    text = url + "".join(pairs)
    # Twilio's scheme prescribes SHA-1; as an HMAC it still holds.
    return base64.b64encode(hmac.digest(secret.encode(), text.encode(), "sha1")).decode()


def with_and_without_port(url: str) -> Iterator[str]:
    """Return `url` with its port, or the usual one of its scheme, and without."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = parts.port or _PORTS[parts.scheme]
    rest = url.split(parts.netloc, 1)[1]
    yield f"{parts.scheme}://{host}{rest}"
    yield f"{parts.scheme}://{host}:{port}{rest}"


def _fields(body: bytes) -> dict[str, list[str]]:
    return parse_qs(
        body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS
    )


def _has_hmac(gateway: Gateway, request: Request, now_s: float) -> bool:
    match = _SIGNED.fullmatch(request.headers.get(b"x-tocsin-signature", b""))
    if match is None or abs(now_s - int(match[1])) > limits.SIGNATURE_S:
        return False
    signed = match[1] + b"." + signed_part(request)
    return hmac.compare_digest(_hex(gateway.inbound_secret, signed), match[2])


def signed_part(request: Request) -> bytes:
    """Return the bytes that our own signature covers: the body, or a GET's query."""
    return request.query.encode("latin-1") if request.method == b"GET" else request.body


def _has_basic(gateway: Gateway, request: Request, now_s: float) -> bool:  # noqa: ARG001 - one signature for all
    name = gateway.account or gateway.name
    expected = base64.b64encode(f"{name}:{gateway.inbound_secret}".encode())
    scheme, _, given = request.headers.get(b"authorization", b"").partition(b" ")
    return scheme.lower() == b"basic" and hmac.compare_digest(given.strip(), expected)


def _has_secret(gateway: Gateway, request: Request, now_s: float) -> bool:  # noqa: ARG001 - one signature for all
    given = request.headers.get(b"x-tocsin-secret", b"")
    return hmac.compare_digest(given, gateway.inbound_secret.encode())


def _hex(secret: str, text: bytes) -> bytes:
    return hmac.digest(secret.encode(), text, "sha256").hex().encode()


_CHECKS: Final[Mapping[str, Callable[[Gateway, Request, float], bool]]] = {
    "hmac": _has_hmac,
    "basic": _has_basic,
    "header": _has_secret,
}
