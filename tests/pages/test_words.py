"""Are the words of the screens in every language that we offer, and do they promise nothing?"""

import ast
import gettext
import re
from pathlib import Path

import pytest
import requests

from tests.pages.case_in_house import a_case
from tests.pages.house import House, Organisation
from tocsin.runtime.database import viewing

CONSOLE = Path(__file__).parents[2] / "src" / "tocsin" / "console"
SPANISH = CONSOLE / "locale" / "es" / "LC_MESSAGES" / "django"
TEMPLATES = CONSOLE / "templates"
MUST = tuple(sorted(str(file.relative_to(TEMPLATES)) for file in TEMPLATES.rglob("*.html")))
MODULES = tuple(sorted(CONSOLE.parent.rglob("*.py")))
TRANSLATE = re.compile(r"""\{%\s*translate\s+(["'])(.*?)\1""")
# A longer text: what stands in it until its end, or until its plural.
BLOCK = re.compile(
    r"\{%\s*blocktranslate\b[^%]*%\}(.*?)\{%\s*(?:plural|endblocktranslate)\s*%\}", re.DOTALL
)
PLACE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
MARKS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
PROMISES = re.compile(r"help is (coming|on (its|the) way)|you are safe|all[- ]clear|ayuda est[aá] en camino|est[aá]s? a salvo", re.IGNORECASE)  # fmt: skip


def written() -> dict[str, str]:
    """Return the singular texts of the .po file, read here by a way of our own."""
    found = {}
    for block in SPANISH.with_suffix(".po").read_text(encoding="utf-8").split("\n\n"):
        said = {
            name: ast.literal_eval(text)
            for name, text in re.findall(r'^(msg\w+(?:\[0\])?) (".*")$', block, re.MULTILINE)
        }
        if said.get("msgid") and "msgctxt" not in said:
            found[said["msgid"]] = said.get("msgstr", said.get("msgstr[0]", ""))
    return found


def test_the_compiled_words_are_those_that_were_written() -> None:
    with SPANISH.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert len(written()) > 200
    for english, spanish in written().items():
        assert spanish in {compiled.gettext(english), compiled.ngettext(english, english + "s", 1)}


@pytest.mark.parametrize("template", MUST)
def test_nobody_reads_a_page_in_a_language_not_her_own(template: str) -> None:
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    said = {words for _, words in TRANSLATE.findall(text)}
    said |= {PLACE.sub(r"%(\1)s", words) for words in BLOCK.findall(text)}
    assert said - set(written()) == set()


def test_what_is_said_from_the_code_is_in_her_language_too() -> None:
    said = {
        node.args[0].value
        for file in MODULES
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS
        if node.args and isinstance(node.args[0], ast.Constant)
    }
    assert len(said) > 500
    assert said - set(written()) == set()


def test_no_text_was_left_untranslated() -> None:
    assert [english for english, spanish in written().items() if not spanish] == []
    assert "fuzzy" not in SPANISH.with_suffix(".po").read_text(encoding="utf-8")


def test_a_place_in_a_text_is_in_its_translation_too() -> None:
    for english, spanish in written().items():
        places = re.compile(r"%\(\w+\)s")
        assert sorted(places.findall(english)) == sorted(places.findall(spanish)), english


def test_no_screen_promises_anything() -> None:
    for file in [*CONSOLE.rglob("*.html"), *CONSOLE.rglob("*.js"), SPANISH.with_suffix(".po")]:
        text = file.read_text(encoding="utf-8").replace("This is not an all-clear.", "")
        assert not PROMISES.search(text), file


def test_a_person_reads_her_own_language(house: House, org: Organisation) -> None:
    with viewing(house.conn, org.id):
        house.conn.execute("update registry_person set language = 'es' where role = 'guard'")
    hers = house.signed_in(org, "guard").get("/").text
    another_s = house.signed_in(org, "shift_lead").get("/").text
    assert "<h1>Tablero</h1>" in hers
    assert '<html lang="es">' in hers, "a screen reader reads it by this"
    assert "<h1>Board</h1>" in another_s
    assert '<html lang="en">' in another_s


def test_none_has_the_gender_of_what_there_is_none_of(house: House, org: Organisation) -> None:
    case_id, her = a_case(house, org), org.people["safety_lead"]
    with viewing(house.conn, org.id):
        house.conn.execute("update registry_person set language = 'es' where id = %s", (her,))
        house.conn.execute(
            "update registry_contactmethod set verified_at = null where person_id = %s", (her,)
        )
    lead = house.signed_in(org, "safety_lead")
    assert "<h2>Normas internas</h2><p>Ninguna.</p>" in lead.get(f"/cases/{case_id}/orders").text
    assert "Ninguna está verificada: nada le llega." in lead.get(f"/people/{her}").text
    assert "<h2>Puestos</h2><ul><li>Ninguno.</li>" in lead.get(f"/sites/{org.site_id}").text


def test_a_time_is_said_in_her_language_too(house: House, org: Organisation) -> None:
    incident = house.sos(org)
    day_and_month = re.compile(r"\b(lun|mar|mi[eé]|jue|vie|s[aá]b|dom) \d+ (ene|feb|mar|abr|may|jun|jul|ago|sep|oct|nov|dic)\b")  # fmt: skip
    with viewing(house.conn, org.id):
        house.conn.execute(
            "update registry_person set language = 'es' where id = %s", (org.people["shift_lead"],)
        )
    shown = house.signed_in(org, "shift_lead").get(f"/incidents/{incident}").text
    assert day_and_month.search(shown.lower())


def test_the_phone_reads_the_language_of_its_owner(house: House) -> None:
    shown = requests.get(house.base + "/phone", headers={"Accept-Language": "es-MX,es;q=0.9"}, timeout=20)  # fmt: skip
    assert "AÚN NO ENVIADO" in shown.text


def reasons() -> set[str]:
    """Return every text with which a verb refuses, written there or named there."""
    found: set[str] = set()
    for path in sorted((CONSOLE.parent / "flow").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant)
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Name)
        }
        for call in ast.walk(tree):
            if not (
                isinstance(call, ast.Call)
                and getattr(call.func, "id", "") == "Refused"
                and call.args
            ):
                continue
            first = call.args[0]
            said = (
                first.value
                if isinstance(first, ast.Constant)
                else named.get(getattr(first, "id", ""))
            )
            if isinstance(said, str):
                found.add(said)
    return found


def test_whatever_a_verb_refuses_with_is_said_in_her_language() -> None:
    assert len(reasons()) > 50
    assert reasons() - set(written()) == set()
