"""Who called or wrote to the employer's lines, or to her? `{"id", "at", "kind", "from", "to", "name", "words"}`, or `{"events": [...]}`.

What a telephone system's call records, a mail gateway's hook or a front desk's form can be turned into in a few lines.
`kind`: call, text, mail, letter, visit, message. `from`: a number, an e-mail address or an account. The words are kept only where the number or the name is his.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parseaddr
from typing import Any, Final

from tocsin.signals.feeds.reading import (
    MAX_PHONE,
    BadLine,
    Message,
    Origin,
    Reading,
    event,
    events_of,
    read_each,
    text,
    whole,
)
from tocsin.signals.feeds.times import any_time
from tocsin.signals.rules.quarantine import Why
from tocsin.signals.rules.seen import Seen, Source

# A number as a telephone system writes it; an account may be of figures and letters.
_NUMBER: Final = re.compile(r"(tel:|sip:)?[+0-9(][0-9 ()./-]*")
KINDS: Final = frozenset({"call", "text", "mail", "letter", "visit", "message"})


@whole
def read(message: Message, origin: Origin, at: datetime) -> Reading:
    """Return one sighting for each attempt that names a number or a person."""

    def one(line: Mapping[str, Any]) -> Seen:
        sender, name = text(line.get("from")), text(line.get("name"))
        if not sender and not name:
            raise BadLine(Why.NO_NAME)
        kind = text(line.get("kind"), 10).lower()
        if kind not in KINDS:
            raise BadLine(Why.BAD_FIELD)
        said_at = any_time(line.get("at"))
        track = (line["id"],) if line.get("id") else (sender or name, said_at or "")
        phone, address, shown = _from(sender)
        words = " ".join(part for part in (address, text(line.get("words"))) if part)
        return event(
            origin, Source.CONTACT, said_at, at, track, phone=phone, address=address,
            name=name or shown, words=text(words), codes=(kind,),
        )  # fmt: skip

    return read_each(events_of(message), one)


def _from(sender: str) -> tuple[str, str, str]:
    """Return a sender as a number, or as an address or account, and the name that a mail shows beside it."""
    if _NUMBER.fullmatch(sender):
        return sender[:MAX_PHONE], "", ""
    shown, address = parseaddr(sender)
    return ("", address, shown) if "@" in address else ("", sender, "")
