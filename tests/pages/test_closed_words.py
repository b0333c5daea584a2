"""Does a page say in the reader's language how an incident ended, whatever rule or verb ended it?"""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.pages.house import House, Organisation
from tocsin.runtime.database import viewing

TOCSIN = Path(__file__).parents[2] / "src" / "tocsin"
# Who ends one, and which of its arguments says how.
ENDING = {"stand_down": 1, "StoodDown": 0, "close": 2, "_stand_down_asking": 2}
# `flow.look` and `notifications.rules.escalation` choose among several.
CHOSEN = {"why", "how"}


def constants(tree: ast.AST) -> dict[str, str]:
    named = (node for node in ast.walk(tree) if isinstance(node, ast.AnnAssign))
    return {
        node.target.id: node.value.value
        for node in named
        if isinstance(node.target, ast.Name) and isinstance(node.value, ast.Constant)
        if isinstance(node.value.value, str)
    }


def expressions(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield what may say how an incident ended."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            at = ENDING.get(getattr(node.func, "id", ""))
            if at is not None and len(node.args) > at:
                yield node.args[at]
        elif isinstance(node, ast.Assign):
            if {getattr(target, "id", "") for target in node.targets} & CHOSEN:
                yield node.value


def endings() -> set[str]:
    found: set[str] = set()
    for folder in ("flow", "notifications/rules"):
        for file in (TOCSIN / folder).glob("*.py"):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            names = constants(tree) | ({"LOOKED": "looked"} if file.name == "look.py" else {})
            for one in expressions(tree):
                either = (one.body, one.orelse) if isinstance(one, ast.IfExp) else (one,)
                found |= {names.get(part.id, "") for part in either if isinstance(part, ast.Name)}
                found |= {str(part.value) for part in either if isinstance(part, ast.Constant)}
    return found - {"", "None"}


def known() -> set[str]:
    source = (TOCSIN / "console" / "pages" / "closed_words.py").read_text(encoding="utf-8")
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    marked = (call for call in calls if getattr(call.func, "id", "") == "gettext_noop")
    return {str(call.args[0].value) for call in marked if isinstance(call.args[0], ast.Constant)}


def test_every_way_to_end_has_its_words() -> None:
    assert {"her code", "she went", "something was seen", "looked", "drill ended"} <= endings()
    assert endings() - known() == set()


def test_who_reads_spanish_reads_how_it_ended_in_spanish(house: House, org: Organisation) -> None:
    incident = house.sos(org)
    with viewing(house.conn, org.id):
        house.conn.execute("update registry_person set language = 'es'")
    path = f"/incidents/{incident}"
    for role in ("shift_lead", "guard"):
        shown = house.signed_in(org, role).post_form(f"{path}/act", path, act="over").text
    assert "2 personas dijeron que ha terminado" in shown
    assert "people said" not in shown
