"""Would it be seen if a filter were forgotten? Each policy of the catalogue is opened in turn, and every insider reads.

Made from the catalogue and not from a list: what a policy asks of a reader is replaced by `true`, in a transaction of which
nothing stays. The check of the wall must then find a row of hers, or one of another employer's, in that table.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from tests.insider.cases import Worlds
from tests.insider.test_raw_sql import INSIDERS, OF_THE_FRAMEWORK
from tocsin.runtime.database import Connection, set_viewer
from tocsin.runtime.ids import uuid7

# Opened, these show the insiders nothing more, and why.
NOTHING_MORE = {
    (
        "record_entry",
        "erased",
    ): "no case of this world is erased (tests/store/test_shared_incident.py)",
    ("record_head", "erased"): "no case of this world is erased",
    ("decisions_riskreview", "no_manager_reads"): "keeps out her managers, who are none of them",
    (
        "record_account",
        "kept_from",
    ): "a second wall: nothing without a case is read by the role `web`",
    ("registry_account", "web"): "is open: signing in comes before anything is known of who asks",
    ("registry_organisation", "web"): "the other policy is open",
    (
        "registry_organisation",
        "web_finds",
    ): "is open: an employer is found by its name before anybody is signed in",
    ("signals_report", "web"): "the role `web` writes reports and may read none",
}


class Policy(NamedTuple):
    """One policy that is asked when the role `web` reads."""

    table: str
    name: str
    is_restrictive: bool


def policies(conn: Connection) -> list[Policy]:
    """Return every policy of a table of ours that the role `web` meets when it reads."""
    rows = conn.execute(
        "select tablename, policyname, permissive = 'RESTRICTIVE' from pg_policies where schemaname = 'public'"
        " and cmd in ('SELECT', 'ALL') and roles && array['tocsin_web', 'public']::name[] order by 1, 2"
    ).fetchall()
    return [Policy(*row) for row in rows if row[0] not in OF_THE_FRAMEWORK]


@contextmanager
def untouched(worlds: Worlds) -> Iterator[Connection]:
    """Open a transaction as the superuser, of which nothing stays."""
    with psycopg.connect(worlds.superuser_url, autocommit=True) as conn, conn.transaction(force_rollback=True):  # fmt: skip
        yield conn


def shows(conn: Connection, worlds: Worlds, policy: Policy, planted: frozenset[str]) -> bool:
    """Return whether an insider reads in this table what is planted, what is hers, or what is another employer's."""
    org = worlds.insiders.org
    kept = {*planted, *map(str, worlds.secret.forbidden), str(worlds.insiders.other.id)}
    try:
        with conn.transaction(force_rollback=True):
            conn.execute("set local role tocsin_web")
            for name in INSIDERS:
                set_viewer(conn, org.id, org.people[name])
                rows = conn.execute(
                    sql.SQL("select to_jsonb(t)::text from {} t").format(
                        sql.Identifier(policy.table)
                    )
                )
                if any(each in text for (text,) in rows.fetchall() for each in kept):
                    return True
    except psycopg.errors.InsufficientPrivilege:
        return False
    return False


def plant(conn: Connection, worlds: Worlds, policy: Policy) -> frozenset[str]:
    """Write a row of hers (a wall stands before her rows) or of elsewhere (the rest keep employers apart); return its id.

    It holds nothing but whose it is, so that it can be written into any table.
    """
    columns = waive(conn, policy.table)
    table = sql.Identifier(policy.table)
    new = uuid7()
    values = {n: v for n, v in _whose(worlds, policy, new).items() if n in columns}
    names = sql.SQL(", ").join(map(sql.Identifier, values))
    said = sql.SQL(", ").join(sql.Placeholder() * len(values))
    conn.execute(sql.SQL("insert into {} ({}) values ({})").format(table, names, said), [*values.values()])  # fmt: skip
    return frozenset({str(new)})


def waive(conn: Connection, name_of_table: str) -> set[str]:
    """Waive whatever a row of a table needs, while the transaction lasts; return the columns that can be written."""
    table = sql.Identifier(name_of_table)
    columns = {
        name
        for (name,) in conn.execute(
            "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0"
            " and not attisdropped and attgenerated = '' and attidentity = ''",
            (name_of_table,),
        ).fetchall()
    }
    conn.execute("set local session_replication_role = replica")
    bounds = conn.execute(
        "select conname from pg_constraint where conrelid = %s::regclass and contype in ('c', 'p', 'u')",
        (name_of_table,),
    ).fetchall()
    waived = [
        sql.SQL("drop constraint {} cascade").format(sql.Identifier(name)) for (name,) in bounds
    ]
    waived += [sql.SQL("alter {} drop not null").format(sql.Identifier(name)) for name in columns]
    conn.execute(sql.SQL("alter table {} {}").format(table, sql.SQL(", ").join(waived)))
    single = conn.execute(
        "select indexrelid::regclass::text from pg_index where indrelid = %s::regclass and indisunique",
        (name_of_table,),
    ).fetchall()
    for (index,) in single:
        conn.execute(sql.SQL("drop index {}").format(sql.Identifier(index)))
    return columns


def _whose(worlds: Worlds, policy: Policy, new: UUID) -> dict[str, UUID | str]:
    org, other, secret = worlds.insiders.org, worlds.insiders.other, worlds.secret
    if not policy.is_restrictive:
        elsewhere: dict[str, UUID | str] = {"id": new, "organisation_id": other.id}
        return elsewhere | ({"kind": "sos"} if policy.table == "decisions_incident" else {})
    if policy.name == "task_is_own":
        # Another's task, of no case.
        return {"id": new, "organisation_id": org.id, "kind": "task", "person_id": org.people["pat"]}  # fmt: skip
    incident = next(i for i in secret.ids["decisions_incident"] if i in secret.forbidden)
    # A walk that he cannot see.
    hers = {"case_id": secret.case_id, "incident_id": incident, "walk_id": new, "person_id": org.people["wren"]}  # fmt: skip
    return {"id": new, "organisation_id": org.id, **hers}


def caught(conn: Connection, worlds: Worlds, policy: Policy) -> bool:
    """Return whether the check sees that this policy is open, and saw nothing before."""
    with conn.transaction(force_rollback=True):
        planted = plant(conn, worlds, policy)
        if shows(conn, worlds, policy, planted):
            return False
        names = (sql.Identifier(policy.name), sql.Identifier(policy.table))
        conn.execute(sql.SQL("alter policy {} on {} using (true)").format(*names))
        return shows(conn, worlds, policy, planted)


@pytest.mark.guarantee("I12")
def test_every_filter_that_is_forgotten_is_found(worlds: Worlds) -> None:
    with untouched(worlds) as conn:
        found = policies(conn)
        assert len(found) > len(NOTHING_MORE)
        missed = {(each.table, each.name) for each in found if not caught(conn, worlds, each)}
    assert missed == set(NOTHING_MORE), "a policy is not needed, or nobody would see that it is gone"  # fmt: skip


def test_no_policy_compares_a_column_with_one_of_the_same_row(worlds: Worlds) -> None:
    # A name without its table, inside a question about another table, is that table's if it has one.
    with untouched(worlds) as conn:
        rows = conn.execute(
            "select tablename, policyname, concat(qual, with_check) from pg_policies where schemaname = 'public'"
        ).fetchall()
    assert [row for row in rows if re.search(r"\b(\w+)\.\w+ = \1\.\w+", row[2])] == []


@pytest.mark.guarantee("I11")
def test_a_look_is_shown_to_whom_the_walk_is_shown_whether_he_is_a_party_of_another_case_or_not(worlds: Worlds) -> None:  # fmt: skip
    people, org = worlds.insiders.org.people, worlds.insiders.org
    walk_of = {"wren": uuid7(), "tom": uuid7()}
    with untouched(worlds) as conn:
        for table in ("signals_hold", "signals_look"):
            waive(conn, table)
        for whose, walk_id in walk_of.items():
            conn.execute("insert into signals_hold (id, organisation_id, person_id) values (%s, %s, %s)", (walk_id, org.id, people[whose]))  # fmt: skip
            conn.execute("insert into signals_look (id, organisation_id, walk_id, person_id) values (%s, %s, %s, %s)", (uuid7(), org.id, walk_id, people["pip"]))  # fmt: skip
        conn.execute("set local role tocsin_web")
        seen = {}
        for name in ("pat", *INSIDERS):
            set_viewer(conn, org.id, people[name])
            found = conn.execute("select walk_id from signals_look").fetchall()
            seen[name] = {whose for whose, walk_id in walk_of.items() if (walk_id,) in found}
    assert seen == {"pat": {"wren", "tom"}} | {name: {"tom"} for name in INSIDERS}
