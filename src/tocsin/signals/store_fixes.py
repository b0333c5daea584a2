"""How do positions lie in PostgreSQL? Of court-ordered monitors, and of her own device inside an open walk or incident.

Sealed under the case's key or hers, and erased soon: what is kept is where somebody was, never his day. But nothing of a
case is erased during its legal hold.
"""

import json
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
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
    row_id = uuid7()
    key = _case_key(conn, ring, case_id)
    sealed = key.seal(FIXES, BODY, row_id, _text(fix))
    return _insert(conn, (row_id, organisation_id, fix, case_id, None, sealed), heard_at)


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
    row_id = uuid7()
    key = _person_key(conn, ring, person_id)
    sealed = key.seal(FIXES, BODY, row_id, _text(fix))
    return _insert(conn, (row_id, organisation_id, fix, None, person_id, sealed), heard_at)


def latest_of_case(conn: Connection, ring: KeyRing, case_id: UUID) -> FixRow | None:
    """Return the newest fix of a case's monitor, or None."""
    row = conn.execute(
        """select id, sender_id, body_sealed from signals_fix where case_id = %s
        order by fixed_at desc limit 1""",
        (case_id,),
    ).fetchone()
    if row is None:
        return None
    opened = _case_key(conn, ring, case_id).open(FIXES, BODY, row[0], bytes(row[2]))
    return _fix(row[1], opened)._replace(row_id=row[0])


def save_zones(conn: Connection, ring: KeyRing, case_id: UUID, fix: FixRow) -> None:
    """Write what is known of the fences after a fix that was kept before."""
    if fix.row_id is None:
        return
    sealed = _case_key(conn, ring, case_id).seal(FIXES, BODY, fix.row_id, _text(fix))
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
    opened = _person_key(conn, ring, person_id).open(FIXES, BODY, row[0], bytes(row[2]))
    return _fix(row[1], opened)


def erase_fixes(conn: Connection, at: datetime) -> int:
    """Return how many positions were erased because their time is over.

    While a case is under a legal hold, its monitor's stay, and of her own those from inside an incident of hers: which of them is
    evidence nobody can say beforehand, a fix that came too late to call anybody least of all.
    """
    return conn.execute(_ERASE, (at,)).rowcount


def _insert(
    conn: Connection,
    what: tuple[UUID, UUID, FixRow, UUID | None, UUID | None, bytes],
    heard_at: datetime,
) -> bool:
    row_id, organisation_id, fix, case_id, person_id, sealed = what
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
            sealed,
            heard_at + KEPT_FOR,
        ),
    )
    return done.rowcount == 1


def _case_key(conn: Connection, ring: KeyRing, case_id: UUID) -> Any:
    row = conn.execute(
        "select wrapped from registry_casekey where case_id = %s", (case_id,)
    ).fetchone()
    if row is None:
        raise LookupError(case_id)
    return ring.person_key(case_id, bytes(row[0]))


def _person_key(conn: Connection, ring: KeyRing, person_id: UUID) -> Any:
    row = conn.execute(
        "select wrapped from registry_personkey where person_id = %s", (person_id,)
    ).fetchone()
    if row is None:
        raise LookupError(person_id)
    return ring.person_key(person_id, bytes(row[0]))


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
