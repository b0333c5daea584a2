"""A case or a person is erased by destroying the key: never during a legal hold, and once more after every restore.

What was erased is listed beside the keys, outside the database: a restored backup brings the wrapped key back, and it is
destroyed again before anything is read with it (I26). The list holds ids and nothing else.
"""

import errno
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

import psycopg

from tocsin.flow.respond import Refused
from tocsin.record import store as record
from tocsin.record.rules.entries import Entry
from tocsin.registry import store_erasing as store
from tocsin.runtime.database import Connection
from tocsin.runtime.ids import uuid7

LIST: Final = "erased.txt"
CASE: Final = "case"
PERSON: Final = "person"
TABLES: Final = {CASE: "registry_case", PERSON: "registry_person"}
ON_HOLD: Final = Refused("nothing is erased during a legal hold")
UNKNOWN: Final = Refused("there is no such id here, and nothing was erased")


def erase(
    conn: Connection, keys_dir: Path, what: str, row_id: UUID, *, at: datetime, because: str
) -> Refused | None:
    """Destroy the key of a case or a person; None when it is gone, or was already.

    First it is listed: whatever stops in between, the next start destroys it.
    """
    organisation_id = store.organisation_of(conn, TABLES[what], row_id)
    if organisation_id is None:
        return None if store.is_known(conn, TABLES[what], row_id) else UNKNOWN
    try:
        with conn.transaction():
            _destroy(conn, what, row_id, at)
            kind = f"{what}.erased"
            body = {what: row_id, "because": because}
            entry = Entry(uuid7(), organisation_id, at, kind, None, None, body)
            record.append(conn, [entry])
            remember(keys_dir, what, row_id)
    except psycopg.errors.InsufficientPrivilege:
        return ON_HOLD
    return None


def _destroy(conn: Connection, what: str, row_id: UUID, at: datetime) -> None:
    if what == CASE:
        store.erase_case(conn, row_id, at)
    else:
        store.erase_person(conn, row_id)


def erase_due(conn: Connection, keys_dir: Path, *, at: datetime) -> int:
    """Return how many cases were erased because their date has come."""
    done = 0
    for _organisation, case_id in store.due_cases(conn, at.date()):
        if erase(conn, keys_dir, CASE, case_id, at=at, because="date") is None:
            done += 1
    return done


def erase_again(conn: Connection, keys_dir: Path, *, at: datetime) -> int:
    """Return how many came back with a restored database and were destroyed once more."""
    done = 0
    for what, row_id in remembered(keys_dir):
        if store.organisation_of(conn, TABLES[what], row_id) is None:
            continue
        with conn.transaction():
            # What was erased was under no hold; one that a restore brought back is older than the erasure.
            conn.execute("select set_config('app.erased_before', 'yes', true)")
            _destroy(conn, what, row_id, at)
        done += 1
    return done


def remember(keys_dir: Path, what: str, row_id: UUID) -> None:
    """Write down, on disk, that this was erased.

    Raises:
        OSError: it could not be written whole, as on a full disk: then nothing is erased.
    """
    # On a line of its own, also after one that was torn.
    line = f"\n{what} {row_id}\n".encode()
    handle = os.open(keys_dir / LIST, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        if os.write(handle, line) != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(handle)
    finally:
        os.close(handle)


def remembered(keys_dir: Path) -> Iterator[tuple[str, UUID]]:
    """Yield what was ever erased on this installation; a torn line is left out."""
    try:
        lines = (keys_dir / LIST).read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        what, _, text = line.partition(" ")
        try:
            row_id = UUID(text)
        except ValueError:
            continue
        if what in TABLES:
            yield what, row_id
