"""How does one process wake another at once? By Unix datagrams; a lost one costs only a wait.

`engine.bell` and `gate.bell` are sockets in `settings.run_dir`. Nothing depends on a ring arriving:
each listener also looks by itself (the engine at least once a second). Sending never blocks and
never raises.
"""

import json
import os
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

ENGINE: Final = "engine.bell"
GATE: Final = "gate.bell"
SPOOL: Final = b"spool"
HELLO: Final = b"hello"
RELEASE: Final = b"release"
# Beside the bells, while an engine holds what is old and waits for that: since when.
HELD: Final = "engine.held"
# A new employer is on this installation: the engine learns which gateway is hers.
EMPLOYER: Final = b"employer"
# Something was seen: reports wait to be matched.
REPORT: Final = b"report"
# Something is due now that was not before: a page has changed a held walk.
LOOK: Final = b"look"
# Less may be done than a moment ago: the engine writes down anew what it would know without the database.
LESS: Final = b"less"
MAX_BYTES: Final = 32 * 1024


class Sender:
    """Rings one bell of a run folder; the listener may come, go and come again."""

    def __init__(self, run_dir: Path, name: str) -> None:
        """Open the folder (it must exist); the listener need not be there yet."""
        self._folder = os.open(run_dir, os.O_PATH | os.O_DIRECTORY)
        self._address = _address(self._folder, name)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)

    def ring(self, payload: bytes) -> bool:
        """Return whether the kernel took it: False if nobody listens, or the queue is full."""
        try:
            self._socket.sendto(payload, self._address)
        except OSError:
            return False
        return True

    def ring_all(self, items: Iterable[Mapping[str, object]]) -> bool:
        """Send `items` as JSON lists, each within MAX_BYTES; return whether every one was taken.

        False means that some were not (the kernel queues about ten datagrams): send all again a
        little later.
        """
        taken = [self.ring(datagram) for datagram in _datagrams(items)]
        return all(taken)

    def close(self) -> None:
        """Give the socket and the folder back."""
        self._socket.close()
        os.close(self._folder)


def is_heard(run_dir: Path, name: str) -> bool:
    """Return whether somebody listens at this bell now; it is not rung.

    Raises:
        PermissionError: this account may not look.
    """
    try:
        folder = os.open(run_dir, os.O_PATH | os.O_DIRECTORY)
    except FileNotFoundError:
        return False
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell:
            bell.connect(_address(folder, name))
    except (FileNotFoundError, ConnectionRefusedError):
        return False
    finally:
        os.close(folder)
    return True


def held_since(run_dir: Path) -> datetime | None:
    """Return since when the engine of this machine holds what is older, after a restore; None while it holds nothing."""
    try:
        return datetime.fromisoformat((run_dir / HELD).read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        return None


class Listener:
    """Owns one bell of a run folder; `fileno` goes to a selector or an event loop's add_reader."""

    def __init__(self, run_dir: Path, name: str) -> None:
        """Bind the bell, taking over the socket file that a dead predecessor left."""
        self._folder = os.open(run_dir, os.O_PATH | os.O_DIRECTORY)
        self._name = name
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=self._folder)
        self._socket.bind(_address(self._folder, name))
        self._inode = os.stat(name, dir_fd=self._folder).st_ino

    def fileno(self) -> int:
        """Return the socket's descriptor; readable = somebody rang."""
        return self._socket.fileno()

    def receive(self, limit: int = 256) -> list[bytes]:
        """Return at most `limit` of the messages that wait, oldest first; [] if there is none."""
        messages: list[bytes] = []
        while len(messages) < limit:
            try:
                messages.append(self._socket.recv(MAX_BYTES))
            except OSError:
                break
        return messages

    def close(self) -> None:
        """Stop listening and remove the socket file, unless a successor has put its own there."""
        self._socket.close()
        with suppress(FileNotFoundError):
            if os.stat(self._name, dir_fd=self._folder).st_ino == self._inode:
                os.unlink(self._name, dir_fd=self._folder)
        os.close(self._folder)


def _address(folder: int, name: str) -> str:
    # A socket's path is limited to 107 bytes; a checkout under a deep home folder has more. This
    # one is short.
    return f"/proc/self/fd/{folder}/{name}"


def _datagrams(items: Iterable[Mapping[str, object]]) -> Iterator[bytes]:
    texts: list[str] = []
    size = 2
    for item in items:
        text = json.dumps(item, separators=(",", ":"))
        if texts and size + len(text) + 1 > MAX_BYTES:
            yield f"[{','.join(texts)}]".encode()
            texts, size = [], 2
        texts.append(text)
        size += len(text) + 1
    if texts:
        yield f"[{','.join(texts)}]".encode()
