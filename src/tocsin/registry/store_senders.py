"""Which senders does an employer have, with which keys, and when was each last heard? All SQL of this table."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from tocsin.registry.rules.sender import KEY_HELD_BY, SenderRow
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import uuid7

MAX_SENDERS: Final = 1_000
_SELECT: Final = """select id, organisation_id, name, kind, site_id, place_id, post_id, case_id, person_id, interval_s,
    settings, made_at, revoked_at, heard_at, dropped_count"""

_NAMES: Final = [name.strip() for name in _SELECT.removeprefix("select ").split(",")]


def find_sender(conn: Connection, ring: KeyRing, sender_id: UUID) -> tuple[SenderRow, bytes] | None:
    """Return a sender in use and its key, whoever's it is: for its own call, in a transaction without a viewer."""
    row = conn.execute(f"{_SELECT}, key_sealed from tocsin_sender(%s)", (sender_id,)).fetchone()
    return (_sender(row), ring.open_local(_purpose(sender_id), bytes(row[-1]))) if row else None


def load_listened(conn: Connection) -> list[SenderRow]:
    """Return the senders in use that a broker speaks for, of every employer; in a transaction without a viewer."""
    return [_sender(row) for row in conn.execute(f"{_SELECT} from tocsin_listened()")]


def is_in_use(conn: Connection, sender_id: UUID) -> bool:
    """Return whether this sender is not revoked; in a transaction without a viewer."""
    return conn.execute("select 1 from tocsin_sender(%s)", (sender_id,)).fetchone() is not None


def note_heard(conn: Connection, sender_id: UUID, at: datetime, *, dropped: int = 0) -> None:
    """Keep that this sender was heard; `dropped`: positions since the last note that were nobody's business."""
    conn.execute("select tocsin_heard(%s, %s, %s)", (sender_id, at, dropped))


def insert_sender(conn: Connection, ring: KeyRing, sender: SenderRow, key: bytes) -> None:
    """Add a sender with its key."""
    conn.execute(
        """insert into registry_sender (id, organisation_id, name, kind, site_id, place_id, post_id, case_id, person_id,
            interval_s, settings, made_at, key_sealed)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (
            sender.id, sender.organisation_id, sender.name, sender.kind, sender.site_id, sender.place_id,
            sender.post_id, sender.case_id, sender.person_id, sender.interval_s, Jsonb(dict(sender.settings)),
            sender.made_at, ring.seal_local(_purpose(sender.id), key),
        ),
    )  # fmt: skip


def is_name_taken(conn: Connection, organisation_id: UUID, name: str) -> bool:
    """Return whether a sender that this viewer may see has the name."""
    found = conn.execute(
        "select 1 from registry_sender where organisation_id = %s and name = %s",
        (organisation_id, name),
    )
    return found.fetchone() is not None


def load_senders(conn: Connection, organisation_id: UUID) -> list[SenderRow]:
    """Return the senders that the transaction's viewer may know of, those in use first."""
    rows = conn.execute(
        f"""{_SELECT} from registry_sender where organisation_id = %s
        order by revoked_at nulls first, name limit %s""",
        (organisation_id, MAX_SENDERS),
    )
    return [_sender(row) for row in rows]


def load_sender(conn: Connection, organisation_id: UUID, sender_id: UUID) -> SenderRow | None:
    """Return one sender that the transaction's viewer may know of."""
    row = conn.execute(
        f"{_SELECT} from registry_sender where organisation_id = %s and id = %s",
        (organisation_id, sender_id),
    ).fetchone()
    return _sender(row) if row else None


def find_own_tracker(conn: Connection, organisation_id: UUID, person_id: UUID) -> SenderRow | None:
    """Return the tracker in use that is this person's own phone, the newest."""
    row = conn.execute(
        f"""{_SELECT} from registry_sender
        where organisation_id = %s and person_id = %s and revoked_at is null order by made_at desc limit 1""",
        (organisation_id, person_id),
    ).fetchone()
    return _sender(row) if row else None


def set_sender_key(
    conn: Connection,
    ring: KeyRing,
    organisation_id: UUID,
    sender_id: UUID,
    key: bytes,
    *,
    held_by: UUID,
) -> bool:
    """Return whether a sender in use now has this key, shown to `held_by`; the one before is good no more."""
    sealed = ring.seal_local(_purpose(sender_id), key)
    return (
        conn.execute(
            """update registry_sender set key_sealed = %s, settings = settings || %s
            where organisation_id = %s and id = %s and revoked_at is null""",
            (sealed, Jsonb({KEY_HELD_BY: str(held_by)}), organisation_id, sender_id),
        ).rowcount
        == 1
    )


def revoke_sender(conn: Connection, organisation_id: UUID, sender_id: UUID, at: datetime) -> bool:
    """Return whether this sender was in use and is no longer; it says which viewer revoked it."""
    return (
        conn.execute(
            """update registry_sender set revoked_at = %s, revoked_by_id = tocsin_viewer()
            where organisation_id = %s and id = %s and revoked_at is null""",
            (at, organisation_id, sender_id),
        ).rowcount
        == 1
    )


def was_revoked_by_viewer(conn: Connection, sender_id: UUID) -> bool:
    """Return whether it is the transaction's viewer who revoked this sender."""
    return (
        conn.execute(
            "select 1 from registry_sender where id = %s and revoked_by_id = tocsin_viewer()",
            (sender_id,),
        ).fetchone()
        is not None
    )


def keep_gone(
    conn: Connection, organisation_id: UUID, case_id: UUID, sender_id: UUID, at: datetime
) -> None:
    """Keep that this case misses a revoked sender no more; again is no error."""
    conn.execute(
        """insert into registry_goneonpurpose (id, organisation_id, case_id, subject_id, said_at) values (%s, %s, %s, %s, %s)
        on conflict do nothing""",
        (uuid7(), organisation_id, case_id, sender_id, at),
    )


def find_case_by_word(conn: Connection, organisation_id: UUID, word: str) -> UUID | None:
    """Return the case that is called so, if the transaction's viewer may see it."""
    row = conn.execute(
        "select id from registry_case where organisation_id = %s and word = %s and closed_at is null",
        (organisation_id, word.strip().upper()),
    ).fetchone()
    return row[0] if row else None


def _purpose(sender_id: UUID) -> str:
    return f"sender {sender_id}"


def _sender(row: Sequence[Any]) -> SenderRow:
    return SenderRow(**dict(zip(_NAMES, row, strict=False)))
