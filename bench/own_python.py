"""Which Python runs the peers? One of its own (`.venv-bench`), made from a lock: nothing of it is needed to run Tocsin."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements-bench.lock"
VENV = ROOT / ".venv-bench"
STAMP = VENV / "lock.sha256"


def own_python() -> Path:
    """Return the Python that has the peers; the first time it is made, which takes a minute and a network."""
    python = VENV / "bin" / "python"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return python
    sys.stderr.write("Making .venv-bench for the peers of this measurement ...\n")
    shutil.rmtree(VENV, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
    subprocess.run(
        [python, "-m", "pip", "install", "-q", "--require-hashes", "-r", LOCK], check=True
    )
    STAMP.write_text(wanted)
    return python
