"""May only a lead read an incident out, and is it on record before she has it (I19)?"""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg.rows import TupleRow

from tests import cast
from tests.builders import a_policy
from tests.record.conftest import Connect
from tests.record.entries import INCIDENT, START
from tocsin.decisions import store as incidents
from tocsin.decisions.rules.incident import Incident, Kind
from tocsin.flow.export_incident import tell_incident
from tocsin.flow.export_record import export_incident
from tocsin.record import store, verify
from tocsin.record.rules.entries import Entry, entry_of, sealed
from tocsin.record.store_incident import export_incident as of_incident
from tocsin.registry import store_people as people
from tocsin.registry import store_sites as sites
from tocsin.registry.access import Hidden, Viewer
from tocsin.runtime.database import viewing
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.keys import Signer

Conn = psycopg.Connection[TupleRow]
RING = KeyRing([bytes(range(32))])
NOTE = cast.number(0x9102)
UNCLEAR = "A text without a valid code came; it is shown and stops nothing."
ADMINISTRATOR = Viewer(cast.HARBOUR_EMS, cast.SHIFT_LEAD.id, "safety_lead")
LEAD = Viewer(cast.HARBOUR_EMS, cast.SHIFT_LEAD.id, "shift_lead")


@pytest.fixture
def web(connect: Connect, signer: Signer) -> Iterator[Conn]:
    """Return a page's connection, in whose organisation an incident with a text is on record."""
    conn, engine = connect("web"), connect("engine")
    with viewing(conn, cast.HARBOUR_EMS):
        sites.insert_organisation(conn, cast.HARBOUR_EMS, "harbour", "Harbour EMS", at=START)
        site = sites.SiteRow(
            id=cast.HARBOUR.id, organisation_id=cast.HARBOUR_EMS, name=cast.HARBOUR.name
        )
        sites.save_site(conn, site)
        for player in (cast.PROTECTED, cast.DISPATCHER, cast.SHIFT_LEAD):
            people.insert_person(conn, RING, a_row(player))
        key = people.load_key(conn, RING, cast.PROTECTED.id)
        words = sealed(cast.PROTECTED.id, key.seal("record_entry", "words", NOTE, "east door"))
    incidents.insert_incidents(engine, [(an_incident(), None)])
    store.append(engine, [
        an_entry(cast.number(0x9101), "sos.raised", cast.PROTECTED, signal=cast.number(0x9201)),
        an_entry(NOTE, "answer.unclear", cast.DISPATCHER, words=words),
    ])  # fmt: skip
    store.seal_all(engine, signer, at=START)
    with viewing(conn, cast.HARBOUR_EMS, LEAD.person_id):
        yield conn


def a_row(player: cast.Player) -> people.PersonRow:
    return people.PersonRow(
        id=player.id,
        organisation_id=player.organisation_id,
        staff_number=player.staff_number,
        name=player.name,
        short_name=player.short_name,
        role=player.role,
    )


def an_entry(entry_id: object, kind: str, player: cast.Player, **body: object) -> Entry:
    return Entry(entry_id, cast.HARBOUR_EMS, START, kind, INCIDENT, player.id, body)  # type: ignore[arg-type]


def an_incident() -> Incident:
    return Incident(
        id=INCIDENT,
        organisation_id=cast.HARBOUR_EMS,
        site_id=cast.HARBOUR.id,
        person_id=cast.PROTECTED.id,
        word="K7QT",
        kind=Kind.SOS,
        is_drill=False,
        key="key-of-the-press",
        opened_at=START,
        policy=a_policy(),
        ladder_from=START,
    )


def kinds_on_record(conn: Conn) -> list[str]:
    lines = store.entries_of_incident(conn, cast.HARBOUR_EMS, INCIDENT)
    return [entry_of(line.leaf).kind for line in lines]


def test_an_administrator_takes_an_incident_out_and_that_is_on_record(
    web: Conn, signer: Signer
) -> None:
    lines = list(export_incident(web, RING, ADMINISTRATOR, INCIDENT, signer=signer, at=START))
    assert verify.Check().run(lines).status == verify.INTACT
    assert sorted(kinds_on_record(web)) == ["answer.unclear", "record.exported", "sos.raised"]


@pytest.mark.guarantee("I11")
def test_an_export_does_not_say_which_case_it_is_to_who_may_not_read_that_case(
    web: Conn, engine: Conn, signer: Signer
) -> None:
    case_id, seen = cast.number(0x9301), cast.number(0x9103)
    store.append(engine, [
        an_entry(seen, "incident.seen_again", cast.DISPATCHER, case=case_id, cause="possible_breach", confirmed=True),
    ])  # fmt: skip
    store.seal_all(engine, signer, at=START)
    lines = list(export_incident(web, RING, ADMINISTRATOR, INCIDENT, signer=signer, at=START))
    assert verify.Check().run(lines).status == verify.INTACT
    text = b"".join(lines)
    assert b"incident.seen_again" in text
    assert str(case_id).encode() not in text
    # Whoever may read it, and whoever runs the machine, is told.
    whole = b"".join(of_incident(engine, cast.HARBOUR_EMS, INCIDENT, signer=signer, at=START))
    assert str(case_id).encode() in whole


def test_a_lead_reads_it_with_names_and_her_words_opened(web: Conn) -> None:
    text = tell_incident(web, RING, LEAD, INCIDENT, zone=ZoneInfo("America/Chicago"), at=START)
    assert "Wren: An SOS was raised and is stored." in text
    assert f"Dara: {UNCLEAR} (words: east door)" in text
    assert "A protected record was read" in text


def test_after_her_erasure_the_line_stays_and_the_words_are_gone(
    web: Conn, engine: Conn, signer: Signer
) -> None:
    engine.execute("delete from registry_personkey where person_id = %s", (cast.PROTECTED.id,))
    text = tell_incident(web, RING, LEAD, INCIDENT, zone=ZoneInfo("UTC"), at=START)
    assert f"{UNCLEAR} (words: [erased])" in text
    lines = list(export_incident(web, RING, ADMINISTRATOR, INCIDENT, signer=signer, at=START))
    assert verify.Check().run(lines).status == verify.INTACT


@pytest.mark.parametrize(
    "viewer",
    [
        Viewer(cast.HARBOUR_EMS, cast.DISPATCHER.id, "call_taker"),
        Viewer(cast.HARBOUR_EMS, cast.PROTECTED.id, "shift_lead"),
        Viewer(cast.ORCHARD_STORES, cast.OUTSIDER.id, "admin"),
    ],
)
def test_nobody_else_learns_even_that_it_is_there(
    web: Conn, signer: Signer, viewer: Viewer
) -> None:
    with pytest.raises(Hidden):
        export_incident(web, RING, viewer, INCIDENT, signer=signer, at=START)
    with pytest.raises(Hidden):
        tell_incident(web, RING, viewer, INCIDENT, zone=ZoneInfo("UTC"), at=START)
    assert "record.read" not in kinds_on_record(web)


def test_an_unknown_incident_is_hidden_too(web: Conn, signer: Signer) -> None:
    with pytest.raises(Hidden):
        export_incident(web, RING, ADMINISTRATOR, cast.number(1), signer=signer, at=START)
