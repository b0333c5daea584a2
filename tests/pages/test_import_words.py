"""Is a report of an import in the language of who reads it, whatever a reader or the roster's linter says?"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pages.house import House, Organisation
from tests.pages.test_importing import upload
from tocsin.runtime.database import viewing

TOCSIN = Path(__file__).parents[2] / "src" / "tocsin"
FILES = (
    *sorted((TOCSIN / "registry" / "feeds").rglob("*.py")),
    TOCSIN / "registry" / "rules" / "imports.py",
    TOCSIN / "flow" / "import_people.py",
    TOCSIN / "flow" / "import_roster.py",
)
SAYING = {"wrong", "warn", "Refused", "EntryError", "_parsed"}
NAMED = {"problem", "problem_words", "said", "message"}
PUT_IN = re.compile(r"%\([ab]\)s")
# For whoever calls it wrongly, not for who brings a file; and what has its two words put in here.
OURS = {"a window of more than * days", "happens * on this date: counted so that the shift is longer"}  # fmt: skip
PLAIN = re.compile(r"[a-z][^\n]* [^\n]*")


def text_of(node: ast.expr) -> str | None:
    """Return a text as it stands there, a star for what is put in."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(str(v.value) if isinstance(v, ast.Constant) else "*" for v in node.values)
    return None


def said_in(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield every expression that may be what is wrong with a line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
            if name in SAYING:
                yield from node.args
        elif isinstance(node, ast.Assign):
            if {getattr(target, "id", "") for target in node.targets} & NAMED:
                yield node.value
        elif isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "_NO_SHIFT":
            assert isinstance(node.value, ast.Dict)
            yield from node.value.values
        elif isinstance(node, ast.Return) and node.value:
            yield node.value


def said() -> set[str]:
    found = set()
    for file in FILES:
        for node in said_in(ast.parse(file.read_text(encoding="utf-8"))):
            either = (node.body, node.orelse) if isinstance(node, ast.IfExp) else (node,)
            found |= {text for one in either if (text := text_of(one)) and PLAIN.fullmatch(text)}
    return found


def known_words() -> set[str]:
    """Return every sentence that has its words, read from the source: it needs no Django here."""
    source = (TOCSIN / "console" / "pages" / "import_words.py").read_text(encoding="utf-8")
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    marked = (call for call in calls if getattr(call.func, "id", "") == "gettext_noop")
    return {str(text_of(call.args[0])) for call in marked}


def test_every_sentence_of_a_reader_has_its_words() -> None:
    known = [re.compile(".+".join(map(re.escape, PUT_IN.split(words)))) for words in known_words()]
    for how in ("twice", "not at all"):
        assert f"happens {how} on this date: counted so that the shift is longer" in known_words()
    assert len(said()) > 60
    assert {
        text for text in said() - OURS if not any(one.fullmatch(text) for one in known)
    } == set()


PEOPLE = "staff_number,name,role,site\nn-1,,guard,Nowhere\nn-2,Odo Sample,guard,Nowhere\n"
TEXTS = {
    "people": (PEOPLE, ("está vacío", "no existe tal centro"), ("is empty", "no such")),
    "roster": (
        "staff_number,date,start,end\n{number},2026-13-01,22:00,06:00\n{number},2026-12-01,22:00,18:00\n",
        ("no es una fecha como 2026-11-01",),
        ("is not a date",),
    ),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_a_report_is_in_spanish_for_who_reads_spanish(house: House, org: Organisation, kind: str) -> None:  # fmt: skip
    text, spanish, english = TEXTS[kind]
    with viewing(house.conn, org.id):
        house.conn.execute("update registry_person set language = 'es'")
        number = house.conn.execute("select staff_number from registry_person limit 1").fetchone()
    assert number is not None
    browser = house.signed_in(org, "safety_lead")
    shown = upload(browser, kind, text.format(number=number[0]), org.site_id).text
    assert [words for words in spanish if words not in shown] == []
    assert [words for words in english if words in shown] == []


def test_what_the_rosters_linter_finds_in_a_file_is_in_spanish_too(house: House, org: Organisation) -> None:  # fmt: skip
    with viewing(house.conn, org.id):
        house.conn.execute("update registry_person set language = 'es'")
        number = house.conn.execute("select staff_number from registry_person limit 1").fetchone()
    assert number is not None
    browser = house.signed_in(org, "safety_lead")
    far = f"staff_number,date,start,end,role\n{number[0]},2026-12-01,22:00,06:00,{'r' * 41}\n"
    shown = upload(browser, "roster", far, org.site_id).text
    assert "40 caracteres" in shown
    assert "A role is" not in shown
