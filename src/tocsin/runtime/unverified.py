"""Who claimed to send an SOS and could not prove it? A small ring on disk, apart from the spool.

`unverified.seg` has two halves, each a header and entries as in `spool_format`; when one is full,
the other is emptied and used. So it never grows, the newest are kept, and nothing in it can crowd
out a verified signal. A payload is a JSON head line, a newline, and the first bytes of the body as
it came.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from tocsin.runtime.spool_format import (
    HEADER,
    OVERHEAD,
    Entry,
    decode,
    encode,
    header,
    header_problem,
)

NAME: Final = "unverified.seg"
HALF_BYTES: Final = 128 * 1024
RESTART_GAP: Final = 1000


class UnverifiedWriter:
    """The gate's end; a failure of the disk costs the entry and nothing else."""

    def __init__(self, directory: Path) -> None:
        """Open or make the ring in `directory`, which must exist."""
        self._file = os.open(directory / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with suppress(OSError):
            os.posix_fallocate(self._file, 0, 2 * HALF_BYTES)
        data = os.pread(self._file, 2 * HALF_BYTES, 0)
        numbers = [entry.seq for half in (0, 1) for entry in _entries(data, half)]
        self._next = max(numbers) + RESTART_GAP if numbers else 1
        # The first entry turns to the other half, so that the newest old ones stay readable.
        self._half = 1 if numbers and numbers[-1] == max(numbers) else 0
        self._end = HALF_BYTES

    def add(self, kind: int, received_ns: int, payload: bytes) -> bool:
        """Return whether it was written (not yet synced), in place of the oldest if need be."""
        data = encode(self._next, received_ns, kind, payload)
        try:
            if self._end + len(data) > HALF_BYTES:
                self._turn()
            os.pwrite(self._file, data, self._half * HALF_BYTES + self._end)
        except OSError:
            return False
        self._end += len(data)
        self._next += 1
        return True

    def sync(self) -> bool:
        """Return whether what was added is on disk now."""
        try:
            os.fdatasync(self._file)
        except OSError:
            return False
        return True

    def close(self) -> None:
        """Sync and give the file back."""
        self.sync()
        os.close(self._file)

    def _turn(self) -> None:
        half = 1 - self._half
        os.pwrite(self._file, header(self._next).ljust(HALF_BYTES, b"\0"), half * HALF_BYTES)
        self._half, self._end = half, HEADER.size


class UnverifiedReader:
    """The engine's end; a number missing between two entries was overwritten before it was read."""

    def __init__(self, directory: Path) -> None:
        """Read the ring in `directory`; it need not exist yet."""
        self._path = directory / NAME

    def read(self, after_seq: int, limit: int) -> list[Entry]:
        """Return at most `limit` entries above `after_seq`, oldest first."""
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return []
        found = [entry for half in (0, 1) for entry in _entries(data, half)]
        new = [entry for entry in found if entry.seq > after_seq]
        return sorted(new, key=lambda entry: entry.seq)[:limit]


def _entries(data: bytes, half: int) -> list[Entry]:
    part = data[half * HALF_BYTES : (half + 1) * HALF_BYTES]
    entries: list[Entry] = []
    if header_problem(part):
        return entries
    offset, last = HEADER.size, 0
    while offset + OVERHEAD <= len(part) and (found := decode(part, offset, last)):
        entries.append(found[0])
        offset, last = found[1], found[0].seq
    return entries
