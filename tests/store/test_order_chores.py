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
from tocsin.flow.set_house_rule import notice_given
from tocsin.flow.tend_orders import tend_orders
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

    def enter(self, player: cast.Player = cast.SHIFT_LEAD, **changes: object) -> Entered:
        """Enter the order as this person."""
        with looking(self.web, player) as who:
            draft = a_draft(self.at, **changes)
            done = enter_order(self.web, self.ring, who, draft, at=self.at, ids=IDS)
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
