"""What are people and vehicles matched by at the doors of an organisation? Read as `door` or `engine`, never as `web`."""

from collections import defaultdict
from typing import Final, NamedTuple
from uuid import UUID

from tocsin.registry.rules.door import DoorMatch, KnownPlate, from_text
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing

MATCH: Final = ("registry_doorentry", "match_sealed")


class DoorRow(NamedTuple):
    """One entry that stands at the doors; `fleet_plates` of the vehicles whose keys its colleague has."""

    case_id: UUID
    version: int
    match: DoorMatch
    fleet_plates: tuple[KnownPlate, ...]


def load_door_matches(conn: Connection, ring: KeyRing, organisation_id: UUID) -> list[DoorRow]:
    """Return every active entry of the organisation, by case."""
    rows = conn.execute(
        """select d.id, d.case_id, d.version, d.match_sealed, k.wrapped
        from registry_doorentry d join registry_casekey k on k.case_id = d.case_id
        where d.organisation_id = %s and d.is_active order by d.case_id""",
        (organisation_id,),
        binary=True,
    ).fetchall()
    fleet = load_fleet_plates(conn, organisation_id)
    found = []
    for row_id, case_id, version, sealed, wrapped in rows:
        match = from_text(ring.person_key(case_id, wrapped).open(*MATCH, row_id, bytes(sealed)))
        keys = fleet.get(match.colleague_id, ()) if match.colleague_id else ()
        found.append(DoorRow(case_id, version, match, keys))
    return found


def load_fleet_plates(
    conn: Connection, organisation_id: UUID
) -> dict[UUID, tuple[KnownPlate, ...]]:
    """Return, by person, the plates of the vehicles whose keys she has."""
    found: dict[UUID, list[KnownPlate]] = defaultdict(list)
    rows = conn.execute(
        """select k.person_id, v.plate, v.region from registry_fleetkey k
        join registry_fleetvehicle v on v.id = k.vehicle_id
        where v.organisation_id = %s order by v.plate""",
        (organisation_id,),
        binary=True,
    )
    for person_id, plate, region in rows:
        found[person_id].append(KnownPlate(plate, region))
    return {person_id: tuple(plates) for person_id, plates in found.items()}
