"""Somebody leaves, or is shut out, in the middle of an incident: on both stores nothing of his counts from then on."""

from dataclasses import replace

import pytest

from tests import cast
from tests.builders import AT
from tests.snapshots import SeededIds
from tests.store.a_case import CASE, insert_the_case
from tests.store.stores import Store
from tests.store.test_alarms_contract import a_delivery
from tocsin.decisions.rules.incident import Doing, Incident
from tocsin.flow.alarms import Change
from tocsin.flow.decide import facts_for
from tocsin.flow.let_go import let_go, may_act_otherwise
from tocsin.flow.memory_alarms import MemoryAlarms
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.receive_text import TextIn, receive_text
from tocsin.flow.respond import hand_over, respond
from tocsin.registry.rules.rows import PersonRow
from tocsin.registry.store_grants import add_party
from tocsin.runtime.encryption import KeyRing

IDS = SeededIds("gone")
GUS, LEA, WREN = cast.GUARD, cast.SHIFT_LEAD, cast.PROTECTED


def texts(store: Store, words: str, who: cast.Player = GUS) -> list[Change]:
    """Let a gateway hand in what came from this player's number."""
    text = TextIn("harbour", "carrier", IDS.uuid().hex, who.phone, words, AT)
    with store.alarms.atomically():
        return receive_text(store.alarms, text, ids=IDS)


def an_sos(store: Store) -> Incident:
    """Return Wren's SOS, of which Gus was told with the code 123."""
    (change,) = texts(store, "SOS", WREN)
    assert change.incident is not None
    told = a_delivery(change.incident, GUS, code="123")
    store.save(Change(incident=change.incident, deliveries=(told,)))
    return change.incident


def leaves(store: Store, who: cast.Player = GUS) -> None:
    """Let this player work here no more."""
    if isinstance(store.alarms, PostgresAlarms):
        store.alarms.conn.execute(
            "update registry_person set is_active = false where id = %s", (who.id,)
        )
    if isinstance(store.alarms, MemoryAlarms):
        known = store.alarms._people[who.id]
        store.alarms._people[who.id] = replace(known, is_active=False)


def acts(store: Store, incident: Incident, doing: Doing, who: cast.Player = GUS) -> None:
    with store.alarms.atomically():
        done = respond(store.alarms, incident.organisation_id, incident.id, by=who.id, doing=doing, via="page", ids=IDS)  # fmt: skip
    assert isinstance(done, Change)


@pytest.mark.guarantee("I4")
@pytest.mark.guarantee("I18")
def test_the_code_of_who_has_left_answers_nothing_and_his_words_are_shown(store: Store) -> None:
    incident = an_sos(store)
    leaves(store)
    (change,) = texts(store, "1 123")
    assert (change.acts, change.incident and change.incident.id) == ((), incident.id)
    after = store.incident(incident)
    assert after is not None
    assert after.charge is None


@pytest.mark.guarantee("I5")
def test_his_own_sos_still_alarms_labelled(store: Store) -> None:
    leaves(store)
    (change,) = texts(store, "SOS")
    assert change.is_new
    assert change.entries[0].body["label"] == "inactive person"


def test_of_those_with_a_part_in_it_only_who_has_left_is_gone(store: Store) -> None:
    incident = an_sos(store)
    acts(store, incident, Doing.IN_CHARGE)
    acts(store, incident, Doing.GOING, cast.SAFETY_LEAD)
    leaves(store)
    with store.alarms.atomically():
        now = store.alarms.incident(incident.organisation_id, incident.id)
        assert now is not None
        assert facts_for(store.alarms, now, AT).gone == {GUS.id}


def test_a_hand_over_that_is_refused_is_none_though_something_was_due(store: Store) -> None:
    incident = an_sos(store)
    acts(store, incident, Doing.IN_CHARGE)
    acts(store, incident, Doing.GOING, LEA)
    leaves(store, LEA)
    with store.alarms.atomically():
        done = hand_over(store.alarms, incident.organisation_id, incident.id, by=GUS.id, to=LEA.id, ids=IDS)  # fmt: skip
    assert not isinstance(done, Change)
    assert done.because == "whom you chose cannot be reached now; you stay in charge"


@pytest.mark.guarantee("I18")
def test_what_he_held_is_nobodys_at_once(postgres_store: Store) -> None:
    incident = an_sos(postgres_store)
    acts(postgres_store, incident, Doing.IN_CHARGE)
    acts(postgres_store, incident, Doing.CALLING)
    leaves(postgres_store)
    (change,) = lets_go(postgres_store)
    assert [one.step for one in change.deliveries]
    after = postgres_store.incident(incident)
    assert after is not None
    assert (after.charge, after.caller_id) == (None, None)
    assert lets_go(postgres_store) == []


@pytest.mark.guarantee("I18")
def test_what_a_party_held_is_nobodys_at_once(postgres_store: Store, ring: KeyRing) -> None:
    incident = an_sos(postgres_store)
    acts(postgres_store, incident, Doing.IN_CHARGE)
    assert isinstance(postgres_store.alarms, PostgresAlarms)
    conn = postgres_store.alarms.conn
    insert_the_case(conn, ring)
    assert lets_go(postgres_store) == []
    assert add_party(conn, cast.HARBOUR_EMS, CASE, GUS.id, AT)
    assert len(lets_go(postgres_store)) == 1
    after = postgres_store.incident(incident)
    assert after is not None
    assert after.charge is None


@pytest.mark.guarantee("I18")
@pytest.mark.parametrize(
    ("before", "after", "is_looked_at"),
    [
        ({}, {"is_active": False}, True),
        ({"is_active": False}, {"is_active": False}, True),
        ({}, {"role": "guard"}, True),
        ({}, {"site_id": cast.HARBOUR.id}, True),
        ({}, {"name": "Nova Other", "short_name": "N. Other", "language": "es"}, False),
        ({"is_active": False}, {}, False),
        (None, {}, False),
    ],
)
def test_what_somebody_holds_is_looked_at_when_she_leaves_or_her_part_changes_and_not_for_a_new_name(
    before: dict[str, object] | None, after: dict[str, object], is_looked_at: bool
) -> None:
    def person(what: dict[str, object]) -> PersonRow:
        kept = PersonRow(id=GUS.id, organisation_id=cast.HARBOUR_EMS, staff_number="x-77", name="Nova Sample", short_name="N. Sample", role="responder")  # fmt: skip
        return replace(kept, **what)  # type: ignore[arg-type]

    known = None if before is None else person(before)
    assert may_act_otherwise(known, person(after)) is is_looked_at


def lets_go(store: Store) -> list[Change]:
    assert isinstance(store.alarms, PostgresAlarms)
    with store.alarms.atomically():
        return let_go(store.alarms, cast.HARBOUR_EMS, ids=IDS)
