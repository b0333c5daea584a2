"""How do sightings lie in PostgreSQL? One row a case and track; what was seen is sealed under the case's key."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from tocsin.runtime.database import Connection, plain_json
from tocsin.runtime.encryption import PersonKey
from tocsin.signals.rules.seen import Seen, read_seen, write_seen
from tocsin.signals.rules.sighting_row import SightingRow

SIGHTINGS: Final = "signals_sighting"
MOST_SHOWN: Final = 200
_COLUMNS: Final = (
    "id", "organisation_id", "case_id", "source", "seen_at", "heard_at", "track", "certainty", "score", "parts",
    "sender_id", "reported_by_id", "site_id", "place_id", "incident_id", "erase_at", "judged", "judged_by_id",
    "judged_at",
)  # fmt: skip
_SELECT: Final = f"select {', '.join(_COLUMNS)} from signals_sighting"  # noqa: S608 - constants


def keep_sighting(conn: Connection, key: PersonKey | None, row: SightingRow, seen: Seen) -> None:
    """Insert a sighting; of a track that is kept, only what the better reading says is written.

    `key` None: that of its case is lost. Where, when and how surely he was seen is kept then, and nothing that is sealed.
    """
    row_id = _kept_id(conn, row) or row.id
    sealed = key.seal(SIGHTINGS, "body_sealed", row_id, write_seen(seen)) if key else b""
    conn.execute(
        """insert into signals_sighting (id, organisation_id, case_id, source, sender_id, reported_by_id, site_id,
            place_id, seen_at, heard_at, track, certainty, score, parts, body_sealed, judged, incident_id, erase_at)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, '', %s, %s)
        on conflict (organisation_id, case_id, track) do update set certainty = excluded.certainty,
            score = excluded.score, parts = excluded.parts,
            body_sealed = coalesce(nullif(excluded.body_sealed, ''), signals_sighting.body_sealed),
            incident_id = excluded.incident_id, erase_at = excluded.erase_at""",
        (
            row_id,
            row.organisation_id,
            row.case_id,
            row.source,
            row.sender_id,
            row.reported_by_id,
            row.site_id,
            row.place_id,
            row.seen_at,
            row.heard_at,
            row.track,
            row.certainty,
            row.score,
            Jsonb([list(part) for part in row.parts]),
            sealed,
            row.incident_id,
            row.erase_at,
        ),
    )


def _kept_id(conn: Connection, row: SightingRow) -> UUID | None:
    # What is sealed in a row is bound to the row's own id.
    kept = load_of_track(conn, row.organisation_id, row.track)
    return next((one.id for one in kept if one.case_id == row.case_id), None)


def judge_sighting(conn: Connection, row: SightingRow) -> None:
    """Write who compared it, what she said, and until when it is kept."""
    conn.execute(
        """update signals_sighting set judged = %s, judged_by_id = %s, judged_at = %s, erase_at = %s
        where organisation_id = %s and id = %s""",
        (row.judged, row.judged_by_id, row.judged_at, row.erase_at, row.organisation_id, row.id),
    )


def load_sighting(conn: Connection, organisation_id: UUID, sighting_id: UUID) -> SightingRow | None:
    """Return one sighting, or None if there is none that this role or viewer may see."""
    found = _load(conn, "where organisation_id = %s and id = %s", (organisation_id, sighting_id))
    return found[0] if found else None


def load_of_track(conn: Connection, organisation_id: UUID, track: str) -> list[SightingRow]:
    """Return what is kept of one track, one row a case."""
    return _load(conn, "where organisation_id = %s and track = %s", (organisation_id, track))


def load_of_incident(
    conn: Connection, organisation_id: UUID, incident_id: UUID
) -> list[SightingRow]:
    """Return what was seen in an incident, the earliest first."""
    return _load(
        conn,
        "where organisation_id = %s and incident_id = %s order by seen_at, id",
        (organisation_id, incident_id),
    )


def load_of_case(conn: Connection, organisation_id: UUID, case_id: UUID) -> list[SightingRow]:
    """Return the sightings of a case, the latest first."""
    return _load(
        conn,
        "where organisation_id = %s and case_id = %s order by seen_at desc, id desc",
        (organisation_id, case_id),
    )


def load_last_badges(
    conn: Connection, organisation_id: UUID, case_ids: Sequence[UUID], since: datetime
) -> list[SightingRow]:
    """Return the last badge of each of these cases that was held to a reader since then."""
    where = """where organisation_id = %s and source = 'badge' and case_id = any(%s) and seen_at >= %s
        and judged <> 'dismissed' order by seen_at desc, id desc"""
    found = _load(conn, where, (organisation_id, list(case_ids), since))
    return list({row.case_id: row for row in reversed(found)}.values())


def load_seen(conn: Connection, key: PersonKey, row: SightingRow) -> Seen:
    """Return what was seen, opened."""
    found = conn.execute(
        "select body_sealed from signals_sighting where organisation_id = %s and id = %s",
        (row.organisation_id, row.id),
    ).fetchone()
    if found is None:
        raise LookupError(row.id)
    return read_seen(key.open(SIGHTINGS, "body_sealed", row.id, bytes(found[0])))


def erase_due(conn: Connection, at: datetime) -> int:
    """Return how many sightings were erased because their time is over.

    A legal hold of the case keeps them, what a person dismissed too: that may be the very mistake that is looked into
    afterwards. Only who may read the case reads it then.
    """
    return conn.execute(
        """delete from signals_sighting s using registry_case c
        where s.erase_at <= %s and c.id = s.case_id and c.legal_hold_at is null""",
        (at,),
    ).rowcount


def _load(conn: Connection, where: str, values: tuple[Any, ...]) -> list[SightingRow]:
    rows = conn.execute(f"{_SELECT} {where} limit {MOST_SHOWN}", values).fetchall()
    return [_row(row) for row in rows]


def _row(row: Sequence[Any]) -> SightingRow:
    columns = dict(zip(_COLUMNS, row, strict=True))
    parts = plain_json(columns["parts"])
    return SightingRow(**{**columns, "parts": tuple((code, points) for code, points in parts)})
