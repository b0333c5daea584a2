"""What must be there before the parts can work? The keys, and the tables at their newest state.

Each step runs as a process of its own and ends: the supervisor would otherwise carry Django and the
cryptography along for years.
"""

import hashlib
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

import tocsin
from tocsin.runtime import postgres_home
from tocsin.runtime.parts import SupervisorError, die_with_parent
from tocsin.runtime.settings import Settings

STEP_WITHIN_S: Final = 600


def ensure_keys(config: Settings) -> None:
    """Make the installation's keys if there are none.

    The gate verifies with them from its first moment.

    Raises:
        SupervisorError: they cannot be made.
    """
    if not (config.keys_dir / "device-public.txt").exists():
        _step("making the keys", "tocsin", "keys")


def bring_up_to_date(config: Settings) -> None:
    """Bring the tables to the state that this code needs; a few milliseconds when they have it.

    An outside database is first judged (version, roles), and always asked; of the embedded one a
    stamp is kept.

    Raises:
        SupervisorError: says what is wrong and what would help.
    """
    if config.database_url:
        _step("checking the database", "tocsin.runtime.outside_database")
        _step("bringing the tables up to date", "tocsin.console.manage", "migrate")
        return
    stamp = config.data_dir / "migrated"
    wanted = _state_of(postgres_home.base_folder(config) / "data")
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    _step("bringing the tables up to date", "tocsin.console.manage", "migrate")
    stamp.write_text(wanted, encoding="utf-8")


def _state_of(data: Path) -> str:
    """Return a fingerprint of this cluster, our migrations, and the packages with theirs."""
    made = (data / "PG_VERSION").stat()
    digest = hashlib.sha256(f"{made.st_ino} {made.st_mtime_ns}".encode())
    for path in sorted(Path(tocsin.__path__[0]).glob("*/migrations/*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    for folder in map(Path, sys.path):
        for package in sorted(entry.name for entry in folder.glob("*.dist-info")):
            digest.update(package.encode())
    return digest.hexdigest()


def _step(doing: str, *module_and_arguments: str) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - our own modules
            [sys.executable, "-m", *module_and_arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=STEP_WITHIN_S,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGKILL),
        )
    except (OSError, subprocess.SubprocessError) as problem:
        message = f"{doing}: {problem}"
        raise SupervisorError(message) from problem
    if done.returncode != 0:
        message = f"{doing} failed: {done.stderr.strip()[-1500:] or f'exit code {done.returncode}'}"
        raise SupervisorError(message)
