"""Is what is wrong with who is called when said in the language of who reads it, whatever the linter finds?"""

import ast
import json
import re
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest

from tests.pages.house import House, Organisation
from tests.pages.test_import_words import text_of
from tests.pages.test_sites import document
from tocsin.registry.store_sites import save_policy
from tocsin.runtime.database import viewing

TOCSIN = Path(__file__).parents[2] / "src" / "tocsin"
RULES = [TOCSIN / "registry" / "rules" / name for name in ("policy_check.py", "policy_lint.py")]
PUT_IN = re.compile(r"%\([a-d]\)s")
# Who is meant is put in by its name, which is one of three: each has a sentence of its own.
OF_A_KIND = "There is no such * here any more."


def said() -> set[str]:
    """Return every sentence of the two, a star for what is put in."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in RULES]
    found = set()
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"error", "warning"}:
            found.add(text_of(node.args[2]))
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "words":
            found.add(text_of(node.value))
    return {text for text in found if text}


def known_words() -> set[str]:
    """Return every sentence that has its words, read from the source: it needs no Django here."""
    source = (TOCSIN / "console" / "pages" / "policy_words.py").read_text(encoding="utf-8")
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    marked = (call for call in calls if getattr(call.func, "id", "") == "gettext_noop")
    return {str(text_of(call.args[0])) for call in marked}


def test_every_sentence_of_the_linter_has_its_words() -> None:
    known = [re.compile(".+".join(map(re.escape, PUT_IN.split(words)))) for words in known_words()]
    assert len(said()) > 30
    kinds = {OF_A_KIND.replace("*", kind) for kind in ("team", "post", "person")}
    assert kinds <= known_words()
    wanted = said() - {OF_A_KIND}
    assert {text for text in wanted if not any(one.fullmatch(text) for one in known)} == set()


def test_what_is_wrong_with_a_policy_is_in_spanish_for_who_reads_spanish(house: House, org: Organisation) -> None:  # fmt: skip
    with viewing(house.conn, org.id):
        house.conn.execute("update registry_person set language = 'es'")
    browser, path = house.signed_in(org, "safety_lead"), f"/sites/{org.site_id}"
    shown = unescape(browser.post_form(f"{path}/policy", path, document=document(org)).text)
    assert "Todo lo que no son pantallas sale solo por sms." in shown
    assert "Everything away" not in shown


def test_why_a_policy_is_refused_is_in_spanish_too(house: House, org: Organisation) -> None:
    with viewing(house.conn, org.id):
        house.conn.execute("update registry_person set language = 'es'")
    browser, path = house.signed_in(org, "safety_lead"), f"/sites/{org.site_id}"
    bad = document(org, steps=[{"offset_s": 5, "who": ["everyone_on_duty"], "quorum": 99}])
    shown = unescape(browser.post_form(f"{path}/policy", path, document=bad).text)
    assert "El primer paso debe ser inmediato (0 s)" in shown
    assert "99 no está entre 1 y" in shown
    assert "The first step" not in shown


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("Step 1: everyone on duty calls nobody.", "Step 2: manager calls nobody.")),
        ("es", ("todas las personas de turno", "superior")),
    ],
)
def test_whom_a_step_calls_is_said_in_words_and_not_by_its_code(house: House, org: Organisation, language: str, said: tuple[str, ...]) -> None:  # fmt: skip
    steps = [{"offset_s": 0, "who": ["everyone_on_duty"]}, {"offset_s": 30, "who": ["role:manager"]}]  # fmt: skip
    policy = json.loads(document(org, steps=steps))
    with viewing(house.conn, org.id):
        save_policy(house.conn, org.id, org.site_id, policy, at=datetime.now(UTC), by_id=None)
        house.conn.execute("update registry_person set language = %s", (language,))
        house.conn.execute("update registry_shift set ends_at = now() where organisation_id = %s", (org.id,))  # fmt: skip
    shown = unescape(house.signed_in(org, "safety_lead").get(f"/sites/{org.site_id}").text)
    found = " ".join(re.findall(r'<p class="line (?:urgent|open)">[^<]+', shown))
    assert [words for words in said if words not in found] == []
    assert "everyone_on_duty" not in found
    assert "role:" not in found
