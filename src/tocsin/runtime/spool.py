"""What has the gate taken that the database has not? A log on disk: one writer, any readers.

Segments `spool-<first seq>.seg` of 4 MiB lie in `settings.spool_dir` (bytes: `spool_format`, the
gate's end: `spool_writer`). Sequence numbers only grow, over restarts, reclaimed segments and lost
files; they may have gaps. What cannot be read is skipped and told as `Dropped`, and what comes
after it is read.
"""

import os
from bisect import bisect_right
from contextlib import suppress
from pathlib import Path
from typing import Final

from tocsin.runtime.spool_format import (
    DAMAGED,
    DEVICE,
    FOLD,
    HEADER,
    INBOUND,
    MAX_PAYLOAD,
    SEGMENT_BYTES,
    Dropped,
    Entry,
    decode,
    find_next,
    header_problem,
    read_drained,
    segment_firsts,
    segment_name,
)
from tocsin.runtime.spool_writer import SpoolBusyError, Writer

__all__ = [
    "DEVICE",
    "FOLD",
    "INBOUND",
    "MAX_PAYLOAD",
    "SEGMENT_BYTES",
    "Dropped",
    "Entry",
    "Reader",
    "SpoolBusyError",
    "Writer",
    "mark_drained",
    "read_drained",
]

_CHUNK: Final = 64 * 1024
_MAX_REPORTED: Final = 1000


def mark_drained(directory: Path, seq: int) -> None:
    """Tell the writer that the database has all up to `seq`; losing this only replays entries."""
    new = directory / "drained.new"
    new.write_text(f"{seq}\n", encoding="ascii")
    new.replace(directory / "drained")


class Reader:
    """The engine's end: reads while the writer appends, in any process; changes nothing.

    `dropped` collects what could not be read, each place once; the caller may empty it.
    """

    def __init__(self, directory: Path) -> None:
        """Read the spool in `directory`; it need not exist yet."""
        self._directory = directory
        self._place = (0, 0, 0)  # of the entry last returned: segment, end in it, number
        self._reported: set[tuple[str, int]] = set()
        self.dropped: list[Dropped] = []

    def read(self, after_seq: int, limit: int) -> list[Entry]:
        """Return at most `limit` whole entries above `after_seq`, in order; [] if there is none."""
        try:
            # Before reading: of a segment that is not the last one here, everything has been
            # written.
            firsts = segment_firsts(self._directory)
        except FileNotFoundError:
            return []
        entries: list[Entry] = []
        for first in firsts[max(0, bisect_right(firsts, after_seq + 1) - 1) :]:
            if len(entries) >= limit:
                break
            with suppress(FileNotFoundError):
                is_last = first == firsts[-1]
                entries += self._read_segment(
                    first, after_seq, limit - len(entries), is_last=is_last
                )
        return entries

    def _read_segment(
        self, first: int, after_seq: int, limit: int, *, is_last: bool
    ) -> list[Entry]:
        file = os.open(self._directory / segment_name(first), os.O_RDONLY | os.O_CLOEXEC)
        entries: list[Entry] = []
        try:
            if problem := header_problem(os.pread(file, HEADER.size, 0), first):
                self._report(Dropped(segment_name(first), 0, SEGMENT_BYTES, problem))
                return []
            in_segment, offset, last = self._place
            if in_segment != first or last != after_seq:
                offset, last = HEADER.size, first - 1
            while offset < SEGMENT_BYTES and len(entries) < limit:
                data = os.pread(file, _CHUNK, offset)
                size, last = _take(data, entries, last, (after_seq, limit))
                if not size and is_last:
                    break
                offset += size or self._skip(file, offset, first, last)
        finally:
            os.close(file)
        if entries:
            self._place = (first, offset, last)
        return entries

    def _skip(self, file: int, offset: int, first: int, last: int) -> int:
        """Return how many bytes to pass over to the next good entry, or to the segment's end."""
        data = os.pread(file, SEGMENT_BYTES, offset)
        next_good = find_next(data, 0, last)
        n_bytes = len(data.rstrip(b"\0")) if next_good is None else next_good
        if n_bytes:
            self._report(Dropped(segment_name(first), offset, n_bytes, DAMAGED))
        return SEGMENT_BYTES if next_good is None else next_good

    def _report(self, item: Dropped) -> None:
        place = (item.name, item.offset)
        if place not in self._reported and len(self._reported) < _MAX_REPORTED:
            self._reported.add(place)
            self.dropped.append(item)


def _take(data: bytes, entries: list[Entry], last: int, bounds: tuple[int, int]) -> tuple[int, int]:
    """Add entries of `data` above bounds[0] until there are bounds[1]; return end and number."""
    after_seq, limit = bounds
    offset = 0
    while len(entries) < limit and (found := decode(data, offset, last)):
        entry, offset = found
        last = entry.seq
        if last > after_seq:
            entries.append(entry)
    return offset, last
