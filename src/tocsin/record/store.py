"""How does the record lie in PostgreSQL? Append, seal, read; the only SQL of this stage.

A verb appends unlinked entries in its own transaction and takes no lock that another verb waits
for. One sealer at a time and organisation (an advisory lock that is tried, never waited for) gives
them their numbers, extends the tree by its right edge and signs the new root. What commits late
simply comes next.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow

from tocsin.record.rules import tree
from tocsin.record.rules.entries import Entry, leaf_of
from tocsin.record.rules.export import About, entry_line, header_line, signed_off
from tocsin.record.rules.heads import (
    Head,
    Signer,
    head_line,
    head_of_line,
    is_exported,
    newest,
    sign,
)
from tocsin.runtime.ids import uuid7

# One sealing holds this many leaves in memory at most; the rest is sealed by the next, at once.
MAX_SEALED_AT_ONCE: Final = 5_000
MAX_READ_AT_ONCE: Final = 5_000
REMEMBERED: Final = "heads.jsonl"

# Binary (%b): half the time of text for the 200 entries of one call to everybody.
_APPEND: Final = """
    insert into record_entry (id, organisation_id, at, kind, incident_id, actor_id, leaf)
    select * from unnest(
        %b::uuid[], %b::uuid[], %b::timestamptz[], %b::text[], %b::uuid[], %b::uuid[], %b::bytea[])
"""
# The name of the lock is made from the id; two organisations with one name would only seal in turn.
_TRY_LOCK: Final = "select pg_try_advisory_xact_lock(1953456499, hashtext(%s))"
_UNSEALED: Final = """
    select id, leaf, coalesce(tocsin_log_of(organisation_id, incident_id, kind, leaf), organisation_id)
    from record_entry where organisation_id = %s and seq is null
    order by at, id limit %s
"""
_NUMBER: Final = """
    update record_entry as entry set seq = given.seq, log_id = %b
    from unnest(%b::uuid[], %b::bigint[]) as given (id, seq)
    where entry.id = given.id and entry.organisation_id = %b
"""
_INSERT_HEAD: Final = """
    insert into record_head
        (id, organisation_id, size, root, frontier, signed_at, key_id, signature)
    values (%s, %s, %s, %s, %s, %s, %s, %s)
"""
_LATEST: Final = """
    select organisation_id, size, root, signed_at, key_id, signature from record_head
    where organisation_id = %s order by size desc limit 1
"""
_LATEST_OF_EACH: Final = """
    select distinct on (organisation_id)
        organisation_id, size, root, signed_at, key_id, signature
    from record_head order by organisation_id, size desc
"""
_OF_SIZES: Final = """
    select organisation_id, size, root, signed_at, key_id, signature from record_head
    where (organisation_id, size) in (select * from unnest(%s::uuid[], %s::bigint[]))
"""
_HEADS: Final = """
    select organisation_id, size, root, signed_at, key_id, signature from record_head
    where organisation_id = %s and size > %s and size <= %s order by size limit %s
"""
_ENTRIES: Final = """
    select seq, leaf from record_entry
    where log_id = %s and seq >= %s and seq < %s order by seq limit %s
"""
_OF_INCIDENT: Final = """
    select seq, leaf from record_entry
    where organisation_id = %s and incident_id = %s order by at, seq nulls last, id
"""
_OF_KINDS: Final = """
    select leaf from record_entry
    where organisation_id = %s and incident_id = %s and kind = any(%s) order by at, id limit 500
"""
_COUNT_UNSEALED: Final = """
    select count(*) from record_entry
    where seq is null and coalesce(tocsin_log_of(organisation_id, incident_id, kind, leaf), organisation_id) = %s
"""
# PostgreSQL hashes, so that 32 bytes a row travel and not the leaves.
_LEAF_HASHES: Final = r"""
    select sha256('\x00'::bytea || leaf) from record_entry
    where log_id = %s and seq >= %s and seq < %s order by seq
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as it lies there; `seq` counts from 0, None while it is not sealed."""

    seq: int | None
    leaf: bytes


class RecordDamaged(Exception):
    """The database lacks sealed entries; export everything and let `tocsin verify` say which."""


def append(
    conn: Connection[TupleRow], entries: Sequence[Entry], *, is_once_more: bool = False
) -> None:
    """Write entries in the caller's transaction, in one statement; they are sealed within a second.

    `is_once_more`: their ids are made of what they tell, and the answer to the first time may have been lost; one that
    is there already is the same line, and stays as it is.

    Raises:
        EntryRefused: one of them is not in the vocabulary; nothing is written.
        psycopg.errors.UniqueViolation: an id is there already, and `is_once_more` is not said; nothing is written.
    """
    if not entries:
        return
    conn.execute(
        _APPEND + "on conflict (id) do nothing" if is_once_more else _APPEND,
        (
            [entry.id for entry in entries],
            [entry.organisation_id for entry in entries],
            [entry.at for entry in entries],
            [entry.kind for entry in entries],
            [entry.incident_id for entry in entries],
            [entry.actor_id for entry in entries],
            [leaf_of(entry) for entry in entries],
        ),
    )


def seal(
    conn: Connection[TupleRow], organisation_id: UUID, signer: Signer, *, at: datetime
) -> Head | None:
    """Return the new signed head of one log, or None: nothing to seal, or another sealer is at it.

    A case has a log of its own, whose id stands where the employer's stands in a head (`runtime/case_logs.py`): the
    size of the employer's log tells nothing of it. One log at a time: call again while it returns a head.

    Seals at most `MAX_SEALED_AT_ONCE` entries, in the order of (at, id); call again while it
    returns a head. `at` aware. Runs in a transaction of its own unless one is open.
    """
    with conn.transaction():
        locked = conn.execute(_TRY_LOCK, (str(organisation_id),)).fetchone()
        if locked is None or not locked[0]:
            return None
        rows = conn.execute(_UNSEALED, (organisation_id, MAX_SEALED_AT_ONCE)).fetchall()
        if not rows:
            return None
        log_id = rows[0][2]
        rows = [row for row in rows if row[2] == log_id]
        frontier, first = _edge(conn, log_id)
        frontier, size = tree.extend(frontier, first, (tree.leaf_hash(row[1]) for row in rows))
        numbers = list(range(first, size))
        conn.execute(_NUMBER, (log_id, [row[0] for row in rows], numbers, organisation_id))
        head = sign(log_id, size, tree.root_of(frontier), at=at, signer=signer)
        _insert_head(conn, head, frontier)
        return head


def seal_all(conn: Connection[TupleRow], signer: Signer, *, at: datetime) -> list[Head]:
    """Return the last new head of each log that had unsealed entries.

    An organisation at which another sealer works is left to it.
    """
    waiting = conn.execute("select distinct organisation_id from record_entry where seq is null")
    heads: dict[UUID, Head] = {}
    for (organisation_id,) in waiting.fetchall():
        while (head := seal(conn, organisation_id, signer, at=at)) is not None:
            heads[head.organisation_id] = head
    return list(heads.values())


def latest_head(conn: Connection[TupleRow], organisation_id: UUID) -> Head | None:
    """Return the newest head of an organisation, None when nothing was ever sealed."""
    row = conn.execute(_LATEST, (organisation_id,)).fetchone()
    return None if row is None else Head(*row)


def latest_heads(conn: Connection[TupleRow]) -> dict[UUID, Head]:
    """Return the newest head of every organisation that this role sees."""
    return {row[0]: Head(*row) for row in conn.execute(_LATEST_OF_EACH)}


def heads_of_size(conn: Connection[TupleRow], wanted: Mapping[UUID, Head]) -> dict[UUID, Head]:
    """Return the head of each organisation that has the size of the wanted one; none where the database has none."""
    sizes = [head.size for head in wanted.values()]
    return {row[0]: Head(*row) for row in conn.execute(_OF_SIZES, (list(wanted), sizes))}


def read_heads(
    conn: Connection[TupleRow], organisation_id: UUID, *, after: int = 0, up_to: int
) -> Iterator[Head]:
    """Yield the heads with `after < size <= up_to`, the smallest first, without much memory."""
    at = after
    while at < up_to:
        rows = conn.execute(_HEADS, (organisation_id, at, up_to, MAX_READ_AT_ONCE)).fetchall()
        if not rows:
            return
        yield from (Head(*row) for row in rows)
        at = rows[-1][1]


def read_entries(
    conn: Connection[TupleRow], organisation_id: UUID, *, first: int = 0, before: int
) -> Iterator[Line]:
    """Yield the sealed entries with `first <= seq < before`, in order, without much memory."""
    at = first
    while at < before:
        rows = conn.execute(_ENTRIES, (organisation_id, at, before, MAX_READ_AT_ONCE)).fetchall()
        if not rows:
            return
        yield from (Line(seq, leaf) for seq, leaf in rows)
        at = rows[-1][0] + 1


def entries_of_incident(
    conn: Connection[TupleRow], organisation_id: UUID, incident_id: UUID
) -> list[Line]:
    """Return the entries of an incident in the order of their time, unsealed ones included."""
    rows = conn.execute(_OF_INCIDENT, (organisation_id, incident_id))
    return [Line(seq, leaf) for seq, leaf in rows]


def leaves_of_kinds(
    conn: Connection[TupleRow], organisation_id: UUID, incident_id: UUID, kinds: Sequence[str]
) -> list[bytes]:
    """Return the first 500 entries of an incident that are of these kinds, in the order of their time."""
    rows = conn.execute(_OF_KINDS, (organisation_id, incident_id, list(kinds)))
    return [leaf for (leaf,) in rows]


def leaf_hashes(
    conn: Connection[TupleRow], organisation_id: UUID, *, first: int, before: int
) -> list[bytes]:
    """Return the leaf hashes of the entries with `first <= seq < before`."""
    return [row[0] for row in conn.execute(_LEAF_HASHES, (organisation_id, first, before))]


def export_record(
    conn: Connection[TupleRow], organisation_id: UUID, *, signer: Signer, at: datetime
) -> Iterator[bytes]:
    """Yield the lines of an export of everything that is sealed; `at` aware. Seal before.

    Whatever is wrong in the database is exported as it is: `tocsin verify` finds it.
    """
    head = latest_head(conn, organisation_id)
    size = 0 if head is None else head.size
    row = conn.execute(_COUNT_UNSEALED, (organisation_id,)).fetchone()
    about = About(organisation_id, None, size, size, row[0] if row else 0, at)
    return signed_off(_whole(conn, about, head, signer), signer)


def remember_heads(spool_dir: Path, heads: Iterable[Head]) -> None:
    """Keep the newest head of each organisation in a file beside the spool, outside the database.

    A restored database is then seen to lack what was signed (I8, `heads.lacking`). The
    file is replaced as a whole. It is not synced: after a power cut the one before it does as
    well, and a sync would make an SOS wait that is being written to the same disk.
    """
    known = newest([*remembered(spool_dir).values(), *heads])
    replace_remembered(spool_dir, known)


def replace_remembered(spool_dir: Path, heads: Mapping[UUID, Head]) -> None:
    """Keep exactly these heads: a person says that the restored database is right."""
    draft = spool_dir / f".{REMEMBERED}.{uuid7()}"
    draft.write_bytes(b"".join(head_line(head) + b"\n" for head in heads.values()))
    draft.replace(spool_dir / REMEMBERED)


def remembered(spool_dir: Path) -> dict[UUID, Head]:
    """Return the heads kept beside the spool; a line that cannot be read is left out."""
    found = []
    with suppress(FileNotFoundError):
        for line in (spool_dir / REMEMBERED).read_bytes().splitlines():
            with suppress(ValueError):
                found.append(head_of_line(line))
    return newest(found)


def _whole(
    conn: Connection[TupleRow], about: About, last: Head | None, signer: Signer
) -> Iterator[bytes]:
    yield header_line(about, signer)
    heads = read_heads(conn, about.organisation_id, up_to=about.size)
    head, shown = next(heads, None), None
    for line in read_entries(conn, about.organisation_id, before=about.size):
        if line.seq is None:
            continue
        yield entry_line(line.seq, line.leaf)
        while head is not None and head.size <= line.seq + 1:
            if head.size == about.size or is_exported(head, after=shown):
                shown = head
                yield head_line(head)
            head = next(heads, None)
    # Left over only if the end was cut off in the database: the last head says that it was there.
    if last is not None and last != shown:
        yield head_line(last)


def _edge(conn: Connection[TupleRow], organisation_id: UUID) -> tuple[tree.Frontier, int]:
    row = conn.execute(
        "select size, frontier from record_head where organisation_id = %s"
        " order by size desc limit 1",
        (organisation_id,),
    ).fetchone()
    return ((), 0) if row is None else (tree.unpack(row[1], row[0]), row[0])


def _insert_head(conn: Connection[TupleRow], head: Head, frontier: tree.Frontier) -> None:
    conn.execute(
        _INSERT_HEAD,
        (
            uuid7(),
            head.organisation_id,
            head.size,
            head.root,
            tree.pack(frontier),
            head.signed_at,
            head.key_id,
            head.signature,
        ),
    )
