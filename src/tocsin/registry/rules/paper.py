"""What kind of file is this by its first bytes, and what of a picture is not the picture?

A masked page must not carry what lies under the boxes: a PDF may, so it is refused as one; a JPEG's and a PNG's side
data (thumbnails, notes, the place where it was taken) is cut off.
"""

import struct
from typing import Final

PDF: Final = "application/pdf"
PNG: Final = "image/png"
JPEG: Final = "image/jpeg"
MAX_DOCUMENT_BYTES: Final = 6 * 1024 * 1024
MAX_PICTURE_BYTES: Final = 2 * 1024 * 1024
_MAGIC: Final = ((b"%PDF-", PDF), (b"\x89PNG\r\n\x1a\n", PNG), (b"\xff\xd8\xff", JPEG))
_PNG_KEPT: Final = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"sRGB"})
_JPEG_START: Final = b"\xff\xd8"
_START_OF_SCAN: Final = 0xDA
_COMMENT: Final = 0xFE


def kind_of(raw: bytes) -> str | None:
    """Return the media type by content, whatever the file is called; None if it is none of the three."""
    return next((kind for magic, kind in _MAGIC if raw.startswith(magic)), None)


def bare(raw: bytes) -> bytes | None:
    """Return a PNG or JPEG without its side data; None if it is neither, or broken."""
    kind = kind_of(raw)
    try:
        if kind == PNG:
            return _bare_png(raw)
        return _bare_jpeg(raw) if kind == JPEG else None
    except (struct.error, IndexError):
        return None


def _bare_png(raw: bytes) -> bytes | None:
    kept, at = [raw[:8]], 8
    while at < len(raw):
        (size,) = struct.unpack_from(">I", raw, at)
        name, after = raw[at + 4 : at + 8], at + 12 + size
        if after > len(raw):
            return None
        if name in _PNG_KEPT:
            kept.append(raw[at:after])
        if name == b"IEND":
            return b"".join(kept)
        at = after
    return None


def _bare_jpeg(raw: bytes) -> bytes | None:
    kept, at = [_JPEG_START], 2
    while at + 4 <= len(raw) and raw[at] == 0xFF:
        marker = raw[at + 1]
        (size,) = struct.unpack_from(">H", raw, at + 2)
        if marker == _START_OF_SCAN:
            last = raw.rfind(b"\xff\xd9")
            return b"".join([*kept, raw[at : last + 2]]) if last > at else None
        is_side_data = 0xE1 <= marker <= 0xEF or marker == _COMMENT
        if not is_side_data:
            kept.append(raw[at : at + 2 + size])
        at += 2 + size
    return None
