"""May the tables be used? Not while a supervisor has yet to see that they are as this code needs them.

It holds a lock in the run folder meanwhile, which ends with it: whoever runs without a supervisor finds none.
"""

import fcntl
from pathlib import Path
from typing import IO

from tocsin.runtime.settings import Settings


def hold_back(config: Settings) -> IO[bytes]:
    """Say that nobody may use the tables, until what is returned is closed, or this process ends."""
    lock = _lock(config).open("wb")
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def may_be_used(config: Settings) -> bool:
    """Tell whether nobody holds them back."""
    try:
        with _lock(config).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return True
    except BlockingIOError:
        return False
    return True


def _lock(config: Settings) -> Path:
    return config.run_dir / "tables.lock"
