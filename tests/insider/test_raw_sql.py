"""What does the database itself give an insider who gets past every page? Every table, every function, as the role `web`.

I12. Made from the catalogue: a new table without row-level security fails, and so does a new function that nobody has
said anything about here.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from tests.insider.cases import CANARY, Worlds
from tests.pages.house import House
from tocsin.console.django_settings import FRAMEWORK_TABLES
from tocsin.registry import store_people as people
from tocsin.registry.rules.rows import PersonRow
from tocsin.runtime.database import Connection, set_viewer, viewing
from tocsin.runtime.ids import uuid7

INSIDERS = ("rex", "lin", "ada")
# The framework's own tables hold sessions, guesses and authenticators; signing in comes before any organisation.
OF_THE_FRAMEWORK = frozenset({*FRAMEWORK_TABLES, "django_migrations", "django_content_type"})
# Who is asked by a policy answers yes or no about the one who asks; to a party nothing more than what the rows say.
ONLY_YES_OR_NO = frozenset(
    {
        "tocsin_viewer",
        "tocsin_is_party",
        "tocsin_is_kept_from",
        "tocsin_is_no_party",
        "tocsin_sees_door",
        "tocsin_sees_case",
        "tocsin_is_hidden_incident",
        "tocsin_is_administrator",
        "tocsin_is_advocate",
        "tocsin_has_noted",
        "tocsin_is_in_his_hands",
        # No, of a case that was never; of one that was erased, to whoever knows its id.
        "tocsin_is_erased",
        "tocsin_sign_in_is_his",
        "tocsin_reader_waits",
        "tocsin_writes_in_vain",
        "tocsin_is_with",
    }
)


def tables(conn: Connection) -> list[str]:
    """Return every table of ours."""
    rows = conn.execute(
        "select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname = 'public' and relkind in ('r', 'p') order by relname"
    )
    return [name for (name,) in rows if name not in OF_THE_FRAMEWORK]


def test_every_table_is_behind_row_level_security(worlds: Worlds) -> None:
    rows = worlds.inside.engine.execute(
        "select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname = 'public' and relkind in ('r', 'p', 'v', 'm')"
        " and not (relrowsecurity and relforcerowsecurity)"
        # A view reads with the rights of who asks.
        " and not (relkind = 'v' and 'security_invoker=true' = any(reloptions))"
    )
    assert {name for (name,) in rows} <= OF_THE_FRAMEWORK


@pytest.mark.guarantee("I12")
@pytest.mark.parametrize("name", INSIDERS)
def test_an_insider_reads_no_row_of_hers(worlds: Worlds, name: str) -> None:
    forbidden = {str(each) for each in worlds.secret.forbidden} | {
        CANARY,
        f'"{worlds.secret.word}"',
    }
    found = []
    for table, text in rows_seen(worlds.inside, worlds, name):
        found += [(table, each) for each in forbidden if each in text]
    assert not found


def test_who_may_read_the_case_reads_rows_of_it(worlds: Worlds) -> None:
    # Else the test above would look for nothing.
    forbidden = {str(each) for each in worlds.secret.forbidden}
    seen = {
        table
        for table, text in rows_seen(worlds.inside, worlds, "nia")
        if any(each in text for each in forbidden)
    }
    assert seen >= {
        "registry_case",
        "registry_protectionorder",
        "registry_grant",
        "decisions_incident",
    }


def rows_seen(house: House, worlds: Worlds, name: str) -> Iterator[tuple[str, str]]:
    """Yield every row that this player is shown, as text, by table."""
    org = worlds.insiders.org
    for table in tables(house.conn):
        with viewing(house.conn, org.id, org.people[name]):
            try:
                rows = house.conn.execute(
                    sql.SQL("select to_jsonb(t)::text from {} t").format(sql.Identifier(table))
                ).fetchall()
            except psycopg.errors.InsufficientPrivilege:
                rows = []
                house.conn.execute("rollback; begin")
        yield from ((table, text) for (text,) in rows)


@pytest.mark.guarantee("I12")
@pytest.mark.parametrize("name", INSIDERS)
@pytest.mark.parametrize("statement", ["update {} t set organisation_id = organisation_id returning to_jsonb(t)::text", "delete from {} t returning to_jsonb(t)::text"])  # fmt: skip
def test_an_insider_changes_no_row_of_hers(worlds: Worlds, name: str, statement: str) -> None:
    house, org = worlds.inside, worlds.insiders.org
    forbidden = {str(each) for each in worlds.secret.forbidden}
    for table in tables(house.conn):
        try:
            with viewing(house.conn, org.id, org.people[name]):
                done = house.conn.execute(sql.SQL(statement).format(sql.Identifier(table)))  # type: ignore[arg-type]
                touched = [text for (text,) in done.fetchall()]
                raise _Undo  # noqa: TRY301
        except _Undo:
            assert not [t for t in touched if any(each in t for each in forbidden)], table
        except psycopg.Error:
            continue


@pytest.mark.guarantee("I12")
@pytest.mark.parametrize("name", INSIDERS)
@pytest.mark.parametrize("table", ["registry_place", "registry_post"])
@pytest.mark.parametrize("statement", ["update {} set name = name", "delete from {}"])
def test_an_insider_moves_no_named_place_and_no_post(worlds: Worlds, name: str, table: str, statement: str) -> None:  # fmt: skip
    house, org = worlds.inside, worlds.insiders.org
    with pytest.raises(psycopg.errors.InsufficientPrivilege), viewing(house.conn, org.id, org.people[name]):  # fmt: skip
        house.conn.execute(sql.SQL(statement).format(sql.Identifier(table)))  # type: ignore[arg-type]


class _Undo(Exception):
    """Nothing of a try may stay."""


@pytest.mark.guarantee("I12")
@pytest.mark.parametrize("name", INSIDERS)
@pytest.mark.parametrize("kind", ["entered", "granted", "break_glass", "made_up"])
def test_an_insider_gives_himself_no_grant(worlds: Worlds, name: str, kind: str) -> None:
    house, org = worlds.inside, worlds.insiders.org
    me = org.people[name]
    with pytest.raises(psycopg.Error), viewing(house.conn, org.id, me):
        house.conn.execute(
            """insert into registry_grant (id, organisation_id, case_id, person_id, kind, reason_sealed, asked_at,
                asked_by_id, told_id, until_at)
            values (gen_random_uuid(), %s, %s, %s, %s, 'x', now(), %s, %s, now() + interval '10 minutes')""",
            (org.id, worlds.secret.case_id, me, kind, me, org.people["max"]),
        )


@pytest.mark.guarantee("I12")
@pytest.mark.parametrize("name", INSIDERS)
def test_no_function_answers_an_insider(worlds: Worlds, name: str) -> None:
    house, org, secret = worlds.inside, worlds.insiders.org, worlds.secret
    wren, case_id = org.people["wren"], secret.case_id
    asked: dict[str, tuple[str, tuple[object, ...]]] = {
        "tocsin_kept_out": ("select * from tocsin_kept_out(%s)", ([wren],)),
        "tocsin_kept_out_of_cases": ("select * from tocsin_kept_out_of_cases(%s)", ([case_id],)),
        "tocsin_case_word": ("select 1 where tocsin_case_word(%s) is not null", (case_id,)),
        "tocsin_case_of_word": (
            "select 1 where tocsin_case_of_word(%s) is not null",
            (secret.word,),
        ),
        "tocsin_advocate_of": ("select 1 where tocsin_advocate_of(%s) is not null", (case_id,)),
        "tocsin_hidden_from": (
            "select 1 from tocsin_hidden_from(%s) where person_id <> tocsin_viewer()",
            ([i for i in secret.ids["decisions_incident"] if i in secret.forbidden],),
        ),
        "tocsin_has_door_page": ("select 1 where tocsin_has_door_page(%s)", (case_id,)),
        "tocsin_is_crossed": ("select 1 where tocsin_is_crossed(%s)", (case_id,)),
        "tocsin_sender": ("select 1 from tocsin_sender(%s)", (case_id,)),
        "tocsin_listened": ("select 1 from tocsin_listened()", ()),
        "tocsin_uncovered": (
            "select 1 from tocsin_uncovered(now(), now() + interval '1 day')",
            (),
        ),
        "tocsin_made_by_other_side": (
            "select 1 where tocsin_made_by_other_side(%s, %s)",
            (wren, org.people[name]),
        ),
        "tocsin_is_against": (
            "select 1 where tocsin_is_against(%s, %s, null)",
            (org.people["max"], org.people[name]),
        ),
        "tocsin_log_of": ("select 1 where false", ()),
        # With something to answer: `tests/pages/test_his_rosters.py`.
        "tocsin_kept_shifts": (
            "select 1 from tocsin_kept_shifts(%s, '-infinity', 'infinity')",
            (wren,),
        ),
        "tocsin_his_lines": ("select 1 from tocsin_his_lines(null)", ()),
        "tocsin_stand_for_line": (
            "select 1 where tocsin_stand_for_line(%s) is not null",
            (case_id,),
        ),
    }
    for statement, values in asked.values():
        with viewing(house.conn, org.id, org.people[name]):
            assert house.conn.execute(statement, values).fetchall() == [], statement
    rows = house.conn.execute(
        "select distinct proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'public'"
        " and prosecdef and has_function_privilege('tocsin_web', p.oid, 'execute') and prorettype <> 'trigger'::regtype"
    )
    unknown = {found for (found,) in rows} - ONLY_YES_OR_NO - set(asked) - OF_OTHERS
    assert not unknown, f"say here what these answer a party: {sorted(unknown)}"


# They return nothing to anybody.
OF_OTHERS: frozenset[str] = frozenset({"tocsin_heard"})


@pytest.mark.guarantee("I12")
def test_who_is_no_party_is_told_whom_to_leave_out(worlds: Worlds) -> None:
    house, org = worlds.inside, worlds.insiders.org
    with viewing(house.conn, org.id, org.people["pat"]):
        rows = house.conn.execute(
            "select colleague_id from tocsin_kept_out(%s)", ([org.people["wren"]],)
        ).fetchall()
    found: set[UUID] = {row[0] for row in rows}
    assert found >= {org.people[name] for name in INSIDERS}


@pytest.mark.guarantee("I12")
def test_no_function_looks_into_a_table_that_an_insider_made_himself(worlds: Worlds) -> None:
    """A temporary `registry_party` without a row must not be what the wall asks."""
    rows = worlds.inside.engine.execute(
        "select p.proname, p.proconfig from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " where n.nspname = 'public' and p.prosecdef"
    ).fetchall()
    open_to_it = [
        name for name, config in rows if "search_path=public, pg_temp" not in (config or [])
    ]
    assert len(rows) > 10
    assert open_to_it == []


@pytest.mark.guarantee("I12")
@pytest.mark.parametrize(("maker", "is_shut_out"), [("ada", True), ("lin", True), ("nia", False)])
def test_a_person_whom_an_insider_enters_is_shut_out_with_him(
    worlds: Worlds, maker: str, is_shut_out: bool
) -> None:
    house, org, at = worlds.inside, worlds.insiders.org, datetime.now(UTC)
    new = PersonRow(id=uuid7(), organisation_id=org.id, staff_number=f"new-{uuid7().hex}", name="Zed Sample", short_name="Zed", role="guard", site_id=org.site_id)  # fmt: skip
    with suppress(_Undo), viewing(house.conn, org.id, org.people[maker]):
        people.insert_person(house.conn, house.ring, new)
        # And whoever he then enters himself.
        set_viewer(house.conn, org.id, new.id)
        his = replace(new, id=uuid7(), staff_number=f"his-{at.timestamp()}")
        people.insert_person(house.conn, house.ring, his)
        for made in (new, his):
            set_viewer(house.conn, org.id, made.id)
            row = house.conn.execute("select tocsin_is_party(%s), tocsin_is_kept_from(%s)", (worlds.secret.case_id, org.people["wren"])).fetchone()  # fmt: skip
            assert row == (is_shut_out, is_shut_out)
            set_viewer(house.conn, org.id, org.people["pat"])
            out = house.conn.execute("select colleague_id from tocsin_kept_out(%s)", ([org.people["wren"]],)).fetchall()  # fmt: skip
            assert ((made.id,) in out) is is_shut_out
        raise _Undo
