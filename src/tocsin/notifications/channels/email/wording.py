"""What does a mail look like on the wire? Few headers, and no text can add one."""

import re
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final

from tocsin.notifications.rules.message import ChannelError, Message
from tocsin.runtime import addresses

SUBJECT_MAX_CHARS: Final = 120
TEXT_MAX_CHARS: Final = 4000
REFERENCE: Final = re.compile(r"[A-Za-z0-9._-]{1,120}")


def check_address(address: str, is_one: Callable[[str], str] = addresses.mail) -> str:
    """Return a mail address as it is; a recipient's by `addresses.mail_of_person`.

    Raises:
        ChannelError: `bad_address` (permanent) when it is none.
    """
    try:
        return is_one(address)
    except ValueError as problem:
        raise ChannelError(code="bad_address", permanent=True) from problem


def mail(message: Message, *, sender: str, date: str) -> bytes:
    """Return the whole mail; its Message-ID is the reference at the sender's domain, always.

    Raises:
        ChannelError: `bad_address` or `bad_reference` (permanent).
    """
    if not REFERENCE.fullmatch(message.reference):
        raise ChannelError(code="bad_reference", permanent=True)
    made = EmailMessage(policy=SMTP)
    made["From"] = sender
    made["To"] = check_address(message.address, addresses.mail_of_person)
    made["Subject"] = _one_line(message.subject)[:SUBJECT_MAX_CHARS]
    made["Date"] = date
    made["Message-ID"] = f"<{message.reference}@{sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    made["X-Auto-Response-Suppress"] = "All"
    made["Importance"] = "high"
    made.set_content(_lines(message.text)[:TEXT_MAX_CHARS], cte="quoted-printable")
    return made.as_bytes()


def _one_line(text: str) -> str:
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def _lines(text: str) -> str:
    return "\n".join(_one_line(line) for line in text.splitlines())
