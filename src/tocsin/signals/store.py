"""How do signals and walks lie in PostgreSQL? All SQL of this stage."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import DecryptionRefused, KeyRing
from tocsin.runtime.ids import uuid7
from tocsin.signals.rules.codes import CodePair
from tocsin.signals.rules.press import Press
from tocsin.signals.rules.walk import Walk

_WALK: Final = """select id, organisation_id, person_id, site_id, watcher_id, key, state, started_at, timer_s,
    timer_set_at, way, ended_at, ended_how from signals_walk"""


def known_keys(
    conn: Connection, keys: Sequence[tuple[UUID, UUID, str]]
) -> dict[tuple[UUID, UUID, str], str]:
    """Return which (organisation, person, key) are kept already, and the act of each."""
    rows = conn.execute(
        """select s.organisation_id, s.person_id, s.key, s.act from signals_signal s
        join unnest(%s::uuid[], %s::uuid[], %s::text[]) as g (o, p, k)
          on s.organisation_id = g.o and s.person_id = g.p and s.key = g.k""",
        ([o for o, _, _ in keys], [p for _, p, _ in keys], [k for _, _, k in keys]),
    )
    return {(o, p, k): act for o, p, k, act in rows}


def insert_signals(conn: Connection, signals: Sequence[tuple[UUID, Press]]) -> None:
    """Insert presses under their ids; the caller knows that their keys are new."""
    conn.cursor().executemany(
        """insert into signals_signal (id, organisation_id, person_id, device_id, key, act, source, received_at, note)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        [
            (
                i,
                p.organisation_id,
                p.person_id,
                p.device_id,
                p.key,
                p.act,
                p.source,
                p.received_at,
                "; ".join(p.labels)[:40],
            )
            for i, p in signals
        ],
    )


def save_walk(conn: Connection, ring: KeyRing, walk: Walk) -> None:
    """Insert a walk or save what changed of it; her note is sealed under her key."""
    sealed = _seal_note(conn, ring, walk) if walk.note else None
    conn.execute(
        """insert into signals_walk (id, organisation_id, person_id, site_id, watcher_id, key, state, started_at,
            timer_s, timer_set_at, due_at, way, note_sealed, ended_at, ended_how)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        on conflict (id) do update set state = excluded.state, key = excluded.key, timer_s = excluded.timer_s,
            timer_set_at = excluded.timer_set_at, due_at = excluded.due_at, ended_at = excluded.ended_at,
            ended_how = excluded.ended_how, watcher_id = excluded.watcher_id, way = excluded.way,
            note_sealed = coalesce(excluded.note_sealed, signals_walk.note_sealed)""",
        (
            walk.id, walk.organisation_id, walk.person_id, walk.site_id, walk.watcher_id, walk.key, walk.state,
            walk.started_at, walk.timer_s, walk.timer_set_at, walk.due_at, walk.way, sealed, walk.ended_at,
            walk.ended_how,
        ),
    )  # fmt: skip


def _seal_note(conn: Connection, ring: KeyRing, walk: Walk) -> bytes | None:
    row = conn.execute(
        "select wrapped from registry_personkey where person_id = %s", (walk.person_id,)
    ).fetchone()
    if row is None:
        return None
    return ring.person_key(walk.person_id, bytes(row[0])).seal(
        "signals_walk", "note_sealed", walk.id, walk.note
    )


def load_walk(
    conn: Connection, organisation_id: UUID, walk_id: UUID, *, lock: bool = True
) -> Walk | None:
    """Return one walk; its note stays sealed."""
    found = _walks(
        conn, "where organisation_id = %s and id = %s", (organisation_id, walk_id), lock=lock
    )
    return found[0] if found else None


def load_open_walk(conn: Connection, organisation_id: UUID, person_id: UUID) -> Walk | None:
    """Return the person's walk under way, locked."""
    where = "where organisation_id = %s and person_id = %s and ended_at is null"
    found = _walks(conn, where, (organisation_id, person_id), lock=True)
    return found[0] if found else None


def find_walk_during(
    conn: Connection, ring: KeyRing, organisation_id: UUID, person_id: UUID, since: datetime
) -> Walk | None:
    """Return the latest walk of hers that was under way at or after `since`, its note opened; "" if that cannot be."""
    where = """where organisation_id = %s and person_id = %s and (ended_at is null or ended_at >= %s)
        order by started_at desc limit 1"""
    found = _walks(conn, where, (organisation_id, person_id, since), lock=False)
    return replace(found[0], note=_open_note(conn, ring, found[0])) if found else None


def _open_note(conn: Connection, ring: KeyRing, walk: Walk) -> str:
    row = conn.execute(
        """select w.note_sealed, k.wrapped from signals_walk w join registry_personkey k on k.person_id = w.person_id
        where w.id = %s and w.note_sealed is not null""",
        (walk.id,),
    ).fetchone()
    if row is None:
        return ""
    try:
        key = ring.person_key(walk.person_id, bytes(row[1]))
        return key.open("signals_walk", "note_sealed", walk.id, bytes(row[0]))
    except DecryptionRefused:
        return ""


def load_open_walks(conn: Connection, organisation_id: UUID | None = None) -> list[Walk]:
    """Return the walks under way, of one organisation or of all that this role may see."""
    if organisation_id is None:
        return _walks(conn, "where ended_at is null order by due_at limit 10000", (), lock=False)
    where = "where organisation_id = %s and ended_at is null order by due_at limit 500"
    return _walks(conn, where, (organisation_id,), lock=False)


def load_walks_ended(conn: Connection, how: str, since: datetime) -> list[Walk]:
    """Return the walks that ended in this way since then, of every organisation that this role may see."""
    where = "where ended_how = %s and ended_at >= %s order by ended_at limit 10000"
    return _walks(conn, where, (how, since), lock=False)


def _walks(conn: Connection, where: str, values: tuple[Any, ...], *, lock: bool) -> list[Walk]:
    rows = conn.execute(f"{_WALK} {where}{' for update' if lock else ''}", values).fetchall()
    return [_walk(row) for row in rows]


def _walk(row: Sequence[Any]) -> Walk:
    names = (
        "id", "organisation_id", "person_id", "site_id", "watcher_id", "key", "state", "started_at", "timer_s",
        "timer_set_at", "way", "ended_at", "ended_how",
    )  # fmt: skip
    return Walk(**dict(zip(names, row, strict=True)))


def due_walks(
    conn: Connection, until: datetime, since: datetime | None = None
) -> list[tuple[UUID, UUID, datetime, datetime]]:
    """Return (organisation, walk, set at, due at) of walks whose timer runs out before `until`.

    Also those whose timer was set after `until`: the clock was set back since (I6).
    """
    return conn.execute(
        """select organisation_id, id, timer_set_at, due_at from signals_walk
        where ended_at is null and state = 'open' and (due_at < %s or timer_set_at > %s)
          and started_at >= coalesce(%s::timestamptz, '-infinity') order by due_at limit 10000""",
        (until, until, since),
    ).fetchall()


def load_code_pair(
    conn: Connection, ring: KeyRing, organisation_id: UUID, person_id: UUID
) -> CodePair | None:
    """Return a person's two codes (as digests), locked, or None if she has none."""
    row = conn.execute(
        """select c.id, c.pair_sealed, c.wrong_count, k.wrapped from registry_codepair c
        join registry_personkey k on k.person_id = c.person_id
        where c.organisation_id = %s and c.person_id = %s for update of c""",
        (organisation_id, person_id),
    ).fetchone()
    if row is None:
        return None
    key = ring.person_key(person_id, bytes(row[3]))
    return read_pair(key.open("registry_codepair", "pair_sealed", row[0], bytes(row[1])), row[2])


def read_pair(text: str, wrong_count: int) -> CodePair:
    """Return the pair that was written as JSON of hex digests (`write_pair`)."""
    said = json.loads(text)
    salt, true, duress = (bytes.fromhex(said[name]) for name in ("salt", "true", "duress"))
    return CodePair(salt, true, duress, wrong_count)


def write_pair(pair: CodePair) -> str:
    """Return the pair as text, to be sealed under the person's key."""
    return json.dumps(
        {"salt": pair.salt.hex(), "true": pair.true.hex(), "duress": pair.duress.hex()}
    )


def set_wrong_count(conn: Connection, organisation_id: UUID, person_id: UUID, count: int) -> None:
    """Keep how many wrong codes came in a row."""
    conn.execute(
        "update registry_codepair set wrong_count = %s where organisation_id = %s and person_id = %s",
        (count, organisation_id, person_id),
    )


def keep_unverified(
    conn: Connection, organisation_id: UUID, source: str, why: str, *, at: datetime, size: int
) -> None:
    """Keep what came without a valid proof of its sender, for the duty lead to see; the latest 1,000."""
    conn.execute(
        """insert into signals_unverifiedsignal (id, organisation_id, received_at, source, why, size, count)
        values (%s, %s, %s, %s, %s, %s, 1)""",
        (uuid7(), organisation_id, at, source[:60], why[:80], size),
    )
    conn.execute(
        """delete from signals_unverifiedsignal where organisation_id = %s and id in (
            select id from signals_unverifiedsignal where organisation_id = %s order by received_at desc offset 1000)""",
        (organisation_id, organisation_id),
    )


def recent_keys(conn: Connection, since: datetime) -> list[tuple[UUID, UUID, str]]:
    """Return (organisation, person, key) of what came since then, at most 20,000."""
    return conn.execute(
        """select organisation_id, person_id, key from signals_signal where received_at >= %s
        order by received_at desc limit 20000""",
        (since,),
    ).fetchall()
