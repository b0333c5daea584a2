"""What does the service worker read? Words for a locked screen, and the link behind them."""

import json
from typing import Final

from tocsin.notifications.rules.message import Message

TITLE_MAX_BYTES: Final = 200
BODY_MAX_BYTES: Final = 800
# Padded, so that the length of a text is no sign of anything to the push service.
BLOCK_BYTES: Final = 1024


def payload(message: Message) -> bytes:
    """Return JSON of at most 3 KiB, padded with blanks to whole KiB.

    It sounds, unless it is work that waits: a silent SOS is silent where she is, and not to whoever is called.
    """
    body = json.dumps(
        {
            "title": cut(message.subject, TITLE_MAX_BYTES),
            "body": cut(message.text, BODY_MAX_BYTES),
            "link": message.link,
            "incident": str(message.incident_id),
            "reference": message.reference,
            "drill": message.is_drill,
            "silent": message.is_quiet,
            "quiet": message.is_quiet,
        },
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()
    return body + b" " * (-len(body) % BLOCK_BYTES)


def cut(text: str, longest: int) -> str:
    """Return the text in at most `longest` bytes of UTF-8, without control characters."""
    clean = "".join(letter if letter.isprintable() else " " for letter in text)
    return clean.encode("utf-8", "replace")[:longest].decode("utf-8", "ignore")
