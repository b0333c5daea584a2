"""Which words does a mail hold, for whom is it, and which mail is it? Raw RFC 5322 bytes in, text out; nothing is sent.

    MailRefused     too large

Everything else is read as well as it can be: what cannot be understood is for a person to read, not to be lost.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses
from html.parser import HTMLParser
from typing import Final

MAX_MAIL_BYTES: Final = 256 * 1024
# What is kept of its text: as much as a sealed field holds, with room for the quoting of JSON.
MAX_TEXT: Final = 16_000
MAX_PARTS: Final = 50
_TAG: Final = re.compile(r"[^@+\s]+\+([A-Za-z0-9]{1,20})@")
_QUOTED: Final = re.compile(r"^(?:>\s?)+", re.MULTILINE)
_HEADERS: Final = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
_BREAKS: Final = frozenset({"br", "p", "div", "tr", "li", "h1", "h2", "h3", "table"})
_UNSHOWN: Final = frozenset({"script", "style", "head", "title"})


class MailRefused(ValueError):
    """This is no mail that is taken. Says why in a few words."""


@dataclass(frozen=True, slots=True)
class Mail:
    """What was read. `tags`: what stands after "+" in an address it was sent to, in capitals.

    `digest` is the same for the same mail delivered twice.
    """

    text: str
    subject: str
    tags: tuple[str, ...]
    digest: str


def read_mail(raw: bytes) -> Mail:
    """Return the words of a mail, plain text before HTML, the quoting of a forward taken off.

    Raises:
        MailRefused: larger than `MAX_MAIL_BYTES`.
    """
    refuse_large(raw)
    # The old policy: the new one parses every header as it is read, and breaks on what strangers write into them.
    mail = message_from_bytes(raw, policy=policy.compat32)
    plain: list[str] = []
    html: list[str] = []
    for kind, text in _texts(mail):
        (plain if kind == "text/plain" else html).append(text)
    text = "\n".join(plain) if any(each.strip() for each in plain) else "\n".join(html)
    text = _QUOTED.sub("", text.replace("\r\n", "\n")).strip()[:MAX_TEXT]
    return Mail(
        text=text,
        subject=_header(mail, "Subject"),
        tags=_tags(mail),
        digest=_digest(mail, text, raw),
    )


def refuse_large(raw: bytes) -> None:
    """Refuse what is no mail of ours, before anything is read of it.

    Raises:
        MailRefused: larger than `MAX_MAIL_BYTES`.
    """
    if len(raw) > MAX_MAIL_BYTES:
        message = f"a mail has at most {MAX_MAIL_BYTES // 1024} KB"
        raise MailRefused(message)


def _texts(mail: Message) -> Iterator[tuple[str, str]]:
    for n, part in enumerate(mail.walk()):
        kind = part.get_content_type()
        if n >= MAX_PARTS:
            return
        if kind in ("text/plain", "text/html") and not part.is_multipart():
            text = _decoded(part)
            yield kind, _without_tags(text) if kind == "text/html" else text


def _decoded(part: Message) -> str:
    body = part.get_payload(decode=True)
    if not isinstance(body, bytes):
        return ""
    try:
        return body.decode(part.get_content_charset() or "utf-8", "replace")
    except (LookupError, ValueError):
        # An encoding that there is not, or whose name is broken.
        return body.decode("utf-8", "replace")


def _header(mail: Message, name: str) -> str:
    return _words(str(mail.get(name, "")))[:200]


def _words(value: str) -> str:
    """Return a header's value as text; as it stands if it is coded in a way that cannot be read."""
    with suppress(ValueError, LookupError, MessageError):
        value = str(make_header(decode_header(value)))
    return " ".join(value.split())


def _tags(mail: Message) -> tuple[str, ...]:
    values = [_words(str(value)) for name in _HEADERS for value in mail.get_all(name, [])]
    addresses = [address for _, address in getaddresses(values[:20])]
    found = [match[1].upper() for each in addresses if (match := _TAG.match(each))]
    return tuple(dict.fromkeys(found))


def _digest(mail: Message, text: str, raw: bytes) -> str:
    # With the words: another notice under a name that was used before must not disappear.
    named = _header(mail, "Message-ID").encode("utf-8", "replace")
    return hashlib.sha256(
        named + b"\n" + text.encode("utf-8", "replace") if named else raw
    ).hexdigest()


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._unshown = 0

    def handle_starttag(self, tag: str, _attributes: object) -> None:
        if tag in _UNSHOWN:
            self._unshown += 1
        elif tag in _BREAKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSHOWN:
            self._unshown = max(0, self._unshown - 1)

    def handle_data(self, data: str) -> None:
        if not self._unshown:
            self.words.append(data)


def _without_tags(html: str) -> str:
    reader = _Words()
    reader.feed(html[:MAX_MAIL_BYTES])
    lines = "".join(reader.words).splitlines()
    return "\n".join(" ".join(line.split()) for line in lines if line.strip())
