"""Which vehicles does an employer have, and who has their keys?"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tocsin.registry.rules.vehicle import VehicleRow
from tocsin.runtime.database import Connection
from tocsin.runtime.ids import uuid7

# Whoever takes keys back may be a party of a case days later.
KEEPS_TAKEN: Final = timedelta(days=35)


def load_vehicles(conn: Connection, organisation_id: UUID) -> list[VehicleRow]:
    """Return every vehicle with who has its keys, by site and name."""
    rows = conn.execute(
        """select v.id, v.organisation_id, v.site_id, v.name, v.plate, v.region,
            coalesce(array_agg(k.person_id order by k.person_id) filter (where k.person_id is not null), '{}')
        from registry_fleetvehicle v left join registry_fleetkey k on k.vehicle_id = v.id
        where v.organisation_id = %s group by v.id order by v.site_id, v.name""",
        (organisation_id,),
        binary=True,
    )
    return [
        VehicleRow(vehicle_id, owner_id, site_id, name, plate, region, tuple(keys))
        for vehicle_id, owner_id, site_id, name, plate, region, keys in rows.fetchall()
    ]


def insert_vehicle(conn: Connection, vehicle: VehicleRow) -> None:
    """Write a vehicle. Raises UniqueViolation: the site has one of this name."""
    conn.execute(
        """insert into registry_fleetvehicle (id, organisation_id, site_id, name, plate, region)
        values (%s, %s, %s, %s, %s, %s)""",
        vehicle[:6],
    )


def delete_vehicle(conn: Connection, vehicle_id: UUID) -> bool:
    """Remove a vehicle and its keys; return whether there was one."""
    conn.execute("delete from registry_fleetkey where vehicle_id = %s", (vehicle_id,))
    return (
        conn.execute("delete from registry_fleetvehicle where id = %s", (vehicle_id,)).rowcount == 1
    )


def give_key(conn: Connection, organisation_id: UUID, vehicle_id: UUID, person_id: UUID) -> None:
    """Write that a person has its keys; again is no error."""
    conn.execute(
        """insert into registry_fleetkey (id, organisation_id, vehicle_id, person_id) values (%s, %s, %s, %s)
        on conflict do nothing""",
        (uuid7(), organisation_id, vehicle_id, person_id),
    )


def take_key(conn: Connection, vehicle_id: UUID, person_id: UUID) -> None:
    """Write that a person has its keys no more."""
    conn.execute(
        "delete from registry_fleetkey where vehicle_id = %s and person_id = %s",
        (vehicle_id, person_id),
    )


def forget_taken_keys(conn: Connection, at: datetime) -> None:
    """Forget the keys that were taken back weeks ago (engine), but for those of whom an open case is about."""
    conn.execute(
        """delete from registry_takenkey t where t.taken_at < %s and not exists (select 1 from registry_case c
            where c.colleague_id = t.person_id and c.closed_at is null and c.erased_at is null)""",
        (at - KEEPS_TAKEN,),
    )
