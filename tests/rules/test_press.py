"""What did the device say? Whatever is strange in it must not cost the press."""

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import cast
from tests.builders import AT
from tests.snapshots import device_of
from tocsin.gate import signal_body
from tocsin.signals.rules.press import ACTS, LOUD, Press, read_press

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ("silent", "code", "of", "timer_s", "way", "note", "watcher")


def said(body: object) -> Press | None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_press(
        raw,
        organisation_id=cast.HARBOUR_EMS,
        person_id=cast.PROTECTED.id,
        device_id=device_of(cast.PROTECTED),
        received_at=AT,
    )


def test_a_key_is_enough_for_an_sos() -> None:
    press = said({"key": "key-00000001"})
    assert press is not None
    assert (press.act, press.key, press.is_silent) == ("sos", "key-00000001", False)


@pytest.mark.parametrize("act", ACTS)
def test_every_act_is_read(act: str) -> None:
    press = said({"key": "key-00000001", "act": act})
    assert press is not None
    assert press.act == act


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"[]", b"{", b'{"key": 5}', b'{"key": "k", "act": "dance"}']
)
def test_what_the_gate_would_refuse_is_no_press(body: bytes) -> None:
    assert said(body) is None


def test_a_deeply_nested_body_is_no_press_and_no_error() -> None:
    assert said(b"[" * 4_000) is None


@pytest.mark.guarantee("I22")
@pytest.mark.parametrize(
    ("silent", "is_silent"),
    [(True, True), (1, True), ("yes", True), ("TRUE", True), ({}, False), ([1], True)]
    + [(loud, False) for loud in (None, False, 0, "", "false", "No", "0", "null")],
)
def test_silent_is_whatever_does_not_plainly_say_no(silent: object, is_silent: bool) -> None:
    press = said({"key": "key-00000001", "silent": silent})
    # The gate, which may not ask this rule, counts a flood by the same.
    counted = signal_body.read(json.dumps({"key": "key-00000001", "silent": silent}).encode())
    assert counted.is_silent is is_silent
    assert signal_body.LOUD == LOUD
    assert press is not None
    assert press.is_silent is is_silent


@pytest.mark.parametrize(
    ("timer", "timer_s"),
    [
        *[(60, 60), (9, 10), (10, 10), (14_400, 14_400), (14_401, 14_400), (10**9, 14_400)],
        *[("60", 60), (60.0, 60), (59.9, 59), ("5", 10), ("Infinity", 14_400)],
        *[(True, 300), (None, 300), ("soon", 300), ("", 300), ([60], 300), (10**400, 300)],
    ],
)
def test_a_timer_is_bounded_and_what_is_none_is_the_usual(timer: object, timer_s: int) -> None:
    press = said({"key": "key-00000001", "act": "walk", "timer_s": timer})
    assert press is not None
    assert press.timer_s == timer_s


def test_a_watcher_is_read_as_a_person() -> None:
    press = said({"key": "key-00000001", "act": "walk", "watcher": str(cast.GUARD.id)})
    assert press is not None
    assert press.watcher_id == cast.GUARD.id


@pytest.mark.guarantee("I25")
@given(st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_no_strange_field_costs_the_press(fields: dict[str, Any]) -> None:
    press = said({**fields, "key": "key-00000001"})
    assert press is not None
    texts = (press.code, press.of, press.way, press.note)
    assert all(text == text.encode().decode() and "\x00" not in text for text in texts)
    assert press.watcher_id is None or isinstance(press.watcher_id, UUID)
