"""Is an entry one text, and is everything refused that is not in the vocabulary?"""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import cast
from tocsin.record.rules import entries, values
from tocsin.record.rules.entries import Entry, EntryRefused, entry_of, leaf_of, sealed
from tocsin.record.rules.kinds import KINDS, Form, reference

AT = datetime(2026, 11, 6, 5, 30, 0, 120, tzinfo=UTC)
INCIDENT = cast.number(0x7001)
STEP = {"step": 1}
EXAMPLES: dict[Form, Any] = {
    Form.ID: cast.PROTECTED.id,
    Form.IDS: (cast.PROTECTED.id, cast.DISPATCHER.id),
    Form.CODE: "webpush",
    Form.CODES: ["sms", "live"],
    Form.GIVEN: "-_SM3f09.x",
    Form.REASON: "21610",
    Form.NUMBER: 3,
    Form.FLAG: True,
    Form.TIME: AT,
    Form.DIGEST: "ab" * 32,
    Form.COUNTS: {"sms": 2},
    Form.SEALED: sealed(cast.PROTECTED.id, b"\x01\x01ciphertext"),
}
WRONG: dict[Form, list[Any]] = {
    Form.ID: ["wren", 3, "0199E000-0000-7000-8000-000000000001"],
    Form.IDS: [["wren"], "wren", [cast.PROTECTED.id] * (values.MAX_LIST + 1)],
    Form.CODE: ["", "two\nlines", "ünsafe", "x" * 129, 3],
    Form.CODES: ["sms", [3]],
    Form.GIVEN: [3, ["x"]],
    Form.REASON: [21610],
    Form.NUMBER: [1.5, "3", True, 2**53],
    Form.FLAG: [1, "yes"],
    Form.TIME: ["2026-11-06T05:30:00Z", "yesterday", 3],
    Form.DIGEST: ["AB" * 32, "ab"],
    Form.COUNTS: [{"sms": 1.5}, ["sms"], {"": 1}],
    Form.SEALED: ["text", {"sealed": "AAAA"}, {"of": "wren", "sealed": "AAAA"},
                  {"of": str(cast.PROTECTED.id), "sealed": "not base64!"},
                  {"of": str(cast.PROTECTED.id), "sealed": ""}],
}  # fmt: skip


def an_entry(**changes: Any) -> Entry:
    values: dict[str, Any] = {
        "id": cast.number(0x7101),
        "organisation_id": cast.HARBOUR_EMS,
        "at": AT,
        "kind": "step.begun",
        "incident_id": INCIDENT,
        "body": STEP,
    }
    return Entry(**values | changes)


def test_a_leaf_is_this_text() -> None:
    assert leaf_of(an_entry()).decode() == (
        '{"actor":null,"at":"2026-11-06T05:30:00.000120Z","body":{"step":1},'
        '"id":"0199e000-0000-7000-8000-000000007101",'
        '"incident":"0199e000-0000-7000-8000-000000007001","kind":"step.begun",'
        '"organisation":"0199e000-0000-7000-8000-0000000000a1","v":1}'
    )


def test_a_leaf_is_read_back() -> None:
    entry = an_entry(actor_id=cast.DISPATCHER.id)
    assert entry_of(leaf_of(entry)) == entry


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_written_with_all_its_fields_and_with_the_needed_ones(kind: str) -> None:
    known = KINDS[kind]
    full = {name: EXAMPLES[form] for name, form in known.fields.items()}
    short = {name: value for name, value in full.items() if name in known.required}
    for body in (full, short):
        leaf = leaf_of(an_entry(kind=kind, body=body))
        assert entries.canonical(json.loads(leaf)) == leaf
        assert set(json.loads(leaf)["body"]) == set(body)


@pytest.mark.parametrize("form", Form)
def test_a_value_of_the_wrong_form_is_refused(form: Form) -> None:
    kind, name = next(
        (kind, name)
        for kind, known in KINDS.items()
        for name, its in known.fields.items()
        if its is form
    )
    good = {each: EXAMPLES[KINDS[kind].fields[each]] for each in KINDS[kind].required}
    for value in WRONG[form]:
        with pytest.raises(EntryRefused, match=name):
            leaf_of(an_entry(kind=kind, body=good | {name: value}))


def test_an_unknown_kind_an_unknown_field_and_a_missing_field_are_refused() -> None:
    with pytest.raises(EntryRefused, match="not a kind"):
        leaf_of(an_entry(kind="step.guessed"))
    with pytest.raises(EntryRefused, match="has no field mood"):
        leaf_of(an_entry(body={"step": 1, "mood": "calm"}))
    with pytest.raises(EntryRefused, match="lacks step"):
        leaf_of(an_entry(body={}))


def test_a_refusal_does_not_repeat_the_value() -> None:
    with pytest.raises(EntryRefused) as refused:
        leaf_of(an_entry(body={"step": "Wren Sample"}))
    assert "Wren" not in str(refused.value)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(EntryRefused, match="zone"):
        leaf_of(an_entry(at=AT.replace(tzinfo=None)))


def test_one_instant_has_one_text_whatever_its_zone() -> None:
    there = AT.astimezone(timezone(timedelta(hours=-6)))
    assert leaf_of(an_entry(at=there)) == leaf_of(an_entry())


def test_the_longest_leaf_is_taken_and_one_list_more_is_not() -> None:
    people = [cast.PROTECTED.id] * 400
    assert leaf_of(an_entry(kind="step.begun", body={"step": 1, "people": people}))
    with pytest.raises(EntryRefused, match="longer than"):
        leaf_of(an_entry(kind="step.begun", body={"step": 1, "people": people * 2}))


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("21610", "21610"),
        ("", "_"),
        ("  ", "_"),
        ("550 5.1.1 <wren@harbour.example> unknown", "550 5.1.1 # unknown"),
        ("To: +1 312 555-0101 is blocked", "To: # is blocked"),
        ("Нет такого", "___ ______"),
        ("x" * 500, "x" * 128),
        ("x" * 1_000_000, "x" * 128),
    ],
)
def test_a_providers_error_is_kept_without_addresses(said: str, kept: str) -> None:
    body = {"delivery": INCIDENT, "code": said}
    leaf = leaf_of(an_entry(kind="delivery.failed", body=body))
    assert json.loads(leaf)["body"]["code"] == kept


@settings(deadline=None)
@given(st.text())
def test_whatever_a_provider_says_the_entry_is_written(said: str) -> None:
    body = {"delivery": INCIDENT, "code": said, "provider_id": said}
    leaf_of(an_entry(kind="delivery.failed", body=body))


@settings(deadline=None)
@given(st.datetimes(timezones=st.just(UTC)))
def test_every_time_is_read_back(at: datetime) -> None:
    assert values.time_of(values.time_text(at)) == at


@pytest.mark.parametrize(
    "leaf",
    [b"", b"[]", b"{}", b"\xff", b"null", leaf_of(an_entry()).replace(b'"v":1', b'"v":2')],
)
def test_what_is_no_leaf_is_refused(leaf: bytes) -> None:
    with pytest.raises(EntryRefused):
        entry_of(leaf)


def test_every_kind_has_a_meaning_and_a_name_of_two_parts() -> None:
    for name, kind in KINDS.items():
        assert len(name.split(".")) == 2
        assert len(name) <= 40
        assert kind.meaning.endswith(".")


def test_the_reference_names_every_kind_once() -> None:
    lines = reference().splitlines()
    assert [sum(line.startswith(f"| `{kind}` |") for line in lines) for kind in KINDS] == [1] * len(
        KINDS
    )
