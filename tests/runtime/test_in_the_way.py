"""Is an operator told what stands in the way, whichever command was typed, instead of where in the code it was noticed?"""

import subprocess
import sys
from pathlib import Path

import pytest

from tocsin.runtime import in_the_way, keys, settings

NOBODY = "0199e000-0000-7000-8000-000000000011"
COMMANDS = [
    ("found", "harbour", "Harbour County EMS", "lea"),
    ("reset", "lea"),
    ("erase", "person", NOBODY),
    ("keys", "rotate"),
    ("export", "--witness"),
]


def typed(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command where the database is away: nothing listens at port 1."""
    changes = {
        "TOCSIN_DATA": str(folder),
        "TOCSIN_DATABASE_URL": "postgresql://127.0.0.1:1/tocsin",
    }
    return subprocess.run(
        [sys.executable, "-m", "tocsin", *words],
        env=settings.environment(changes),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_a_database_that_is_away_is_told_in_words(tmp_path: Path, words: tuple[str, ...]) -> None:
    keys.ensure(tmp_path / "keys")

    done = typed(tmp_path, *words)

    assert done.returncode == 1
    assert done.stderr.startswith(f"tocsin {words[0]}")
    assert "Connection refused" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_new_master_key_is_made_while_the_database_is_away(tmp_path: Path) -> None:
    keys.ensure(tmp_path / "keys")
    master = tmp_path / "keys" / "master.key"
    before = master.read_bytes()

    assert typed(tmp_path, "keys", "rotate").returncode == 1

    assert master.read_bytes() == before


def test_keys_that_are_not_there_are_told_with_what_makes_them(tmp_path: Path) -> None:
    done = typed(tmp_path, "reset", "lea")

    assert done.returncode == 1
    assert "no such folder" in done.stderr
    assert "`tocsin keys` makes what is missing" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_fault_of_ours_is_not_hidden() -> None:
    assert in_the_way.words(ValueError("wrong")) is None
