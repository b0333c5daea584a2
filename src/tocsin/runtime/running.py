"""Does each part of this installation run, and does the engine hold what is old? What `tocsin doctor` says of it."""

import errno
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tocsin.runtime import doorbell
from tocsin.runtime.finding import OK, WARNING, WRONG, Finding, closed
from tocsin.runtime.parts import ENGINE, Port, parts_of, ports_of, why_not_free
from tocsin.runtime.settings import Settings, example_of

IN_USE: Final = os.strerror(errno.EADDRINUSE)
# What it means when one of them is missing while the others work.
WITHOUT: Final = {
    "gate": "no SOS is taken",
    "engine": "nobody is called",
    "web": "no page opens, no link is answered",
    "listener": "readers and trackers at the broker are not heard",
    "carrier": "the sandbox takes nothing",
}
# Columns of proc(5)'s net/tcp, and the state of a socket that listens.
_LOCAL, _STATE, _INODE, _LISTENS = 1, 3, 9, "0A"


def examine(config: Settings) -> Iterator[Finding]:
    """Yield a line for each port, for each part that has none, and for an engine that holds what is old.

    Where nothing runs at all that is unfinished; where some parts run, one that does not is wrong.
    """
    try:
        living = {part.name for part in parts_of(config) if _pid_of(config, part.name)}
    except PermissionError:
        yield closed("parts", config.run_dir)
        return
    ports = ports_of(config)
    for port in ports:
        yield _port(config, port, is_alone=not living)
    for name in [part.name for part in parts_of(config)]:
        if name not in {port.part for port in ports}:
            yield _portless(config, name, living)
    yield from _held(config)


def _pid_of(config: Settings, part: str) -> int:
    """Return the process that says it is this part and lives; 0 if there is none."""
    try:
        pid = int((config.run_dir / f"{part}.ready").read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return 0
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return 0
    except PermissionError:
        return pid
    return pid


def _missing(what: str, part: str, before: str, *, is_alone: bool) -> Finding:
    if is_alone:
        return Finding(WARNING, what, f"{before}the {part} does not run; `tocsin up` starts it.")
    text = (
        f"{before}the {part} does not run (yet): {WITHOUT[part]}. Its log says why; if Tocsin was started just now,"
        " ask again in a minute."
    )
    return Finding(WRONG, what, text)


def _portless(config: Settings, part: str, living: set[str]) -> Finding:
    is_heard = part != ENGINE.name or doorbell.is_heard(config.run_dir, doorbell.ENGINE)
    if part in living and is_heard:
        return Finding(OK, part, "runs.")
    return _missing(part, part, "", is_alone=not living)


def _held(config: Settings) -> Iterator[Finding]:
    """Say that the engine waits for `tocsin release`; whoever looks at the board alone would not know."""
    since = doorbell.held_since(config.run_dir)
    if since is None:
        return
    text = (
        f"holds what is older than {since.isoformat()}: the database was restored, and nothing of it is sent or escalated by"
        " itself. Look at the board, stand down what is over, then `tocsin release`."
    )
    yield Finding(WRONG, ENGINE.name, text)


# --- ports --------------------------------------------------------------------------------------------


def _port(config: Settings, port: Port, *, is_alone: bool) -> Finding:
    what = f"port {port.number}"
    problem = why_not_free(port)
    if problem is None:
        return _missing(what, port.part, "free: ", is_alone=is_alone)
    if _is_ours(config, port):
        return Finding(OK, what, f"the {port.part} listens.")
    if problem != IN_USE:
        text = (
            f"our {port.part} cannot listen at {port.host}: {problem}. Set {port.setting}."
            f" Example: {port.setting}={example_of(port.setting)}"
        )
        return Finding(WRONG, what, text)
    return Finding(
        WRONG, what, f"{problem}: not by our {port.part}. Stop what uses it, or set {port.setting}."
    )


def _is_ours(config: Settings, port: Port) -> bool:
    """Tell whether the part that says it is ready lives, and it is this one that answers at its port."""
    pid = _pid_of(config, port.part)
    if not pid:
        return False
    try:
        socket.create_connection((port.host, port.number), timeout=1).close()
    except OSError:
        return False
    return _listens(pid, port.number)


def _listens(pid: int, number: int) -> bool:
    """Tell whether a process listens at this TCP port, by Linux's own tables.

    True where they may not be read (another user's process, another system): it lives, and somebody answers.
    """
    try:
        rows = [
            line.split()
            for table in ("tcp", "tcp6")
            for line in Path(f"/proc/{pid}/net/{table}")
            .read_text(encoding="ascii")
            .splitlines()[1:]
        ]
        open_files = list(Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return True
    at_port = {
        f"socket:[{row[_INODE]}]"
        for row in rows
        if row[_STATE] == _LISTENS and int(row[_LOCAL].rpartition(":")[2], 16) == number
    }
    return any(_link(file) in at_port for file in open_files)


def _link(file: Path) -> str:
    try:
        return str(file.readlink())
    except OSError:
        return ""
