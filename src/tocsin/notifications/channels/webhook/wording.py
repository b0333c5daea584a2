"""What does a machine read? The JSON of one notification."""

import json
from functools import lru_cache
from typing import Final
from uuid import UUID

from tocsin.notifications.rules.message import Message

TEXT_MAX_CHARS: Final = 4000
ENCODER: Final = json.JSONEncoder(separators=(",", ":"))


@lru_cache(maxsize=8192)
def _text_of(identifier: UUID) -> str:
    # A wave repeats its organisation and incident; spelling a UUID costs as much as signing.
    return str(identifier)


def payload(message: Message) -> bytes:
    """Return the body, the same at every attempt; the code for answers by text is not in it."""
    return ENCODER.encode(
        {
            "type": "notification",
            "key": message.key,
            "reference": message.reference,
            "organisation": _text_of(message.organisation_id),
            "incident": _text_of(message.incident_id),
            "person": _text_of(message.person_id),
            "step": message.step,
            "drill": message.is_drill,
            "silent": message.is_silent,
            "subject": message.subject[:TEXT_MAX_CHARS],
            "text": message.text[:TEXT_MAX_CHARS],
            "link": message.link,
        }
    ).encode()
