"""Does PostgreSQL hear of everything that was done without it, once, and over nobody else's changes?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests import cast
from tests.builders import AT
from tests.snapshots import SLUGS, Hands, SeededIds, a_press, a_snapshot
from tests.store.stores import Store
from tocsin.decisions.rules.incident import Doing, Incident
from tocsin.engine.handing_over import PostgresKeeper, Versions, keep_part, part_of
from tocsin.flow.alarms import Change
from tocsin.flow.let_time_pass import let_time_pass
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.raise_sos import raise_sos
from tocsin.flow.receive_text import TextIn, receive_text
from tocsin.flow.respond import respond
from tocsin.flow.settle import settle
from tocsin.flow.standby import Standby
from tocsin.flow.stop_asking import stop_asking
from tocsin.flow.walks import confirm_left, start_walk, walk_due
from tocsin.notifications.rules.delivery import Outcome, State
from tocsin.notifications.rules.due import next_due

IDS = SeededIds(77)


def a_standby() -> Standby:
    return Standby(a_snapshot(), Hands().now)


def raised(memory: Standby) -> Incident:
    with memory.atomically():
        (change,) = raise_sos(memory, [a_press()], ids=IDS, engine="e1")
    assert change.incident is not None
    return change.incident


def hand_over(memory: Standby, store: Store, versions: Versions) -> Versions:
    assert isinstance(store.alarms, PostgresAlarms)
    saved, touched = memory.take_part(1000)
    with store.alarms.atomically():
        return keep_part(PostgresKeeper(store.alarms), part_of(memory, saved, touched), versions)


def number_of(store: Store, table: str) -> int:
    assert isinstance(store.alarms, PostgresAlarms)
    with store.alarms.atomically():
        row = store.alarms.conn.execute(f"select count(*) from {table}").fetchone()
    assert row is not None
    return int(row[0])


def counts(store: Store) -> list[int]:
    tables = ("signals_signal", "decisions_incident", "notifications_delivery", "record_entry")
    return [number_of(store, table) for table in tables]


@pytest.fixture
def store(postgres_store: Store) -> Store:
    return postgres_store


def test_an_incident_and_what_became_of_its_messages_are_kept(store: Store) -> None:
    memory = a_standby()
    incident = raised(memory)
    sent = [d for d in memory.deliveries(incident.id) if d.state is State.LEASED]
    settle(memory, [(d, Outcome(is_accepted=True)) for d in sent])
    hand_over(memory, store, {})
    assert store.incident(incident) == incident
    assert {store.delivery(d).state for d in sent} == {State.SENT}


@pytest.mark.guarantee("I15")
def test_what_she_saw_of_what_went_out_meanwhile_is_kept_as_seen(store: Store) -> None:
    """Her act is kept before the row knows that it was sent: it must not stay *no longer needed*."""
    memory = a_standby()
    incident = raised(memory)
    hers = [d for d in memory.deliveries(incident.id) if d.person_id == cast.GUARD.id]
    sent, waiting = hers[:1], hers[1:]
    settle(memory, [(d, Outcome(is_accepted=True)) for d in sent])
    respond(
        memory,
        cast.HARBOUR_EMS,
        incident.id,
        by=cast.GUARD.id,
        doing=Doing.GOING,
        via="page",
        ids=IDS,
    )
    hand_over(memory, store, {})
    assert [store.delivery(d).state for d in sent] == [State.SEEN]
    assert {store.delivery(d).state for d in waiting} == {State.CANCELLED}


@pytest.mark.guarantee("I2")
def test_an_attempt_that_was_kept_without_being_confirmed_is_one_line_and_takes_no_other_along(
    store: Store,
) -> None:
    with store.alarms.atomically():
        (change,) = raise_sos(store.alarms, [a_press()], ids=IDS, engine="e1")
    assert change.incident is not None
    first, *others = [d for d in change.deliveries if d.state is State.LEASED]
    assert others, "more than one has to be sent"
    before = number_of(store, "record_entry")
    for again in ([first], [first, *others]):
        with store.alarms.atomically():
            after = settle(store.alarms, [(d, Outcome(is_accepted=True)) for d in again])
        assert [d.id for d in after] == [d.id for d in again]
    assert number_of(store, "record_entry") == before + 1 + len(others)
    assert {store.delivery(d).state for d in (first, *others)} == {State.SENT}


def test_a_part_that_was_kept_without_being_confirmed_is_kept_once(store: Store) -> None:
    memory = a_standby()
    incident = raised(memory)
    respond(
        memory,
        cast.HARBOUR_EMS,
        incident.id,
        by=cast.GUARD.id,
        doing=Doing.IN_CHARGE,
        via="text",
        ids=IDS,
    )
    saved, touched = memory.take_part(1000)
    memory.take_back(saved, touched)
    hand_over(memory, store, {})
    before = counts(store)
    memory.take_back(saved, touched)
    after = hand_over(memory, store, {})
    assert counts(store) == before
    assert after == {incident.id: 2}


def test_what_a_page_changed_meanwhile_stays_and_the_messages_are_kept(store: Store) -> None:
    first = a_standby()
    incident = raised(first)
    hand_over(first, store, {})
    memory = a_standby()
    memory.learn([Change(incident=incident, is_new=True)])
    versions = memory.versions()
    respond(
        store.alarms,
        cast.HARBOUR_EMS,
        incident.id,
        by=cast.GUARD.id,
        doing=Doing.IN_CHARGE,
        via="page",
        ids=IDS,
    )
    due = next_due(incident)
    assert due is not None
    let_time_pass(memory, cast.HARBOUR_EMS, incident.id, due[1], ids=IDS, engine="e1")
    made = memory.deliveries(incident.id)
    hand_over(memory, store, versions)
    kept = store.incident(incident)
    assert kept is not None
    assert kept.charge is not None
    assert kept.charge.person_id == cast.GUARD.id
    assert [store.delivery(d).reference for d in made] == [d.reference for d in made]


def test_a_delivery_that_waited_in_postgresql_and_was_sent_from_memory_is_not_sent_again(
    store: Store,
) -> None:
    first = a_standby()
    incident = raised(first)
    hand_over(first, store, {})
    memory = a_standby()
    memory.learn(
        [Change(incident=incident, is_new=True, deliveries=tuple(first.deliveries(incident.id)))]
    )
    later = AT + timedelta(seconds=60)
    claimed = memory.claim("e2", 100, later)
    assert claimed
    settle(memory, [(d, Outcome(is_accepted=True)) for d in claimed])
    hand_over(memory, store, memory.versions())
    assert {store.delivery(d).state for d in claimed} == {State.SENT}
    assert {store.delivery(d).attempt for d in claimed} == {2}


def test_a_text_is_kept_with_what_it_led_to_and_is_not_new_afterwards(store: Store) -> None:
    memory = a_standby()
    text = TextIn(SLUGS[cast.HARBOUR_EMS], "gw", "m-1", cast.PROTECTED.phone, "SOS", AT)
    with memory.atomically():
        assert receive_text(memory, text, ids=IDS, engine="e1")
    hand_over(memory, store, {})
    with store.alarms.atomically():
        assert receive_text(store.alarms, text, ids=IDS, engine="e1") == []
    assert number_of(store, "signals_textreceived") == 1


def test_one_change_that_cannot_be_kept_costs_the_others_nothing(store: Store) -> None:
    memory = a_standby()
    bad = raised(memory)
    saved, touched = memory.take_part(1000)
    (change,) = (one for one in saved if isinstance(one, Change))
    press = change.signals[0].press
    assert press.source == "device"
    with memory.atomically():
        raise_sos(memory, [a_press(cast.GUARD)], ids=IDS, engine="e1")
    poisoned = replace(
        change, signals=(replace(change.signals[0], press=replace(press, source="\x00")),)
    )
    memory.take_back([poisoned], touched)
    hand_over(memory, store, {})
    assert store.incident(bad) is None
    assert number_of(store, "decisions_incident") == 1


@pytest.mark.guarantee("I5", "I8")
def test_whom_memory_called_about_a_walk_that_a_page_had_ended_is_on_record_and_it_is_closed(
    store: Store,
) -> None:
    memory = a_standby()
    press = a_press(act="walk", timer_s=15, watcher_id=cast.GUARD.id)
    with store.alarms.atomically():
        assert start_walk(store.alarms, press, ids=IDS)
        walk = store.alarms.open_walk(cast.HARBOUR_EMS, cast.PROTECTED.id)
        assert walk is not None
        confirm_left(store.alarms, cast.HARBOUR_EMS, walk.id, by=cast.GUARD.id, ids=IDS)
    about = (cast.HARBOUR_EMS, walk.id)
    memory.learn([Change(walk=walk)])
    raised = walk_due(memory, *about, walk.due_at, ids=IDS, engine="e1")
    assert raised is not None
    assert raised.incident is not None
    hand_over(memory, store, {})
    kept = store.incident(raised.incident)
    assert kept is not None
    assert kept.is_open
    with store.alarms.atomically():
        ended = store.alarms.walk(*about)
        assert ended is not None
        assert ended.ended_how == "confirmed"
        assert stop_asking(store.alarms, *about, ids=IDS) is not None
        assert stop_asking(store.alarms, *about, ids=IDS) is None
    closed = store.incident(raised.incident)
    assert closed is not None
    assert closed.closed_how == "the watcher saw her leave"
