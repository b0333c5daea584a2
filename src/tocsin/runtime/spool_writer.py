"""How does a signal get onto the disk so that it stays there? The gate's end of the spool.

`Writer.write` returns when its entries are on disk. Segments are allocated beforehand: `spare-*`
are empty, `dirty-*` are being emptied, `unread-*` are ones that this version cannot read, kept for
a person. Errors: `SpoolBusyError` (a second writer) is raised; failures of the disk are values,
because the answer to them is "not stored", never a crash.
"""

import errno
import fcntl
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from tocsin.runtime.clock import Clock, SystemClock, wall_ns
from tocsin.runtime.spool_format import (
    DAMAGED,
    HEADER,
    MAX_PAYLOAD,
    OVERHEAD,
    SEGMENT_BYTES,
    TORN,
    Dropped,
    encode,
    header,
    header_problem,
    read_all,
    read_drained,
    segment_firsts,
    segment_name,
)

# A restart skips numbers: one that was written and read, but never synced, must not be given out
# twice.
RESTART_GAP: Final = 100_000
# After a failed write or sync the next try waits from the first to the second of these, doubling.
RETRY_S: Final = (1.0, 60.0)

# kind, received_ns, payload
Batch = Sequence[tuple[int, int, bytes]]
Written = Callable[[], object]

_ZEROS: Final = bytes(64 * 1024)


def _told_nobody() -> None:
    """Let nobody know."""


class SpoolBusyError(Exception):
    """Another process already writes this spool."""


class _FullError(OSError):
    """Every segment holds entries that the database does not have yet, or the disk is full."""


class _Segment:
    """One open segment file and where its next entry goes."""

    def __init__(self, path: Path, first: int, end: int) -> None:
        self.first, self._end = first, end
        self._file = os.open(path, os.O_RDWR | os.O_CLOEXEC)

    @property
    def room(self) -> int:
        return SEGMENT_BYTES - self._end

    def append(self, data: bytes, written: Written = _told_nobody) -> None:
        """Write, say so, and sync; after an OSError the file must not be trusted with anything more."""
        self._put(data, self._end)
        written()
        os.fdatasync(self._file)
        self._end += len(data)

    def clear_from(self, offset: int, *, n_dirty: int) -> None:
        """Make the file its full size again, and zeros from `offset` for `n_dirty` bytes."""
        os.posix_fallocate(self._file, 0, SEGMENT_BYTES)
        for start in range(offset, min(offset + n_dirty, SEGMENT_BYTES), len(_ZEROS)):
            self._put(_ZEROS[: SEGMENT_BYTES - start], start)
        os.fdatasync(self._file)

    def close(self) -> None:
        os.close(self._file)

    def _put(self, data: bytes, offset: int) -> None:
        while data:
            n_written = os.pwrite(self._file, data, offset)
            data, offset = data[n_written:], offset + n_written


class Writer:
    """The gate's end of the spool; used by one thread of one process at a time.

    `dropped` is what could not be read when it was opened; `problem` is why the last write was
    refused, or None.
    """

    def __init__(self, directory: Path, *, n_segments: int, clock: Clock | None = None) -> None:
        """Open or make the spool and allocate its segments, as far as the disk allows.

        Raises:
            SpoolBusyError: another process holds it.
            OSError: the folder cannot be used at all.
        """
        self.directory, self._n_segments = directory, n_segments
        self._clock = clock or SystemClock()
        self.dropped: list[Dropped] = []
        self.problem: str | None = None
        self.n_failed = 0
        self.drained = read_drained(directory)
        self._retry_at = self._retry_s = 0.0
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        self._lock = self._take_lock()
        self._active: _Segment | None = None
        self._closed: list[int] = []
        # In a new folder numbers begin at the time in microseconds: they do not go back even when a
        # folder was lost while the engine that read it went on.
        self._next = self.drained + 1 if self.drained else wall_ns() // 1000
        self._recover()

    def write(self, batch: Batch, written: Written = _told_nobody) -> list[int | None]:
        """Write (kind, received_ns, payload) entries; return the numbers, None if not on disk.

        `written` is called when readers can see some of them, before they are synced: an alarm need
        not wait for the disk, only the answer "stored" must. It must not raise OSError.

        None = not stored, say so: the spool or the disk is full, or a write failed (`problem` says
        which). Never raises for the disk's failures. One sync for the batch, one more per segment
        that it fills.
        """
        stored: list[int | None] = [None] * len(batch)
        if self._clock.monotonic() < self._retry_at:
            return stored
        done = 0
        try:
            while done < len(batch):
                segment = self._room_for(len(batch[done][2]))
                seqs, data = self._encode(batch[done:], segment.room)
                segment.append(data, written)
                stored[done : done + len(seqs)] = seqs
                done += len(seqs)
        except OSError as failure:
            self._fail(failure)
        else:
            self.problem, self._retry_s = None, 0.0
        return stored

    def reclaim(self) -> int:
        """Empty the segments that are drained to their end, to be used again; return how many."""
        self.drained = max(self.drained, read_drained(self.directory))
        n_before = len(self._closed)
        while self._closed:
            bounds = [*self._closed[1:], self._active.first if self._active else self._next]
            if bounds[0] > self.drained + 1:
                break
            first = self._closed.pop(0)
            try:
                self._recycle(segment_name(first))
            except OSError:
                # Tried again with the next tick; until then the other segments do.
                self._closed.insert(0, first)
                break
        return n_before - len(self._closed)

    @property
    def n_free(self) -> int:
        """Return how many segments are allocated and empty."""
        return len(self._spares())

    def close(self) -> None:
        """Give the files and the lock back; everything written is on disk already."""
        if self._active:
            self._active.close()
        os.close(self._lock)
        os.close(self._folder)

    def _take_lock(self) -> int:
        lock = os.open(self.directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as problem:
            os.close(lock)
            os.close(self._folder)
            message = f"another gate already writes {self.directory}"
            raise SpoolBusyError(message) from problem
        return lock

    def _recover(self) -> None:
        for path in self.directory.glob("dirty-*.seg"):
            self._empty(path)
        for first in segment_firsts(self.directory):
            self._next = max(self._next, first)
            problem = header_problem(_front(self.directory / segment_name(first)), first)
            if problem:
                self._put_aside(segment_name(first), problem)
                self._next += SEGMENT_BYTES // OVERHEAD
            else:
                self._closed.append(first)
        is_damaged = bool(self._closed) and self._reopen(self._closed[-1])
        self._next += RESTART_GAP
        with suppress(OSError):
            while self._n_all() < self._n_segments:
                self._allocate()
        if is_damaged:
            # Readers pass over a hole only in a segment that is closed, so its successor must be
            # there.
            try:
                self._roll()
            except OSError as failure:
                self._fail(failure)

    def _reopen(self, first: int) -> bool:
        path = self.directory / segment_name(first)
        data = path.read_bytes()
        last, end, dropped = read_all(data, path.name, first)
        self.dropped += dropped
        self._next = max(self._next, last + 1)
        if any(item.because == DAMAGED for item in dropped):
            return True
        try:
            self._active = _Segment(path, first, end)
            self._active.clear_from(
                end, n_dirty=sum(item.n_bytes for item in dropped if item.because == TORN)
            )
        except OSError as failure:
            self._fail(failure)
        else:
            self._closed.pop()
        return False

    def _encode(self, batch: Batch, room: int) -> tuple[list[int], bytes]:
        seqs: list[int] = []
        parts: list[bytes] = []
        for kind, received_ns, payload in batch:
            room -= OVERHEAD + len(payload)
            if room < 0:
                break
            parts.append(encode(self._next, received_ns, kind, payload))
            seqs.append(self._next)
            self._next += 1
        return seqs, b"".join(parts)

    def _room_for(self, n_bytes: int) -> _Segment:
        if n_bytes > MAX_PAYLOAD:
            message = f"a payload of {n_bytes} bytes, at most {MAX_PAYLOAD}"
            raise ValueError(message)
        if self._active is None or self._active.room < n_bytes + OVERHEAD:
            return self._roll()
        return self._active

    def _roll(self) -> _Segment:
        self.reclaim()
        spares = self._spares()
        if not spares and self._n_all() >= self._n_segments:
            raise _FullError(errno.ENOSPC, "every segment waits for the database")
        spare = spares[0] if spares else self._allocate()
        path = self.directory / segment_name(self._next)
        segment = _Segment(spare, self._next, 0)
        segment.append(header(self._next))
        spare.rename(path)
        os.fsync(self._folder)
        self._close_active()
        self._active = segment
        return segment

    def _close_active(self) -> None:
        if self._active:
            self._closed.append(self._active.first)
            self._active.close()
            self._active = None

    def _fail(self, failure: OSError) -> None:
        code = errno.errorcode.get(failure.errno or 0, "error")
        self.problem = f"{code}: {failure.strerror or failure}"
        self.n_failed += 1
        if isinstance(failure, _FullError):
            return
        # What the kernel threw away after a failed sync is not known: nothing more is promised from
        # this file.
        self._close_active()
        self._retry_s = min(max(self._retry_s * 2, RETRY_S[0]), RETRY_S[1])
        self._retry_at = self._clock.monotonic() + self._retry_s

    def _allocate(self) -> Path:
        taken = {path.name for path in self._spares()}
        path = next(
            self.directory / name
            for name in (f"spare-{n:04d}.seg" for n in range(self._n_segments + 1))
            if name not in taken
        )
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(file, 0, SEGMENT_BYTES)
        except OSError as failure:
            path.unlink()
            raise _FullError(failure.errno, failure.strerror) from failure
        finally:
            os.close(file)
        return path

    def _recycle(self, name: str) -> None:
        path = self.directory / name
        with suppress(FileNotFoundError):
            if problem := header_problem(_front(path)):
                self._put_aside(name, problem)
                return
            dirty = path.rename(self.directory / name.replace("spool-", "dirty-"))
            os.fsync(self._folder)
            self._empty(dirty)

    def _empty(self, path: Path) -> None:
        try:
            if self._n_all() >= self._n_segments:
                path.unlink()
                return
            segment = _Segment(path, 0, 0)
            segment.clear_from(0, n_dirty=SEGMENT_BYTES)
            segment.close()
            path.rename(self.directory / path.name.replace("dirty-", "spare-"))
        except OSError:
            path.unlink(missing_ok=True)

    def _put_aside(self, name: str, problem: str) -> None:
        path = self.directory / name
        self.dropped.append(Dropped(name, 0, path.stat().st_size, problem))
        path.rename(self.directory / f"unread-{name}")

    def _spares(self) -> list[Path]:
        return sorted(self.directory.glob("spare-*.seg"))

    def _n_all(self) -> int:
        return len(self._spares()) + len(self._closed) + (self._active is not None)


def _front(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEADER.size)
