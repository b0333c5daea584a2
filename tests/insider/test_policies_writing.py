"""Would it be seen if a check were forgotten? What each policy asks of a row that is written is opened in turn.

Made from the catalogue like `test_policies.py`, twice for each check: as if it asked nothing, and as if it asked only for the
employer. An insider must then get a row into the table that was refused before: another employer's, or one about her.
"""

from typing import NamedTuple
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from tests.insider.cases import Worlds
from tests.insider.test_policies import untouched, waive
from tests.insider.test_raw_sql import INSIDERS, OF_THE_FRAMEWORK
from tocsin.runtime.database import Connection, set_viewer
from tocsin.runtime.ids import uuid7

HERE = (
    "(organisation_id = (NULLIF(current_setting('app.organisation'::text, true), ''::text))::uuid)"
)
# Opened, these let nothing more in, and why.
NOTHING_MORE = {
    (
        "registry_account",
        "web",
        "true",
    ): "is open: signing in comes before anything is known of who asks"
}
Values = dict[str, UUID | str | bool | list[UUID]]


class Check(NamedTuple):
    """What one policy asks of a row that the role `web` writes. `weakened`: what it asks instead."""

    table: str
    name: str
    is_restrictive: bool
    command: str
    asks: str
    weakened: str


def checks(conn: Connection) -> list[Check]:
    """Return every check that the role `web` meets when it writes, as it may be forgotten."""
    rows = conn.execute(
        "select tablename, policyname, permissive = 'RESTRICTIVE', cmd, coalesce(with_check, qual) from pg_policies"
        " where schemaname = 'public' and cmd in ('INSERT', 'UPDATE', 'ALL')"
        " and roles && array['tocsin_web', 'public']::name[] order by 1, 2"
    ).fetchall()
    ours = [row for row in rows if row[0] not in OF_THE_FRAMEWORK]
    found = [Check(*row, "true") for row in ours]
    return found + [Check(*row, HERE) for row in ours if not row[2] and HERE in row[4] != HERE]


def row_of(worlds: Worlds, check: Check) -> Values:
    """Return a row that the check must refuse: one about her, or of elsewhere if the employer is not asked for either."""
    org, secret = worlds.insiders.org, worlds.secret
    if not check.is_restrictive and check.weakened == "true":
        return {"id": uuid7(), "organisation_id": worlds.insiders.other.id, "kind": "sos"}
    incident = next(i for i in secret.ids["decisions_incident"] if i in secret.forbidden)
    about: Values = {
        "case_id": secret.case_id, "incident_id": incident, "incident_ids": [incident], "walk_id": uuid7(),
        "person_id": org.people["wren"], "author_id": org.people["wren"], "sender_id": uuid7(), "kind": "task",
    }  # fmt: skip
    # Of a case the id is the case.
    return {"id": secret.case_id if check.table == "registry_case" else uuid7(), "organisation_id": org.id, **about}  # fmt: skip


def lets_in(conn: Connection, worlds: Worlds, check: Check, values: Values) -> set[str]:
    """Return which insiders the database lets write this row."""
    org, found = worlds.insiders.org, set()
    for name in INSIDERS:
        try:
            with conn.transaction(force_rollback=True):
                conn.execute("set local role tocsin_web")
                set_viewer(conn, org.id, org.people[name])
                done = conn.execute(_statement(check, values), [*values.values()])
                found |= {name} if done.rowcount else set()
        except psycopg.errors.InsufficientPrivilege:
            continue
    return found


def _statement(check: Check, values: Values) -> sql.Composed:
    table, names = sql.Identifier(check.table), [*map(sql.Identifier, values)]
    if check.command == "UPDATE":
        changes = sql.SQL(", ").join(sql.SQL("{} = %s").format(name) for name in names)
        return sql.SQL("update {} set {}").format(table, changes)
    said = sql.SQL(", ").join(sql.Placeholder() * len(names))
    return sql.SQL("insert into {} ({}) values ({})").format(table, sql.SQL(", ").join(names), said)


def caught(conn: Connection, worlds: Worlds, check: Check) -> bool:
    """Return whether every insider writes the row once the check is forgotten, and none before."""
    with conn.transaction(force_rollback=True):
        columns = waive(conn, check.table)
        values = {name: value for name, value in row_of(worlds, check).items() if name in columns}
        table = sql.Identifier(check.table)
        # What the tables give the role is another wall.
        conn.execute(sql.SQL("grant insert, update on {} to tocsin_web").format(table))
        if check.command == "UPDATE":
            _plant_own(conn, worlds, table, columns)
            _ask(conn, check, "using (true)")
        _ask(conn, check, f"with check ({check.asks})")
        before = lets_in(conn, worlds, check, values)
        _ask(conn, check, f"with check ({check.weakened})")
        return not before and lets_in(conn, worlds, check, values) == {*INSIDERS}


def _plant_own(conn: Connection, worlds: Worlds, table: sql.Identifier, columns: set[str]) -> None:
    own = {"id": uuid7(), "organisation_id": worlds.insiders.org.id}
    own = {name: value for name, value in own.items() if name in columns}
    names, said = sql.SQL(", ").join(map(sql.Identifier, own)), sql.SQL(", ").join(sql.Placeholder() * len(own))  # fmt: skip
    conn.execute(sql.SQL("insert into {} ({}) values ({})").format(table, names, said), [*own.values()])  # fmt: skip


def _ask(conn: Connection, check: Check, what: str) -> None:
    names = (sql.Identifier(check.name), sql.Identifier(check.table))
    conn.execute(sql.SQL("alter policy {} on {} ").format(*names) + sql.SQL(what))  # type: ignore[arg-type]


@pytest.mark.guarantee("I12")
def test_every_check_that_is_forgotten_is_found(worlds: Worlds) -> None:
    with untouched(worlds) as conn:
        found = checks(conn)
        assert len({each.weakened for each in found}) == 2
        missed = {(each.table, each.name, each.weakened) for each in found if not caught(conn, worlds, each)}  # fmt: skip
    assert missed == set(NOTHING_MORE), "a check is not needed, or nobody would see that it is gone"
