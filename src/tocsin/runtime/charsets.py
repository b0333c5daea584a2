"""Which charsets do our doors read? UTF-8, and what gateways of another age still write; nothing else is guessed at."""

from typing import Final

UTF_8: Final = "utf-8"
LATIN_1: Final = "iso-8859-1"
# By the names that are written in a Content-Type. ASCII is a part of UTF-8.
READ: Final = {
    "utf-8": UTF_8,
    "utf8": UTF_8,
    "us-ascii": UTF_8,
    "ascii": UTF_8,
    "iso-8859-1": LATIN_1,
    "iso8859-1": LATIN_1,
    "latin-1": LATIN_1,
    "latin1": LATIN_1,
}


def encoding_of(charset: str | None) -> str | None:
    """Return the encoding of a charset that a sender names, UTF-8 if it names none; None for one that we do not read."""
    return UTF_8 if charset is None else READ.get(charset.strip().lower())
