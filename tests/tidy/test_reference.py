"""Is the reference what the code is? Each page is made from the code, and nothing is left out."""

import re
from pathlib import Path

import pytest

from tests.tidy import reference
from tocsin.cli import COMMANDS
from tocsin.notifications.rules.templates import TEMPLATES
from tocsin.record.rules.kinds import KINDS
from tocsin.runtime.settings import SETTINGS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
WRITTEN = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])
LINK = re.compile(r"\]\(([^)\s#]+)(?:#[^)\s]*)?\)")
# Made by other tests; a page may link to it before it was made once.
MADE_ELSEWHERE = {DOCS / "guarantees.md"}


def _page(name: str) -> str:
    return (DOCS / "reference" / name).read_text(encoding="utf-8")


def test_each_page_is_as_the_code_makes_it() -> None:
    assert reference.differing() == [], "write them: python -m tests.tidy.reference --write"


@pytest.mark.parametrize("setting", [one.name for one in SETTINGS])
def test_each_setting_is_documented(setting: str) -> None:
    assert f"| `{setting}` |" in _page("settings.md")


def test_each_field_of_a_gateway_has_words() -> None:
    fields = [name for name, _ in reference.gateway_fields()]
    assert set(fields) == set(reference.GATEWAY_WORDS)


def test_each_limit_of_the_gate_and_of_policies_is_documented() -> None:
    page = _page("limits.md")
    limits = reference.find_limits()
    assert len(limits) > 100
    assert [one.name for one in limits if f"| `{one.name}` | {one.value} |" not in page] == []


def test_words_are_kept_for_no_limit_that_is_gone() -> None:
    known = {f"{one.module}:{one.name}" for one in reference.find_limits()}
    assert set(reference.WORDS) - known == set()


def test_each_channel_has_its_part_and_each_part_a_channel() -> None:
    parts = re.findall(r"^## (\w+)$", _page("channels.md"), re.MULTILINE)
    assert parts == reference.channel_kinds()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_kind_of_entry_is_documented(kind: str) -> None:
    assert f"| `{kind}` |" in _page("entries.md")


@pytest.mark.parametrize("command", [one.name for one in COMMANDS])
def test_each_command_is_documented(command: str) -> None:
    assert f"### tocsin {command}\n" in _page("commands.md")


def test_each_text_is_documented_in_both_languages() -> None:
    page = _page("templates.md")
    assert [one.name for one in TEMPLATES if one.words["es"].text not in page] == []


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_link_leads_somewhere(path: Path) -> None:
    links = [link for link in LINK.findall(path.read_text(encoding="utf-8")) if "://" not in link]
    targets = [(path.parent / link).resolve() for link in links if not link.startswith("mailto:")]
    broken = [str(one) for one in targets if not one.exists() and one not in MADE_ELSEWHERE]
    assert broken == []


def test_every_text_is_sent_by_something() -> None:
    assert reference.idle_texts() == []
