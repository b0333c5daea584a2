"""Which text do these bytes spell? UTF-8 or UTF-16: a guess could turn a name into another."""

import codecs
from typing import Final

_SNIFFED: Final = 200


def decode(raw: bytes) -> str:
    """Return the text of a file in UTF-8 (with or without its mark) or UTF-16.

    Raises ValueError with words for people, which say the line, if the bytes are neither.
    """
    encoding = _encoding(raw)
    try:
        return raw.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as problem:
        line = raw[: problem.start].count(b"\n") + 1
        message = f"line {line} is not {encoding.upper()}: save the file as UTF-8"
        raise ValueError(message) from problem


def _encoding(raw: bytes) -> str:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    head = raw[:_SNIFFED]
    # Without a mark, text of mostly Latin letters in UTF-16 has a zero in every other place.
    if len(raw) % 2 == 0 and b"\0" in head:
        if head[1::2].count(0) > len(head) // 4:
            return "utf-16-le"
        if head[::2].count(0) > len(head) // 4:
            return "utf-16-be"
    return "utf-8"
