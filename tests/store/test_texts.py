"""From the gate's bytes to an alarm, on both stores: no text is taken for another, and an odd one costs no other."""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest

from tests import cast
from tests.builders import AT, utc
from tests.snapshots import SeededIds, device_of
from tests.store.a_case import insert_the_case
from tests.store.stores import Store
from tocsin.engine import intake
from tocsin.engine.engine import Engine, Parts
from tocsin.engine.intake import runs_of, sort_out, take
from tocsin.flow.alarms import Alarms, Signal
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.receive_text import TextIn
from tocsin.runtime.clock import SystemClock
from tocsin.runtime.database import Connection, viewing
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.settings import Gateway
from tocsin.runtime.spool_format import DEVICE, INBOUND, Entry
from tocsin.signals.store_quarantine import open_raw
from tocsin.signals.store_texts import Text, keep_text, load_words

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
    for run in runs_of(sort_out(entries, [MODEM])[0]):
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


# --- what cannot be taken is set aside ------------------------------------------------------------


class Desk:
    """Runs verbs on one store, each in a transaction of its own."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def do(self, work: Callable[[Alarms], Any], _lane: str = "alarm") -> Any:
        with self._store.alarms.atomically():
            return work(self._store.alarms)


def taken(store: Store, *entries: Entry) -> None:
    """Let an engine take these entries as one batch; nothing is sent."""
    told = SimpleNamespace(changed=lambda _: None, sent=lambda _: None, answer=lambda *_: None)
    rest: dict[str, Any] = dict.fromkeys(("spool", "links"))
    channels: dict[str, Any] = {}
    engine = Engine(
        Parts(
            name="",
            desk=Desk(store),
            mark_drained=lambda _: None,
            drained=0,
            channels=channels,
            telling=told,  # type: ignore[arg-type]
            clock=SystemClock(),
            ids=IDS,
            gateways=(MODEM,),
            **rest,
        )
    )
    asyncio.run(engine._take(entries))


def shown(conn: Connection) -> list[tuple[str, str]]:
    aside = conn.execute("select source, why from signals_quarantined order by id").fetchall()
    seen = conn.execute("select source, why from signals_unverifiedsignal order by id").fetchall()
    assert aside == seen
    return aside


@pytest.mark.guarantee("I25")
def test_an_odd_entry_is_set_aside_and_the_sos_after_it_is_raised(
    postgres_store: Store, engine: Connection
) -> None:
    taken(postgres_store, an_entry(AT, b"text=SOS"), an_entry(AT))
    assert postgres_store.alarms.open_incidents([(WREN.organisation_id, WREN.id)])
    assert shown(engine) == [("text", "no number in it that sent it")]


@pytest.mark.guarantee("I25")
def test_a_text_that_breaks_its_verb_is_set_aside_and_the_sos_after_it_is_raised(
    postgres_store: Store, engine: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = intake.receive_text

    def breaks(alarms: Alarms, text: TextIn, **how: Any) -> Any:
        if text.number == GUS.phone:
            raise ValueError("a defect")
        return shipped(alarms, text, **how)

    monkeypatch.setattr(intake, "receive_text", breaks)
    taken(postgres_store, an_entry(AT, who=GUS, text="north gate"), an_entry(AT))
    assert postgres_store.alarms.open_incidents([(WREN.organisation_id, WREN.id)])
    assert shown(engine) == [("text", "could not be decided about")]
    (raw,) = engine.execute("select raw_sealed from signals_quarantined").fetchone() or (b"",)
    assert b"north gate" not in bytes(raw)


def test_an_act_that_breaks_its_verb_is_set_aside_without_its_code(
    postgres_store: Store,
    engine: Connection,
    ring: KeyRing,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def breaks(*_: Any, **__: Any) -> None:
        raise ValueError("a defect")

    monkeypatch.setattr(intake, "cancel_sos", breaks)
    body = json.dumps({"key": "key-1", "act": "cancel", "code": "4821", "of": "key-0"}).encode()
    ids = b"".join(i.bytes for i in (WREN.organisation_id, WREN.id, device_of(WREN)))
    taken(postgres_store, Entry(1, AT, DEVICE, ids + body))
    assert shown(engine) == [("device", "could not be decided about")]
    (row_id,) = engine.execute("select id from signals_quarantined").fetchone() or (None,)
    raw = open_raw(engine, ring, WREN.organisation_id, row_id) if row_id else None
    assert raw
    assert "4821" not in raw


# --- words are kept -------------------------------------------------------------------------------


def gus_wrote(store: Store, conn: Connection, ring: KeyRing) -> UUID:
    """Let Wren raise an SOS and Gus, who was told, write without a code; return her incident."""
    raised(store, an_entry(AT))
    (incident,) = store.alarms.open_incidents([(WREN.organisation_id, WREN.id)]).values()
    text = Text(
        *(WREN.organisation_id, MODEM.name, "name-1", AT, "unclear", GUS.id, GUS.phone),
        words="north gate, he has a knife",
        incident_ids=(incident.id,),
    )
    assert keep_text(conn, ring, text)
    return incident.id


def words_on(conn: Connection, ring: KeyRing, incident_id: UUID) -> list[str]:
    return [one.text for one in load_words(conn, ring, WREN.organisation_id, incident_id)]


def test_words_without_a_code_are_sealed_and_read_back_on_their_incident(
    postgres_store: Store, engine: Connection, ring: KeyRing
) -> None:
    incident_id = gus_wrote(postgres_store, engine, ring)
    assert words_on(engine, ring, incident_id) == ["north gate, he has a knife"]
    rows = engine.execute("select text_sealed, from_sealed from signals_textreceived").fetchall()
    assert not any(b"north" in bytes(each) or b"555" in bytes(each) for row in rows for each in row)


def test_what_she_writes_herself_is_kept_for_her_own_incident(
    postgres_store: Store, engine: Connection, ring: KeyRing
) -> None:
    raised(postgres_store, an_entry(AT), an_entry(AT, text="north gate"))
    (incident,) = postgres_store.alarms.open_incidents([(WREN.organisation_id, WREN.id)]).values()
    assert words_on(engine, ring, incident.id) == ["north gate"]


@pytest.mark.guarantee("I26")
def test_words_are_gone_with_their_writers_key(
    postgres_store: Store, engine: Connection, ring: KeyRing
) -> None:
    incident_id = gus_wrote(postgres_store, engine, ring)
    engine.execute("delete from registry_personkey where person_id = %s", (GUS.id,))
    assert words_on(engine, ring, incident_id) == [""]


@pytest.mark.guarantee("I5")
def test_a_key_that_cannot_be_opened_costs_her_words_and_not_her_sos(
    postgres_store: Store, engine: Connection
) -> None:
    engine.execute("update registry_personkey set wrapped = 'x' where person_id = %s", (WREN.id,))
    assert len(raised(postgres_store, an_entry(AT, id="1"))) == 1


@pytest.mark.guarantee("I12")
def test_the_database_shows_no_text_about_an_incident_to_whoever_is_kept_from_it(
    postgres_store: Store, engine: Connection, web: Connection, ring: KeyRing
) -> None:
    gus_wrote(postgres_store, engine, ring)
    insert_the_case(engine, ring)
    for viewer, count in ((cast.DISPATCHER, 1), (cast.RESPONDENT, 0)):
        with viewing(web, WREN.organisation_id, viewer.id):
            found = web.execute(
                "select count(*) from signals_textreceived where person_id = %s", (GUS.id,)
            ).fetchone()
        assert found == (count,)


def test_a_number_in_national_form_is_never_taken_for_an_enrolled_one_and_the_lead_is_told(
    store: Store,
) -> None:
    modem = Gateway("modem", "http", "harbour", "", "+13125550191")
    said = an_entry(AT, **{"from": WREN.phone.removeprefix("+1")})
    for run in runs_of(sort_out([said], [modem])[0]):
        with store.alarms.atomically():
            assert take(store.alarms, run, IDS, "e1").changes == []
    if isinstance(store.alarms, PostgresAlarms):
        with viewing(store.alarms.conn, cast.HARBOUR_EMS):
            rows = store.alarms.conn.execute("select why from signals_unverifiedsignal").fetchall()
        assert rows == [("number in national form",)]
