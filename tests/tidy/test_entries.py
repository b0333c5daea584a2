"""Is each kind of entry written by something, and everything that is written a kind?

A kind that nothing writes is a promise of the reference that no record keeps.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tocsin.decisions.rules.incident import Doing
from tocsin.flow import erase
from tocsin.record.rules.kinds import KINDS

SRC = Path(__file__).parents[2] / "src" / "tocsin"
# The table itself, and what only plays or reads.
NOT_WRITING = ("record/rules/kinds.py", "record/rules/kinds_of_cases.py", "demo/")
# A line of the log is none of the record.
LOGS = ("log", "_say")
# Kinds of which a part is filled in, by how that is written, and what it can be.
BUILT = {
    "act.{}": [one.value for one in Doing],
    "sighting.{}": ["confirmed", "dismissed"],
    "{}.erased": sorted(erase.TABLES),
}


def _is_log(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    of = node.func.value
    return node.func.attr in LOGS or (isinstance(of, ast.Name) and of.id in LOGS)


def _texts(tree: ast.AST) -> Iterator[str]:
    """Yield every text of a module that is no line of the log; one with parts filled in has {} there."""
    if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
        yield tree.value
    elif isinstance(tree, ast.JoinedStr):
        yield "".join(
            str(part.value) if isinstance(part, ast.Constant) else "{}" for part in tree.values
        )
    else:
        left_out = tree.args[:1] if isinstance(tree, ast.Call) and _is_log(tree) else []
        for child in ast.iter_child_nodes(tree):
            if child not in left_out:
                yield from _texts(child)


def _written() -> set[str]:
    modules = [
        path
        for path in sorted(SRC.rglob("*.py"))
        if not path.relative_to(SRC).as_posix().startswith(NOT_WRITING)
    ]
    found = {
        text for path in modules for text in _texts(ast.parse(path.read_text(encoding="utf-8")))
    }
    built = {pattern.format(part) for pattern in BUILT.keys() & found for part in BUILT[pattern]}
    return found | built


def test_every_kind_of_entry_is_written_somewhere() -> None:
    assert sorted(set(KINDS) - _written()) == []


@pytest.mark.parametrize("pattern", BUILT)
def test_what_is_built_is_a_kind_whatever_is_filled_in(pattern: str) -> None:
    assert {pattern.format(part) for part in BUILT[pattern]} <= set(KINDS)


def test_a_line_of_the_log_is_not_taken_for_an_entry() -> None:
    said = ast.parse(
        'log.info("channel.up")\nself._say(f"channel.{how}")\nEntry(at, "channel.down")'
    )
    assert {text for text in _texts(said) if text.startswith("channel")} == {"channel.down"}


def test_every_kind_that_an_entry_is_made_with_is_in_the_table() -> None:
    made = {
        text
        for path in sorted(SRC.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"Entry", "Note", "entry"}
        for each in node.args[:4]
        for text in _texts(each)
        if text.count(".") == 1
    }
    assert len(made) > 20
    assert sorted(made - set(KINDS) - set(BUILT)) == []
