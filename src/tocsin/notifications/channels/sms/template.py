"""What request does a gateway want, and where in its answer is its id?

Two shapes: `twilio` (its Messages resource) and `http` (a URL and a body with places to fill).
Places: {to} {from} {text} {coding} (0 for GSM 03.38, 2 for UCS-2) {reference} {callback} {account}
{secret}; in a URL and a form each value is percent-encoded, in JSON it is escaped.
"""

import json
import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

from tocsin.notifications.channels.http import Request
from tocsin.notifications.channels.sms.wording import is_gsm
from tocsin.notifications.rules.message import ChannelError
from tocsin.runtime.settings import Gateway

PLACE: Final = re.compile(r"\{(to|from|text|coding|reference|callback|account|secret)\}")
DOTTED: Final = re.compile(r"[\w-]+(\.[\w-]+)*")
ID_MAX_CHARS: Final = 128


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One text as the gateway shall get it."""

    to: str
    text: str
    reference: str
    callback: str


def request_of(gateway: Gateway, outgoing: Outgoing) -> Request:
    """Return the request that hands `outgoing` to the gateway."""
    if gateway.kind == "twilio":
        return _twilio(gateway, outgoing)
    values = {
        "to": outgoing.to,
        "from": gateway.number,
        "text": outgoing.text,
        "coding": "0" if is_gsm(outgoing.text) else "2",
        "reference": outgoing.reference,
        "callback": outgoing.callback,
        "account": gateway.account,
        "secret": gateway.secret,
    }
    is_json = "json" in gateway.content_type
    headers = {"Idempotency-Key": outgoing.reference}
    if gateway.account and "{secret}" not in gateway.url + gateway.body:
        headers["Authorization"] = _basic(gateway)
    body = b""
    if gateway.method != "GET":
        headers["Content-Type"] = gateway.content_type
        body = _fill(gateway.body, values, _in_json if is_json else _in_url).encode()
    return Request(gateway.method, _fill(gateway.url, values, _in_url), headers, body)


def provider_id(gateway: Gateway, body: bytes) -> str | None:
    """Return the gateway's id of a text that it took; None where the gateway's `id_path` is empty.

    `id_path` is a dotted path into JSON ("messages.0.id") or a regular expression with one group.

    Raises:
        ChannelError: `bad_answer` (temporary) when the answer has no id where it should be.
    """
    path = "sid" if gateway.kind == "twilio" else gateway.id_path
    if not path:
        return None
    found = _in_path(path, body) if DOTTED.fullmatch(path) else _by_expression(path, body)
    if not found or len(found) > ID_MAX_CHARS or not found.isprintable():
        raise ChannelError(code="bad_answer")
    return found


def _twilio(gateway: Gateway, outgoing: Outgoing) -> Request:
    form = {
        "To": outgoing.to,
        "From": gateway.number,
        "Body": outgoing.text,
        "StatusCallback": f"{outgoing.callback}?reference={quote(outgoing.reference, safe='')}",
    }
    headers = {
        "Authorization": _basic(gateway),
        "Content-Type": "application/x-www-form-urlencoded",
        "Idempotency-Key": outgoing.reference,
    }
    return Request("POST", gateway.url, headers, urlencode(form).encode())


def _basic(gateway: Gateway) -> str:
    return "Basic " + b64encode(f"{gateway.account}:{gateway.secret}".encode()).decode()


def _fill(template: str, values: dict[str, str], escape: Callable[[str], str]) -> str:
    # One pass: a text that contains "{secret}" stays those eight characters.
    return PLACE.sub(lambda place: escape(values[place[1]]), template)


def _in_url(value: str) -> str:
    return quote(value, safe="")


def _in_json(value: str) -> str:
    return json.dumps(value)[1:-1]


def _in_path(path: str, body: bytes) -> str | None:
    try:
        value = json.loads(body)
        for step in path.split("."):
            value = value[int(step)] if isinstance(value, list) else value[step]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None


def _by_expression(expression: str, body: bytes) -> str | None:
    found = re.search(expression, body.decode("utf-8", "replace"))
    return found[1] if found else None
