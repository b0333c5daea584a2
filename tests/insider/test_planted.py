"""Is there a canary in every protected field? What nobody planted, nobody hunts. Made from the catalogue and the documents."""

from base64 import b64encode
from dataclasses import fields

import psycopg
import pytest
from psycopg import sql

from tests.insider.cases import CANARY, NUMBERS, Worlds, canary, draft, picture
from tocsin.registry.rules import paper
from tocsin.registry.store_cases import case_key

# Sealed columns of a case in which no canary lies, and why they need none.
EMPTY = {
    ("notifications_disclosure", "words_sealed"): "nothing writes it",
    ("registry_sender", "key_sealed"): "no word of hers: a machine's key",
}
# Codes, numbers and plates: they hold no words; his plate is hunted as what it is (`NUMBERS`).
WITHOUT_WORDS = {"born_on", "phones", "plates", "not_his", "her_word", "her_ground"}


@pytest.mark.guarantee("I24")
def test_every_sealed_column_of_a_case_holds_a_canary_in_the_world_that_is_hunted_through(
    worlds: Worlds,
) -> None:
    with psycopg.connect(worlds.superuser_url, autocommit=True) as conn:
        columns = conn.execute(
            """select c.table_name, c.column_name from information_schema.columns c
            join pg_class t on t.relname = c.table_name and t.relkind = 'r' and t.relnamespace = 'public'::regnamespace
            where c.table_schema = 'public' and c.column_name like '%sealed' and exists (
                select 1 from information_schema.columns k where k.table_name = c.table_name and k.column_name = 'case_id')
            or c.table_name = 'registry_case' and c.column_name like '%sealed' order by 1, 2"""
        ).fetchall()
        key = case_key(conn, worlds.inside.ring, worlds.secret.case_id)
        without = set()
        for table, column in columns:
            own = "id" if table == "registry_case" else "case_id"
            statement = sql.SQL("select id, {0} from {1} where {2} = %s and {0} <> ''").format(
                *map(sql.Identifier, (column, table, own))
            )
            rows = conn.execute(statement, (worlds.secret.case_id,)).fetchall()
            opened = [key.open_bytes(table, column, row_id, sealed) for row_id, sealed in rows]
            if not any(sign.encode() in each for each in opened for sign in (CANARY, *NUMBERS)):
                without.add((table, column))
    assert len(columns) > 10
    assert without == EMPTY.keys(), "plant something there (cases.py), or say here why not"


@pytest.mark.guarantee("I24")
def test_every_field_of_an_order_that_holds_words_has_its_own_canary(worlds: Worlds) -> None:
    order = draft(worlds.insiders)
    assert order.house_rule is not None
    planted = [
        (field.name, repr(getattr(part, field.name)))
        for part in (order.body, order.respondent)
        for field in fields(part)
        if field.name not in WITHOUT_WORDS
    ]
    planted += [("contest", order.house_rule.contest), ("reason", order.house_rule.reason)]
    papers = {"photo": order.photo, "document": order.document, "first_page": order.first_page}
    planted += [(name, repr(each.content) if each else "") for name, each in papers.items()]
    assert [name for name, words in planted if CANARY not in words] == []
    # Each its own, so that what is found says where it comes from.
    assert len({words for _, words in planted}) == len(planted)


@pytest.mark.guarantee("I24")
def test_the_canary_of_a_picture_is_found_in_its_bytes_and_within_a_page_that_holds_it() -> None:
    held = picture("first page").content
    assert canary("first page").encode() in held
    assert canary("first page").encode() in b64encode(held)
    # A picture that comes in by the form loses it with its other side data: here the flow is given the picture itself.
    bare = paper.bare(held)
    assert bare
    assert CANARY.encode() not in bare + b64encode(bare)
