"""Is there a canary in every protected field? What nobody planted, nobody hunts. Made from the catalogue and the documents."""

from dataclasses import fields

import psycopg
import pytest
from psycopg import sql

from tests.insider.cases import CANARY, Worlds, draft

# Sealed columns of a case in which this world has nothing, and where else it is shown that they are sealed, or why they need
# no canary.
EMPTY = {
    ("decisions_safeguard", "evidence_sealed"): "tests/store/test_safeguards.py",
    ("notifications_disclosure", "words_sealed"): "nothing writes it",
    ("registry_doorpage", "picture_sealed"): "a picture: tests/store/test_first_page_at_door.py",
    ("registry_orderdocument", "first_page_sealed"): "a picture, sealed as the document beside it",
    ("registry_sender", "key_sealed"): "no word of hers: a machine's key",
    ("signals_fix", "body_sealed"): "no words: tests/store/test_positions.py",
}
# Codes, numbers and plates: they hold no words, and are hunted as what they are (`QXZV77`).
WITHOUT_WORDS = {"born_on", "phones", "plates", "not_his", "her_word", "her_ground"}


@pytest.mark.guarantee("I24")
def test_every_sealed_column_of_a_case_holds_something_in_the_world_that_is_hunted_through(
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
        empty = set()
        for table, column in columns:
            own = "id" if table == "registry_case" else "case_id"
            statement = sql.SQL("select count({}) from {} where {} = %s").format(
                *map(sql.Identifier, (column, table, own))
            )
            row = conn.execute(statement, (worlds.secret.case_id,)).fetchone()
            if row == (0,):
                empty.add((table, column))
    assert len(columns) > 10
    assert empty == EMPTY.keys(), "plant something there (cases.py), or say here why not"


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
    assert [name for name, words in planted if CANARY not in words] == []
    # Each its own, so that what is found says where it comes from.
    assert len({words for _, words in planted}) == len(planted)
