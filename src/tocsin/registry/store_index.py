"""What are people and vehicles matched by at the doors of an organisation? Read as `door` or `engine`, never as `web`.

The index of names is made from this and follows it: `load_door_state` is a number that the database raises with every
change to an entry, its key, a vehicle or who has its keys, so that one row says whether anything is to be read again.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from tocsin.registry.rules.door import DoorMatch, KnownPlate, NotADoorDocument, from_text
from tocsin.runtime import logs
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import DecryptionRefused, KeyRing

MATCH: Final = ("registry_doorentry", "match_sealed")
# Opened at once; more would hold all ciphertexts of a large organisation in memory.
ROWS_AT_ONCE: Final = 5000

log = logs.get("doors")

Fleet = Mapping[UUID, tuple[KnownPlate, ...]]


class DoorRow(NamedTuple):
    """One entry that stands at the doors; `fleet_plates` of the vehicles whose keys its colleague has."""

    case_id: UUID
    version: int
    match: DoorMatch
    fleet_plates: tuple[KnownPlate, ...]


def load_door_state(conn: Connection, organisation_id: UUID) -> int:
    """Return the number of changes so far to what the organisation's doors match by."""
    row = conn.execute(
        "select generation from registry_doorstate where organisation_id = %s", (organisation_id,)
    ).fetchone()
    return row[0] if row else 0


def load_cases_of_party(conn: Connection, case_ids: Sequence[UUID], person_id: UUID) -> set[UUID]:
    """Return of which of these cases this person must learn nothing (door or engine)."""
    rows = conn.execute(
        "select c from unnest(%s::uuid[]) c where tocsin_person_is_party(c, %s)",
        (list(case_ids), person_id),
    )
    return {row[0] for row in rows}


def load_organisations(conn: Connection) -> list[UUID]:
    """Return the organisations whose doors know somebody, or did."""
    return [row[0] for row in conn.execute("select organisation_id from registry_doorstate")]


def load_door_cases(conn: Connection, organisation_id: UUID) -> list[UUID]:
    """Return the cases of which the organisation's doors know somebody."""
    rows = conn.execute(
        "select case_id from registry_doorentry where organisation_id = %s and is_active order by case_id",
        (organisation_id,),
        binary=True,
    )
    return [case_id for (case_id,) in rows]


def load_door_changes(conn: Connection, organisation_id: UUID, since: int) -> list[UUID]:
    """Return the cases whose entry or key was made, changed or destroyed after this count."""
    rows = conn.execute(
        "select case_id from registry_doorchange where organisation_id = %s and generation > %s order by case_id",
        (organisation_id, since),
        binary=True,
    )
    return [case_id for (case_id,) in rows]


def load_door_rows(
    conn: Connection, ring: KeyRing, cases: Sequence[UUID], fleet: Fleet
) -> list[DoorRow]:
    """Return the active entries of these cases, opened. One that cannot be read is logged and stops no other."""
    found: list[DoorRow] = []
    for start in range(0, len(cases), ROWS_AT_ONCE):
        rows = conn.execute(
            """select d.id, d.case_id, d.version, d.match_sealed, k.wrapped
            from registry_doorentry d join registry_casekey k on k.case_id = d.case_id
            where d.case_id = any(%s) and d.is_active""",
            (list(cases[start : start + ROWS_AT_ONCE]),),
            binary=True,
        )
        for row_id, case_id, version, sealed, wrapped in rows:
            try:
                key = ring.person_key(case_id, wrapped)
                match = from_text(key.open(*MATCH, row_id, bytes(sealed)))
            except (DecryptionRefused, NotADoorDocument) as error:
                log.warning("door.unreadable", case_id=str(case_id), because=type(error).__name__)
                continue
            keys = fleet.get(match.colleague_id, ()) if match.colleague_id else ()
            found.append(DoorRow(case_id, version, match, keys))
    return found


def load_fleet_plates(conn: Connection, organisation_id: UUID) -> Fleet:
    """Return, by person, the plates of the vehicles whose keys she has.

    Of a colleague whom an open case is about, those, too, that a party of it took from him (`runtime/his_machines.py`).
    """
    found: dict[UUID, list[KnownPlate]] = defaultdict(list)
    rows = conn.execute(
        """select k.person_id, v.plate, v.region from registry_fleetkey k
        join registry_fleetvehicle v on v.id = k.vehicle_id
        where v.organisation_id = %(organisation)s
        union select person_id, plate, region from tocsin_taken_keys(%(organisation)s)
        order by plate, region""",
        {"organisation": organisation_id},
        binary=True,
    )
    for person_id, plate, region in rows:
        found[person_id].append(KnownPlate(plate, region))
    return {person_id: tuple(plates) for person_id, plates in found.items()}
