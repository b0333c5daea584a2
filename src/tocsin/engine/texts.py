"""Which words did a gateway hand in, from which number? Read from the raw bytes that the gate stored."""

import hashlib
import json
from datetime import datetime
from urllib.parse import parse_qsl

from tocsin.flow.receive_text import TextIn
from tocsin.runtime.settings import Gateway


def read_text(payload: bytes, gateways: dict[str, Gateway], received_at: datetime) -> TextIn | None:
    """Return the text of an INBOUND entry, or None if its gateway is gone or it has no sender."""
    head_line, _, body = payload.partition(b"\n")
    head = json.loads(head_line)
    gateway = gateways.get(head.get("gateway", ""))
    if gateway is None:
        return None
    fields = _fields(head, body)
    number = fields.get("From" if gateway.kind == "twilio" else gateway.inbound_from, "")
    text = fields.get("Body" if gateway.kind == "twilio" else gateway.inbound_text, "")
    if not number:
        return None
    # Twilio repeats under one MessageSid; any other gateway's repeat is the same bytes.
    named = fields.get("MessageSid") or fields.get("id") or hashlib.sha256(payload).hexdigest()
    return TextIn(
        gateway.organisation, gateway.name, named[:80], _number(number), text, received_at
    )


def _fields(head: dict[str, object], body: bytes) -> dict[str, str]:
    headers = head.get("headers")
    kind = str(headers.get("content-type", "")) if isinstance(headers, dict) else ""
    fields = dict(
        parse_qsl(str(head.get("query") or ""), keep_blank_values=True, max_num_fields=200)
    )
    text = body.decode("utf-8", "replace")
    if kind.startswith("application/json"):
        try:
            said = json.loads(text)
        except (ValueError, RecursionError):
            said = None
        return fields | {k: str(v) for k, v in said.items()} if isinstance(said, dict) else fields
    return fields | dict(parse_qsl(text, keep_blank_values=True, max_num_fields=200))


def _number(text: str) -> str:
    """Return digits with a plus; gateways write +1 555, 001555 or 1555."""
    digits = "".join(c for c in text if c.isdigit())
    return "+" + (digits[2:] if digits.startswith("00") else digits)
