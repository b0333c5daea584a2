"""Which words did a gateway hand in, from which number? Read from the raw bytes that the gate stored.

Nothing in them raises: a call that cannot be understood says nothing, and the one after it is read.
"""

import json
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl

import phonenumbers

from tocsin.flow.receive_text import TextIn
from tocsin.runtime.settings import Gateway
from tocsin.runtime.spool_format import MAX_PAYLOAD
from tocsin.signals.rules.repeat import name_of, name_of_entry
from tocsin.signals.rules.text import MAX_TEXT

# Of a call's named fields; empty ones do not count, so that a row of "&" hides nothing.
MAX_FIELDS: Final = 1_000
MAX_NUMBER: Final = 40


def read_text(payload: bytes, gateways: dict[str, Gateway], received_at: datetime) -> TextIn | None:
    """Return the text of an INBOUND entry, or None if its gateway is gone or it has no sender. Raises nothing."""
    head, body = _parts(payload)
    gateway = gateway_of(payload, gateways)
    if gateway is None:
        return None
    fields = _fields(head, body)
    is_twilio = gateway.kind == "twilio"
    given_number = fields.get("From" if is_twilio else gateway.inbound_from, "")[:MAX_NUMBER]
    number = (gateway.region and _in(given_number, gateway.region)) or _number(given_number)
    text = fields.get("Body" if is_twilio else gateway.inbound_text, "")[:MAX_TEXT]
    if not number:
        return None
    given = fields.get("MessageSid") or fields.get("id")
    is_for_ever = is_twilio and bool(fields.get("MessageSid"))
    name = (
        name_of(given, number, text, received_at, is_for_ever=is_for_ever)
        if given
        else name_of_entry(payload, received_at)
    )
    maybe = "" if gateway.region else _in(given_number, _country_of(gateway.number))
    return TextIn(gateway.organisation, gateway.name, name, number, text, received_at, maybe)


def gateway_of(payload: bytes, gateways: dict[str, Gateway]) -> Gateway | None:
    """Return the gateway that brought an INBOUND entry, or None if that is unreadable or it is gone."""
    name = _parts(payload)[0].get("gateway")
    return gateways.get(name) if isinstance(name, str) else None


def _parts(payload: bytes) -> tuple[dict[str, Any], bytes]:
    head_line, _, body = payload[:MAX_PAYLOAD].partition(b"\n")
    head = _object(head_line.decode("utf-8", "replace"))
    return head, body


def _fields(head: dict[str, Any], body: bytes) -> dict[str, str]:
    headers = head.get("headers")
    kind = str(headers.get("content-type", "")) if isinstance(headers, dict) else ""
    text = _decoded(body)
    said = _object(text) if kind.lower().startswith("application/json") else _form(text)
    found = {**_form(str(head.get("query") or "")), **said}
    return {name: _plain(value) for name, value in found.items() if value is not None}


def _object(text: str) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _form(text: str) -> dict[str, str]:
    """Return the fields of a form or a query; a gateway that writes no UTF-8 writes Latin-1 ("ay%FAdame")."""
    given = "&".join([pair for pair in text.split("&") if pair][:MAX_FIELDS])
    try:
        return dict(parse_qsl(given, keep_blank_values=True, errors="strict"))
    except UnicodeDecodeError:
        return dict(parse_qsl(given, keep_blank_values=True, encoding="latin-1"))


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("latin-1")


def _plain(value: object) -> str:
    """Return a field as text that can be stored: a lone surrogate and a zero must not cost the text."""
    try:
        text = value if isinstance(value, str) else str(value)
    except (ValueError, RecursionError):
        return ""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")


def _in(given: str, region: str) -> str:
    """Return a number in E.164 as it is read in this country, or nothing if it is none there."""
    plus = "+" if given.strip().startswith("+") else ""
    try:
        number = phonenumbers.parse(plus + _digits(given), region or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _country_of(number: str) -> str:
    """Return the country of a gateway's own number, or nothing: a sender's name has none."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number, None)) or ""
    except phonenumbers.NumberParseException:
        return ""


def _digits(text: str) -> str:
    return "".join(c for c in text[:MAX_NUMBER] if c in "0123456789")


def _number(text: str) -> str:
    """Return digits with a plus, or nothing if there is none; gateways write +1 555, 001555 or 1555."""
    digits = _digits(text)
    return "+" + (digits[2:] if digits.startswith("00") else digits) if digits else ""
