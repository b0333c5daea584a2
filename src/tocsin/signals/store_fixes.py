"""How do positions lie in PostgreSQL? Of court-ordered monitors, and of her own device inside an open walk or incident.

Sealed under the case's key or hers, and erased soon: what is kept is where somebody was, never his day. But nothing of a
case is erased during its legal hold.
"""

import json
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from tocsin.registry.store_cases import case_key
from tocsin.registry.store_people import load_key
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing, PersonKey
from tocsin.runtime.ids import uuid7
from tocsin.signals.rules.seen import Position

FIXES: Final = "signals_fix"
BODY: Final = "body_sealed"
# Long enough to say where he was when an incident is looked at, short enough to be no track of anybody.
KEPT_FOR: Final = timedelta(hours=24)
_ERASE: Final = """
    delete from signals_fix f where f.erase_at <= %s and not exists (
        select 1 from registry_case c where c.legal_hold_at is not null and c.erased_at is null
          and (c.id = f.case_id or (c.protected_id = f.person_id and exists (
            select 1 from decisions_incident i where i.person_id = f.person_id and not i.is_drill
              and i.kind in ('sos', 'walk', 'possible_breach', 'house_rule', 'inform')
              and i.opened_at <= f.fixed_at and coalesce(i.closed_at, 'infinity') >= f.fixed_at))))
"""


class FixRow(NamedTuple):
    """One position, opened; `zones` is what was known of the fences after it."""

    sender_id: UUID
    position: Position
    zones: dict[str, Any]
    row_id: UUID | None = None


def keep_case_fix(
    conn: Connection,
    ring: KeyRing,
    organisation_id: UUID,
    case_id: UUID,
    fix: FixRow,
    *,
    heard_at: datetime,
) -> bool:
    """Return whether this fix of a monitor is new, and keep it."""
    key = case_key(conn, ring, case_id)
    return _keep(conn, key, (organisation_id, case_id, None), fix, heard_at)


def keep_person_fix(
    conn: Connection,
    ring: KeyRing,
    organisation_id: UUID,
    person_id: UUID,
    fix: FixRow,
    *,
    heard_at: datetime,
) -> bool:
    """Return whether this fix of her own device is new, and keep it."""
    key = load_key(conn, ring, person_id)
    return _keep(conn, key, (organisation_id, None, person_id), fix, heard_at)


def latest_of_case(conn: Connection, ring: KeyRing, case_id: UUID) -> FixRow | None:
    """Return the newest fix of a case's monitor, or None."""
    row = conn.execute(
        """select id, sender_id, body_sealed from signals_fix where case_id = %s
        order by fixed_at desc limit 1""",
        (case_id,),
    ).fetchone()
    if row is None:
        return None
    opened = case_key(conn, ring, case_id).open(FIXES, BODY, row[0], bytes(row[2]))
    return _fix(row[1], opened)._replace(row_id=row[0])


def save_zones(conn: Connection, ring: KeyRing, case_id: UUID, fix: FixRow) -> None:
    """Write what is known of the fences after a fix that was kept before."""
    if fix.row_id is None:
        return
    sealed = case_key(conn, ring, case_id).seal(FIXES, BODY, fix.row_id, _text(fix))
    conn.execute("update signals_fix set body_sealed = %s where id = %s", (sealed, fix.row_id))


def latest_of_person(conn: Connection, ring: KeyRing, person_id: UUID) -> FixRow | None:
    """Return the newest fix of her own device, or None."""
    row = conn.execute(
        """select id, sender_id, body_sealed from signals_fix where person_id = %s
        order by fixed_at desc limit 1""",
        (person_id,),
    ).fetchone()
    if row is None:
        return None
    opened = load_key(conn, ring, person_id).open(FIXES, BODY, row[0], bytes(row[2]))
    return _fix(row[1], opened)


def erase_fixes(conn: Connection, at: datetime) -> int:
    """Return how many positions were erased because their time is over.

    While a case is under a legal hold, its monitor's stay, and of her own those from inside an incident of hers: which of them is
    evidence nobody can say beforehand, a fix that came too late to call anybody least of all.
    """
    return conn.execute(_ERASE, (at,)).rowcount


def _keep(
    conn: Connection,
    key: PersonKey,
    whose: tuple[UUID, UUID | None, UUID | None],
    fix: FixRow,
    heard_at: datetime,
) -> bool:
    organisation_id, case_id, person_id = whose
    row_id = uuid7()
    done = conn.execute(
        """insert into signals_fix (id, organisation_id, sender_id, case_id, person_id, fixed_at, heard_at,
            body_sealed, erase_at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing""",
        (
            row_id,
            organisation_id,
            fix.sender_id,
            case_id,
            person_id,
            fix.position.fixed_at,
            heard_at,
            key.seal(FIXES, BODY, row_id, _text(fix)),
            heard_at + KEPT_FOR,
        ),
    )
    return done.rowcount == 1


def _text(fix: FixRow) -> str:
    p = fix.position
    return json.dumps(
        {
            "at": p.fixed_at.isoformat(),
            "lat": p.latitude,
            "lon": p.longitude,
            "acc": p.accuracy_m,
            "speed": p.speed_m_s,
            "mock": p.is_mocked,
            "zones": fix.zones,
        }
    )


def _fix(sender_id: UUID, text: str) -> FixRow:
    said = json.loads(text)
    position = Position(
        said["lat"],
        said["lon"],
        datetime.fromisoformat(said["at"]),
        said["acc"],
        said["speed"],
        said["mock"],
    )
    return FixRow(sender_id, position, said["zones"])
