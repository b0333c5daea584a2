"""From the gate's bytes to an alarm, on both stores: no text is taken for another, and an odd one costs no other."""

import json
from datetime import datetime, timedelta
from urllib.parse import urlencode

import pytest

from tests import cast
from tests.builders import AT, utc
from tests.snapshots import SeededIds
from tests.store.stores import Store
from tocsin.engine.intake import presses_of, runs_of, take
from tocsin.flow.alarms import Signal
from tocsin.runtime.settings import Gateway
from tocsin.runtime.spool_format import INBOUND, Entry

MODEM = Gateway("modem", "http", "harbour", "", "")
IDS = SeededIds("texts")
WREN, GUS = cast.PROTECTED, cast.GUARD
A_DAY_LATER = utc("2026-11-07 05:30")


def an_entry(
    at: datetime, body: bytes | None = None, who: cast.Player = WREN, **more: str
) -> Entry:
    head = json.dumps({"gateway": MODEM.name, "headers": {}}).encode() + b"\n"
    said = {"from": who.phone, "text": "SOS"} | more
    return Entry(1, at, INBOUND, head + (urlencode(said).encode() if body is None else body))


def raised(store: Store, *entries: Entry) -> list[Signal]:
    """Return the presses that these entries came to, as the engine takes them."""
    found: list[Signal] = []
    for run in runs_of(presses_of(entries, [MODEM])):
        with store.alarms.atomically():
            changes = take(store.alarms, run, IDS, "e1").changes
        found += [signal for change in changes for signal in change.signals]
    return found


@pytest.mark.guarantee("I5")
def test_the_same_words_a_day_later_through_a_gateway_without_ids_raise_again(store: Store) -> None:
    assert len(raised(store, an_entry(AT), an_entry(A_DAY_LATER))) == 2


@pytest.mark.guarantee("I5")
def test_an_id_that_a_modem_used_a_day_ago_swallows_nothing(store: Store) -> None:
    assert len(raised(store, an_entry(AT, id="1"), an_entry(A_DAY_LATER, id="1"))) == 2


@pytest.mark.guarantee("I5")
def test_an_id_that_somebody_else_had_swallows_nothing(store: Store) -> None:
    both = raised(store, an_entry(AT, id="1"), an_entry(AT, who=GUS, id="1"))
    assert {signal.press.person_id for signal in both} == {WREN.id, GUS.id}


def test_an_entry_that_is_read_again_after_a_restart_raises_once(store: Store) -> None:
    assert len(raised(store, an_entry(AT))) == 1
    assert raised(store, an_entry(AT)) == []


def test_what_a_gateway_repeats_minutes_later_under_its_id_raises_once(store: Store) -> None:
    again = an_entry(AT + timedelta(minutes=2), id="1")
    assert len(raised(store, an_entry(AT, id="1"), again)) == 1


@pytest.mark.guarantee("I25")
@pytest.mark.parametrize("odd", [b"&" * 300, b"id=%00&text=%00&from=%00", b"\xff\xfe", b""])
def test_an_odd_call_before_it_costs_an_sos_nothing(store: Store, odd: bytes) -> None:
    (signal,) = raised(store, an_entry(AT, odd), an_entry(AT))
    assert signal.press.person_id == WREN.id


@pytest.mark.guarantee("I25")
def test_zeros_in_words_and_id_cost_an_sos_nothing(store: Store) -> None:
    assert len(raised(store, an_entry(AT, text="S\x00OS", id="a\x00b"))) == 1
