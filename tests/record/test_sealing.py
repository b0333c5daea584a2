"""Are entries numbered, sealed and signed without one verb waiting for another?"""

from dataclasses import replace
from threading import Barrier, Thread

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from psycopg.rows import TupleRow

from tests import cast
from tests.record.conftest import Connect
from tests.record.entries import INCIDENT, START, an_entry, some_entries
from tocsin.record import store
from tocsin.record.rules import tree
from tocsin.record.rules.entries import Entry, EntryRefused, leaf_of
from tocsin.record.rules.heads import signed_bytes
from tocsin.runtime.keys import Signer

Conn = psycopg.Connection[TupleRow]


def lines(conn: Conn, count: int = 1000) -> list[store.Line]:
    return list(store.read_entries(conn, cast.HARBOUR_EMS, before=count))


def test_sealed_entries_have_the_root_of_their_leaves(engine: Conn, signer: Signer) -> None:
    night = some_entries(20)
    store.append(engine, night)
    head = store.seal(engine, cast.HARBOUR_EMS, signer, at=START)
    assert head is not None
    assert (head.size, head.signed_at, head.key_id) == (20, START, signer.key_id)
    assert head.root == tree.root([tree.leaf_hash(leaf_of(entry)) for entry in night])
    assert [line.seq for line in lines(engine)] == list(range(20))


def test_a_head_is_signed(engine: Conn, signer: Signer) -> None:
    store.append(engine, some_entries(3))
    store.seal(engine, cast.HARBOUR_EMS, signer, at=START)
    head = store.latest_head(engine, cast.HARBOUR_EMS)
    assert head is not None
    message = signed_bytes(head.organisation_id, head.size, head.root, head.signed_at)
    Ed25519PublicKey.from_public_bytes(signer.public).verify(head.signature, message)


def test_sealing_in_many_steps_gives_the_same_root(engine: Conn, signer: Signer) -> None:
    night = some_entries(40)
    for each in night:
        store.append(engine, [each])
        store.seal(engine, cast.HARBOUR_EMS, signer, at=START)
    head = store.latest_head(engine, cast.HARBOUR_EMS)
    assert head is not None
    assert head.root == tree.root([tree.leaf_hash(leaf_of(entry)) for entry in night])
    assert [h.size for h in store.read_heads(engine, cast.HARBOUR_EMS, up_to=40)] == [*range(1, 41)]
    assert store.leaf_hashes(engine, cast.HARBOUR_EMS, first=3, before=5) == [
        tree.leaf_hash(leaf_of(entry)) for entry in night[3:5]
    ]


def test_entries_are_sealed_in_the_order_of_their_time(engine: Conn, signer: Signer) -> None:
    night = some_entries(10)
    store.append(engine, night[::-1])
    store.seal(engine, cast.HARBOUR_EMS, signer, at=START)
    assert [line.leaf for line in lines(engine)] == [leaf_of(entry) for entry in night]


def test_what_commits_late_comes_next(connect: Connect, signer: Signer) -> None:
    slow, quick = connect("engine"), connect("engine")
    with slow.transaction():
        store.append(slow, [an_entry(1)])
        store.append(quick, [an_entry(2)])
        assert store.seal(quick, cast.HARBOUR_EMS, signer, at=START) is not None
    assert store.seal(quick, cast.HARBOUR_EMS, signer, at=START) is not None
    assert [line.leaf for line in lines(quick)] == [leaf_of(an_entry(2)), leaf_of(an_entry(1))]


def test_entries_of_no_incident_and_of_nobody_are_written(engine: Conn, signer: Signer) -> None:
    bare = replace(an_entry(1, incident_id=None), actor_id=None)
    store.append(engine, [bare])
    store.append(engine, [])
    store.seal(engine, cast.HARBOUR_EMS, signer, at=START)
    assert [line.leaf for line in lines(engine)] == [leaf_of(bare)]


def test_nothing_to_seal_signs_nothing(engine: Conn, signer: Signer) -> None:
    assert store.seal(engine, cast.HARBOUR_EMS, signer, at=START) is None
    assert store.latest_head(engine, cast.HARBOUR_EMS) is None


def test_a_second_sealer_does_not_wait(connect: Connect, signer: Signer) -> None:
    first, second = connect("engine"), connect("engine")
    store.append(first, some_entries(3))
    with first.transaction():
        assert store.seal(first, cast.HARBOUR_EMS, signer, at=START) is not None
        second.execute("set statement_timeout = '2s'")
        assert store.seal(second, cast.HARBOUR_EMS, signer, at=START) is None
        store.append(second, [an_entry(50)])


def test_an_append_that_is_rolled_back_was_never_there(engine: Conn, signer: Signer) -> None:
    with engine.transaction(force_rollback=True):
        store.append(engine, some_entries(3))
    assert store.seal(engine, cast.HARBOUR_EMS, signer, at=START) is None


def test_one_bad_entry_writes_none(engine: Conn) -> None:
    bad = Entry(cast.number(1), cast.HARBOUR_EMS, START, "step.guessed")
    with pytest.raises(EntryRefused):
        store.append(engine, [an_entry(1), bad])
    assert store.entries_of_incident(engine, cast.HARBOUR_EMS, INCIDENT) == []


def test_more_than_one_sealing_holds_is_sealed_by_the_next(
    engine: Conn, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MAX_SEALED_AT_ONCE", 7)
    monkeypatch.setattr(store, "MAX_READ_AT_ONCE", 4)
    store.append(engine, some_entries(20))
    other = [an_entry(n, organisation_id=cast.ORCHARD_STORES) for n in range(5)]
    store.append(engine, other)
    heads = store.seal_all(engine, signer, at=START)
    assert {head.organisation_id: head.size for head in heads} == {
        cast.HARBOUR_EMS: 20,
        cast.ORCHARD_STORES: 5,
    }
    assert store.latest_heads(engine) == {head.organisation_id: head for head in heads}
    assert [line.seq for line in lines(engine)] == list(range(20))


def test_sealers_and_writers_at_once_lose_nothing(connect: Connect, signer: Signer) -> None:
    barrier = Barrier(4)

    def write(conn: Conn, first: int) -> None:
        barrier.wait()
        for number in range(first, first + 25):
            store.append(conn, [an_entry(number)])

    def work(conn: Conn) -> None:
        barrier.wait()
        for _ in range(40):
            store.seal(conn, cast.HARBOUR_EMS, signer, at=START)

    threads = [Thread(target=write, args=(connect("engine"), n)) for n in (0, 1000)]
    threads += [Thread(target=work, args=(connect("engine"),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    conn = connect("engine")
    store.seal_all(conn, signer, at=START)
    head = store.latest_head(conn, cast.HARBOUR_EMS)
    assert head is not None
    assert head.size == 50
    assert head.root == tree.root([tree.leaf_hash(line.leaf) for line in lines(conn)])


def test_the_pages_see_their_organisation_only_and_change_nothing(
    connect: Connect, signer: Signer
) -> None:
    engine, web = connect("engine"), connect("web")
    store.append(engine, [*some_entries(3), an_entry(9, organisation_id=cast.ORCHARD_STORES)])
    store.seal_all(engine, signer, at=START)
    assert store.entries_of_incident(web, cast.HARBOUR_EMS, INCIDENT) == []
    with web.transaction():
        web.execute("select set_config('app.organisation', %s, true)", (str(cast.HARBOUR_EMS),))
        assert len(store.entries_of_incident(web, cast.HARBOUR_EMS, INCIDENT)) == 1
        assert store.latest_head(web, cast.ORCHARD_STORES) is None
        store.append(web, [an_entry(20)])
    for statement in ("update record_entry set seq = 99", "delete from record_entry"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            web.execute(statement)
    for statement in ("update record_entry set leaf = ''", "delete from record_head"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            engine.execute(statement)


def test_an_incident_reads_in_the_order_of_time_with_what_is_not_sealed_yet(
    engine: Conn, signer: Signer
) -> None:
    store.append(engine, [an_entry(3)])
    store.seal(engine, cast.HARBOUR_EMS, signer, at=START)
    store.append(engine, [an_entry(1), an_entry(4)])
    read = store.entries_of_incident(engine, cast.HARBOUR_EMS, INCIDENT)
    assert [line.seq for line in read] == [None, 0, None]
    assert [line.leaf for line in read] == [leaf_of(an_entry(n)) for n in (1, 3, 4)]
