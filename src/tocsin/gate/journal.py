"""What does the operator read of the gate? JSON lines as of `runtime.logs`, without its weight.

structlog costs the gate 150 ms of its start and 5 MB (500 ms and 17 MB where `rich` is installed),
as much as everything else together: kill -9 to accepting again, and the idle memory, are promised.
"""

import json
import sys
from contextlib import suppress

from tocsin.runtime.clock import WallClock

_CLOCK = WallClock()


def info(entry: str, /, **fields: object) -> None:
    """Write one line: a stable name and fields, no personal data."""
    _write("info", entry, fields)


def error(entry: str, /, **fields: object) -> None:
    """Write one line that an operator must act on."""
    _write("error", entry, fields)


def _write(level: str, entry: str, fields: dict[str, object]) -> None:
    at = _CLOCK.now().isoformat().replace("+00:00", "Z")
    line = {"process": "gate", **fields, "event": entry, "level": level, "timestamp": at}
    # Nobody hears it where its disk is full or its reader has gone: a line is lost then, and no SOS.
    with suppress(OSError, ValueError):
        # One write a line: the sync thread and the loop both log.
        sys.stderr.write(json.dumps(line, default=str) + "\n")
        sys.stderr.flush()
