"""A case whose document cannot be opened: what only tightens is still told and entered, the rest is refused with a reason."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from tests import cast
from tests.store.test_cases import IDS, a_draft, door, enter, looking, review
from tocsin.flow.amend_order import Told, amend_order
from tocsin.flow.enter_order import Entered, enter_order
from tocsin.flow.enter_order import Refused as NotEntered
from tocsin.flow.keep_doors import keep_doors
from tocsin.flow.review_order import lower_door, review_order
from tocsin.registry.rules.case_rows import CaseClosed
from tocsin.registry.rules.order import End, FactKind
from tocsin.registry.rules.order_amending import FactDraft
from tocsin.registry.rules.order_entry import When
from tocsin.registry.store_orders import load_orders_of
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing

DO_NOT_ADMIT = "do_not_admit"


def damage_document(engine: Connection, case_id: UUID) -> None:
    """Let what is known of him be nothing that the case's key opens."""
    engine.execute("update registry_case set respondent_sealed = 'x' where id = %s", (case_id,))


def told_of(
    web: Connection, ring: KeyRing, done: Entered, kind: FactKind, at: datetime, **changes: object
) -> object:
    """Return what the shift lead is answered who tells this."""
    with looking(web, cast.SHIFT_LEAD) as lea:
        draft = FactDraft(kind=kind, when=When(at=at), **changes)  # type: ignore[arg-type]
        return amend_order(web, ring, lea, (done.case_id, done.order_id), draft, at=at, ids=IDS)


@pytest.mark.guarantee("I17")
def test_of_a_case_whose_document_is_damaged_what_only_tightens_is_told_and_the_rest_is_refused(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(web, ring, at)
    review(web, ring, done, at)
    assert door(engine, ring, done.case_id)[0] == "inform"
    damage_document(engine, done.case_id)
    assert isinstance(told_of(web, ring, done, FactKind.SERVED, at), Told)
    (refused,) = told_of(web, ring, done, FactKind.RECALLED, at)  # type: ignore[misc]
    assert (refused.code, refused.path) == ("closed", "kind")
    (order,) = load_orders_of(engine, ring, [done.case_id])[done.case_id]
    kinds = [fact.kind for fact in order.facts]
    assert FactKind.SERVED in kinds
    assert FactKind.RECALLED not in kinds


def test_of_a_case_whose_key_is_lost_nothing_is_told_and_that_is_said(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(web, ring, at)
    engine.execute("delete from registry_casekey where case_id = %s", (done.case_id,))
    with pytest.raises(CaseClosed):
        told_of(web, ring, done, FactKind.SERVED, at)
    with looking(web, cast.SHIFT_LEAD) as lea:
        more = enter_order(web, ring, lea, a_draft(at), at=at, ids=IDS, case_id=done.case_id)
    assert isinstance(more, NotEntered)
    assert [finding.code for finding in more.findings] == ["closed"]


@pytest.mark.guarantee("I17")
def test_the_entry_of_a_case_whose_document_is_damaged_is_looked_at_and_one_that_nobody_can_read_is_not(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(web, ring, at)
    which = (done.case_id, done.order_id)
    damage_document(engine, done.case_id)
    review(web, ring, done, at)
    (order,) = load_orders_of(engine, ring, [done.case_id])[done.case_id]
    assert order.is_reviewed
    with looking(web, cast.SAFETY_LEAD) as sefa, pytest.raises(CaseClosed):
        lower_door(web, ring, sefa, done.case_id, at=at)
    engine.execute("delete from registry_casekey where case_id = %s", (done.case_id,))
    with looking(web, cast.SAFETY_LEAD) as sefa, pytest.raises(CaseClosed):
        review_order(web, ring, sefa, which, at=at)


@pytest.mark.guarantee("I17")
def test_notice_of_an_order_in_a_damaged_case_takes_no_other_orders_place(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    first = enter(web, ring, at, colleague_id=None)
    with looking(web, cast.SHIFT_LEAD) as lea:
        draft = a_draft(at, colleague_id=None, supersedes_id=first.order_id)
        second = enter_order(web, ring, lea, draft, at=at, ids=IDS, case_id=first.case_id)
    assert isinstance(second, Entered), second
    damage_document(engine, first.case_id)
    assert isinstance(told_of(web, ring, second, FactKind.SERVED, at), Told)
    older, newer = load_orders_of(engine, ring, [first.case_id])[first.case_id]
    assert FactKind.SUPERSEDED not in {fact.kind for fact in older.facts}
    assert FactKind.SERVED in {fact.kind for fact in newer.facts}


@pytest.mark.guarantee("I17")
def test_an_order_is_entered_beside_the_others_of_a_damaged_case_and_in_the_place_of_none(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(web, ring, at, colleague_id=None, end=End(at=at + timedelta(hours=1)))
    damage_document(engine, done.case_id)
    (sealed,) = engine.execute("select respondent_sealed from registry_case where id = %s", (done.case_id,)).fetchone() or (None,)  # fmt: skip
    with looking(web, cast.SHIFT_LEAD) as lea:
        draft = a_draft(at, colleague_id=None, supersedes_id=done.order_id)
        refused = enter_order(web, ring, lea, draft, at=at, ids=IDS, case_id=done.case_id)
        assert isinstance(refused, NotEntered)
        assert [finding.path for finding in refused.findings] == ["supersedes"]
        draft = a_draft(at, colleague_id=None)
        beside = enter_order(web, ring, lea, draft, at=at, ids=IDS, case_id=done.case_id)
    assert isinstance(beside, Entered), beside
    assert len(load_orders_of(engine, ring, [done.case_id])[done.case_id]) == 2
    row = engine.execute("select respondent_sealed from registry_case where id = %s", (done.case_id,)).fetchone()  # fmt: skip
    assert row == (sealed,)
    keep_doors(engine, ring, cast.HARBOUR_EMS, at=at + timedelta(days=60))
    assert door(engine, ring, done.case_id) == (DO_NOT_ADMIT, (), True)
