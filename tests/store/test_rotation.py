"""The master key is rotated while people are added and read; nobody gets an error, and the old key opens nothing then."""

import threading
from pathlib import Path

import psycopg
import pytest

from tests import cast
from tests.store.stores import Store
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.rotate_keys import rotate_keys
from tocsin.registry import store_people as people
from tocsin.registry.rules.rows import ContactRow, PersonRow
from tocsin.registry.store import find_by_address
from tocsin.runtime import keys
from tocsin.runtime.database import Connection, set_viewer
from tocsin.runtime.encryption import DecryptionRefused, KeyRing
from tocsin.runtime.ids import uuid7
from tocsin.runtime.postgres import Cluster

WRITERS = 3


class Writer(threading.Thread):
    """Adds people with a telephone number and reads everybody, until told to stop, with one ring all the time."""

    def __init__(self, url: str, keys_dir: Path, number: int) -> None:
        super().__init__()
        self.url, self.number = url, number
        self.ring = KeyRing(keys.load(keys_dir).masters, keys.watch_masters(keys_dir))
        self.over = threading.Event()
        self.errors: list[str] = []
        self.done = 0

    def run(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as conn:
            while not self.over.is_set():
                try:
                    self._once(conn)
                    self.done += 1
                except Exception as problem:
                    self.errors.append(repr(problem))

    def _once(self, conn: Connection) -> None:
        with conn.transaction():
            set_viewer(conn, cast.HARBOUR_EMS, cast.SAFETY_LEAD.id)
            row = PersonRow(id=uuid7(), organisation_id=cast.HARBOUR_EMS, staff_number=f"W{self.number}-{self.done}", name="New Person", short_name="New", role="guard")  # fmt: skip
            people.insert_person(conn, self.ring, row)
            phone = ContactRow(id=uuid7(), person_id=row.id, channel="sms", address=f"+1312556{self.number}{self.done:03d}", position=1)  # fmt: skip
            people.insert_contact(conn, self.ring, cast.HARBOUR_EMS, phone)
        with conn.transaction():
            set_viewer(conn, cast.HARBOUR_EMS, cast.SAFETY_LEAD.id)
            assert len(people.load_people(conn, self.ring, cast.HARBOUR_EMS)) > self.done


def under(dba: Connection, ring: KeyRing, new: KeyRing) -> None:
    """Close everybody's key under another ring: the seeded people's is one that everybody may know."""
    rows = dba.execute("select person_id, wrapped from registry_personkey").fetchall()
    for person_id, wrapped in rows:
        fresh = new._wrap(person_id, ring._unwrap(person_id, wrapped))
        dba.execute("update registry_personkey set wrapped = %s where person_id = %s", (fresh, person_id))  # fmt: skip


@pytest.mark.guarantee("I26")
def test_rotation_while_writing_costs_nobody_an_error(
    postgres_store: Store, cluster: Cluster, tmp_path: Path, ring: KeyRing
) -> None:
    engine = postgres_store.alarms.conn  # type: ignore[union-attr]
    assert isinstance(postgres_store.alarms, PostgresAlarms)
    name = engine.info.dbname
    keys_dir = tmp_path / "keys"
    found = keys.ensure(keys_dir)
    old = KeyRing(found.masters)
    with psycopg.connect(cluster.url("postgres", database=name), autocommit=True) as dba:
        under(dba, ring, old)
    writers = [Writer(cluster.url("web", database=name), keys_dir, n) for n in range(WRITERS)]
    for writer in writers:
        writer.start()
    try:
        rotated = keys.rotate_master(keys_dir)
        with psycopg.connect(cluster.url("web", database=name), autocommit=True) as web:
            done = rotate_keys(engine, web, KeyRing(rotated.masters))
        assert keys.retire_masters(keys_dir) == 1
    finally:
        for writer in writers:
            writer.over.set()
        for writer in writers:
            writer.join()
    assert [error for writer in writers for error in writer.errors] == []
    assert done.keys >= len(cast.EVERYBODY)
    assert all(writer.done > 0 for writer in writers)
    new = KeyRing(keys.load(keys_dir).masters)
    assert all(new.is_current(bytes(w)) for (w,) in engine.execute("select wrapped from registry_personkey"))  # fmt: skip
    with engine.transaction():
        assert len(people.load_people(engine, new, cast.HARBOUR_EMS)) > len(cast.COLLEAGUES)
        by_phone = find_by_address(engine, new, cast.HARBOUR_EMS, "sms", "+13125560000")
        assert by_phone is not None
    wrapped = engine.execute("select person_id, wrapped from registry_personkey limit 1").fetchone()
    assert wrapped is not None
    with pytest.raises(DecryptionRefused):
        old.person_key(wrapped[0], wrapped[1])


@pytest.mark.guarantee("I26")
def test_a_backup_from_before_opens_with_the_old_line_below_the_new_one_and_is_closed_anew(
    postgres_store: Store, cluster: Cluster, tmp_path: Path, ring: KeyRing
) -> None:
    engine = postgres_store.alarms.conn  # type: ignore[union-attr]
    name, keys_dir = engine.info.dbname, tmp_path / "keys"
    old = KeyRing(keys.ensure(keys_dir).masters)
    old_line = (keys_dir / "master.key").read_text()
    with (
        psycopg.connect(cluster.url("postgres", database=name), autocommit=True) as dba,
        psycopg.connect(cluster.url("web", database=name), autocommit=True) as web,
    ):
        under(dba, ring, old)
        backup = dba.execute("select wrapped, person_id from registry_personkey").fetchall()
        rotate_keys(engine, web, KeyRing(keys.rotate_master(keys_dir).masters))
        keys.retire_masters(keys_dir)
        for row in backup:
            dba.execute("update registry_personkey set wrapped = %s where person_id = %s", row)
        with pytest.raises(DecryptionRefused), engine.transaction():
            people.load_people(engine, KeyRing(keys.load(keys_dir).masters), cast.HARBOUR_EMS)
        with (keys_dir / "master.key").open("a") as file:
            file.write(old_line)
        both = KeyRing(keys.load(keys_dir).masters)
        with engine.transaction():
            assert len(people.load_people(engine, both, cast.HARBOUR_EMS)) >= len(cast.COLLEAGUES)
        rotate_keys(engine, web, KeyRing(keys.rotate_master(keys_dir).masters))
        keys.retire_masters(keys_dir)
    newest = KeyRing(keys.load(keys_dir).masters)
    with engine.transaction():
        assert len(people.load_people(engine, newest, cast.HARBOUR_EMS)) >= len(cast.COLLEAGUES)
