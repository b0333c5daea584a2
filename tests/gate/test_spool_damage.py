"""What is lost when the spool's files are torn, half written, damaged or of another version? Only that."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.gate.test_spool import numbers, payloads, segments, write
from tocsin.runtime import spool, spool_writer
from tocsin.runtime.spool import Reader, Writer


def spool_of(directory: Path, *stored: bytes) -> Path:
    """Return the only segment of a spool that holds `stored`, closed."""
    writer = Writer(directory, n_segments=2)
    write(writer, *stored)
    writer.close()
    return segments(directory)[-1]


def change(path: Path, offset: int, data: bytes) -> None:
    """Overwrite part of a file."""
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)


def test_a_torn_tail_is_cut_and_told(tmp_path: Path) -> None:
    segment = spool_of(tmp_path, b"one", b"two", b"three")
    at = segment.read_bytes().index(b"three")
    change(segment, at + 2, b"\0\0\0")

    writer = Writer(tmp_path, n_segments=2)
    (seq,) = numbers(writer, b"four")

    assert payloads(Reader(tmp_path)) == [b"one", b"two", b"four"]
    assert seq >= int(segment.stem[6:]) + 3 + spool_writer.RESTART_GAP - 1
    assert [(d.name, d.because) for d in writer.dropped] == [(segment.name, "torn tail")]
    assert b"th" not in segment.read_bytes()


@pytest.mark.parametrize("length", [0, 5, 31, 32, 40, 60, 100])
def test_a_half_written_file_is_opened_to_its_last_good_entry(tmp_path: Path, length: int) -> None:
    segment = spool_of(tmp_path, b"one", b"two", b"three")
    with segment.open("r+b") as file:
        file.truncate(length)

    writer = Writer(tmp_path, n_segments=2)
    write(writer, b"four")

    good = {40: 0, 60: 1, 100: 2}.get(length, 0)
    assert payloads(Reader(tmp_path)) == [*[b"one", b"two", b"three"][:good], b"four"]
    assert len(writer.dropped) in {1, 2}


def test_a_segment_of_an_unknown_version_is_put_aside_and_told(tmp_path: Path) -> None:
    segment = spool_of(tmp_path, b"one")
    change(segment, 8, b"\x09")
    reader = Reader(tmp_path)
    assert payloads(reader) == []
    assert [d.because for d in reader.dropped] == ["unknown version 9"]

    writer = Writer(tmp_path, n_segments=2)
    (seq,) = numbers(writer, b"two")

    assert [d.because for d in writer.dropped] == ["unknown version 9"]
    assert (tmp_path / f"unread-{segment.name}").exists()
    assert payloads(reader) == [b"two"]
    assert seq > int(segment.stem[6:]) + spool.SEGMENT_BYTES // 25


@pytest.mark.guarantee("I1")
def test_a_damaged_entry_costs_only_itself(tmp_path: Path) -> None:
    stored = [f"signal {n}".encode() for n in range(100)]
    segment = spool_of(tmp_path, *stored)
    change(segment, segment.read_bytes().index(b"signal 40"), b"SIGNAL")

    writer, reader = Writer(tmp_path, n_segments=3), Reader(tmp_path)

    assert payloads(reader) == stored[:40] + stored[41:]
    assert [d.because for d in writer.dropped] == ["damaged entries"]
    assert [d.because for d in reader.dropped] == ["damaged entries"]
    last = reader.read(0, 1000)[-1].seq
    write(writer, b"later")
    assert payloads(reader, after=last) == [b"later"]


def test_a_lost_disk_sector_costs_only_what_lay_on_it(tmp_path: Path) -> None:
    stored = [f"signal {n:05}".encode() for n in range(3000)]
    segment = spool_of(tmp_path, *stored)
    change(segment, 40_960, bytes(4096))

    Writer(tmp_path, n_segments=3)

    read = payloads(Reader(tmp_path))
    assert set(read) < set(stored)
    assert len(stored) - len(read) <= 4096 // 37 + 2
    assert read[-1] == stored[-1]


def test_an_entry_being_written_is_not_read_and_not_passed_over(tmp_path: Path) -> None:
    writer, reader = Writer(tmp_path, n_segments=2), Reader(tmp_path)
    one, *_ = numbers(writer, b"one", b"two", b"three")
    segment = segments(tmp_path)[0]
    whole = segment.read_bytes()
    at = whole.index(b"two")
    change(segment, at, bytes(3))

    assert payloads(reader) == [b"one"]
    change(segment, at, b"two")
    assert payloads(reader, after=one) == [b"two", b"three"]
    assert reader.dropped == []


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(offset=st.integers(0, 3000), junk=st.binary(min_size=1, max_size=300))
def test_no_damage_stops_the_spool_or_invents_an_entry(
    tmp_path_factory: pytest.TempPathFactory, offset: int, junk: bytes
) -> None:
    directory = tmp_path_factory.mktemp("spool")
    stored = [f"signal {n:03}".encode() for n in range(60)]
    change(spool_of(directory, *stored), offset, junk)

    writer = Writer(directory, n_segments=3)
    (seq,) = write(writer, b"after")

    read = payloads(Reader(directory))
    assert seq is not None
    assert read[-1] == b"after"
    assert set(read[:-1]) <= set(stored)
    assert read[:-1] == sorted(read[:-1])
    writer.close()
    for path in directory.iterdir():
        path.unlink()
