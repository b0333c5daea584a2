"""Is everything that was answered *stored* still there after a kill, a full disk, a failed start?"""

import asyncio
import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.gate.gate_process import GateProcess, post, sos, token
from tocsin.runtime import spool
from tocsin.runtime.doorbell import ENGINE, Listener

# So many that no device comes to its twenty-first in a test: what is folded is counted, not kept one by one.
TOKENS = [token(number) for number in range(2_000)]


async def _press(port: int, names: Iterator[int], stored: list[str]) -> None:
    with suppress(OSError, asyncio.IncompleteReadError):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for n in names:
            key = f"press-{n:06}"
            writer.write(post(json.dumps({"key": key}).encode(), TOKENS[n % len(TOKENS)]))
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].split()[0])
            body = await reader.readexactly(length)
            if b" 202 " in head and b'"stored"' in body:
                stored.append(key)


async def _press_on_16_connections(port: int, names: Iterator[int], stored: list[str]) -> None:
    await asyncio.gather(*[_press(port, names, stored) for _ in range(16)])


def stored_until_killed(gate: GateProcess, names: Iterator[int], after_s: float) -> list[str]:
    """Return the keys that were answered *stored* until the gate was killed under load."""
    stored: list[str] = []
    killer = threading.Timer(after_s, gate.kill)
    killer.start()
    asyncio.run(_press_on_16_connections(gate.port, names, stored))
    killer.join()
    return stored


def kill_and_look(gate: GateProcess, loops: int) -> tuple[int, float]:
    """Kill the gate `loops` times under load; return how many were stored, and its slowest start."""
    names = iter(range(10_000_000))
    seen, n_stored, slowest, last = 0, 0, 0.0, 0
    for loop in range(loops):
        slowest = max(slowest, gate.start())
        stored = stored_until_killed(gate, names, 0.02 + (loop * 37 % 100) / 1000)
        entries = spool.Reader(gate.spool_dir).read(seen, 1_000_000)
        found = {json.loads(entry.payload[48:])["key"] for entry in entries}
        assert set(stored) <= found, f"loop {loop} lost {set(stored) - found}"
        numbers = [entry.seq for entry in entries]
        assert numbers == sorted(set(numbers))
        assert not numbers or numbers[0] > last
        n_stored += len(stored)
        if numbers:
            seen = last = numbers[-1]
            spool.mark_drained(gate.spool_dir, seen)
    return n_stored, slowest


@pytest.mark.guarantee("I1")
def test_nothing_that_was_answered_is_lost_when_the_gate_is_killed(
    make_gate: Callable[..., GateProcess],
) -> None:
    n_stored, slowest_s = kill_and_look(make_gate(), 20)

    assert n_stored > 100
    assert slowest_s < 2


@pytest.mark.night
@pytest.mark.guarantee("I1")
def test_nothing_that_was_answered_is_lost_in_200_kills(
    make_gate: Callable[..., GateProcess],
) -> None:
    n_stored, _ = kill_and_look(make_gate(), 200)

    assert n_stored > 1000


def test_a_stop_answers_what_is_under_way_and_takes_under_two_seconds(
    make_gate: Callable[..., GateProcess],
) -> None:
    gate = make_gate()
    gate.start()
    idle, half = gate.client(), gate.client()
    half.send(b"POST /sos HT")
    stored: list[str] = []
    names = iter(range(100_000))
    pressing = threading.Thread(
        target=lambda: asyncio.run(_press_on_16_connections(gate.port, names, stored))
    )
    pressing.start()
    time.sleep(0.2)

    status, seconds = gate.stop()

    pressing.join()
    assert (status, seconds < 2) == (0, True)
    assert idle.is_closed()
    assert half.is_closed()
    found = {json.loads(body)["key"] for body in gate.bodies()}
    assert len(stored) > 50
    assert set(stored) <= found
    assert not (gate.run_dir / "gate.ready").exists()


def test_a_folded_signal_is_answered_before_a_stop(make_gate: Callable[..., GateProcess]) -> None:
    gate = make_gate()
    gate.start()
    for n in range(21):
        gate.ask(sos(f"press-{n:04}"))
    with gate.client() as client:
        client.send(sos("press-0021"))
        time.sleep(0.1)
        gate.process.terminate()
        assert client.receive().json["grade"] == "stored"
    assert gate.process.wait(timeout=5) == 0
    folds = [json.loads(e.payload[48:]) for e in gate.entries() if e.kind == spool.FOLD]
    assert sum(fold["count"] for fold in folds) == 2


def test_the_start_is_marked_and_the_engine_greeted(make_gate: Callable[..., GateProcess]) -> None:
    gate = make_gate()
    gate.run_dir.mkdir(parents=True)
    bell = Listener(gate.run_dir, ENGINE)

    gate.start()
    time.sleep(0.1)

    assert (gate.run_dir / "gate.ready").read_text().strip() == str(gate.process.pid)
    assert b"hello" in bell.receive()


def test_a_second_gate_on_the_same_spool_says_why_it_does_not_start(
    make_gate: Callable[..., GateProcess], tmp_path: Path
) -> None:
    gate = make_gate()
    gate.start()
    second = GateProcess(tmp_path)

    with pytest.raises(AssertionError, match="another gate already writes"):
        second.start()

    assert second.process.wait(timeout=5) == 2
    assert gate.ask(sos("press-0001")).status == 202


def test_a_setting_that_is_wrong_stops_the_start(make_gate: Callable[..., GateProcess]) -> None:
    gate = make_gate(TOCSIN_SPOOL_MB="many")

    with pytest.raises(AssertionError, match=r"TOCSIN_SPOOL_MB: 'many' is not a whole number"):
        gate.start()


def test_a_port_that_is_taken_stops_the_start(
    make_gate: Callable[..., GateProcess], tmp_path: Path
) -> None:
    gate = make_gate()
    gate.start()
    second = GateProcess(tmp_path / "second", TOCSIN_GATE_BIND=f"127.0.0.1:{gate.port}")

    with pytest.raises(AssertionError, match="address already in use"):
        second.start()

    assert second.process.wait(timeout=5) == 2


def test_a_damaged_spool_is_told_at_the_start(make_gate: Callable[..., GateProcess]) -> None:
    gate = make_gate()
    gate.start()
    gate.ask(sos("press-0001"))
    gate.kill()
    (segment,) = gate.spool_dir.glob("spool-*.seg")
    with segment.open("r+b") as file:
        file.seek(segment.read_bytes().index(b"press-0001") + 20)
        file.write(b"torn")

    gate.start()

    assert gate.count("dropped") == 1
    assert "gate.spool_damaged" in gate.log()
    assert gate.ask(sos("press-0002")).status == 202


def fill_until_refused(gate: GateProcess) -> tuple[list[str], int]:
    """Press with large bodies until one is refused; return the stored keys and the refusal."""
    stored = []
    with gate.client() as client:
        for n in range(20_000):
            key = f"press-{n:06}"
            answer = client.ask(sos(key, number=n // 15, note="x" * 3900))
            if answer.status != 202:
                assert answer.json == {"error": "not stored"}
                return stored, answer.status
            stored.append(key)
    pytest.fail("nothing was refused")


@pytest.mark.guarantee("I1")
def test_a_full_spool_is_never_answered_stored_and_keeps_what_it_has(
    make_gate: Callable[..., GateProcess],
) -> None:
    gate = make_gate()
    gate.start()

    stored, status = fill_until_refused(gate)

    assert status == 507
    assert len(stored) > 1900
    assert [json.loads(body)["key"] for body in gate.bodies()] == stored
    assert gate.health()["ok"] is False
    spool.mark_drained(gate.spool_dir, gate.entries()[-1].seq)
    assert gate.ask(sos("press-again", number=9999)).status == 202
    assert gate.health()["ok"] is True


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a file system of its own with room for one segment and a half."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small tmpfs needs root")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=7m", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this system lets nobody mount a tmpfs")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.guarantee("I1")
def test_a_full_disk_is_never_answered_stored_and_keeps_what_it_has(
    make_gate: Callable[..., GateProcess], small_disk: Path
) -> None:
    gate = make_gate(TOCSIN_SPOOL=str(small_disk / "spool"))
    gate.spool_dir = small_disk / "spool"
    gate.start()

    stored, status = fill_until_refused(gate)

    assert status == 507
    assert 900 < len(stored) < 1100
    assert [json.loads(body)["key"] for body in gate.bodies()] == stored
    assert "ENOSPC" in str(gate.health()["problem"])
    gate.kill()
    gate.start()
    assert [json.loads(body)["key"] for body in gate.bodies()] == stored


@pytest.mark.guarantee("I1")
def test_a_disk_without_any_room_refuses_and_recovers_by_itself(
    make_gate: Callable[..., GateProcess], small_disk: Path
) -> None:
    gate = make_gate(TOCSIN_SPOOL=str(small_disk / "spool"))
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(6 * 1024 * 1024))
    gate.start()
    assert gate.ask(sos("press-0001")).status == 507

    ballast.unlink()

    assert gate.ask(sos("press-0001")).status == 202


@pytest.mark.guarantee("I1")
def test_a_limit_on_file_sizes_refuses_and_is_never_answered_stored(
    make_gate: Callable[..., GateProcess],
) -> None:
    gate = make_gate()
    gate.start(prefix=("prlimit", "--fsize=2097152"))

    answer = gate.ask(sos("press-0001"))

    assert (answer.status, answer.json) == (507, {"error": "not stored"})
    assert gate.entries() == []
    assert "EFBIG" in str(gate.health()["problem"])
