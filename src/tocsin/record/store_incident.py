"""How does one incident come out of PostgreSQL, by itself or with its place in the log that it lies in?"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow

from tocsin.record.rules import tree
from tocsin.record.rules.export import About, entry_line, header_line, signed_off
from tocsin.record.rules.heads import Head, Signer, head_line, sign
from tocsin.record.rules.masking import masked
from tocsin.record.store import RecordDamaged, latest_head, leaf_hashes

# A power of two, so that the subtrees of the parts are subtrees of the whole.
PROOF_PART: Final = 4_096
# No entry has it: what is not as it was sealed has this place in the tree.
NO_HASH: Final = bytes(tree.HASH_BYTES)

_LOG_OF_INCIDENT: Final = """
    select log_id from record_entry
    where organisation_id = %s and incident_id = %s and log_id is not null order by at, id limit 1
"""
# Once he was seen, some of it lies in the log of his case: each log has its own tree.
_IN_ONE_LOG: Final = """
    select seq, leaf from record_entry where organisation_id = %s and incident_id = %s
        and coalesce(log_id, tocsin_log_of(organisation_id, incident_id, kind, leaf), organisation_id) = %s
    order by at, seq nulls last, id
"""


def export_incident(
    conn: Connection[TupleRow],
    organisation_id: UUID,
    incident_id: UUID,
    *,
    signer: Signer,
    at: datetime,
    may_read: Callable[[UUID], bool] = lambda _case_id: True,
) -> Iterator[bytes]:
    """Yield the lines of an export of one incident as a log of its own, which has the incident's id and is signed now.

    Its entries are numbered by themselves: which log they lie in, how large that is and where they stand in it, it does
    not say. An incident of somebody who has a case begins with the same lines as any other (I11). What is not as it was
    sealed is exported as it is: `tocsin verify` finds it. `may_read`: of a case that this refuses no entry says which it is.
    """
    log_id, head, sealed, unsealed = _of_one_log(conn, organisation_id, incident_id)
    hashes = _as_sealed(conn, log_id, head, sealed)
    leaves = masked([leaf for _, leaf in sealed], may_read)
    # What was found as it was sealed is so under its mask, and nothing else is.
    hashes = [h if h == NO_HASH else tree.leaf_hash(leaf) for h, leaf in zip(hashes, leaves, strict=True)]  # fmt: skip
    if log_id != organisation_id:
        # That of the employer is gone through too: a file that is made sooner would say that there is a case.
        _as_sealed(conn, organisation_id, latest_head(conn, organisation_id), ())
    levels, size = tree.levels(hashes), len(hashes)
    about = About(incident_id, incident_id, size, size, unsealed, at)
    own = sign(incident_id, size, tree.root(hashes), at=at, signer=signer)
    lines = [header_line(about, signer), head_line(own)]
    lines += [entry_line(n, leaf, tree.path(levels, n)) for n, leaf in enumerate(leaves)]
    return signed_off(lines, signer)


def prove_incident(
    conn: Connection[TupleRow],
    organisation_id: UUID,
    incident_id: UUID,
    *,
    signer: Signer,
    at: datetime,
) -> Iterator[bytes]:
    """Yield the lines of the same, each entry with its path to the newest root of the log in which the incident began.

    It names that log: if the incident is of somebody who has a case, it says so. For whoever runs the machine.

    Raises:
        RecordDamaged: sealed entries are missing, so that no path leads to the root.
    """
    log_id, head, sealed, unsealed = _of_one_log(conn, organisation_id, incident_id)
    size = 0 if head is None else head.size
    about = About(log_id, incident_id, size, len(sealed), unsealed, at)
    paths = _paths(conn, log_id, size, [seq for seq, _ in sealed])
    lines = [header_line(about, signer)]
    if head is not None:
        lines.append(head_line(head))
    lines += [entry_line(seq, leaf, paths[seq]) for seq, leaf in sealed]
    return signed_off(lines, signer)


def _of_one_log(
    conn: Connection[TupleRow], organisation_id: UUID, incident_id: UUID
) -> tuple[UUID, Head | None, list[tuple[int, bytes]], int]:
    """Return the log in which an incident began, its newest head, what is sealed there of it, and how many are not."""
    row = conn.execute(_LOG_OF_INCIDENT, (organisation_id, incident_id)).fetchone()
    log_id = organisation_id if row is None else row[0]
    head = latest_head(conn, log_id)
    size = 0 if head is None else head.size
    read = conn.execute(_IN_ONE_LOG, (organisation_id, incident_id, log_id)).fetchall()
    sealed = sorted((seq, leaf) for seq, leaf in read if seq is not None and seq < size)
    return log_id, head, sealed, len(read) - len(sealed)


def _as_sealed(
    conn: Connection[TupleRow], log_id: UUID, head: Head | None, sealed: Sequence[tuple[int, bytes]]
) -> list[bytes]:
    """Return the hash of each entry; `NO_HASH` for one that does not lead to the root that was signed of its log."""
    if head is None:
        return []
    try:
        paths = _paths(conn, log_id, head.size, [seq for seq, _ in sealed])
    except RecordDamaged:
        return [NO_HASH] * len(sealed)
    found = []
    for seq, leaf in sealed:
        root = tree.root_from_inclusion(seq, head.size, tree.leaf_hash(leaf), paths[seq])
        found.append(tree.leaf_hash(leaf) if root == head.root else NO_HASH)
    return found


def _paths(
    conn: Connection[TupleRow], log_id: UUID, size: int, wanted: Sequence[int]
) -> dict[int, list[bytes]]:
    """Return the path of each wanted entry in the tree of `size`, with one part of it in memory."""
    lower: dict[int, list[bytes]] = {}
    tops: list[bytes] = []
    for first in range(0, size, PROOF_PART):
        before = min(first + PROOF_PART, size)
        hashes = leaf_hashes(conn, log_id, first=first, before=before)
        if len(hashes) != before - first:
            message = f"sealed entries are missing between {first} and {before}"
            raise RecordDamaged(message)
        levels = tree.levels(hashes)
        tops.append(levels[-1][0])
        lower |= {n: tree.path(levels, n - first) for n in wanted if first <= n < before}
    above = tree.levels(tops)
    return {n: path + tree.path(above, n // PROOF_PART) for n, path in lower.items()}
