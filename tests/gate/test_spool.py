"""Is everything that the spool said it stored there, and does the reader see it in order, once?"""

import multiprocessing
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tocsin.runtime import spool, spool_writer
from tocsin.runtime.spool import DEVICE, INBOUND, Reader, SpoolBusyError, Writer

AT_NS = 1_772_582_280_000_000_000
AT = datetime(2026, 3, 3, 23, 58, tzinfo=UTC)


class StillClock:
    """A clock that a test moves by hand."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def now(self) -> datetime:
        return AT

    def monotonic(self) -> float:
        return self.seconds


def write(writer: Writer, *payloads: bytes) -> list[int | None]:
    """Write `payloads` as one batch of device entries."""
    return writer.write([(DEVICE, AT_NS, payload) for payload in payloads])


def numbers(writer: Writer, *payloads: bytes) -> list[int]:
    """Write `payloads`, all of which must be stored; return their numbers."""
    stored = write(writer, *payloads)
    assert None not in stored
    return [int(number or 0) for number in stored]


def payloads(reader: Reader, after: int = 0, limit: int = 10_000) -> list[bytes]:
    """Return what the reader sees."""
    return [entry.payload for entry in reader.read(after, limit)]


def segments(directory: Path) -> list[Path]:
    """Return the segments in use, oldest first."""
    return sorted(directory.glob("spool-*.seg"))


def test_what_was_written_is_read_back_whole_and_in_order(tmp_path: Path) -> None:
    writer = Writer(tmp_path, n_segments=2)

    stored = writer.write([(DEVICE, AT_NS, b"one"), (INBOUND, AT_NS, b"two")])

    entries = Reader(tmp_path).read(0, 10)
    assert [entry.seq for entry in entries] == stored
    assert [(e.received_at, e.kind, e.payload) for e in entries] == [
        (AT, DEVICE, b"one"),
        (AT, INBOUND, b"two"),
    ]


def test_a_reader_goes_on_where_it_was_and_starts_again_where_it_is_told(tmp_path: Path) -> None:
    writer, reader = Writer(tmp_path, n_segments=2), Reader(tmp_path)
    one, two, three = numbers(writer, b"one", b"two", b"three")

    assert payloads(reader, limit=2) == [b"one", b"two"]
    assert payloads(reader, after=two) == [b"three"]
    assert payloads(reader, after=three) == []
    write(writer, b"four")
    assert payloads(reader, after=three) == [b"four"]
    assert payloads(reader, after=one) == [b"two", b"three", b"four"]


def test_a_reader_may_be_there_before_the_spool(tmp_path: Path) -> None:
    reader = Reader(tmp_path / "spool")
    assert payloads(reader) == []

    write(Writer(tmp_path / "spool", n_segments=2), b"one")

    assert payloads(reader) == [b"one"]


def test_entries_run_on_over_the_end_of_a_segment(tmp_path: Path) -> None:
    writer, reader = Writer(tmp_path, n_segments=3), Reader(tmp_path)
    sent = [n.to_bytes(2, "big") * 2048 for n in range(1500)]

    stored = numbers(writer, *sent)

    assert stored == list(range(stored[0], stored[0] + 1500))
    assert len(segments(tmp_path)) == 2
    assert payloads(reader) == sent
    assert payloads(reader, after=stored[1489]) == sent[1490:]


def test_a_full_spool_refuses_and_keeps_what_it_has(tmp_path: Path) -> None:
    writer = Writer(tmp_path, n_segments=2)
    big = bytes([7]) * 24_000

    stored = write(writer, *[big] * 400)

    n_stored = sum(seq is not None for seq in stored)
    assert 340 < n_stored < 360
    assert stored[n_stored:] == [None] * (400 - n_stored)
    assert writer.problem == "ENOSPC: every segment waits for the database"
    assert payloads(Reader(tmp_path)) == [big] * n_stored
    assert write(writer, b"small still fits") != [None]


def test_space_comes_back_as_the_database_takes_entries(tmp_path: Path) -> None:
    writer, reader = Writer(tmp_path, n_segments=2), Reader(tmp_path)
    big = bytes([7]) * 24_000
    last = 0
    for n in range(1000):
        (seq,) = write(writer, big)
        assert seq is not None, n
        assert seq > last
        last = seq
        if n % 20 == 0:
            spool.mark_drained(tmp_path, reader.read(0, 10_000)[-1].seq)

    assert writer.n_free + len(segments(tmp_path)) == 2


def test_numbers_never_go_back_when_everything_was_drained_and_lost(tmp_path: Path) -> None:
    writer = Writer(tmp_path, n_segments=2)
    (before,) = write(writer, b"one")
    assert before is not None
    writer.close()
    spool.mark_drained(tmp_path, before + 10)
    for path in segments(tmp_path):
        path.unlink()

    (after,) = write(Writer(tmp_path, n_segments=2), b"two")

    assert after is not None
    assert after > before + 10


def test_numbers_do_not_go_back_when_the_whole_folder_was_lost(tmp_path: Path) -> None:
    (before,) = numbers(Writer(tmp_path / "spool", n_segments=2), b"one")
    reader = Reader(tmp_path / "spool")
    (tmp_path / "spool").rename(tmp_path / "lost")

    numbers(Writer(tmp_path / "spool", n_segments=2), b"two")

    assert payloads(reader, after=before) == [b"two"]


def _write_many(directory: Path, n_entries: int) -> None:
    writer = Writer(directory, n_segments=4)
    for n in range(n_entries):
        writer.write([(DEVICE, AT_NS, b"%06d" % n + bytes(n % 3000))])
        writer.reclaim()


def test_a_reader_in_another_process_misses_nothing_while_the_writer_goes_on(
    tmp_path: Path,
) -> None:
    n_entries = 2500
    process = multiprocessing.get_context("spawn").Process(
        target=_write_many, args=(tmp_path, n_entries)
    )
    process.start()
    reader, last, seen = Reader(tmp_path), 0, []
    while len(seen) < n_entries and (process.is_alive() or reader.read(last, 1)):
        for entry in reader.read(last, 100):
            seen.append(int(entry.payload[:6]))
            last = entry.seq
        spool.mark_drained(tmp_path, last)
    process.join()

    assert seen == list(range(n_entries))
    assert reader.dropped == []


def test_a_second_writer_is_refused_in_plain_words(tmp_path: Path) -> None:
    writer = Writer(tmp_path, n_segments=2)

    with pytest.raises(SpoolBusyError, match="another gate already writes"):
        Writer(tmp_path, n_segments=2)

    writer.close()
    Writer(tmp_path, n_segments=2).close()


def test_a_reader_survives_that_a_segment_is_reclaimed(tmp_path: Path) -> None:
    writer, reader = Writer(tmp_path, n_segments=2), Reader(tmp_path)
    big = bytes([7]) * 24_000
    stored = [numbers(writer, big)[0] for _ in range(200)]
    assert len(payloads(reader, limit=50)) == 50

    spool.mark_drained(tmp_path, stored[180])
    assert writer.reclaim() == 1

    kept = [entry.seq for entry in reader.read(stored[49], 1000)]
    assert kept == stored[-len(kept) :]
    assert kept[0] <= stored[181]
    assert reader.dropped == []


def test_a_segment_that_cannot_be_reclaimed_now_is_reclaimed_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Writer(tmp_path, n_segments=2)
    stored = numbers(writer, *[bytes(24_000)] * 200)
    spool.mark_drained(tmp_path, stored[-1])

    def read_only(_file: int) -> None:
        raise OSError(30, "Read-only file system")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", read_only)
        assert writer.reclaim() == 0

    assert writer.reclaim() == 1
    assert numbers(writer, bytes(24_000))[0] > stored[-1]


def test_a_segment_used_again_holds_nothing_of_its_earlier_life(tmp_path: Path) -> None:
    writer = Writer(tmp_path, n_segments=2)
    stored = write(writer, *[b"home address" * 1000] * 360)
    spool.mark_drained(tmp_path, int(stored[-1] or 0))
    writer.reclaim()

    (spare,) = tmp_path.glob("spare-*.seg")
    assert spare.read_bytes().strip(b"\0") == b""


def test_the_engine_is_told_of_an_entry_and_reads_it_while_the_disk_still_syncs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Writer(tmp_path, n_segments=2)
    numbers(writer, b"earlier")
    seen: list[object] = []
    sync = os.fdatasync

    def syncing(file: int) -> None:
        seen.append("syncs")
        sync(file)

    monkeypatch.setattr(os, "fdatasync", syncing)
    writer.write([(DEVICE, AT_NS, b"sos")], lambda: seen.append(payloads(Reader(tmp_path))))

    assert seen == [[b"earlier", b"sos"], "syncs"]


def test_nobody_is_told_of_an_entry_that_was_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Writer(tmp_path, n_segments=2)
    numbers(writer, b"earlier")

    def full(_file: int, _data: bytes, _offset: int) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)

    assert writer.write([(DEVICE, AT_NS, b"sos")], lambda: pytest.fail("told")) == [None]


@pytest.mark.guarantee("I1")
def test_a_failed_sync_stores_nothing_more_in_that_segment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = StillClock()
    writer = Writer(tmp_path, n_segments=3, clock=clock)
    numbers(writer, b"safe")
    (first,) = segments(tmp_path)

    def broken(_file: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", broken)
        assert write(writer, b"lost") == [None]
    assert writer.problem == "EIO: Input/output error"
    assert writer.n_failed == 1
    assert write(writer, b"too soon") == [None]

    clock.seconds += spool_writer.RETRY_S[0]
    assert write(writer, b"again") != [None]
    assert len(segments(tmp_path)) == 2
    assert b"again" not in first.read_bytes()
    assert payloads(Reader(tmp_path))[-1] == b"again"
    assert payloads(Reader(tmp_path))[0] == b"safe"


def test_a_disk_that_stays_broken_is_asked_less_and_less(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = StillClock()
    writer = Writer(tmp_path, n_segments=16, clock=clock)
    n_syncs = 0

    def broken(_file: int) -> None:
        nonlocal n_syncs
        n_syncs += 1
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fdatasync", broken)
    for _ in range(600):
        assert write(writer, b"lost") == [None]
        clock.seconds += 1

    assert 10 <= n_syncs <= 20
    assert writer.n_free >= 14


def test_an_oversized_payload_is_a_mistake_of_the_caller(tmp_path: Path) -> None:
    writer = Writer(tmp_path, n_segments=2)

    numbers(writer, bytes(spool.MAX_PAYLOAD))
    with pytest.raises(ValueError, match="at most"):
        write(writer, bytes(spool.MAX_PAYLOAD + 1))
