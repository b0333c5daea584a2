"""What is late about orders and house rules is told to whoever can do something about it: once, and to no party."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest

from tests import cast
from tests.store.stores import Store
from tests.store.test_cases import a_draft, looking
from tocsin.flow.enter_order import Entered, enter_order
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.respond import Refused
from tocsin.flow.review_order import review_order, take_on_review
from tocsin.flow.set_house_rule import notice_given
from tocsin.flow.tend_orders import tend_orders
from tocsin.registry.access_orders import load_orders_view, load_review_asks
from tocsin.registry.rules.house_rule import Notice
from tocsin.registry.rules.order_entry import RuleDraft
from tocsin.registry.store_doors import load_house_rules
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import RandomIds
from tocsin.runtime.postgres import Cluster

IDS = RandomIds()
RULE = RuleDraft(contest="hr@harbour.example", reason="his chief tells him", notice=Notice.DELAYED)


class Office:
    """The engine, and the web of the same database."""

    def __init__(self, alarms: PostgresAlarms, web: Connection, ring: KeyRing) -> None:
        self.alarms, self.web, self.ring = alarms, web, ring
        row = alarms.conn.execute("select now()").fetchone()
        assert row is not None
        self.at: datetime = row[0].astimezone(UTC)

    def enter(
        self, player: cast.Player = cast.SHIFT_LEAD, case_id: UUID | None = None, **changes: object
    ) -> Entered:
        """Enter the order as this person."""
        with looking(self.web, player) as who:
            draft = a_draft(self.at, **changes)
            done = enter_order(
                self.web, self.ring, who, draft, at=self.at, ids=IDS, case_id=case_id
            )
        assert isinstance(done, Entered), done
        return done

    def tend(self) -> set[UUID]:
        """Let the engine look once, and return who was told something."""
        with self.alarms.atomically():
            changes = tend_orders(self.alarms, ids=IDS)
        return {delivery.person_id for change in changes for delivery in change.deliveries}

    def run(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        """Change or ask something as the engine."""
        found = self.alarms.conn.execute(sql, values)
        return found.fetchall() if found.description else []


@pytest.fixture
def office(postgres_store: Store, cluster: Cluster, ring: KeyRing) -> Iterator[Office]:
    """Return the office, in a night in which nobody is on duty besides who is always asked."""
    alarms = postgres_store.alarms
    assert isinstance(alarms, PostgresAlarms)
    name = alarms.conn.info.dbname
    with psycopg.connect(cluster.url("web", database=name), autocommit=True) as web:
        yield Office(alarms, web, ring)


def overdue(office: Office) -> int:
    """Return how often it was said that a notice is late."""
    return len(office.run("select 1 from record_entry where kind = 'rule.notice_overdue'"))


def test_a_late_notice_is_told_to_its_owner_once_and_after_a_day_to_the_leads_once(
    office: Office,
) -> None:
    office.enter(house_rule=RULE)
    office.tend()
    assert overdue(office) == 0
    office.run("update registry_houserule set notice_due_at = now() - interval '1 second'")
    assert office.tend() == {cast.SHIFT_LEAD.id}
    assert office.tend() == set()
    office.run("update registry_houserule set notice_due_at = now() - interval '25 hours'")
    told = office.tend()
    assert told
    assert cast.RESPONDENT.id not in told
    assert office.tend() == set()
    assert overdue(office) == 2


def test_nobody_is_told_once_he_was(office: Office) -> None:
    done = office.enter(house_rule=RULE)
    office.tend()
    office.run("update registry_houserule set notice_due_at = now() - interval '1 second'")
    (rule,) = load_house_rules(office.alarms.conn, office.ring, done.case_id)
    with looking(office.web, cast.SHIFT_LEAD) as lea:
        given = notice_given(office.web, office.ring, lea, done.case_id, rule.id, at=office.at)
    assert given is None
    assert office.tend() == set()
    assert overdue(office) == 0


def test_where_the_only_safety_lead_entered_it_who_leads_the_shift_is_asked_and_can_look(
    office: Office,
) -> None:
    office.run(
        "update registry_shift set starts_at = now() - interval '1 hour', ends_at = now() + interval '6 hours'"
    )
    office.run(
        "update registry_person set is_active = false where role in ('safety_lead', 'admin') and id <> %s",
        cast.SAFETY_LEAD.id,
    )
    office.run("update registry_person set role = 'shift_lead' where id = %s", cast.SHIFT_LEAD.id)
    done = office.enter(cast.SAFETY_LEAD)
    assert done.reviewers == (cast.SHIFT_LEAD.id,)
    with looking(office.web, cast.SHIFT_LEAD) as lea:
        (asked,) = load_review_asks(office.web, office.ring, lea, at=office.at)
        assert take_on_review(office.web, office.ring, lea, asked.id, at=office.at) == done.case_id
        reviewed = review_order(
            office.web, office.ring, lea, (done.case_id, done.order_id), at=office.at
        )
        assert reviewed is None


@pytest.mark.guarantee("I17")
def test_beside_another_safety_lead_no_shift_lead_takes_a_review_on_alone(office: Office) -> None:
    done = office.enter(cast.SHIFT_LEAD)
    assert done.reviewers == (cast.SAFETY_LEAD.id,)
    office.run("update registry_person set role = 'manager' where id = %s", cast.SAFETY_LEAD.id)
    office.run("update registry_person set role = 'admin' where id = %s", cast.GUARD.id)
    with looking(office.web, cast.SAFETY_LEAD) as sefa:
        (asked,) = load_review_asks(office.web, office.ring, sefa, at=office.at)
        refused = take_on_review(office.web, office.ring, sefa, asked.id, at=office.at)
    assert isinstance(refused, Refused)


@pytest.mark.guarantee("I17")
def test_a_second_order_of_a_case_asks_a_second_person_too_and_lets_him_in_for_it(
    office: Office,
) -> None:
    first = office.enter(cast.SHIFT_LEAD)
    office.tend()
    office.run("update registry_protectionorder set reviewed_at = now()")
    office.run("update registry_grant set ended_at = now() where kind = 'granted'")
    second = office.enter(cast.PROTECTED, case_id=first.case_id)
    assert second.reviewers == (cast.SAFETY_LEAD.id,)
    assert office.tend() == {cast.SAFETY_LEAD.id}
    with looking(office.web, cast.SAFETY_LEAD) as sefa:
        (asked,) = load_review_asks(office.web, office.ring, sefa, at=office.at)
        assert take_on_review(office.web, office.ring, sefa, asked.id, at=office.at)
        reviewed = review_order(
            office.web, office.ring, sefa, (second.case_id, second.order_id), at=office.at
        )
        assert reviewed is None


def test_who_reads_the_case_already_is_told_of_its_second_order_and_asked_for_nothing_more(
    office: Office,
) -> None:
    first = office.enter(cast.SHIFT_LEAD)
    office.tend()
    with looking(office.web, cast.SAFETY_LEAD) as sefa:
        (asked,) = load_review_asks(office.web, office.ring, sefa, at=office.at)
        take_on_review(office.web, office.ring, sefa, asked.id, at=office.at)
    second = office.enter(cast.PROTECTED, case_id=first.case_id)
    assert second.reviewers == (cast.SAFETY_LEAD.id,)
    assert office.tend() == {cast.SAFETY_LEAD.id}
    with looking(office.web, cast.SAFETY_LEAD) as sefa:
        assert load_review_asks(office.web, office.ring, sefa, at=office.at) == ()


@pytest.mark.guarantee("I17")
def test_once_the_second_order_was_looked_at_nobody_is_let_in_for_it(office: Office) -> None:
    first = office.enter(cast.SHIFT_LEAD)
    office.run("update registry_grant set ended_at = now() where kind = 'granted'")
    office.enter(cast.PROTECTED, case_id=first.case_id)
    office.run("update registry_protectionorder set reviewed_at = now()")
    with looking(office.web, cast.SAFETY_LEAD) as sefa:
        (asked,) = load_review_asks(office.web, office.ring, sefa, at=office.at)
        refused = take_on_review(office.web, office.ring, sefa, asked.id, at=office.at)
    assert isinstance(refused, Refused)


def test_nobody_at_all_is_said_as_nobody(office: Office) -> None:
    office.run(
        """update registry_person set is_active = false
        where role in ('safety_lead', 'admin', 'shift_lead', 'manager') and id <> %s""",
        cast.SAFETY_LEAD.id,
    )
    done = office.enter(cast.SAFETY_LEAD)
    assert done.reviewers == ()
    with looking(office.web, cast.SAFETY_LEAD) as sefa:
        view = load_orders_view(office.web, office.ring, sefa, done.case_id, at=office.at)
    assert view.reviewers == {done.order_id: ()}


def test_a_late_review_is_paged_again_in_each_shift_until_somebody_looked_and_not_for_ever(
    office: Office,
) -> None:
    office.enter(cast.SHIFT_LEAD)
    office.tend()
    office.run("update registry_protectionorder set review_due_at = now() - interval '1 second'")
    told = office.tend()
    assert told
    assert office.tend() == set()
    last = "update registry_protectionorder set review_told_at = now() - interval '8 hours'"
    office.run(last)
    assert office.tend() == told
    assert office.tend() == set()
    office.run("update registry_protectionorder set review_due_at = now() - interval '14 days'")
    office.run(last)
    assert office.tend() == set()
    office.run("update registry_protectionorder set review_due_at = now() - interval '1 day'")
    office.run("update registry_protectionorder set reviewed_at = now()")
    assert office.tend() == set()


def test_who_cannot_be_asked_about_a_new_entry_now_is_asked_when_she_can_be(office: Office) -> None:
    office.enter(cast.SHIFT_LEAD)
    active = "update registry_person set is_active = %s where id = %s"
    office.run(active, False, cast.SAFETY_LEAD.id)
    assert office.tend() == set()
    office.run(active, True, cast.SAFETY_LEAD.id)
    assert office.tend() == {cast.SAFETY_LEAD.id}
    assert office.tend() == set()


@pytest.mark.guarantee("I17")
def test_who_takes_a_review_on_is_told_to_her_advocate(office: Office) -> None:
    done = office.enter(cast.SHIFT_LEAD)
    office.tend()
    office.run(
        "update registry_case set advocate_id = %s where id = %s", cast.DISPATCHER.id, done.case_id
    )
    with looking(office.web, cast.SAFETY_LEAD) as sefa:
        (asked,) = load_review_asks(office.web, office.ring, sefa, at=office.at)
        take_on_review(office.web, office.ring, sefa, asked.id, at=office.at)
    told = office.run(
        "select count(*) from notifications_delivery where person_id = %s", cast.DISPATCHER.id
    )
    assert told[0][0]
