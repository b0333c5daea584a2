"""What one person asked for waits a week for the second, says since when, and can then be granted by nobody (I17)."""

from datetime import datetime, timedelta

import psycopg
import pytest

from tests import cast
from tests.store.test_cases import door, enter, looking, review
from tocsin.flow.amend_order import amend_order
from tocsin.flow.keep_case import lift_hold
from tocsin.flow.link_account import agree_unlink, ask_unlink, link_account
from tocsin.flow.respond import Refused
from tocsin.flow.review_order import lower_door
from tocsin.flow.set_house_rule import lift_house_rule
from tocsin.registry.access_cases import log_read
from tocsin.registry.rules.order import FactKind
from tocsin.registry.rules.order_amending import FactDraft
from tocsin.registry.rules.order_entry import RuleDraft, When
from tocsin.registry.store_doors import load_house_rules
from tocsin.registry.store_grants import load_keeping, load_parties
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import RandomIds

pytestmark = pytest.mark.guarantee("I17")
IDS = RandomIds()
RULE = RuleDraft(contest="hr@harbour.example", reason="service is on its way")
MINUTE = timedelta(minutes=1)
WEEK = timedelta(days=7) + 2 * MINUTE


def age(engine: Connection, table: str, column: str, by: timedelta) -> None:
    """Let so much time go by since somebody asked."""
    engine.execute(f"update {table} set {column} = now() - %s", (by,))


def test_that_a_house_rule_is_lifted_is_forgotten_after_a_week(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(web, ring, at, house_rule=RULE)
    review(web, ring, done, at)
    (rule,) = load_house_rules(engine, ring, done.case_id)
    with looking(web, cast.SHIFT_LEAD) as lea:
        assert lift_house_rule(web, ring, lea, done.case_id, rule.id, at=at) is None
    age(engine, "registry_houserule", "lift_asked_at", WEEK)
    with looking(web, cast.SAFETY_LEAD) as sefa:
        assert lift_house_rule(web, ring, sefa, done.case_id, rule.id, at=at) is None
    (rule,) = load_house_rules(engine, ring, done.case_id)
    assert (rule.lifted_at, rule.lift_asked and rule.lift_asked.by_id) == (
        None,
        cast.SAFETY_LEAD.id,
    )
    age(engine, "registry_houserule", "lift_asked_at", WEEK - 4 * MINUTE)
    with looking(web, cast.SHIFT_LEAD) as lea:
        assert lift_house_rule(web, ring, lea, done.case_id, rule.id, at=at) is None
    (rule,) = load_house_rules(engine, ring, done.case_id)
    assert rule.lifted_at == at


def test_that_the_doors_let_go_is_forgotten_after_a_week(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(web, ring, at, colleague_id=None)
    recalled = FactDraft(kind=FactKind.RECALLED, when=When(at=at), source="court")
    with looking(web, cast.SHIFT_LEAD) as lea:
        amend_order(web, ring, lea, (done.case_id, done.order_id), recalled, at=at, ids=IDS)
        assert lower_door(web, ring, lea, done.case_id, at=at) is None
    review(web, ring, done, at)
    age(engine, "registry_doorentry", "lower_asked_at", WEEK)
    with looking(web, cast.SAFETY_LEAD) as sefa:
        assert lower_door(web, ring, sefa, done.case_id, at=at) is None
        assert isinstance(lower_door(web, ring, sefa, done.case_id, at=at), Refused)
    assert door(engine, ring, done.case_id)[2]
    with looking(web, cast.SHIFT_LEAD) as lea:
        assert lower_door(web, ring, lea, done.case_id, at=at) is None
    assert not door(engine, ring, done.case_id)[2]


def test_that_a_hold_is_taken_away_and_somebody_let_in_again_is_forgotten_after_a_week(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(web, ring, at)
    review(web, ring, done, at)
    engine.execute("update registry_case set legal_hold_at = now()")
    with looking(web, cast.SHIFT_LEAD) as lea:
        reading = log_read(web, lea, done.case_id, at=at)
        assert link_account(web, reading, cast.GUARD.id, at=at) is None
        (gus,) = [one for one in load_parties(web, done.case_id) if not one.is_respondent]
        assert ask_unlink(web, reading, gus.id, at=at) is None
        assert isinstance(ask_unlink(web, reading, gus.id, at=at), Refused)
        assert lift_hold(web, reading, at=at) is None
    age(engine, "registry_case", "hold_lift_asked_at", WEEK)
    age(engine, "registry_party", "unlink_asked_at", WEEK)
    with looking(web, cast.SAFETY_LEAD) as sefa:
        reading = log_read(web, sefa, done.case_id, at=at)
        refused = agree_unlink(web, reading, gus.id, at=at)
        assert refused == Refused("nobody has asked for it within a week: ask again")
        assert lift_hold(web, reading, at=at) is None
        kept = load_keeping(web, done.case_id)
        assert kept.held_since is not None
        assert kept.lift_asked is not None
        assert kept.lift_asked.by_id == cast.SAFETY_LEAD.id
        assert ask_unlink(web, reading, gus.id, at=at) is None
    with looking(web, cast.SHIFT_LEAD) as lea:
        reading = log_read(web, lea, done.case_id, at=at)
        assert agree_unlink(web, reading, gus.id, at=at) is None
        assert lift_hold(web, reading, at=at) is None
        assert load_keeping(web, done.case_id).held_since is None


YES = {
    "registry_case": ("hold_lift_asked", "legal_hold_at = null"),
    "registry_party": ("unlink_asked", "until = now(), unlinked_by_id = '{second}'"),
    "registry_houserule": ("lift_asked", "lifted_at = now(), lifted_by_id = '{second}'"),
    "registry_doorentry": ("lower_asked", "lowered_at = now(), lowered_by_id = '{second}'"),
}


@pytest.mark.guarantee("I12")
@pytest.mark.parametrize("table", YES)
@pytest.mark.parametrize(
    ("aged", "second"),
    [
        (WEEK, cast.SAFETY_LEAD),
        (None, cast.SAFETY_LEAD),
        (MINUTE, cast.SHIFT_LEAD),
    ],
    ids=["a week old", "of no time", "by who asked"],
)
def test_the_database_itself_grants_no_wish_that_lapsed_nor_ones_own(
    web: Connection,
    engine: Connection,
    ring: KeyRing,
    at: datetime,
    table: str,
    aged: timedelta | None,
    second: cast.Player,
) -> None:
    done = enter(web, ring, at, house_rule=RULE)
    review(web, ring, done, at)
    with looking(web, cast.SHIFT_LEAD) as lea:
        reading = log_read(web, lea, done.case_id, at=at)
        link_account(web, reading, cast.GUARD.id, at=at)
    column, yes = YES[table]
    engine.execute("update registry_case set legal_hold_at = now()")
    engine.execute("delete from registry_party where person_id = %s", (cast.RESPONDENT.id,))
    with looking(web, cast.SHIFT_LEAD) as lea:
        web.execute(
            f"update {table} set {column}_by_id = %s, {column}_at = now()", (lea.person_id,)
        )
    engine.execute(
        f"update {table} set {column}_at = now() - %s::interval",
        (aged,),
    )
    said = f"update {table} set {yes}".format(second=second.id)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), looking(web, second):
        web.execute(said)
    if second == cast.SAFETY_LEAD:
        engine.execute(f"update {table} set {column}_at = now() - interval '6 days'")
        with looking(web, second):
            assert web.execute(said).rowcount == 1


@pytest.mark.guarantee("I12")
@pytest.mark.parametrize("table", YES)
def test_nobody_asks_in_another_s_name_nor_ahead_of_time(
    web: Connection, ring: KeyRing, at: datetime, table: str
) -> None:
    done = enter(web, ring, at, house_rule=RULE)
    review(web, ring, done, at)
    column, _yes = YES[table]
    for by, when in (
        (cast.SAFETY_LEAD.id, "now()"),
        (cast.SHIFT_LEAD.id, "now() + interval '1 day'"),
        (cast.SHIFT_LEAD.id, "null"),
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), looking(web, cast.SHIFT_LEAD):
            web.execute(f"update {table} set {column}_by_id = %s, {column}_at = {when}", (by,))
