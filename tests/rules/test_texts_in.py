"""Which words did a gateway hand in? Whatever its call looks like, and one odd call costs no other."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import cast
from tests.builders import AT, utc
from tocsin.engine.intake import sort_out
from tocsin.engine.texts import MAX_FIELDS, read_text
from tocsin.flow.receive_text import TextIn
from tocsin.gate.limits import INBOUND_BYTES
from tocsin.runtime.settings import Gateway
from tocsin.runtime.spool_format import INBOUND, Entry
from tocsin.signals.rules.text import MAX_TEXT, Meaning, read

MODEM = Gateway("modem", "http", "harbour", "", "")
TWILIO = Gateway("twilio-main", "twilio", "harbour", "", "")
GATEWAYS = {gateway.name: gateway for gateway in (MODEM, TWILIO)}
FORM = "application/x-www-form-urlencoded"
WREN, GUS = cast.PROTECTED.phone, cast.GUARD.phone


def a_call(
    body: bytes | str, *, gateway: Gateway = MODEM, kind: str = FORM, query: str = ""
) -> bytes:
    head = {"gateway": gateway.name, "query": query, "headers": {"content-type": kind}}
    return json.dumps(head).encode() + b"\n" + (body.encode() if isinstance(body, str) else body)


def a_text(
    words: str = "SOS", number: str = WREN, at: datetime = AT, gateway: Gateway = MODEM, **more: str
) -> TextIn:
    names = ("From", "Body") if gateway is TWILIO else ("from", "text")
    body = urlencode({names[0]: number, names[1]: words} | more)
    found = read_text(a_call(body, gateway=gateway), GATEWAYS, at)
    assert found is not None
    return found


# --- the same one, or another ---------------------------------------------------------------------


@pytest.mark.guarantee("I5")
def test_two_equal_texts_without_an_id_are_two() -> None:
    second = a_text(at=utc("2026-11-07 05:30"))
    assert a_text().provider_id != second.provider_id


def test_one_entry_that_is_read_twice_is_one_text() -> None:
    assert a_text() == a_text()


def test_a_gateways_repeat_two_minutes_later_with_its_id_has_the_same_name() -> None:
    assert a_text(id="7").provider_id == a_text(id="7", at=AT + timedelta(minutes=2)).provider_id


@pytest.mark.guarantee("I5")
def test_an_id_that_is_used_again_by_another_sender_or_a_day_later_is_another_text() -> None:
    first = a_text(id="7")
    others = [a_text(id="7", number=GUS), a_text("help", id="7"), a_text(id="7", at=AT + timedelta(days=1))]  # fmt: skip
    assert first.provider_id not in {other.provider_id for other in others}


def test_twilios_ids_are_unique_so_that_an_old_call_that_is_played_back_is_no_new_text() -> None:
    old = a_text(gateway=TWILIO, MessageSid="SM1")
    again = a_text(gateway=TWILIO, MessageSid="SM1", at=utc("2027-01-01 00:00"))
    assert old.provider_id == again.provider_id


def test_an_id_that_is_null_is_none() -> None:
    call = a_call(json.dumps({"from": WREN, "text": "SOS", "id": None}), kind="application/json")
    first, second = (read_text(call, GATEWAYS, at) for at in (AT, AT + timedelta(minutes=1)))
    assert first
    assert second
    assert first.provider_id != second.provider_id


# --- whatever it looks like -----------------------------------------------------------------------


@pytest.mark.guarantee("I25")
def test_a_row_of_empty_fields_hides_neither_its_own_words_nor_the_next_text() -> None:
    odd = a_call("&" * 300 + urlencode({"from": GUS, "text": "SOS"}))
    said, _odd = sort_out(
        [Entry(1, AT, INBOUND, odd), Entry(2, AT, INBOUND, a_call("from=1&text=SOS"))], [MODEM]
    )
    assert [one.text for one in said if isinstance(one, TextIn)] == ["SOS", "SOS"]


@pytest.mark.parametrize(("before", "is_heard"), [(MAX_FIELDS - 2, True), (MAX_FIELDS, False)])
def test_so_many_fields_are_read_and_no_more(before: int, is_heard: bool) -> None:
    call = a_call("a=&" * before + urlencode({"from": WREN, "text": "SOS"}))
    assert (read_text(call, GATEWAYS, AT) is not None) is is_heard


@pytest.mark.parametrize("words", ["a\x00b", "a\ud83db"])
def test_what_cannot_be_stored_is_taken_out_of_words_and_ids(words: str) -> None:
    said = {"from": WREN, "text": words, "id": words}
    found = read_text(a_call(json.dumps(said), kind="application/json"), GATEWAYS, AT)
    assert found is not None
    assert found.text in {"ab", "a?b"}


def test_a_zero_in_a_forms_id_is_taken_out() -> None:
    assert a_text(id="7\x00").provider_id == a_text(id="7").provider_id


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_an_accent_is_heard_in_either_way_of_writing_it(encoding: str) -> None:
    words = quote_plus("Ayúdame", encoding=encoding)
    found = read_text(a_call(f"from={quote_plus(WREN)}&text={words}"), GATEWAYS, AT)
    assert found is not None
    assert read(found.text).meaning is Meaning.SOS


def test_words_are_kept_as_far_as_a_text_goes() -> None:
    assert len(a_text("a" * (MAX_TEXT + 1)).text) == MAX_TEXT


@pytest.mark.guarantee("I5")
def test_a_cry_for_help_at_the_end_of_the_largest_call_that_the_gate_takes_is_read() -> None:
    body = urlencode({"from": WREN, "text": ""})
    call = a_call(body + "+SOS".rjust(INBOUND_BYTES - len(body), "x"))
    found = read_text(call, GATEWAYS, AT)
    assert found is not None
    assert read(found.text).meaning is Meaning.SOS


def test_a_number_without_a_digit_is_no_sender() -> None:
    assert read_text(a_call("from=NOBODY&text=SOS"), GATEWAYS, AT) is None


@pytest.mark.guarantee("I25")
@given(st.binary(max_size=2_000))
def test_no_bytes_of_an_entry_raise(payload: bytes) -> None:
    read_text(payload, GATEWAYS, AT)


@pytest.mark.guarantee("I25")
@given(
    st.binary(max_size=2_000),
    st.text(max_size=200),
    st.sampled_from(["application/json", FORM, ""]),
    st.sampled_from([MODEM, TWILIO]),
)
def test_no_body_and_no_query_of_a_known_gateway_raise(
    body: bytes, query: str, kind: str, gateway: Gateway
) -> None:
    found = read_text(a_call(body, gateway=gateway, kind=kind, query=query), GATEWAYS, AT)
    assert found is None or "\x00" not in found.text


@pytest.mark.guarantee("I25")
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=6,
    )
)
def test_no_json_of_a_known_gateway_raises(said: object) -> None:
    call = a_call(json.dumps({"from": said, "text": said, "id": said}), kind="application/json")
    found = read_text(call, GATEWAYS, AT)
    assert found is None or found.text.encode()


def test_a_deep_body_and_a_long_number_in_one_raise_nothing() -> None:
    for body in ("[" * 20_000, '{"from": ' + "1" * 9_000 + "}"):
        assert read_text(a_call(body, kind="application/json"), GATEWAYS, AT) is None


# --- numbers in national form ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        "3125550104",
        "13125550104",
        "+13125550104",
        "01113125550104",
        "(312) 555-0104",
        "0013125550104",
    ],
)
def test_a_number_without_its_country_is_read_as_one_of_the_gateways_region(given: str) -> None:
    gateway = replace(MODEM, region="US")
    body = urlencode({"from": given, "text": "SOS"})
    found = read_text(a_call(body, gateway=gateway), {"modem": gateway}, AT)
    assert found is not None
    assert (found.number, found.maybe) == ("+13125550104", "")


def test_a_number_with_another_country_stays_that_countrys() -> None:
    gateway = replace(MODEM, region="US")
    body = urlencode({"from": "+34612345678", "text": "SOS"})
    found = read_text(a_call(body, gateway=gateway), {"modem": gateway}, AT)
    assert found is not None
    assert found.number == "+34612345678"


def test_without_a_region_it_is_only_said_what_the_number_may_be() -> None:
    gateway = replace(MODEM, number="+13125550191")
    body = urlencode({"from": "3125550104", "text": "SOS"})
    found = read_text(a_call(body, gateway=gateway), {"modem": gateway}, AT)
    assert found is not None
    assert (found.number, found.maybe) == ("+3125550104", "+13125550104")
