"""Do the units of the how-to start what there is, and may each process write what it writes?"""

import importlib.util
from pathlib import Path

import pytest

from tocsin.cli import COMMANDS

UNITS = sorted((Path(__file__).parents[2] / "docs/how-to/systemd").glob("*.service"))
PROGRAM = "/opt/tocsin/venv/bin/"
KEYS = "/etc/tocsin/keys"


def values(unit: Path, name: str) -> list[str]:
    """Return what a unit sets `name` to, line by line."""
    lines = unit.read_text(encoding="utf-8").splitlines()
    return [line.partition("=")[2] for line in lines if line.startswith(f"{name}=")]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_starts_a_program_that_there_is(unit: Path) -> None:
    (start,) = values(unit, "ExecStart")
    program, *words = start.removeprefix(PROGRAM).split()
    if program == "tocsin":
        assert words[0] in {command.name for command in COMMANDS}
    else:
        assert [program, words[0]] == ["python", "-m"]
        assert importlib.util.find_spec(f"{words[1]}.__main__")


def test_what_erases_may_write_the_list_of_it_beside_the_keys() -> None:
    # Everything else is read-only to them: without the list the engine erases nothing, at no date.
    may = {unit.stem for unit in UNITS if KEYS in " ".join(values(unit, "ReadWritePaths")).split()}
    assert may == {"tocsin", "tocsin-engine"}
