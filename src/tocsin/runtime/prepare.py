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
    """Bring the tables to the state that this code needs; at once when a stamp says they have it.

    An outside database is judged (version, roles) and asked at each start: it may have been
    restored.

    Raises:
        SupervisorError: says what is wrong and what would help.
    """
    if config.database_url:
        _step("checking the database", "tocsin.runtime.outside_database")
    elif is_up_to_date(config):
        return
    else:
        _step("completing the roles", "tocsin.runtime.embedded_roles")
    _step("bringing the tables up to date", "tocsin.console.manage", "migrate")
    note_up_to_date(config)


def note_up_to_date(config: Settings) -> None:
    """Remember that the tables of this very database are as this code needs them."""
    _stamp(config).write_text(_state_of(config), encoding="utf-8")


def were_up_to_date_once(config: Settings) -> bool:
    """Tell whether this installation has had tables before, of this code or of older code."""
    return _stamp(config).exists()


def is_up_to_date(config: Settings) -> bool:
    """Tell, without asking the database, whether its tables were last seen as this code needs them.

    Then engine and web need not wait: with the database away, the engine calls from its snapshot.
    """
    try:
        return _stamp(config).read_text(encoding="utf-8") == _state_of(config)
    except OSError:
        return False


def _stamp(config: Settings) -> Path:
    return config.data_dir / "migrated"


def _state_of(config: Settings) -> str:
    """Return a fingerprint of this database, our migrations, and the packages with theirs."""
    digest = hashlib.sha256(_database_of(config).encode())
    for path in sorted(Path(tocsin.__path__[0]).glob("*/migrations/*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    for folder in map(Path, sys.path):
        for package in sorted(entry.name for entry in folder.glob("*.dist-info")):
            digest.update(package.encode())
    return digest.hexdigest()


def _database_of(config: Settings) -> str:
    if config.database_url:
        return config.database_url
    made = (postgres_home.base_folder(config) / "data" / "PG_VERSION").stat()
    return f"{made.st_ino} {made.st_mtime_ns}"


def _step(doing: str, *module_and_arguments: str) -> None:
    try:
        done = subprocess.run(
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
