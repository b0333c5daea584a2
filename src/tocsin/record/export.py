"""How does an operator get the record out, for `tocsin verify`, a court or a witness?

    tocsin export FILE [--organisation ID] [--incident ID]    the employer's record, or one incident, with its place in it
    tocsin export FILE --case ID                              the log of one case
    tocsin export --witness                                   what to give to somebody outside
    tocsin export --key                                       the public key, to publish

Whoever exports on the machine itself needs its keys and its database anyway; it is on record all
the same.
"""

import argparse
import base64
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow

from tocsin.record import store
from tocsin.record.rules.entries import Entry
from tocsin.record.rules.heads import Signer, witness_line
from tocsin.record.store_incident import prove_incident
from tocsin.runtime import keys, postgres, settings
from tocsin.runtime.clock import SystemClock
from tocsin.runtime.database import connect
from tocsin.runtime.ids import uuid7


class NotExported(Exception):
    """There is nothing to export; the message says what to name."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write what was asked for; returns 0, or 1 after saying what was wrong."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if not (options.file or options.witness or options.key):
        parser.error("name a FILE, or say --witness or --key")
    config = settings.load()
    at = SystemClock().now()
    try:
        signer = keys.load(config.keys_dir).record
        if options.key:
            sys.stdout.write(base64.b64encode(signer.public).decode("ascii") + "\n")
            return 0
        with postgres.running(config), connect(config, "engine") as conn:
            store.seal_all(conn, signer, at=at)
            if options.witness:
                heads = store.latest_heads(conn).values()
                sys.stdout.writelines(f"{witness_line(head)}\n" for head in heads)
            else:
                with _new_file(options.file) as file:
                    if options.case:
                        lines = export_case(conn, options.case, signer=signer, at=at)
                    else:
                        organisation_id = _organisation(conn, options.organisation)
                        lines = export(
                            conn, organisation_id, options.incident, signer=signer, at=at
                        )
                    file.writelines(lines)
    except (NotExported, store.RecordDamaged, keys.KeyProblem, OSError) as problem:
        sys.stderr.write(f"tocsin export: {problem}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tocsin export", description="Write the record to a file."
    )
    parser.add_argument("file", type=Path, nargs="?", help="where to write; must not exist yet")
    parser.add_argument("--organisation", type=UUID, help="needed when there are several")
    parser.add_argument("--incident", type=UUID, help="only this incident")
    parser.add_argument("--case", type=UUID, help="only the log of this case")
    parser.add_argument("--witness", action="store_true", help="print the newest heads")
    parser.add_argument("--key", action="store_true", help="print the public key")
    return parser


def export(
    conn: Connection[TupleRow],
    organisation_id: UUID,
    incident_id: UUID | None,
    *,
    signer: Signer,
    at: datetime,
) -> Iterator[bytes]:
    """Return the lines of an export, after writing to the record that it was made.

    That of an incident names the log in which it lies, which an export from the pages does not: a court can hold it
    against what a witness kept, and whoever reads it learns whether there is a case.

    Raises:
        NotExported: nothing is on record about this incident here.
    """
    if incident_id is not None and not store.entries_of_incident(
        conn, organisation_id, incident_id
    ):
        message = "nothing was ever written about such an incident"
        raise NotExported(message)
    what = "record" if incident_id is None else "incident"
    entry = Entry(
        uuid7(), organisation_id, at, "record.exported", incident_id, None, {"what": what}
    )
    store.append(conn, [entry])
    store.seal(conn, organisation_id, signer, at=at)
    if incident_id is None:
        return store.export_record(conn, organisation_id, signer=signer, at=at)
    return prove_incident(conn, organisation_id, incident_id, signer=signer, at=at)


def export_case(
    conn: Connection[TupleRow], case_id: UUID, *, signer: Signer, at: datetime
) -> Iterator[bytes]:
    """Return the lines of a case's own log, after writing to it that it was exported.

    Raises:
        NotExported: there is no such log.
    """
    row = conn.execute(
        "select organisation_id from record_entry where log_id = %s limit 1", (case_id,)
    ).fetchone()
    if row is None:
        message = "nothing was ever written about such a case"
        raise NotExported(message)
    entry = Entry(
        uuid7(), row[0], at, "record.exported", None, None, {"what": "case", "subject": case_id}
    )
    store.append(conn, [entry])
    store.seal_all(conn, signer, at=at)
    return store.export_record(conn, case_id, signer=signer, at=at)


def _organisation(conn: Connection[TupleRow], named: UUID | None) -> UUID:
    rows = conn.execute("select distinct organisation_id from record_entry").fetchall()
    known: list[UUID] = sorted(row[0] for row in rows)
    if named in known and named is not None:
        return named
    if named is None and len(known) == 1:
        return known[0]
    listed = ", ".join(map(str, known)) or "none; nothing was ever written"
    message = f"name one with --organisation: {listed}"
    raise NotExported(message)


@contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file that is not there yet; nothing of it stays when what was to be written in it fails.

    Before the record says that something was exported: a name that is taken exports nothing.
    """
    # For its owner alone: ids, times and places of an incident are in it.
    path.touch(mode=0o600, exist_ok=False)
    try:
        with path.open("wb") as file:
            yield file
    except BaseException:
        path.unlink(missing_ok=True)
        raise
