"""An administrator who is kept from her shuts out a reader and takes a van's keys: his screens say what they always say."""

from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

import pytest

from tests.pages.house import IDS, House, Organisation
from tests.pages.senders import Machine
from tests.pages.test_his_people import an_employer
from tests.pages.test_in_her_name import linked
from tests.pages.test_in_vain import HIM, HONEST, page, press, unified
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.tell_blind import tell_blind
from tocsin.registry.rules.case_rows import DoorEntryRow
from tocsin.registry.rules.door import DoorMatch
from tocsin.registry.rules.vehicle import VehicleRow
from tocsin.registry.store_cases import case_key
from tocsin.registry.store_doors import save_door_entry
from tocsin.registry.store_index import load_fleet_plates
from tocsin.registry.store_vehicles import give_key, insert_vehicle
from tocsin.runtime.database import viewing
from tocsin.runtime.ids import uuid7


class Place(NamedTuple):
    """An employer with a reader and a van of which the guard has the keys."""

    org: Organisation
    reader: Machine
    van: UUID


def a_place(house: House) -> Place:
    org, van = an_employer(house), uuid7()
    with viewing(house.conn, org.id, org.people[HONEST]):
        insert_vehicle(house.conn, VehicleRow(van, org.id, org.site_id, "Van 4", "CTY0456", ""))
        give_key(house.conn, org.id, van, org.people["guard"])
    return Place(org, Machine(house, org, "badge"), van)


def an_order(house: House, org: Organisation) -> None:
    """Enter one about the guard, to whom the administrator is linked; the doors know of it."""
    linked(house, org)
    with viewing(house.conn, org.id, org.people[HONEST]):
        row = house.conn.execute("select id from registry_case").fetchone()
        assert row
        key = case_key(house.conn, house.ring, row[0])
        assert key
        match = DoorMatch(names=("Rex Notreal",), colleague_id=org.people["guard"])
        entry = DoorEntryRow(case_id=row[0], organisation_id=org.id, match=match, updated_at=datetime.now(UTC))  # fmt: skip
        save_door_entry(house.conn, key, entry)


def what_he_reads(house: House, place: Place) -> list[str]:
    """Return what he is shown after he has revoked the reader and removed the van, and after somebody has looked for blindness."""
    org, reader = place.org, f"/senders/{place.reader.id}"
    press(house, org, f"{reader}/change", HIM, do="revoke")
    press(house, org, f"/vehicles/{place.van}/key", HIM, person=str(org.people["guard"]), has="no")
    press(house, org, f"/vehicles/{place.van}/remove", HIM)
    house.engine.execute("update registry_sender set made_at = now() - interval '1 hour', revoked_at = now() - interval '11 minutes' where id = %s", (place.reader.id,))  # fmt: skip
    alarms = PostgresAlarms(house.engine, house.ring)
    with alarms.atomically():
        tell_blind(alarms, ids=IDS)
    name = f"badge {place.reader.id.hex[-8:]}"
    return [page(house, org, where, HIM).replace(name, "badge") for where in (reader, "/senders", "/vehicles", "/sees", "/")]  # fmt: skip


@pytest.mark.guarantee("I11")
def test_what_he_takes_from_protection_tells_him_nothing_and_is_missed(house: House) -> None:
    without, with_it = a_place(house), a_place(house)
    an_order(house, with_it.org)
    for one, other in zip(what_he_reads(house, without), what_he_reads(house, with_it), strict=True):  # fmt: skip
        assert unified(one, other) == ""
    told, plates = [], []
    for place in (without, with_it):
        name = f"DEGRADED: Reader badge {place.reader.id.hex[-8:]}"
        told.append(name in page(house, place.org, "/", HONEST))
        with house.engine.transaction():
            plates.append([*load_fleet_plates(house.engine, place.org.id)])
    assert told == [False, True]
    assert plates == [[], [with_it.org.people["guard"]]]
