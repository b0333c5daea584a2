"""An order as it lies in the database: entered by one, reviewed by another, read by nobody on the other side."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from tests import cast
from tests.store.stores import Store
from tocsin.flow.amend_order import Told, amend_order
from tocsin.flow.enter_order import Entered, Refused, enter_order
from tocsin.flow.keep_doors import keep_doors
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.review_order import lower_door, review_order, take_on_review
from tocsin.flow.set_house_rule import lift_house_rule
from tocsin.flow.tend_orders import tend_orders
from tocsin.registry.access import Hidden, Viewer
from tocsin.registry.rules.house_rule import house_rule
from tocsin.registry.rules.order import End, FactKind, Family, StayAway, enforceable, valid
from tocsin.registry.rules.order_amending import FactDraft
from tocsin.registry.rules.order_document import OrderBody, ProtectedPerson, Respondent
from tocsin.registry.rules.order_entry import OrderDraft, Picture, RuleDraft, When
from tocsin.registry.rules.second_look import waits
from tocsin.registry.store_cases import case_key, load_case
from tocsin.registry.store_doors import load_door_entry, load_house_rules
from tocsin.registry.store_grants import load_grants
from tocsin.registry.store_orders import load_orders
from tocsin.registry.store_papers import load_papers, open_first_page, open_paper
from tocsin.registry.store_reviews import load_overdue
from tocsin.runtime.database import Connection, set_viewer
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import RandomIds

IDS = RandomIds()
PDF = Picture("application/pdf", b"%PDF-1.7 " + b"Wren lives at 1 Example Road " * 4000)
PNG = Picture("image/png", b"\x89PNG\r\n\x1a\n masked")


def viewer(player: cast.Player) -> Viewer:
    """Return this person as she signs in."""
    return Viewer(player.organisation_id, player.id, player.role)


@contextmanager
def looking(conn: Connection, player: cast.Player) -> Iterator[Viewer]:
    """Open a transaction as this person."""
    with conn.transaction():
        set_viewer(conn, player.organisation_id, player.id)
        yield viewer(player)


def a_draft(at: datetime, **changes: object) -> OrderDraft:
    """Return an order that protects Wren from Rex, who works here."""
    draft = OrderDraft(
        respondent=Respondent(name=cast.RESPONDENT.name, aliases=("Rexy",), description="tall"),
        court_time_zone="America/Chicago",
        protected_id=cast.PROTECTED.id,
        colleague_id=cast.RESPONDENT.id,
        conditions=("01", "04", "05"),
        stay_away=(StayAway(150, cast.HARBOUR.id),),
        body=OrderBody(
            court="Circuit Court of Nowhere",
            docket="DR-1",
            others=(ProtectedPerson("Wanda Sample", date(2019, 1, 2), is_child=True),),
        ),
        issued=When(at=at - timedelta(hours=3)),
        end=End(on=(at + timedelta(days=20)).date()),
    )
    return replace(draft, **changes)  # type: ignore[arg-type]


def enter(web: Connection, ring: KeyRing, at: datetime, **changes: object) -> Entered:
    """Enter it as the shift lead, at night."""
    with looking(web, cast.SHIFT_LEAD) as lea:
        done = enter_order(web, ring, lea, a_draft(at, **changes), at=at, ids=IDS)
    assert isinstance(done, Entered), done
    return done


def review(web: Connection, ring: KeyRing, done: Entered, at: datetime) -> None:
    """Take on the review as the safety lead, and say that the entry is right."""
    with looking(web, cast.SAFETY_LEAD) as sefa:
        (asked,) = [
            grant
            for grant in load_grants(web, ring, sefa.organisation_id)
            if grant.person_id == sefa.person_id
        ]
        assert take_on_review(web, ring, sefa, asked.id, at=at) == done.case_id
        assert review_order(web, ring, sefa, (done.case_id, done.order_id), at=at) is None


def door(conn: Connection, ring: KeyRing, case_id: UUID) -> tuple[str, tuple[UUID, ...], bool]:
    """Return what the doors do, where, and whether they do anything."""
    found = load_door_entry(conn, ring, case_id)
    assert found is not None
    return found.instruction, found.sites, found.is_active


def test_an_order_comes_back_as_it_was_entered(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(web, ring, at)
    case = load_case(engine, ring, done.case_id)
    (order,) = load_orders(engine, ring, done.case_id)
    assert case is not None
    assert (case.respondent.aliases, case.colleague_id) == (("Rexy",), cast.RESPONDENT.id)
    assert order.family is Family.TEMPORARY
    assert order.body == a_draft(at).body
    assert order.stay_away == (StayAway(150, cast.HARBOUR.id),)
    assert (valid(order, at).holds, enforceable(order, at).holds) == (True, False)


@pytest.mark.guarantee("I17")
def test_an_entry_counts_at_once_and_keeps_a_colleague_from_his_place_only_once_reviewed_and_served(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(web, ring, at)
    assert done.reviewers == (cast.SAFETY_LEAD.id,)
    assert door(engine, ring, done.case_id) == ("inform", (), True)
    review(web, ring, done, at)
    assert door(engine, ring, done.case_id) == ("inform", (), True)
    served = FactDraft(kind=FactKind.SERVED, when=When(at=at), source="police")
    which, later = (done.case_id, done.order_id), at + timedelta(minutes=1)
    with looking(web, cast.SHIFT_LEAD) as lea:
        amend_order(web, ring, lea, which, served, at=later, ids=IDS)
    assert door(engine, ring, done.case_id) == ("inform", (), True)
    assert [waits(one) for one in load_orders(engine, ring, done.case_id)] == [True]
    with looking(web, cast.SAFETY_LEAD) as sefa:
        assert review_order(web, ring, sefa, which, at=later) is None
    assert door(engine, ring, done.case_id) == ("do_not_admit", (cast.HARBOUR.id,), True)
    assert [waits(one) for one in load_orders(engine, ring, done.case_id)] == [False]


def test_a_stranger_is_kept_out_everywhere_from_the_minute_of_the_entry(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(web, ring, at, colleague_id=None)
    assert door(engine, ring, done.case_id) == ("do_not_admit", (), True)


def test_an_order_that_names_only_the_car_park_keeps_a_colleague_from_there_and_lets_him_to_work(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(web, ring, at, stay_away=(StayAway(100, place_id=cast.CAR_PARK),))
    served = FactDraft(kind=FactKind.SERVED, when=When(at=at), source="police")
    with looking(web, cast.SHIFT_LEAD) as lea:
        amend_order(web, ring, lea, (done.case_id, done.order_id), served, at=at, ids=IDS)
    unreviewed = load_door_entry(engine, ring, done.case_id)
    review(web, ring, done, at)
    reviewed = load_door_entry(engine, ring, done.case_id)
    assert unreviewed is not None
    assert reviewed is not None
    assert (unreviewed.instruction, unreviewed.places) == ("inform", ())
    assert (reviewed.instruction, reviewed.places) == ("inform", (cast.CAR_PARK,))


@pytest.mark.guarantee("I17")
def test_the_duty_managers_house_rule_keeps_a_colleague_out_at_once_and_two_lift_it(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    rule = RuleDraft(contest="hr@harbour.example", reason="service is on its way")
    done = enter(web, ring, at, house_rule=rule)
    assert door(engine, ring, done.case_id) == ("do_not_admit", (), True)
    (kept,) = load_house_rules(engine, ring, done.case_id)
    assert house_rule([kept], at, cast.HARBOUR.id).holds
    with looking(web, cast.SHIFT_LEAD) as lea:
        assert lift_house_rule(web, ring, lea, done.case_id, kept.id, at=at) is None
        refused = lift_house_rule(web, ring, lea, done.case_id, kept.id, at=at)
        assert refused is not None
    assert door(engine, ring, done.case_id)[0] == "do_not_admit"
    review(web, ring, done, at)
    with looking(web, cast.SAFETY_LEAD) as sefa:
        assert lift_house_rule(web, ring, sefa, done.case_id, kept.id, at=at) is None
    (lifted,) = load_house_rules(engine, ring, done.case_id)
    assert not house_rule([lifted], at).holds


@pytest.mark.guarantee("I17")
def test_a_second_person_is_to_look_within_four_hours_of_the_entry_and_of_what_is_told_later(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    def is_late(since: datetime, minutes: int) -> bool:
        now, often = since + timedelta(minutes=minutes), timedelta(days=14)
        return bool(load_overdue(engine, now, every=often, for_at_most=often))

    done = enter(web, ring, at)
    assert (is_late(at, 239), is_late(at, 240)) == (False, True)
    review(web, ring, done, at)
    assert not is_late(at, 240)
    later = at + timedelta(days=1)
    served = FactDraft(kind=FactKind.SERVED, when=When(at=at), source="police")
    with looking(web, cast.SHIFT_LEAD) as lea:
        amend_order(web, ring, lea, (done.case_id, done.order_id), served, at=later, ids=IDS)
    assert (is_late(later, 239), is_late(later, 240)) == (False, True)


@pytest.mark.guarantee("I17")
def test_nobody_reviews_his_own_entry(web: Connection, ring: KeyRing, at: datetime) -> None:
    done = enter(web, ring, at)
    with looking(web, cast.SHIFT_LEAD) as lea:
        assert review_order(web, ring, lea, (done.case_id, done.order_id), at=at) is not None


@pytest.mark.guarantee("I12")
@pytest.mark.parametrize("who", [cast.RESPONDENT, cast.GUARD, cast.OUTSIDER])
def test_who_is_on_the_other_side_or_has_no_grant_has_no_such_case(
    web: Connection, ring: KeyRing, at: datetime, who: cast.Player
) -> None:
    done = enter(web, ring, at)
    with looking(web, who):
        assert load_case(web, ring, done.case_id) is None
        assert load_orders(web, ring, done.case_id) == ()
        assert load_papers(web, done.case_id) == ()


def test_he_cannot_enter_an_order_about_himself_nor_can_a_guard(
    web: Connection, ring: KeyRing, at: datetime
) -> None:
    as_lead = replace(viewer(cast.RESPONDENT), role="shift_lead")
    with web.transaction():
        set_viewer(web, cast.HARBOUR_EMS, cast.RESPONDENT.id)
        done = enter_order(web, ring, as_lead, a_draft(at), at=at, ids=IDS)
        assert isinstance(done, Refused)
        assert [finding.path for finding in done.findings] == ["colleague"]
    with pytest.raises(Hidden), looking(web, cast.GUARD) as gus:
        enter_order(web, ring, gus, a_draft(at), at=at, ids=IDS)


def test_what_contradicts_itself_is_said_at_its_field_and_nothing_is_written(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    draft = a_draft(at, end=End(on=date(2020, 1, 1)), conditions=("01", "12"))
    with looking(web, cast.SHIFT_LEAD) as lea:
        done = enter_order(web, ring, lea, draft, at=at, ids=IDS)
    assert isinstance(done, Refused)
    assert {finding.path for finding in done.findings} == {"ends_on", "conditions"}
    count = engine.execute("select count(*) from registry_case").fetchone()
    assert count == (0,)


def test_a_document_of_a_hundred_kilobytes_is_sealed_and_its_first_page_is_the_masked_one(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(web, ring, at, document=PDF, first_page=PNG)
    (paper,) = load_papers(engine, done.case_id)
    key = case_key(engine, ring, done.case_id)
    assert open_paper(engine, key, paper.id) == PDF
    assert open_first_page(engine, key, paper.id) == PNG
    raw = engine.execute("select content_sealed from registry_orderdocument").fetchone()
    assert raw is not None
    assert b"Example Road" not in raw[0]


@pytest.mark.guarantee("I13")
def test_an_order_that_was_recalled_keeps_the_doors_until_two_people_let_them_go(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(web, ring, at, colleague_id=None)
    later = at + timedelta(hours=1)
    recalled = FactDraft(kind=FactKind.RECALLED, when=When(at=later), source="court")
    which = (done.case_id, done.order_id)
    with looking(web, cast.SHIFT_LEAD) as lea:
        told = amend_order(web, ring, lea, which, recalled, at=later, ids=IDS)
        assert isinstance(told, Told)
    (order,) = load_orders(engine, ring, done.case_id)
    assert not valid(order, later).holds
    assert door(engine, ring, done.case_id) == ("do_not_admit", (), True)
    with looking(web, cast.SHIFT_LEAD) as lea:
        assert lower_door(web, ring, lea, done.case_id, at=later) is None
        assert lower_door(web, ring, lea, done.case_id, at=later) is not None
    assert door(engine, ring, done.case_id)[2]
    review(web, ring, done, at)
    with looking(web, cast.SAFETY_LEAD) as sefa:
        assert lower_door(web, ring, sefa, done.case_id, at=later) is None
    assert not door(engine, ring, done.case_id)[2]


@pytest.mark.guarantee("I13")
def test_nobody_having_looked_the_doors_let_go_fourteen_days_after_the_end_by_themselves(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    ends = at + timedelta(days=2)
    done = enter(web, ring, at, colleague_id=None, end=End(at=ends))
    kept = ends + timedelta(days=14) - timedelta(seconds=1)
    assert keep_doors(engine, ring, cast.HARBOUR_EMS, at=kept) == 0
    assert door(engine, ring, done.case_id)[2]
    assert keep_doors(engine, ring, cast.HARBOUR_EMS, at=ends + timedelta(days=14)) == 1
    assert not door(engine, ring, done.case_id)[2]


@pytest.mark.guarantee("I25")
def test_an_order_that_cannot_be_read_holds_up_no_other_case_at_the_doors(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    ends = at + timedelta(days=2)
    broken = enter(web, ring, at, colleague_id=None, end=End(at=ends))
    whole = enter(web, ring, at, colleague_id=None, end=End(at=ends))
    engine.execute(
        "update registry_orderfact set body_sealed = 'damaged' where case_id = %s",
        (broken.case_id,),
    )
    assert keep_doors(engine, ring, cast.HARBOUR_EMS, at=ends + timedelta(days=14)) == 1
    assert not door(engine, ring, whole.case_id)[2]
    # What cannot be read leaves the doors as they were: kept.
    assert door(engine, ring, broken.case_id)[2]


def test_a_final_order_takes_the_place_of_the_temporary_one_when_he_is_served_with_it(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(web, ring, at)
    later, served = at + timedelta(hours=1), at + timedelta(hours=2)
    final = a_draft(
        later, family=Family.FINAL, issued=When(at=later), end=End(), supersedes_id=done.order_id
    )
    with looking(web, cast.SHIFT_LEAD) as lea:
        second = enter_order(web, ring, lea, final, at=later, ids=IDS, case_id=done.case_id)
        assert isinstance(second, Entered)
    temporary, _final = load_orders(engine, ring, done.case_id)
    assert valid(temporary, later).holds
    with looking(web, cast.SHIFT_LEAD) as lea:
        told = FactDraft(kind=FactKind.SERVED, when=When(at=served), source="police")
        amend_order(web, ring, lea, (done.case_id, second.order_id), told, at=served, ids=IDS)
    temporary, running = load_orders(engine, ring, done.case_id)
    assert (valid(temporary, served).holds, enforceable(running, served).holds) == (False, True)


def test_orders_that_cross_are_flagged_to_the_lead_and_never_to_either_of_the_two(
    web: Connection, ring: KeyRing, at: datetime
) -> None:
    first = enter(web, ring, at)
    assert not first.is_crossed
    second = enter(
        web,
        ring,
        at,
        protected_id=cast.RESPONDENT.id,
        colleague_id=cast.PROTECTED.id,
        respondent=Respondent(name=cast.PROTECTED.name),
    )
    assert second.is_crossed
    for who, hers, other in (
        (cast.PROTECTED, first.case_id, second.case_id),
        (cast.RESPONDENT, second.case_id, first.case_id),
    ):
        with looking(web, who):
            assert load_case(web, ring, hers) is not None
            assert load_case(web, ring, other) is None
            crossed = web.execute("select tocsin_is_crossed(%s)", (hers,)).fetchone()
            assert crossed == (False,)


def test_what_happened_is_on_record_without_a_name(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(web, ring, at)
    review(web, ring, done, at)
    rows = engine.execute(
        "select kind from record_entry where kind ~ '^(order|door|rule)\\.' order by id"
    ).fetchall()
    assert [row[0] for row in rows] == ["order.entered", "door.changed", "order.reviewed"]
    opened = engine.execute("select count(*) from decisions_safeguard").fetchone()
    assert opened is not None
    assert opened[0] > 5


def test_each_fact_of_an_order_opens_safeguards_as_what_it_is(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    def opened(event: str) -> set[str]:
        rows = engine.execute("select template from decisions_safeguard where event = %s", (event,))
        return {row[0] for row in rows}

    done = enter(web, ring, at, hearing=When(at=at + timedelta(days=9)))
    assert opened("order.entered") >= {"posts_briefed", "cameras", "recordings", "plan_release"}
    assert opened("order.hearing") >= {"hearing_day"}
    which = done.case_id, done.order_id
    for minutes, kind in ((1, FactKind.SERVED), (2, FactKind.MODIFIED)):
        when = at + timedelta(minutes=minutes)
        said = FactDraft(kind=kind, when=When(at=when), source="court")
        with looking(web, cast.SHIFT_LEAD) as lea:
            amend_order(web, ring, lea, which, said, at=when, ids=IDS)
    assert opened("order.served") >= {"second_at_post"}
    assert opened("order.changed") >= {"stay_away_checked"}


@pytest.fixture
def alarms(postgres_store: Store) -> PostgresAlarms:
    """Return the store as the engine uses it."""
    assert isinstance(postgres_store.alarms, PostgresAlarms)
    return postgres_store.alarms


@pytest.mark.guarantee("I17")
def test_reviewers_are_told_once_and_a_review_that_is_late_pages_the_duty_lead_once(
    alarms: PostgresAlarms, web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    enter(web, ring, at)
    with alarms.atomically():
        first = tend_orders(alarms, ids=IDS)
        assert tend_orders(alarms, ids=IDS) == []
    asked = {d.person_id for change in first for d in change.deliveries}
    assert cast.RESPONDENT.id not in asked
    late = "update registry_protectionorder set review_due_at = now() - interval '1 second'"
    engine.execute(late)
    with alarms.atomically():
        tend_orders(alarms, ids=IDS)
        assert tend_orders(alarms, ids=IDS) == []
    rows = engine.execute(
        "select kind from record_entry where kind like 'order.review%'"
    ).fetchall()
    assert rows == [("order.review_overdue",)]
