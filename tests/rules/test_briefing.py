"""Who is asked to read a briefing: the first time, on a change, and when a new person takes the post."""

import pytest

from tests import cast
from tests.builders import AT, a_duty, some_facts
from tocsin.decisions.rules.briefing import (
    Because,
    Entry,
    Keeper,
    Receipt,
    keepers,
    to_ask,
    unread,
)
from tocsin.registry.rules.policy import Post

CASE = cast.number(0xC0)
GUS = Keeper(cast.GUARD.id, cast.HARBOUR.id, cast.FRONT_DOOR)
LEA = Keeper(cast.SHIFT_LEAD.id, cast.HARBOUR.id, None)


def an_entry(**changes: object) -> Entry:
    values: dict[str, object] = {
        "organisation_id": cast.HARBOUR_EMS,
        "case_id": CASE,
        "version": 2,
        "shut_out": frozenset({cast.RESPONDENT.id, cast.PROTECTED.id}),
    }
    return Entry(**values | changes)  # type: ignore[arg-type]


def a_receipt(player: cast.Player, version: int = 2, *, read: bool = True) -> Receipt:
    return Receipt(case_id=CASE, person_id=player.id, version=version, asked_at=AT, read_at=AT if read else None)  # fmt: skip


@pytest.mark.parametrize(
    ("receipts", "because"),
    [
        ([], Because.FIRST),
        ([a_receipt(cast.GUARD, 1)], Because.CHANGED),
        ([a_receipt(cast.SHIFT_LEAD)], Because.NEW_PERSON),
    ],
)
def test_it_says_why_somebody_is_asked(receipts: list[Receipt], because: Because) -> None:
    [asked] = to_ask([an_entry()], [GUS], {CASE: receipts})
    assert asked.because is because


def test_nobody_is_asked_twice_for_one_version_read_or_not() -> None:
    assert to_ask([an_entry()], [GUS], {CASE: [a_receipt(cast.GUARD, read=False)]}) == ()


@pytest.mark.guarantee("I11")
def test_neither_he_nor_she_is_ever_asked() -> None:
    rex = Keeper(cast.RESPONDENT.id, cast.HARBOUR.id, cast.FRONT_DOOR)
    wren = Keeper(cast.PROTECTED.id, cast.HARBOUR.id, cast.FRONT_DOOR)
    assert to_ask([an_entry()], [rex, wren], {}) == ()


def test_only_the_sites_where_it_stands_are_asked() -> None:
    elsewhere = an_entry(sites=frozenset({cast.DEPOT_NORTH.id}))
    assert to_ask([elsewhere], [GUS], {}) == ()


def test_an_old_receipt_is_none_for_a_new_version() -> None:
    receipts = [a_receipt(cast.GUARD, 1), a_receipt(cast.SHIFT_LEAD, 2)]
    assert unread(an_entry(), [GUS, LEA], receipts) == (GUS,)


def test_asked_and_not_read_is_blind() -> None:
    assert unread(an_entry(), [GUS], [a_receipt(cast.GUARD, read=False)]) == (GUS,)


def test_a_post_without_its_guard_is_the_shift_leads() -> None:
    empty = some_facts(on_duty=(a_duty(cast.SHIFT_LEAD),))
    assert [k.person_id for k in keepers(cast.HARBOUR.id, empty)] == [cast.SHIFT_LEAD.id]
    unguarded = some_facts(posts={cast.FRONT_DOOR: Post(id=cast.FRONT_DOOR, has_guard=False)}, on_duty=(a_duty(cast.SHIFT_LEAD),))  # fmt: skip
    assert [k.post_id for k in keepers(cast.HARBOUR.id, unguarded)] == [cast.FRONT_DOOR]


@pytest.mark.guarantee("I11")
def test_a_post_whose_only_guard_must_not_know_is_the_shift_leads_for_that_case_alone() -> None:
    facts = some_facts(on_duty=(a_duty(cast.RESPONDENT, role="guard", post_id=cast.FRONT_DOOR), a_duty(cast.SHIFT_LEAD)))  # fmt: skip
    kept = keepers(cast.HARBOUR.id, facts)
    assert [asked.keeper.person_id for asked in to_ask([an_entry()], kept, {})] == [cast.SHIFT_LEAD.id]  # fmt: skip
    assert [k.person_id for k in unread(an_entry(), kept, [])] == [cast.SHIFT_LEAD.id]
    another = an_entry(shut_out=frozenset())
    assert [asked.keeper.person_id for asked in to_ask([another], kept, {})] == [cast.RESPONDENT.id]  # fmt: skip
    with_gus = some_facts(on_duty=(*facts.on_duty, a_duty(cast.GUARD, post_id=cast.FRONT_DOOR)))
    kept = keepers(cast.HARBOUR.id, with_gus)
    assert [asked.keeper.person_id for asked in to_ask([an_entry()], kept, {})] == [cast.GUARD.id]


def test_whoever_keeps_a_post_and_every_guard_is_asked_and_nobody_else() -> None:
    facts = some_facts(on_duty=(a_duty(cast.DISPATCHER, post_id=cast.FRONT_DOOR), a_duty(cast.GUARD), a_duty(cast.SAFETY_LEAD)))  # fmt: skip
    assert {k.person_id for k in keepers(cast.HARBOUR.id, facts)} == {cast.DISPATCHER.id, cast.GUARD.id}  # fmt: skip


def test_a_site_without_posts_is_kept_by_guards_and_the_shift_lead() -> None:
    facts = some_facts(posts={})
    assert {k.person_id for k in keepers(cast.HARBOUR.id, facts)} == {cast.GUARD.id, cast.SHIFT_LEAD.id}  # fmt: skip
