"""Would it be seen if the wall had a hole? Each deliberately wrong database or reader must be caught; the right one not."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from tests.insider.cases import Worlds, viewer_of
from tests.insider.test_raw_sql import INSIDERS, tables
from tocsin.record import store as record
from tocsin.registry import access_cases
from tocsin.registry.access import Viewer
from tocsin.runtime.database import Connection, set_viewer, viewing
from tocsin.runtime.encryption import KeyRing, PersonKey

# What is wrong, the statements that make it so, and by what it must be caught.
WRONG = {
    "the filter of incidents is forgotten": (
        "drop policy firewall on decisions_incident",
        "row decisions_incident",
    ),
    "the filter of messages is forgotten": (
        "drop policy firewall on notifications_delivery",
        "row notifications_delivery",
    ),
    "the filter of presses is forgotten": (
        "drop policy firewall on signals_signal",
        "row signals_signal",
    ),
    "the filter of the record is forgotten": (
        "drop policy firewall on record_entry",
        "row record_entry",
    ),
    "cases are shown to the whole organisation": (
        "create policy wrong on registry_case for select to tocsin_web using (true)",
        "row registry_case",
    ),
    "row security of orders is off": (
        "alter table registry_protectionorder disable row level security",
        "row registry_protectionorder",
    ),
    "parties are not among whom recipients leave out": (
        "create or replace function tocsin_kept_out(the_people uuid[]) returns table (person_id uuid, colleague_id uuid)"
        " language sql stable as $$ select null::uuid, null::uuid where false $$",
        "recipients",
    ),
    "a function answers a party": (
        "create or replace function tocsin_kept_out(the_people uuid[]) returns table (person_id uuid, colleague_id uuid)"
        " language sql stable security definer as"
        " $$ select protected_id, colleague_id from registry_case where protected_id = any(the_people) $$",
        "answer tocsin_kept_out",
    ),
    "the word of a case is told to a party": (
        "create or replace function tocsin_case_of_word(the_word text) returns uuid language sql stable security definer"
        " as $$ select id from registry_case where word = the_word $$",
        "answer tocsin_case_of_word",
    ),
    "only the respondent is shut out, not who is linked": (
        "create or replace function tocsin_is_party(the_case uuid) returns boolean language sql stable security definer"
        " as $$ select exists (select 1 from registry_case where id = the_case and colleague_id = tocsin_viewer()) $$",
        "answer tocsin_case_of_word",
    ),
    "anybody gives himself a grant": (
        "drop trigger check_new_grant on registry_grant; drop policy web_adds on registry_grant;"
        "create policy web_adds on registry_grant for insert to tocsin_web with check (true)",
        "grant",
    ),
    "what is written of a case goes into the employer's log": (
        "create or replace function tocsin_log_of(the_organisation uuid, the_incident uuid, the_kind text, the_leaf bytea)"
        " returns uuid language sql stable as $$ select null::uuid $$",
        "log",
    ),
}


def found(conn: Connection, worlds: Worlds) -> set[str]:
    """Return what an insider, or a recipient set, gets that is none of his; the open transaction stays as it was."""
    holes = set()
    org = worlds.insiders.org
    for name in INSIDERS:
        set_viewer(conn, org.id, org.people[name])
        holes |= {f"row {table}" for table in tables(conn) if _shows(conn, table, worlds)}
        holes |= set(_answers(conn, worlds))
        holes |= {"grant"} if _takes_grant(conn, worlds, org.people[name]) else set()
    set_viewer(conn, org.id, org.people["pat"])
    kept = conn.execute("select colleague_id from tocsin_kept_out(%s)", ([org.people["wren"]],))
    if not {row[0] for row in kept.fetchall()} >= {org.people[name] for name in INSIDERS}:
        holes.add("recipients")
    return holes


def _shows(conn: Connection, table: str, worlds: Worlds) -> bool:
    try:
        with conn.transaction():
            rows = conn.execute(
                sql.SQL("select to_jsonb(t)::text from {} t").format(sql.Identifier(table))
            ).fetchall()
    except psycopg.errors.InsufficientPrivilege:
        return False
    return any(str(each) in text for (text,) in rows for each in worlds.secret.forbidden)


def _answers(conn: Connection, worlds: Worlds) -> Iterator[str]:
    wren, secret = worlds.insiders.org.people["wren"], worlds.secret
    if conn.execute("select * from tocsin_kept_out(%s)", ([wren],)).fetchall():
        yield "answer tocsin_kept_out"
    if conn.execute("select tocsin_case_of_word(%s)", (secret.word,)).fetchone() != (None,):
        yield "answer tocsin_case_of_word"


def _takes_grant(conn: Connection, worlds: Worlds, me: UUID) -> bool:
    try:
        with conn.transaction():
            conn.execute(
                """insert into registry_grant (id, organisation_id, case_id, person_id, kind, asked_at, asked_by_id, until_at)
                values (gen_random_uuid(), %s, %s, %s, 'entered', now(), %s, now() + interval '1 hour')""",
                (worlds.insiders.org.id, worlds.secret.case_id, me, me),
            )
    except psycopg.Error:
        return False
    return True


@contextmanager
def made_wrong(worlds: Worlds, statements: str) -> Iterator[Connection]:
    """Open a transaction in which the database is wrong, as the role `web`; nothing of it stays."""
    url = worlds.superuser_url
    with psycopg.connect(url, autocommit=True) as conn, conn.transaction(force_rollback=True):
        if statements:
            conn.execute(statements.encode())
        conn.execute("set local role tocsin_web")
        yield conn


def test_nothing_is_found_where_nothing_is_wrong(worlds: Worlds) -> None:
    with made_wrong(worlds, "") as conn:
        assert found(conn, worlds) == set()


@pytest.mark.guarantee("I12")
@pytest.mark.parametrize("wrong", [name for name, (_, how) in WRONG.items() if how != "log"])
def test_a_hole_in_the_wall_is_found(worlds: Worlds, wrong: str) -> None:
    statements, how = WRONG[wrong]
    with made_wrong(worlds, statements) as conn:
        assert how in found(conn, worlds)


@pytest.mark.guarantee("I11")
def test_a_log_that_grows_with_the_case_is_found(worlds: Worlds) -> None:
    def size(statements: str) -> int:
        with psycopg.connect(worlds.superuser_url, autocommit=True) as conn, conn.transaction(force_rollback=True):  # fmt: skip
            conn.execute("update record_entry set seq = null, log_id = null")
            conn.execute("delete from record_head")
            if statements:
                conn.execute(statements.encode())
            record.seal_all(conn, worlds.inside.keys.record, at=datetime.now(UTC))
            head = record.latest_head(conn, worlds.insiders.org.id)
            return head.size if head else 0

    assert size("") < size(WRONG["what is written of a case goes into the employer's log"][0])


class Watching(KeyRing):
    """A ring that notes whether the look was on record when the case's key was first asked for."""

    def __init__(self, worlds: Worlds, conn: Connection) -> None:
        super().__init__(worlds.inside.keys.masters)
        self.conn, self.case_id = conn, worlds.secret.case_id
        self.before = self._looks()
        self.was_logged: list[bool] = []

    def _looks(self) -> int:
        row = self.conn.execute(
            "select (select count(*) from registry_reading where case_id = %s)"
            " + (select count(*) from record_entry where kind = 'record.read')",
            (self.case_id,),
        ).fetchone()
        return int(row[0]) if row else 0

    def person_key(self, person_id: UUID, wrapped: bytes) -> PersonKey:
        if person_id == self.case_id:
            self.was_logged.append(self._looks() >= self.before + 2)
        return super().person_key(person_id, wrapped)


def reads_logged(worlds: Worlds) -> list[bool]:
    """Return, of each opening of the case by its page, whether it was on record before."""
    conn, org = worlds.inside.conn, worlds.insiders.org
    with viewing(conn, org.id):
        nia = viewer_of(worlds.inside, org, "nia")
        ring = Watching(worlds, conn)
        access_cases.load_case_view(conn, ring, nia, worlds.secret.case_id, at=datetime.now(UTC))
        return ring.was_logged


@pytest.mark.guarantee("I19")
def test_a_case_is_opened_after_the_look_is_on_record(worlds: Worlds) -> None:
    assert reads_logged(worlds) == [True]


@pytest.mark.guarantee("I19")
def test_a_reader_who_writes_it_down_afterwards_is_found(
    worlds: Worlds, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = access_cases.log_read

    def silent(conn: Connection, viewer: Viewer, case_id: UUID, **_named: object) -> object:
        assert access_cases.may_read(conn, viewer, case_id)
        return access_cases._right(conn, viewer, case_id)

    monkeypatch.setattr(access_cases, "log_read", silent)
    assert reads_logged(worlds) == [False]
    check: Callable[..., object] = right
    monkeypatch.setattr(access_cases, "log_read", check)
    assert reads_logged(worlds) == [True]
