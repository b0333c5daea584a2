"""Accounts side by side: nothing corrected, nothing overwritten, disagreement said in words, blanks as blanks."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import cast
from tests.builders import AT
from tocsin.flow.load_accounts import MAX_FILE_BYTES, AccountsRefused, read_accounts
from tocsin.record.rules.accounts import (
    MAX_WORDS,
    About,
    Account,
    Agreement,
    Sheet,
    agreement,
    exported,
    fact_of,
    refused,
    sheet,
)

EXAMPLE = Path(__file__).parents[2] / "examples" / "reference_case.toml"
CASE = cast.number(0x5E1)


def an_account(words: str, source: str = "A", **changes: object) -> Account:
    """Return what a source says about the hours to the arrest."""
    values: dict[str, object] = {
        "id": cast.number(0xAC00 + len(words) + ord(source[0])),
        "organisation_id": cast.HARBOUR_EMS,
        "about": About.CASE,
        "about_id": CASE,
        "case_id": CASE,
        "fact": "arrest.after_hours",
        "label": "after how many hours he was arrested",
        "source": source,
        "words": words,
        "heard_at": AT,
        "kept_at": AT,
    }
    return Account(**values | changes)  # type: ignore[arg-type]


def example() -> Sheet:
    """Return the project's own example, loaded."""
    raw = EXAMPLE.read_bytes()
    at = AT + timedelta(days=500)
    return sheet(read_accounts(raw, cast.HARBOUR_EMS, CASE, day_0=date(2025, 6, 14), at=at))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], Agreement.BLANK),
        (["3"], Agreement.ONE),
        (["27", "27", " 27. "], Agreement.SAME),
        (["3", "5"], Agreement.OTHER_NUMBERS),
        (["three", "5"], Agreement.OTHER_NUMBERS),
        (["day 4", "four days later"], Agreement.OTHER_WORDS),
        (["almost four years", "nearly four years"], Agreement.OTHER_WORDS),
        (["day -12", "day 12"], Agreement.OTHER_NUMBERS),
        (["terminated", "suspended on day -12"], Agreement.OTHER_WORDS),
        (["Yes", "yes"], Agreement.SAME),
    ],
)
def test_it_says_only_whether_words_or_numbers_are_the_same(
    words: list[str], expected: Agreement
) -> None:
    assert agreement([an_account(one) for one in words]) is expected


def test_a_later_word_of_the_same_source_stands_below_the_earlier() -> None:
    first = an_account("battery", "C")
    later = an_account(
        "murder", "C", heard_at=AT + timedelta(days=9), kept_at=AT + timedelta(days=9)
    )
    (row,) = sheet([later, first]).rows
    assert row.cells == ((first, later),)
    assert row.agreement is Agreement.OTHER_WORDS


def test_the_example_shows_its_disagreements() -> None:
    found = example()
    rows = {row.fact: row for row in found.rows}
    assert [source[:2] for source in found.sources] == ["A:", "B:", "C:", "D:"]
    assert rows["protected.age"].agreement is Agreement.SAME
    assert rows["respondent.age"].agreement is Agreement.OTHER_NUMBERS
    assert rows["arrest.after_hours"].agreement is Agreement.OTHER_NUMBERS
    assert rows["respondent.employment"].agreement is Agreement.OTHER_WORDS
    charges = [cell[0].words if cell else "" for cell in rows["charges"].cells]
    assert "upgraded to capital murder" in charges[1]
    assert charges[2] == "murder"
    assert found.disagreeing > 15


def test_a_blank_stays_blank() -> None:
    rows = {row.fact: row for row in example().rows}
    for fact in ("order.served_on_respondent", "respondent.vehicle", "escort.offered"):
        assert rows[fact].agreement is Agreement.BLANK
        assert not any(rows[fact].cells)


def test_every_fact_of_the_example_is_a_row_in_its_order() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    facts = [line[6:-1].strip('"') for line in text.splitlines() if line.startswith("[fact.")]
    assert [row.fact for row in example().rows] == facts


def test_the_export_has_every_version_and_prefers_none() -> None:
    said = exported(example(), About.CASE, CASE, AT)
    ages = next(one for one in said["facts"] if one["fact"] == "respondent.age")
    assert [one["Value"] for one in ages["alternateValues"]] == ["23", "23", "24"]
    assert {"TimeStamp", "Value", "source"} <= ages["alternateValues"][0].keys()
    assert ages["agreement"] == "other_numbers"
    blank = next(one for one in said["facts"] if one["fact"] == "car_park.watched")
    assert blank["alternateValues"] == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"fact": "Age"}, "fact"),
        ({"fact": ""}, "fact"),
        ({"words": "x" * (MAX_WORDS + 1)}, "words"),
        ({"words": "", "source": "A"}, "source"),
        ({"words": "3", "source": ""}, "source"),
        ({"said_at": AT + timedelta(seconds=1)}, "said_at"),
        ({"heard_at": AT + timedelta(seconds=1)}, "heard_at"),
    ],
)
def test_what_cannot_be_kept_is_refused_at_its_field(
    changes: dict[str, object], field: str
) -> None:
    assert list(refused(an_account("3", **changes) if "words" not in changes else replace(an_account("3"), **changes))) == [field]  # type: ignore[arg-type] # fmt: skip


def test_words_up_to_the_bound_are_kept() -> None:
    assert refused(an_account("x" * MAX_WORDS)) == {}


@pytest.mark.parametrize(
    ("label", "fact"),
    [
        ("His age", "his_age"),
        ("¿Cuántos años?", "cuantos_anos"),
        ("123", ""),
        ("…", ""),
        ("a" * 90, "a" * 60),
    ],
)
def test_a_fact_that_somebody_types_gets_a_name(label: str, fact: str) -> None:
    assert fact_of(label) == fact


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff",
        b"not toml",
        b"[source.A]\nwhat='x'\n",
        b"[source.A]\nwhat='x'\nheard='soon'\n[fact.a]\nis='b'",
        b"[source.A]\nwhat='x'\nheard=1\n[fact.a]\nis='b'\nZ='c'",
        b"[source.A]\nwhat='x'\nheard=1\n[fact.a]\nA='c'",
        b"[source.A]\nwhat='x'\nheard=1\n[fact.'A B']\nis='b'\nA='c'",
        b"[source.A]\nwhat='x'\nheard=99999999\n[fact.a]\nis='b'",
        b"source=1\nfact=2",
        b"#" * (MAX_FILE_BYTES + 1),
    ],
)
def test_a_file_in_another_form_is_refused_as_a_whole(raw: bytes) -> None:
    with pytest.raises(AccountsRefused):
        read_accounts(raw, cast.HARBOUR_EMS, CASE, day_0=date(2025, 6, 14), at=AT)


@pytest.mark.parametrize(("days", "hours", "is_kept"), [(0, -3, True), (1, 0, True), (2, 0, False)])
def test_a_day_that_has_not_come_is_said_and_not_moved_to_now(days: int, hours: int, is_kept: bool) -> None:  # fmt: skip
    # Nine in the morning: a day is its noon, and somewhere it is tomorrow already.
    at = datetime(2025, 6, 14, 12 + hours, tzinfo=UTC)
    raw = f"[source.A]\nwhat='x'\nheard={days}\n[fact.a]\nis='b'\nA='c'".encode()
    if is_kept:
        (account,) = read_accounts(raw, cast.HARBOUR_EMS, CASE, day_0=date(2025, 6, 14), at=at)
        assert account.heard_at == at
        return
    with pytest.raises(AccountsRefused, match="source A: heard on 2025-06-16, which lies ahead"):
        read_accounts(raw, cast.HARBOUR_EMS, CASE, day_0=date(2025, 6, 14), at=at)


ACCOUNTS = st.builds(
    an_account,
    st.text(min_size=1, max_size=5),
    st.sampled_from("ABC"),
    id=st.uuids(),
    fact=st.sampled_from(["a", "b", "c"]),
    heard_at=st.integers(-9, 0).map(lambda n: AT + timedelta(hours=n)),
)


@given(st.lists(ACCOUNTS, max_size=12, unique_by=lambda one: one.id))
def test_whatever_is_kept_is_on_the_sheet_once_and_in_its_place(accounts: list[Account]) -> None:
    found = sheet(accounts)
    shown = [
        (one, row.fact, source)
        for row in found.rows
        for source, cell in zip(found.sources, row.cells, strict=True)
        for one in cell
    ]
    assert sorted(one.id for one, _, _ in shown) == sorted(one.id for one in accounts)
    assert all((one.fact, one.source) == (fact, source) for one, fact, source in shown)
