"""What goes when a case or a person is erased? The key, and every row that says something without one."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final
from uuid import UUID

from psycopg import sql

from tocsin.runtime.database import Connection

# Their rows stay: the record keeps ids and ciphertext, the case an empty shell whose word is never used again.
KEPT: Final = ("record_entry", "registry_case", "registry_casekey")
# Of a person: ways to reach her, what she typed, what she planned. What she did stays, under her id alone.
OF_PERSON: Final = (
    "registry_contactmethod",
    "registry_emergencycontact",
    "registry_codepair",
    "registry_enrolment",
    "signals_walkplan",
)

# Each incident of a case, with the other cases whose it is and that are still there, in their order.
_SHARED: Final = """
    select i.id, array(
        select c.id from jsonb_array_elements_text(i.progress -> 'cases') with ordinality as o (case_id, n)
        join registry_case c on c.id = o.case_id::uuid
        where c.id <> %(case)s and c.erased_at is null order by o.n)
    from decisions_incident i where i.case_id = %(case)s or i.progress -> 'cases' ? %(text)s order by i.id for update
"""
_TAKE_OUT: Final = """
    update decisions_incident set case_id = %(first)s, progress = progress || jsonb_build_object(
        'cases', (progress -> 'cases') - %(text)s, 'not_located', coalesce(progress -> 'not_located', '[]') - %(text)s)
    where id = %(id)s
"""


def due_cases(conn: Connection, today: date) -> list[tuple[UUID, UUID]]:
    """Return (organisation, case) of those whose date has come, without a hold."""
    return conn.execute(
        """
        select organisation_id, id from registry_case
        where erase_on <= %s and erased_at is null and legal_hold_at is null order by id
        """,
        (today,),
    ).fetchall()


def organisation_of(conn: Connection, table: str, row_id: UUID) -> UUID | None:
    """Return whose case (`registry_case`) or person (`registry_person`) it is, if its key is still there."""
    key, owner = (
        ("registry_casekey", "case_id")
        if table == "registry_case"
        else ("registry_personkey", "person_id")
    )
    row = conn.execute(
        sql.SQL("select organisation_id from {} where {} = %s").format(
            sql.Identifier(key), sql.Identifier(owner)
        ),
        (row_id,),
    ).fetchone()
    return row[0] if row else None


def is_known(conn: Connection, table: str, row_id: UUID) -> bool:
    """Tell whether there is such a case or person, or the shell that its erasure has left."""
    statement = sql.SQL("select 1 from {} where id = %s").format(sql.Identifier(table))
    return conn.execute(statement, (row_id,)).fetchone() is not None


def erase_case(conn: Connection, case_id: UUID, at: datetime) -> None:
    """Destroy a case's key and every row of it; the shell stays, so that nothing is called by its word again.

    Raises:
        psycopg.errors.InsufficientPrivilege: it is under a legal hold.
    """
    conn.execute("delete from registry_casekey where case_id = %s", (case_id,))
    for table in _tables_of(conn, "case_id"):
        if table == "decisions_incident":
            _erase_incidents(conn, case_id)
        else:
            _delete(conn, table, "case_id", case_id)
    conn.execute(
        """
        update registry_case set erased_at = %s, closed_at = coalesce(closed_at, %s), respondent_sealed = '',
            protected_id = null, colleague_id = null, advocate_id = null where id = %s
        """,
        (at, at, case_id),
    )


def _erase_incidents(conn: Connection, case_id: UUID) -> None:
    """Remove the incidents that are of this case alone, and take it out of those that another case needs.

    Of two respondents who came at once there is one incident: it is the other case's too, which may be under a hold.
    """
    shared = conn.execute(_SHARED, {"case": case_id, "text": str(case_id)}).fetchall()
    for incident_id, kept in shared:
        if kept:
            conn.execute(_TAKE_OUT, {"id": incident_id, "text": str(case_id), "first": kept[0]})
    going = [incident_id for incident_id, kept in shared if not kept]
    for table in _tables_of(conn, "incident_id"):
        conn.execute(
            sql.SQL("delete from {} where incident_id = any(%s)").format(sql.Identifier(table)),
            (going,),
        )
    # What was said of one before he was seen lies under the key of who pressed, and names no case.
    conn.execute(
        "delete from record_account where about = 'incident' and about_id = any(%s)", (going,)
    )
    conn.execute("delete from decisions_incident where id = any(%s)", (going,))


def erase_person(conn: Connection, person_id: UUID) -> None:
    """Destroy a person's key, her addresses with their indexes, her codes, and her sign-in.

    Raises:
        psycopg.errors.InsufficientPrivilege: a case of hers is under a legal hold.
    """
    conn.execute("delete from registry_personkey where person_id = %s", (person_id,))
    for table in OF_PERSON:
        _delete(conn, table, "person_id", person_id)
    conn.execute("update registry_account set is_active = false where person_id = %s", (person_id,))
    conn.execute(
        "update registry_device set revoked_at = coalesce(revoked_at, now()), label = '' where person_id = %s",
        (person_id,),
    )
    conn.execute(
        """
        update registry_person set is_active = false, staff_number = 'erased ' || left(id::text, 18),
            name_sealed = '', short_name_sealed = '' where id = %s
        """,
        (person_id,),
    )


def _delete(conn: Connection, table: str, column: str, value: UUID) -> None:
    conn.execute(
        sql.SQL("delete from {} where {} = %s").format(
            sql.Identifier(table), sql.Identifier(column)
        ),
        (value,),
    )


def _tables_of(conn: Connection, column: str) -> Iterable[str]:
    # By the table's own number: a name could be asked about before the others' schemas are left out.
    rows = conn.execute(
        """
        select c.relname::text from pg_class c join pg_attribute a on a.attrelid = c.oid
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not a.attisdropped
          and a.attname = %s and c.relname <> all(%s) and has_table_privilege(c.oid, 'delete') order by 1
        """,
        (column, list(KEPT)),
    )
    return [table for (table,) in rows.fetchall()]
