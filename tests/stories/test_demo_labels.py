"""Does every line of the demo's story say where it comes from, and claim no more than that?"""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from tocsin.demo import (
    afterwards,
    at_the_door,
    first_days,
    held_walk,
    last_shift,
    other_scenes,
    the_accounts,
    welcome,
)
from tocsin.demo.printing import BLANK, REPORTED, SUPPOSED, Voice
from tocsin.demo.reference import Reference, examples_folder, read_reference

SCENES = (last_shift, first_days, held_walk, afterwards, other_scenes, at_the_door, the_accounts)


@pytest.fixture(scope="module")
def reference() -> Reference:
    return read_reference(examples_folder())


def reported_in(module: object) -> list[str]:
    """Return the facts that a module's `voice.reported(...)` names, by reading its source."""
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))  # type: ignore[attr-defined]
    calls = (
        n for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)
    )
    return [
        argument.value
        for call in calls
        if call.func.attr == "reported"  # type: ignore[attr-defined]
        for argument in call.args
        if isinstance(argument, ast.Constant)
    ]


def said(reference: Reference, name: str) -> str:
    lines: list[str] = []
    Voice(reference, lambda: 0.0, lines.append).reported(name)
    return " ".join("".join(lines).split())


def test_every_fact_that_the_story_reports_stands_in_the_example(reference: Reference) -> None:
    named = [name for module in SCENES for name in reported_in(module)]

    assert len(named) > 15
    assert [name for name in named if name not in reference.facts] == []


def test_a_reported_line_is_the_sources_own_words_with_their_letters(reference: Reference) -> None:
    for name, fact in reference.facts.items():
        line = said(reference, name)
        if fact.is_blank:
            continue
        assert line.startswith(REPORTED)
        for letter, words in fact.accounts.items():
            assert f'{letter}: "{words}"' in line


def test_a_reported_line_has_no_words_but_the_examples(reference: Reference) -> None:
    line = said(reference, "arrest.after_hours")

    assert line == 'REPORTED After how many hours he was arrested. B: "3"; D: "5".'


def test_what_no_report_says_stays_blank(reference: Reference) -> None:
    blanks = {name for name, fact in reference.facts.items() if fact.is_blank}

    assert said(reference, "respondent.vehicle").startswith(f"{BLANK} No report says")
    assert {"arrival_of_respondent_seen_by_anyone", "escort.offered", "car_park.watched"} <= blanks
    assert {"emergency_call.by_whom_and_when", "order.served_on_respondent"} <= blanks


def test_a_fact_that_the_example_does_not_know_is_not_told(reference: Reference) -> None:
    with pytest.raises(KeyError):
        said(reference, "respondent.motive")


def test_accounts_that_disagree_stand_side_by_side(reference: Reference) -> None:
    assert set(reference.facts["arrest.after_hours"].accounts.values()) == {"3", "5"}
    assert len(set(reference.facts["respondent.employment"].accounts.values())) == 4


def test_every_other_line_is_labelled_too(reference: Reference) -> None:
    lines: list[str] = []
    voice = Voice(reference, lambda: 1234.0, lines.append)
    voice.supposed("Wren presses.")
    voice.demo("One channel fails.")

    assert lines == [
        "   1.234s SUPPOSED  Wren presses.\n",
        "          DEMO      One channel fails.\n",
    ]


def test_the_story_says_nothing_that_nobody_can_know() -> None:
    banned = re.compile(
        r"you are safe|all clear|would have (lived|survived|saved)|prevented|saved her", re.I
    )
    for module in (*SCENES, welcome):
        text = Path(str(module.__file__)).read_text(encoding="utf-8")
        assert banned.search(text) is None


def test_the_last_line_says_that_it_could_have_been_the_same() -> None:
    assert welcome.LAST.endswith("The outcome could have been the same.")


def test_the_example_names_nobody_and_no_date() -> None:
    text = (examples_folder() / "reference_case.toml").read_text(encoding="utf-8")
    months = "january february march april june july august september october november december"
    told = tomllib.loads(text)

    assert not set(months.split()) & set(re.findall(r"[a-z]+", text.lower()))
    assert re.search(r"\b(19|20)\d\d\b", text) is None
    assert set(told["source"]) == {"A", "B", "C", "D"}


def test_every_label_of_the_story_is_explained_before_it_begins() -> None:
    explained = {line.split()[0] for line in welcome.LABELS if not line.startswith(" ")}

    assert {REPORTED, BLANK, SUPPOSED, "DEMO"} == explained
