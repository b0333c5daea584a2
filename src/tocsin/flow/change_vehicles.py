"""An administrator says which vehicles there are and who has their keys. The record says that, never the plates."""

from datetime import datetime
from typing import Final
from uuid import UUID

import psycopg

from tocsin.flow.respond import Refused
from tocsin.registry import store_vehicles as vehicles
from tocsin.registry.access import Hidden, Viewer, load_people, load_site_list, note
from tocsin.registry.rules.rows import PersonRow, SiteRow
from tocsin.registry.rules.vehicle import VehicleRow
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing

MAX_VEHICLES: Final = 2000
VEHICLE: Final = "vehicle"
KEY: Final = "vehicle_key"


def load_fleet(
    conn: Connection, ring: KeyRing, viewer: Viewer
) -> tuple[list[VehicleRow], list[SiteRow], list[PersonRow]]:
    """Return the vehicles, the sites and the people of the viewer's organisation.

    Raises:
        Hidden: the viewer is no administrator.
    """
    _administrator(viewer)
    found = vehicles.load_vehicles(conn, viewer.organisation_id)
    return found, load_site_list(conn, viewer), load_people(conn, ring, viewer)


def add_vehicle(
    conn: Connection, viewer: Viewer, vehicle: VehicleRow, *, at: datetime
) -> Refused | None:
    """Write a new vehicle; None when it is done.

    Raises:
        Hidden: the viewer is no administrator, or there is no such site.
    """
    _administrator(viewer)
    if vehicle.site_id not in {site.id for site in load_site_list(conn, viewer)}:
        raise Hidden
    if len(vehicles.load_vehicles(conn, viewer.organisation_id)) >= MAX_VEHICLES:
        return Refused("there are too many vehicles")
    try:
        with conn.transaction():
            vehicles.insert_vehicle(conn, vehicle)
    except psycopg.errors.UniqueViolation:
        return Refused("this site has a vehicle of this name")
    _changed(conn, viewer, VEHICLE, vehicle.id, at)
    return None


def remove_vehicle(conn: Connection, viewer: Viewer, vehicle_id: UUID, *, at: datetime) -> None:
    """Remove a vehicle that is sold or scrapped.

    Raises:
        Hidden: the viewer is no administrator, or there is no such vehicle.
    """
    _administrator(viewer)
    if not vehicles.delete_vehicle(conn, vehicle_id):
        raise Hidden
    _changed(conn, viewer, VEHICLE, vehicle_id, at)


def set_key(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    key: tuple[UUID, UUID],
    *,
    has: bool,
    at: datetime,
) -> None:
    """Write that a person has (or has no more) the keys of a vehicle. `key`: vehicle, person.

    Raises:
        Hidden: the viewer is no administrator, or there is no such vehicle or person.
    """
    found, _, people = load_fleet(conn, ring, viewer)
    vehicle_id, person_id = key
    if vehicle_id not in {one.id for one in found} or person_id not in {one.id for one in people}:
        raise Hidden
    if has:
        vehicles.give_key(conn, viewer.organisation_id, vehicle_id, person_id)
    else:
        vehicles.take_key(conn, vehicle_id, person_id)
    _changed(conn, viewer, KEY, vehicle_id, at, person_id)


def _administrator(viewer: Viewer) -> None:
    if not viewer.is_administrator:
        raise Hidden


def _changed(
    conn: Connection,
    viewer: Viewer,
    table: str,
    row_id: UUID,
    at: datetime,
    person_id: UUID | None = None,
) -> None:
    body: dict[str, object] = {"table": table, "row": row_id}
    if person_id:
        body["person"] = person_id
    note(conn, viewer, "registry.changed", body, at=at)
