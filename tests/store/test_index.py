"""Does the index of the doors follow the database, and who may read what it is made from?"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from tests import cast
from tests.builders import AT
from tests.store.a_case import CASE, PLATE, insert_the_case
from tests.store.stores import Store
from tocsin.decisions.index import Indexes
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.registry.rules.case_rows import CaseRow
from tocsin.registry.rules.order_document import Respondent
from tocsin.registry.rules.vehicle import VehicleRow
from tocsin.registry.store_cases import case_key, insert_case
from tocsin.registry.store_doors import load_door_entry, save_door_entry
from tocsin.registry.store_index import load_door_state, load_fleet_plates
from tocsin.registry.store_vehicles import (
    delete_vehicle,
    forget_taken_keys,
    give_key,
    insert_vehicle,
    take_key,
)
from tocsin.runtime.database import Connection, set_viewer
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.postgres import Cluster
from tocsin.signals.rules.seen import PlateRead, Seen, Source

FLEET_PLATE = "CTY 0456"
OTHER = cast.number(0x5F7)


def plate(text: str) -> Seen:
    return Seen(
        organisation_id=cast.HARBOUR_EMS,
        source=Source.PLATE,
        track="t",
        seen_at=AT,
        heard_at=AT,
        plates=(PlateRead(text),),
    )


@pytest.fixture
def engine(postgres_store: Store, ring: KeyRing) -> Connection:
    """Return the engine's connection to a database in which the doors know Rex."""
    assert isinstance(postgres_store.alarms, PostgresAlarms)
    insert_the_case(postgres_store.alarms.conn, ring)
    return postgres_store.alarms.conn


@pytest.fixture
def door(engine: Connection, cluster: Cluster) -> Iterator[Connection]:
    """Return a connection of the role `door` to the same database."""
    with psycopg.connect(cluster.url("door", database=engine.info.dbname), autocommit=True) as conn:
        yield conn


def test_a_change_is_found_by_reading_only_what_changed(
    engine: Connection, door: Connection, ring: KeyRing
) -> None:
    indexes = Indexes(ring)
    assert [m.case_id for m in indexes.of(door, cast.HARBOUR_EMS).match(plate(PLATE))] == [CASE]
    entry, key = load_door_entry(engine, ring, CASE), case_key(engine, ring, CASE)
    assert entry is not None
    assert key is not None
    save_door_entry(engine, key, replace(entry, match=replace(entry.match, plates=())))
    assert indexes.of(door, cast.HARBOUR_EMS).match(plate(PLATE)) == ()
    save_door_entry(engine, key, replace(entry, is_active=False))
    assert len(indexes.of(door, cast.HARBOUR_EMS)) == 0


@pytest.mark.guarantee("I26")
def test_whose_key_is_destroyed_is_out_of_the_index_at_the_next_question(
    engine: Connection, door: Connection, ring: KeyRing
) -> None:
    indexes = Indexes(ring)
    assert len(indexes.of(door, cast.HARBOUR_EMS)) == 1
    engine.execute("delete from registry_casekey where case_id = %s", (CASE,))
    assert len(indexes.of(door, cast.HARBOUR_EMS)) == 0


def test_the_keys_of_a_vehicle_of_ours_are_known_from_when_he_has_them(
    engine: Connection, door: Connection, ring: KeyRing
) -> None:
    entry, key = load_door_entry(engine, ring, CASE), case_key(engine, ring, CASE)
    assert entry is not None
    assert key is not None
    save_door_entry(
        engine, key, replace(entry, match=replace(entry.match, colleague_id=cast.RESPONDENT.id))
    )
    indexes = Indexes(ring)
    assert indexes.of(door, cast.HARBOUR_EMS).match(plate(FLEET_PLATE)) == ()
    van = cast.number(0x71)
    engine.execute(
        "insert into registry_fleetvehicle (id, organisation_id, site_id, name, plate, region) values (%s, %s, %s, 'Van 4', %s, '')",
        (van, cast.HARBOUR_EMS, cast.HARBOUR.id, FLEET_PLATE),
    )
    engine.execute(
        "insert into registry_fleetkey (id, organisation_id, vehicle_id, person_id) values (%s, %s, %s, %s)",
        (cast.number(0x72), cast.HARBOUR_EMS, van, cast.RESPONDENT.id),
    )
    [match] = indexes.of(door, cast.HARBOUR_EMS).match(plate(FLEET_PLATE))
    assert match.parts == (("fleet_same", 600),)
    engine.execute("delete from registry_fleetkey where vehicle_id = %s", (van,))
    assert indexes.of(door, cast.HARBOUR_EMS).match(plate(FLEET_PLATE)) == ()


def test_nothing_is_read_again_while_nothing_changed(
    engine: Connection, door: Connection, ring: KeyRing
) -> None:
    indexes = Indexes(ring)
    first = indexes.of(door, cast.HARBOUR_EMS)
    state = load_door_state(door, cast.HARBOUR_EMS)
    engine.execute("update registry_case set released_at = now() where id = %s", (CASE,))
    assert load_door_state(door, cast.HARBOUR_EMS) == state
    assert indexes.of(door, cast.HARBOUR_EMS) is first


@pytest.mark.guarantee("I25")
def test_an_entry_that_cannot_be_read_stops_no_other(
    engine: Connection, door: Connection, ring: KeyRing
) -> None:
    known = load_door_entry(engine, ring, CASE)
    assert known is not None
    case = CaseRow(
        id=OTHER, organisation_id=cast.HARBOUR_EMS, word="OTHR", respondent=Respondent(name="Rexa Notreal"),
        opened_at=AT, opened_by_id=cast.SAFETY_LEAD.id,
    )  # fmt: skip
    save_door_entry(engine, insert_case(engine, ring, case), replace(known, case_id=OTHER))
    engine.execute(
        "update registry_doorentry set match_sealed = %s, version = 2 where case_id = %s",
        (b"x" * 60, CASE),
    )
    assert [m.case_id for m in Indexes(ring).of(door, cast.HARBOUR_EMS).match(plate(PLATE))] == [
        OTHER
    ]


def test_another_employer_finds_nothing(
    engine: Connection, door: Connection, ring: KeyRing
) -> None:
    assert Indexes(ring).of(door, cast.ORCHARD_STORES).match(plate(PLATE)) == ()


@pytest.mark.guarantee("I12")
def test_the_door_reads_nothing_else_and_the_pages_do_not_read_the_count(
    engine: Connection, door: Connection, cluster: Cluster
) -> None:
    for table in (
        "registry_case",
        "registry_protectionorder",
        "registry_party",
        "registry_person",
        "record_entry",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            door.execute(f"select 1 from {table}")
    for statement in (
        "update registry_doorentry set version = 9",
        "delete from registry_doorstate",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            door.execute(statement)
    with psycopg.connect(cluster.url("web", database=engine.info.dbname)) as web:
        set_viewer(web, cast.HARBOUR_EMS, cast.RESPONDENT.id)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            web.execute("select 1 from registry_doorstate")


def keys_taken(engine: Connection, cluster: Cluster, by: cast.Player, *, whole: bool) -> None:
    """Give Rex the keys of a van and have this administrator take them back on the page, or remove the whole van."""
    van = cast.number(0x71)
    with psycopg.connect(cluster.url("web", database=engine.info.dbname)) as web:
        set_viewer(web, cast.HARBOUR_EMS, by.id)
        insert_vehicle(
            web, VehicleRow(van, cast.HARBOUR_EMS, cast.HARBOUR.id, "Van 4", FLEET_PLATE, "")
        )
        give_key(web, cast.HARBOUR_EMS, van, cast.RESPONDENT.id)
        if not whole:
            take_key(web, van, cast.RESPONDENT.id)
        delete_vehicle(web, van)


def known_as_a_colleague(engine: Connection, ring: KeyRing) -> None:
    """Say at the doors which colleague Rex is; his case was opened now."""
    entry, key = load_door_entry(engine, ring, CASE), case_key(engine, ring, CASE)
    assert entry is not None
    assert key is not None
    match = replace(entry.match, colleague_id=cast.RESPONDENT.id)
    save_door_entry(engine, key, replace(entry, match=match))
    engine.execute("update registry_case set opened_at = now()")


@pytest.mark.guarantee("I12")
@pytest.mark.parametrize("whole", [False, True])
def test_he_is_matched_by_the_van_of_which_he_takes_his_own_keys(
    engine: Connection, door: Connection, cluster: Cluster, ring: KeyRing, *, whole: bool
) -> None:
    known_as_a_colleague(engine, ring)
    indexes = Indexes(ring)
    assert indexes.of(door, cast.HARBOUR_EMS).match(plate(FLEET_PLATE)) == ()
    keys_taken(engine, cluster, cast.RESPONDENT, whole=whole)
    for one in (indexes, Indexes(ring)):
        [match] = one.of(door, cast.HARBOUR_EMS).match(plate(FLEET_PLATE))
        assert match.parts == (("fleet_same", 600),)
    # A safety lead who stands for it gives them and takes them back.
    keys_taken(engine, cluster, cast.SAFETY_LEAD, whole=whole)
    for one in (indexes, Indexes(ring)):
        assert one.of(door, cast.HARBOUR_EMS).match(plate(FLEET_PLATE)) == ()


@pytest.mark.parametrize("days", [6, 8])
def test_keys_that_he_took_in_the_week_before_the_order_count_until_its_case_is_closed(
    engine: Connection, door: Connection, cluster: Cluster, ring: KeyRing, days: int
) -> None:
    known_as_a_colleague(engine, ring)
    keys_taken(engine, cluster, cast.RESPONDENT, whole=True)
    engine.execute("update registry_case set opened_at = now() + make_interval(days => %s)", (days,))  # fmt: skip
    found = load_fleet_plates(door, cast.HARBOUR_EMS)
    assert [*found] == ([cast.RESPONDENT.id] if days < 7 else [])
    engine.execute("update registry_case set closed_at = now()")
    assert load_fleet_plates(door, cast.HARBOUR_EMS) == {}


def test_what_was_taken_is_read_by_no_page_and_forgotten_after_weeks_without_a_case(
    engine: Connection, cluster: Cluster, ring: KeyRing
) -> None:
    keys_taken(engine, cluster, cast.RESPONDENT, whole=False)
    with psycopg.connect(cluster.url("web", database=engine.info.dbname), autocommit=True) as web:
        for statement in (
            "select 1 from registry_takenkey",
            "select tocsin_taken_keys(gen_random_uuid())",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                web.execute(statement)
    count = "select count(*) from registry_takenkey"
    for days, is_closed, left in ((36, False, 1), (34, True, 1), (36, True, 0)):
        engine.execute("update registry_case set closed_at = case when %s then now() end", (is_closed,))  # fmt: skip
        forget_taken_keys(engine, datetime.now(UTC) + timedelta(days=days))
        assert engine.execute(count).fetchone() == (left,)
