"""A house rule or an order that cannot be opened: the rest of the case is acted on, and nothing lets him in."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from tests import cast
from tests.store.test_cases import IDS, PDF, PNG, a_draft, door, enter, looking, review
from tests.store.test_first_page_at_door import shown
from tests.store.test_order_chores import RULE
from tocsin.decisions.store_blind import load_open_cases
from tocsin.flow.add_paper import add_paper, mask_first_page
from tocsin.flow.amend_order import Told, amend_order
from tocsin.flow.enter_order import Entered, enter_order
from tocsin.flow.find_unreadable import find_unreadable
from tocsin.flow.her_word import note_her_word
from tocsin.flow.keep_doors import keep_doors
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.respond import Refused
from tocsin.flow.review_order import lower_door, review_order
from tocsin.flow.set_house_rule import lift_house_rule, notice_given, set_house_rule
from tocsin.registry.access import Hidden
from tocsin.registry.rules.case_rows import CaseClosed
from tocsin.registry.rules.house_rule import house_rule
from tocsin.registry.rules.order import End, FactKind
from tocsin.registry.rules.order_amending import FactDraft
from tocsin.registry.rules.order_entry import When
from tocsin.registry.store_doors import load_house_rules
from tocsin.registry.store_orders import load_each_order, load_orders_of
from tocsin.registry.store_papers import load_papers
from tocsin.registry.store_readable import opened
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing

DO_NOT_ADMIT = "do_not_admit"


def damage_rules(engine: Connection, case_id: UUID, sealed: bytes = b"damaged") -> None:
    """Let the words of the case's house rules be none that its key opens."""
    engine.execute(
        "update registry_houserule set contest_sealed = %s where case_id = %s", (sealed, case_id)
    )


def damage_order(engine: Connection, order_id: UUID) -> None:
    """Let the order's document be none that its key opens."""
    engine.execute(
        "update registry_protectionorder set body_sealed = 'damaged' where id = %s", (order_id,)
    )


def two_orders(web: Connection, ring: KeyRing, at: datetime) -> tuple[Entered, Entered]:
    """Enter two orders against somebody who does not work here, one beside the other."""
    first = enter(web, ring, at, colleague_id=None)
    with looking(web, cast.SHIFT_LEAD) as lea:
        draft = a_draft(at, colleague_id=None)
        second = enter_order(web, ring, lea, draft, at=at, ids=IDS, case_id=first.case_id)
    assert isinstance(second, Entered), second
    return first, second


def tell(web: Connection, ring: KeyRing, done: Entered, kind: FactKind, at: datetime) -> None:
    """Tell as the shift lead what happened to the order."""
    with looking(web, cast.SHIFT_LEAD) as lea:
        draft = FactDraft(kind=kind, when=When(at=at))
        which = (done.case_id, done.order_id)
        assert isinstance(amend_order(web, ring, lea, which, draft, at=at, ids=IDS), Told)


@pytest.mark.guarantee("I20")
@pytest.mark.parametrize("sealed", [b"damaged", b""])
def test_a_house_rule_whose_words_cannot_be_opened_stands_until_its_end(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime, sealed: bytes
) -> None:
    done = enter(web, ring, at, house_rule=RULE)
    (before,) = load_house_rules(engine, ring, done.case_id)
    damage_rules(engine, done.case_id, sealed)
    (rule,) = load_house_rules(engine, ring, done.case_id)
    assert (rule.is_closed, rule.contest, rule.reason) == (True, "", "")
    assert house_rule([rule], at, cast.HARBOUR.id) == house_rule([before], at, cast.HARBOUR.id)
    assert keep_doors(engine, ring, cast.HARBOUR_EMS, at=at) == 0
    assert door(engine, ring, done.case_id) == (DO_NOT_ADMIT, (), True)
    assert not house_rule([rule], rule.ends_at, cast.HARBOUR.id).holds


@pytest.mark.guarantee("I20")
def test_a_house_rule_whose_words_cannot_be_opened_is_a_blind_spot(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(web, ring, at, house_rule=RULE)
    alarms = PostgresAlarms(engine, ring)
    assert [one.case_id for one in find_unreadable(alarms, load_open_cases(engine), at, ())] == []
    damage_rules(engine, done.case_id)
    assert done.case_id in {case_id for case_id, _, _ in load_open_cases(engine)}
    assert [one.case_id for one in find_unreadable(alarms, load_open_cases(engine), at, ())] == [
        done.case_id
    ]


@pytest.mark.guarantee("I13")
def test_every_act_on_a_case_goes_on_beside_a_house_rule_that_cannot_be_opened(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(web, ring, at, house_rule=RULE)
    damage_rules(engine, done.case_id)
    review(web, ring, done, at)
    tell(web, ring, done, FactKind.SERVED, at + timedelta(minutes=1))
    with looking(web, cast.SHIFT_LEAD) as lea:
        assert set_house_rule(web, ring, lea, done.case_id, RULE, at=at, ids=IDS) == ()
        closed, new = load_house_rules(web, ring, done.case_id)
        assert (closed.is_closed, new.is_closed) == (True, False)
        assert notice_given(web, ring, lea, done.case_id, closed.id, at=at) is None
        assert lift_house_rule(web, ring, lea, done.case_id, closed.id, at=at) is None
    assert door(engine, ring, done.case_id) == (DO_NOT_ADMIT, (), True)


@pytest.mark.guarantee("I20")
def test_a_lost_key_is_no_empty_case(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(web, ring, at, house_rule=RULE)
    engine.execute("delete from registry_casekey where case_id = %s", (done.case_id,))
    found = opened(lambda ids: load_orders_of(engine, ring, ids), [done.case_id])
    assert found.damaged == {done.case_id}
    (rule,) = load_house_rules(engine, ring, done.case_id)
    assert rule.is_closed
    assert house_rule([rule], at, cast.HARBOUR.id).holds


@pytest.mark.guarantee("I13")
def test_what_is_told_of_the_other_order_lets_him_in_no_sooner_than_the_one_that_cannot_be_opened(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    first, second = two_orders(web, ring, at)
    assert door(engine, ring, first.case_id) == (DO_NOT_ADMIT, (), True)
    damage_order(engine, first.order_id)
    tell(web, ring, second, FactKind.RECALLED, at + timedelta(minutes=1))
    orders, closed = load_each_order(engine, ring, first.case_id)
    assert ([one.id for one in orders], [one.id for one in closed]) == (
        [second.order_id],
        [first.order_id],
    )
    keep_doors(engine, ring, cast.HARBOUR_EMS, at=at + timedelta(days=60))
    assert door(engine, ring, first.case_id) == (DO_NOT_ADMIT, (), True)


@pytest.mark.guarantee("I13")
def test_an_entry_at_the_doors_that_cannot_be_opened_either_comes_back_as_strict_as_it_was(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    first, second = two_orders(web, ring, at)
    damage_order(engine, first.order_id)
    damage_order(engine, second.order_id)
    engine.execute(
        "update registry_doorentry set match_sealed = 'x' where case_id = %s", (first.case_id,)
    )
    assert keep_doors(engine, ring, cast.HARBOUR_EMS, at=at) == 1
    assert door(engine, ring, first.case_id) == (DO_NOT_ADMIT, (), True)


@pytest.mark.guarantee("I13")
def test_what_is_left_of_a_case_still_tightens_at_the_doors(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(web, ring, at)
    assert door(engine, ring, done.case_id)[0] == "inform"
    damage_order(engine, done.order_id)
    with looking(web, cast.SHIFT_LEAD) as lea:
        assert set_house_rule(web, ring, lea, done.case_id, RULE, at=at, ids=IDS) == ()
    assert door(engine, ring, done.case_id) == (DO_NOT_ADMIT, (), True)


@pytest.mark.guarantee("I13")
def test_nobody_lets_a_posture_go_while_an_order_cannot_be_opened(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    first, second = two_orders(web, ring, at)
    tell(web, ring, second, FactKind.RECALLED, at + timedelta(minutes=1))
    damage_order(engine, first.order_id)
    with looking(web, cast.SHIFT_LEAD) as lea:
        refused = lower_door(web, ring, lea, first.case_id, at=at)
    assert isinstance(refused, Refused)
    assert "nobody can say that it is over" in refused.because


def test_the_other_order_is_acted_on_and_the_one_that_cannot_be_opened_is_not(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    first, second = two_orders(web, ring, at)
    damage_order(engine, first.order_id)
    with looking(web, cast.SHIFT_LEAD) as lea:
        add_paper(web, ring, lea, (first.case_id, second.order_id), PDF, at=at)
        word = ("told", "")
        which = (first.case_id, second.order_id)
        assert note_her_word(web, ring, lea, which, word) is None
    with looking(web, cast.SHIFT_LEAD) as lea, pytest.raises(Hidden):
        note_her_word(web, ring, lea, (first.case_id, first.order_id), word)
    with looking(web, cast.SHIFT_LEAD) as lea, pytest.raises(CaseClosed):
        review_order(web, ring, lea, (first.case_id, first.order_id), at=at)


def test_the_page_for_police_of_an_order_that_cannot_be_opened_stays_and_its_picture_is_not_changed(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(web, ring, at, document=PDF, first_page=PNG)
    before = shown(engine, ring, done.case_id)
    damage_order(engine, done.order_id)
    keep_doors(engine, ring, cast.HARBOUR_EMS, at=at + timedelta(minutes=1))
    assert shown(engine, ring, done.case_id) == before == ("temporary", PNG.content)
    with looking(web, cast.SHIFT_LEAD) as lea, pytest.raises(Hidden):
        (paper,) = load_papers(web, done.case_id)
        mask_first_page(web, ring, lea, (done.case_id, paper.id), PNG, at=at)


def test_the_page_of_an_order_that_is_over_goes_though_another_cannot_be_opened(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(web, ring, at, colleague_id=None, end=End(at=at + timedelta(minutes=1)))
    with looking(web, cast.SHIFT_LEAD) as lea:
        draft = a_draft(at, colleague_id=None, effective=When(at=at + timedelta(days=1)))
        later = enter_order(web, ring, lea, draft, at=at, ids=IDS, case_id=done.case_id)
    assert isinstance(later, Entered), later
    damage_order(engine, later.order_id)
    assert shown(engine, ring, done.case_id) is not None
    keep_doors(engine, ring, cast.HARBOUR_EMS, at=at + timedelta(minutes=2))
    assert shown(engine, ring, done.case_id) is None


def test_a_page_for_police_that_cannot_be_opened_is_written_anew(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(web, ring, at, document=PDF, first_page=PNG)
    engine.execute(
        "update registry_doorpage set typed_sealed = 'x' where case_id = %s", (done.case_id,)
    )
    keep_doors(engine, ring, cast.HARBOUR_EMS, at=at)
    assert shown(engine, ring, done.case_id) == ("temporary", PNG.content)
