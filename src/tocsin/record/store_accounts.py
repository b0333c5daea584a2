"""How do accounts lie in PostgreSQL? Only ever added: there is no statement here that changes one."""

import json
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow

from tocsin.record.rules.accounts import MAX_ACCOUNTS, About, Account
from tocsin.runtime.encryption import DecryptionRefused, PersonKey

TABLE: Final = "record_account"
_SELECT: Final = """select id, organisation_id, about, about_id, case_id, fact, said_at, heard_at, kept_at, kept_by_id,
    source_sealed, words_sealed from record_account"""


def insert_account(
    conn: Connection[TupleRow], key: PersonKey, sealed_of: UUID, account: Account
) -> bool:
    """Write one account under the key of `sealed_of` (a case, or a person); False if this very one is there."""
    words = json.dumps({"label": account.label, "words": account.words}, ensure_ascii=False)
    done = conn.execute(
        """insert into record_account (id, organisation_id, about, about_id, case_id, fact, source_sealed, words_sealed,
            sealed_of, said_at, heard_at, kept_at, kept_by_id)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict (id) do nothing""",
        (
            account.id,
            account.organisation_id,
            account.about.value,
            account.about_id,
            account.case_id,
            account.fact,
            key.seal(TABLE, "source_sealed", account.id, account.source),
            key.seal(TABLE, "words_sealed", account.id, words),
            sealed_of,
            account.said_at,
            account.heard_at,
            account.kept_at,
            account.kept_by_id,
        ),
    )
    return done.rowcount == 1


def count_accounts(conn: Connection[TupleRow], about_id: UUID) -> int:
    """Return how many accounts there are about this."""
    row = conn.execute(
        "select count(*) from record_account where about_id = %s", (about_id,)
    ).fetchone()
    return row[0] if row else 0


def load_of_case(conn: Connection[TupleRow], key: PersonKey, case_id: UUID) -> list[Account]:
    """Return the accounts of a case: about it and its incidents. Of its people each has a sheet of his own.

    The same fact of two people, as an age, would else stand in one row and seem to differ.
    """
    rows = conn.execute(
        f"{_SELECT} where case_id = %s and sealed_of = %s and about <> %s order by kept_at, id limit %s",
        (case_id, case_id, About.PERSON.value, MAX_ACCOUNTS),
    )
    return _opened(key, rows.fetchall())


def load_of_person(
    conn: Connection[TupleRow], key: PersonKey, case_id: UUID, person_id: UUID
) -> list[Account]:
    """Return the accounts about one of a case's people."""
    rows = conn.execute(
        f"{_SELECT} where case_id = %s and sealed_of = %s and about = %s and about_id = %s order by kept_at, id limit %s",
        (case_id, case_id, About.PERSON.value, person_id, MAX_ACCOUNTS),
    )
    return _opened(key, rows.fetchall())


def load_of_incident(
    conn: Connection[TupleRow], key: PersonKey, incident_id: UUID, sealed_of: UUID
) -> list[Account]:
    """Return the accounts about an incident that lie under the key of this case or person."""
    rows = conn.execute(
        f"{_SELECT} where about_id = %s and sealed_of = %s order by kept_at, id limit %s",
        (incident_id, sealed_of, MAX_ACCOUNTS),
    )
    return _opened(key, rows.fetchall())


def _opened(key: PersonKey, rows: Sequence[Sequence[Any]]) -> list[Account]:
    """Return what can be opened; an account whose key was destroyed is gone."""
    found = []
    for row in rows:
        try:
            source = key.open(TABLE, "source_sealed", row[0], bytes(row[10]))
            body = json.loads(key.open(TABLE, "words_sealed", row[0], bytes(row[11])))
        except DecryptionRefused:
            continue
        found.append(
            Account(
                id=row[0],
                organisation_id=row[1],
                about=About(row[2]),
                about_id=row[3],
                case_id=row[4],
                fact=row[5],
                label=body["label"],
                source=source,
                words=body["words"],
                said_at=row[6],
                heard_at=row[7],
                kept_at=row[8],
                kept_by_id=row[9],
            )
        )
    return found
