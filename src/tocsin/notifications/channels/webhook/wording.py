"""What does a machine read? The JSON of one notification."""

import json
from typing import Final

from tocsin.notifications.rules.message import Message

TEXT_MAX_CHARS: Final = 4000


def payload(message: Message) -> bytes:
    """Return the body, the same at every attempt; the code for answers by text is not in it."""
    return json.dumps(
        {
            "type": "notification",
            "key": message.key,
            "reference": message.reference,
            "organisation": str(message.organisation_id),
            "incident": str(message.incident_id),
            "person": str(message.person_id),
            "step": message.step,
            "drill": message.is_drill,
            "silent": message.is_silent,
            "subject": message.subject[:TEXT_MAX_CHARS],
            "text": message.text[:TEXT_MAX_CHARS],
            "link": message.link,
        },
        separators=(",", ":"),
    ).encode()
