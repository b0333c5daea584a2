"""Has every dependency its line, and every line its dependency? `docs/decisions/0001-dependencies.md`."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "decisions" / "0001-dependencies.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
GROUPS = {
    "To run": (PROJECT["dependencies"], "requirements.lock"),
    "To test": (PROJECT["optional-dependencies"]["test"], "requirements-test.lock"),
}


def _names(wanted: list[str]) -> list[str]:
    return [re.split(r"[^A-Za-z0-9_.-]", one)[0].lower() for one in wanted]


def _table(heading: str) -> list[list[str]]:
    part = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in part.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in rows[1:]]


@pytest.mark.parametrize("heading", GROUPS)
def test_the_table_names_what_the_project_needs_and_nothing_else(heading: str) -> None:
    assert [row[0] for row in _table(heading)] == _names(GROUPS[heading][0])


@pytest.mark.parametrize("heading", GROUPS)
def test_each_line_says_for_what_size_licence_maintainers_and_way_out(heading: str) -> None:
    assert [
        row for row in _table(heading) if not all(row) or not re.search(r"\d MB", "".join(row))
    ] == []


@pytest.mark.parametrize("heading", GROUPS)
def test_each_dependency_is_pinned_in_its_lock(heading: str) -> None:
    wanted, lock = GROUPS[heading]
    pinned = re.findall(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==", (ROOT / lock).read_text("utf-8"), re.M)
    assert set(_names(wanted)) - set(pinned) == set()
