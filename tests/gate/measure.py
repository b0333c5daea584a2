"""How fast is the gate on this machine? Prints figures; not a test. `python -m tests.gate.measure`."""

import json
import os
import re
import selectors
import socket
import statistics
import tempfile
import time
from pathlib import Path

from tests.gate.gate_process import GateProcess, post, token

PEOPLE = 1000


def requests(prefix: str, bearers: list[str]) -> list[bytes]:
    """Return one SOS of each person."""
    bodies = (json.dumps({"key": f"{prefix}-{n:06}"}).encode() for n in range(len(bearers)))
    return [post(body, bearer) for body, bearer in zip(bodies, bearers, strict=True)]


def burst(port: int, waiting: list[bytes], n_connections: int) -> float:
    """Return accepted SOS a second over kept connections, each asking again as soon as answered."""
    waiting = waiting[::-1]
    with selectors.DefaultSelector() as selector:
        for _ in range(n_connections):
            connection = socket.create_connection(("127.0.0.1", port))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(connection, selectors.EVENT_READ)
        begun, n_stored, n_asked = time.monotonic(), 0, len(waiting)
        for key in list(selector.get_map().values()):
            key.fileobj.send(waiting.pop())
        while n_stored < n_asked:
            for key, _ in selector.select(5):
                answer = key.fileobj.recv(4096)
                assert b" 202 " in answer, answer
                n_stored += 1
                if waiting:
                    key.fileobj.send(waiting.pop())
        took_s = time.monotonic() - begun
        for key in list(selector.get_map().values()):
            key.fileobj.close()
    return n_asked / took_s


def lone_ms(port: int, asked: list[bytes]) -> list[float]:
    """Return the time of each SOS, one after the other on one connection, in milliseconds, sorted."""
    times = []
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for request in asked:
            begun = time.perf_counter()
            connection.send(request)
            assert b" 202 " in connection.recv(4096)
            times.append((time.perf_counter() - begun) * 1000)
            time.sleep(0.005)
    return sorted(times)


def sync_ms(folder: Path) -> float:
    """Return the median time of a lone write and fdatasync there, in milliseconds."""
    file = os.open(folder / "sync", os.O_RDWR | os.O_CREAT)
    os.posix_fallocate(file, 0, 1 << 20)
    times = []
    for n in range(200):
        time.sleep(0.005)
        begun = time.perf_counter()
        os.pwrite(file, b"x" * 300, n * 300)
        os.fdatasync(file)
        times.append((time.perf_counter() - begun) * 1000)
    os.close(file)
    return statistics.median(times)


def process_figures(pid: int) -> tuple[float, float]:
    """Return PSS in MB and CPU seconds of a process."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    pss = re.search(r"^Pss: +(\d+) kB", rollup, re.MULTILINE)
    ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return int(pss[1]) / 1000 if pss else 0.0, sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Start a gate and print one JSON line."""
    with tempfile.TemporaryDirectory() as name:
        gate = GateProcess(Path(name), TOCSIN_SPOOL_MB="64")
        figures: dict[str, object] = {"start_s": round(gate.start(), 3)}
        figures["fdatasync_ms_p50"] = round(sync_ms(Path(name)), 3)
        figures["idle_pss_mb"] = round(process_figures(gate.process.pid)[0], 1)
        bearers = [token(number) for number in range(PEOPLE)]
        figures["first_burst_per_s"] = round(burst(gate.port, requests("first", bearers), 16))
        cpu = process_figures(gate.process.pid)[1]
        rates = [burst(gate.port, requests(f"kept{n}", bearers), 16) for n in range(6)]
        figures["kept_burst_per_s"] = [round(rate) for rate in rates]
        spent = process_figures(gate.process.pid)[1] - cpu
        figures["cpu_ms_per_sos"] = round(spent * 1000 / (6 * PEOPLE), 3)
        times = lone_ms(gate.port, requests("lone", bearers[:300]))
        figures["lone_ms_p50"], figures["lone_ms_p99"] = round(times[150], 3), round(times[297], 3)
        figures["pss_mb"] = round(process_figures(gate.process.pid)[0], 1)
        gate.stop()
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
