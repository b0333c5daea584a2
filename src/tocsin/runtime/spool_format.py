"""How does one signal lie on disk? The bytes of a spool's segments and entries, there and back.

A segment is a header (magic, version, checksum, number) and entries: length u32, checksum u32, seq
u64, received_ns u64 (wall clock), kind u8, payload; then zeros. Nothing unreadable is guessed:
`decode` says None.
"""

import os
import re
import struct
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

DEVICE: Final = 1
INBOUND: Final = 2
FOLD: Final = 3

DAMAGED: Final = "damaged entries"
TORN: Final = "torn tail"
CUT: Final = "file cut short"

SEGMENT_BYTES: Final = 4 * 1024 * 1024
MAX_PAYLOAD: Final = 24 * 1024

_MAGIC: Final = b"TOCSINSP"
_VERSION: Final = 1
HEADER: Final = struct.Struct("<8sIIQ8x")  # magic, version, checksum of the number, first seq
_FRONT: Final = struct.Struct("<II")  # length of all that follows, its checksum
_BODY: Final = struct.Struct("<QQB")  # seq, received_ns, kind; then the payload
OVERHEAD: Final = _FRONT.size + _BODY.size
_NAME: Final = re.compile(r"spool-(\d{16,20})\.seg", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entry:
    """One signal as it came in; `received_at` is the gate's wall clock (aware, UTC)."""

    seq: int
    received_at: datetime
    kind: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Dropped:
    """What could not be read: file, where, how many bytes, and why."""

    name: str
    offset: int
    n_bytes: int
    because: str


def encode(seq: int, received_ns: int, kind: int, payload: bytes) -> bytes:
    """Return one entry as it lies on disk."""
    body = _BODY.pack(seq, received_ns, kind) + payload
    return _FRONT.pack(len(body), zlib.crc32(body, len(body))) + body


def header(first: int) -> bytes:
    """Return the header of a segment whose first entry is not below `first`."""
    return HEADER.pack(_MAGIC, _VERSION, zlib.crc32(first.to_bytes(8, "little")), first)


def header_problem(data: bytes, first: int | None = None) -> str | None:
    """Return why these bytes do not begin a segment (of number `first`), or None if they do."""
    if len(data) < HEADER.size:
        return "half a header"
    magic, version, check, number = HEADER.unpack_from(data)
    if magic != _MAGIC:
        return "no header"
    if version != _VERSION:
        return f"unknown version {version}"
    if check != zlib.crc32(number.to_bytes(8, "little")) or first not in {None, number}:
        return "damaged header"
    return None


def decode(data: bytes, offset: int, after: int) -> tuple[Entry, int] | None:
    """Return the whole entry at `offset` and its end, None if there is none above `after`."""
    if offset + OVERHEAD > len(data):
        return None
    length, check = _FRONT.unpack_from(data, offset)
    start = offset + _FRONT.size
    if not _BODY.size <= length <= _BODY.size + MAX_PAYLOAD or start + length > len(data):
        return None
    body = data[start : start + length]
    if zlib.crc32(body, length) != check:
        return None
    seq, received_ns, kind = _BODY.unpack_from(body)
    if seq <= after:
        return None
    received_at = datetime.fromtimestamp(received_ns / 1e9, UTC)
    return Entry(seq, received_at, kind, body[_BODY.size :]), start + length


def find_next(data: bytes, offset: int, after: int) -> int | None:
    """Return where the first good entry above `after` begins behind the damage, or None."""
    end = len(data.rstrip(b"\0"))
    # An entry begins with a length below 2**16 and, 12 bytes on, the upper half of its number.
    upper = (after >> 32).to_bytes(4, "little")
    likely = re.compile(rb"(?s)(?=..\0\0.{8}" + re.escape(upper) + rb")")
    for match in likely.finditer(data, offset + 1, max(offset + 1, end)):
        if decode(data, match.start(), after):
            return match.start()
    return None


def read_all(data: bytes, name: str, first: int) -> tuple[int, int, tuple[Dropped, ...]]:
    """Return a segment's last good number, where that ends, and what is damaged in it."""
    last, offset, dropped = first - 1, HEADER.size, []
    while True:
        if found := decode(data, offset, last):
            last, offset = found[0].seq, found[1]
            continue
        after = find_next(data, offset, last)
        if after is None:
            break
        dropped.append(Dropped(name, offset, after - offset, DAMAGED))
        offset = after
    if len(data) < SEGMENT_BYTES:
        dropped.append(Dropped(name, len(data), SEGMENT_BYTES - len(data), CUT))
    if torn := len(data[offset:].rstrip(b"\0")):
        dropped.append(Dropped(name, offset, torn, TORN))
    return last, offset, tuple(dropped)


def segment_name(first: int) -> str:
    """Return the file name of the segment that begins with number `first`."""
    return f"spool-{first:016d}.seg"


def segment_firsts(directory: Path) -> list[int]:
    """Return the first number of every segment in `directory`, ascending."""
    names = os.listdir(directory)
    found = (_NAME.fullmatch(name) for name in names)
    return sorted(int(match[1]) for match in found if match)


def read_drained(directory: Path) -> int:
    """Return up to which number the engine has drained the spool, 0 if that cannot be read."""
    try:
        return int((directory / "drained").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0
