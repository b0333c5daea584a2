"""Is why a document cannot be read said in the language of who wrote it?"""

import ast
import re
from html import unescape
from pathlib import Path

import pytest

from tests.pages.house import House, Organisation
from tests.pages.test_import_words import text_of
from tests.pages.test_sites import document
from tocsin.runtime.database import viewing

TOCSIN = Path(__file__).parents[2] / "src" / "tocsin"
DOCUMENT = TOCSIN / "registry" / "rules" / "document.py"
PUT_IN = re.compile(r"%\([a-d]\)s")
# What a field is to be, by the place of that word in the call.
KINDS = {"_get": 2, "_checked": 3}


def said() -> set[str]:
    """Return every sentence of the reader, a star for what is put in."""
    found = set()
    calls = (node for node in ast.walk(ast.parse(DOCUMENT.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))  # fmt: skip
    for call in calls:
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        if name in KINDS:
            found.add(f"is not {text_of(call.args[KINDS[name]])}")
        elif name in {"DocumentError", "wrong"}:
            found.add(str(text_of(call.args[1])))
    return found - {"is not *", "None"}


def known_words() -> set[str]:
    """Return every sentence that has its words, read from the source: it needs no Django here."""
    source = (TOCSIN / "console" / "pages" / "document_words.py").read_text(encoding="utf-8")
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    marked = (call for call in calls if getattr(call.func, "id", "") == "gettext_noop")
    return {str(text_of(call.args[0])) for call in marked}


def test_every_sentence_of_the_reader_has_its_words() -> None:
    assert len(said()) > 10
    assert said() - {PUT_IN.sub("*", words) for words in known_words()} == set()


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ({"quorum": 2}, "quorum: no es un campo conocido"),
        ({"repeat_after_s": "soon"}, "repeat_after_s: no es un número entero"),
        ({"name": None}, "name: falta"),
        ({"steps": [7]}, "steps[0]: no es un objeto"),
        ({"name": "x" * 2001}, "name: no es un texto de 2000 caracteres como máximo"),
    ],
)
def test_why_a_policy_cannot_be_read_is_in_spanish_for_who_reads_spanish(
    house: House, org: Organisation, change: dict[str, object], shown: str
) -> None:
    with viewing(house.conn, org.id):
        house.conn.execute("update registry_person set language = 'es'")
    browser, path = house.signed_in(org, "safety_lead"), f"/sites/{org.site_id}"
    bad = document(org, **change)
    assert shown in unescape(browser.post_form(f"{path}/policy", path, document=bad).text)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('{"kind": "whim"}', "kind: no es ninguno de"),
        ('{"first_date": "soon"}', "first_date: no es una fecha como 2026-11-01"),
    ],
)
def test_why_a_line_of_a_roster_cannot_be_read_is_in_spanish_too(
    house: House, org: Organisation, line: str, shown: str
) -> None:
    with viewing(house.conn, org.id):
        house.conn.execute("update registry_person set language = 'es'")
    browser, path = house.signed_in(org, "safety_lead"), f"/sites/{org.site_id}"
    assert shown in unescape(browser.post_form(f"{path}/roster", path, document=line).text)
