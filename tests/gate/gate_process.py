"""How does a test get a gate? A real process on a free port, with its own folders and its own key."""

import base64
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tocsin.runtime import tokens
from tocsin.runtime.spool import Entry, Reader

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ORGANISATION = UUID("018f0000-0000-7000-8000-0000000000a1")
COUNTED = '"event": "gate.counts"'
ISSUED_AT = datetime(2026, 3, 3, 23, 58, tzinfo=UTC)


class Answer(NamedTuple):
    """What came back: status 0 = the connection was closed without an answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, object]:
        """Return the body, which must be a JSON object."""
        value = json.loads(self.body)
        assert isinstance(value, dict)
        return value


def person(number: int) -> UUID:
    """Return the id of the n-th person of the tests."""
    return UUID(int=ORGANISATION.int + 0x1000 + number)


def token(number: int = 1, key: Ed25519PrivateKey = KEY) -> str:
    """Return the token of the n-th person's phone."""
    return tokens.issue(
        key,
        organisation_id=ORGANISATION,
        person_id=person(number),
        device_id=UUID(int=ORGANISATION.int + 0x2000000 + number),
        issued_at=ISSUED_AT,
    )


def sos(key: str, number: int = 1, **more: object) -> bytes:
    """Return the whole request of the n-th person's SOS."""
    return post(json.dumps({"key": key, **more}).encode(), token(number))


def post(body: bytes, bearer: str | None, path: str = "/sos", *headers: str) -> bytes:
    """Return a whole POST."""
    lines = [f"POST {path} HTTP/1.1", "Host: gate", f"Content-Length: {len(body)}", *headers]
    if bearer is not None:
        lines.append(f"Authorization: Bearer {bearer}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def write_keys(path: Path, *keys: Ed25519PrivateKey) -> None:
    """Write the file of public keys as an installation has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [base64.b64encode(key.public_key().public_bytes_raw()).decode() for key in keys]
    new = path.with_suffix(".new")
    new.write_text("\n".join(lines) + "\n")
    new.replace(path)


class Client:
    """One connection to a gate, blocking."""

    def __init__(self, port: int, receive_bytes: int | None = None) -> None:
        self._socket = socket.socket()
        if receive_bytes:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self._socket.settimeout(10)
        self._socket.connect(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        self._socket.close()

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self._socket.sendall(data)

    def end_sending(self) -> None:
        """Close our half."""
        self._socket.shutdown(socket.SHUT_WR)

    def receive(self) -> Answer:
        """Wait for one answer."""
        status, headers = self._head()
        while status == 100:
            status, headers = self._head()
        body = self._file.read(int(headers.get("content-length", "0")))
        return Answer(status, headers, body)

    def ask(self, data: bytes) -> Answer:
        """Send a request and wait for its answer."""
        self.send(data)
        return self.receive()

    def is_closed(self) -> bool:
        """Wait until the gate closes; return whether it did so within the time-out."""
        try:
            return self._file.read(1) == b""
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False

    def _head(self) -> tuple[int, dict[str, str]]:
        try:
            first = self._file.readline()
        except ConnectionResetError:
            first = b""
        if not first:
            return 0, {}
        headers = {}
        while line := self._file.readline().strip():
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        return int(first.split()[1]), headers


class GateProcess:
    """A gate with folders of its own; `settings` are TOCSIN_ names and values."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.spool_dir, self.run_dir = folder / "spool", folder / "run"
        self.keys_file = folder / "keys" / "device-public.txt"
        with socket.socket() as free:
            free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._environment = {
            "TOCSIN_DATA": str(folder),
            "TOCSIN_GATE_BIND": f"127.0.0.1:{self.port}",
            "TOCSIN_SPOOL_MB": "8",
            **settings,
        }
        self._log = folder / "gate.log"
        write_keys(self.keys_file, KEY)

    def start(self, *, prefix: tuple[str, ...] = ()) -> float:
        """Start it, `prefix` before its command; return the seconds until it accepts."""
        begun = time.monotonic()
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [*prefix, sys.executable, "-m", "tocsin.gate"], env=self._environment, stderr=log
            )
        while time.monotonic() - begun < 10:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                assert self.process.poll() is None, self.log()
                time.sleep(0.002)
            else:
                return time.monotonic() - begun
        raise AssertionError(self.log())

    def stop(self) -> tuple[int, float]:
        """End it by SIGTERM; return its exit status and the seconds that took."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=10)
        return status, time.monotonic() - begun

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait(timeout=10)

    def log(self) -> str:
        """Return what it has logged."""
        return self._log.read_text()

    def client(self) -> Client:
        """Return a new connection."""
        return Client(self.port)

    def ask(self, data: bytes) -> Answer:
        """Ask one thing on a new connection."""
        with self.client() as client:
            return client.ask(data)

    def health(self) -> dict[str, object]:
        """Return what /health says."""
        return self.ask(b"GET /health HTTP/1.1\r\nHost: gate\r\n\r\n").json

    def count(self, name: str) -> int:
        """Return one of the counts that it logs when its operator asks."""
        n_told = self.log().count(COUNTED)
        self.process.send_signal(signal.SIGUSR1)
        until = time.monotonic() + 5
        while self.log().count(COUNTED) == n_told and time.monotonic() < until:
            time.sleep(0.002)
        lines = [line for line in self.log().splitlines() if COUNTED in line]
        return int(json.loads(lines[-1])["counts"].get(name, 0))

    def entries(self) -> list[Entry]:
        """Return everything in the spool."""
        return Reader(self.spool_dir).read(0, 1_000_000)

    def bodies(self) -> list[bytes]:
        """Return the bodies of the device entries in the spool."""
        return [entry.payload[tokens.IDS_BYTES :] for entry in self.entries() if entry.kind == 1]
