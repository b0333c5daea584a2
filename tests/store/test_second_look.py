"""What is told of an order later has its own second person: asked, late, refused to its teller, by the database too."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from tests import cast
from tests.store.stores import Store
from tests.store.test_cases import looking
from tests.store.test_order_chores import Office
from tocsin.flow.amend_order import Told, amend_order
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.respond import Refused
from tocsin.flow.review_order import review_order, take_on_review
from tocsin.registry.access_orders import load_orders_view, load_review_asks
from tocsin.registry.rules.order import FactKind, Order
from tocsin.registry.rules.order_amending import FactDraft
from tocsin.registry.rules.order_entry import When
from tocsin.registry.rules.second_look import told_by_one
from tocsin.registry.store_doors import load_door_entry
from tocsin.registry.store_orders import load_orders
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import RandomIds
from tocsin.runtime.postgres import Cluster

IDS = RandomIds()
LATE = "update registry_orderfact set heard_at = heard_at - interval '5 hours'"


class Desk(Office):
    """An office in which Lea entered an order and Sefa looked at it, an hour ago."""

    case_id: UUID
    order_id: UUID

    def entered(self) -> None:
        """Enter it, and look at it."""
        done = self.enter(cast.SHIFT_LEAD)
        self.case_id, self.order_id = done.case_id, done.order_id
        self.tend()
        self.take_on(cast.SAFETY_LEAD)
        assert self.look(cast.SAFETY_LEAD) is None

    def take_on(self, player: cast.Player) -> UUID | Refused:
        """Take on what this person was asked to look at."""
        with looking(self.web, player) as who:
            asked = load_review_asks(self.web, self.ring, who, at=self.at)[0]
            return take_on_review(self.web, self.ring, who, asked.id, at=self.at)

    def look(
        self, player: cast.Player, minutes: int = 0, seen: int | None = None
    ) -> Refused | None:
        """Say as this person, that many minutes later, that it is right."""
        at, which = self.at + timedelta(minutes=minutes), (self.case_id, self.order_id)
        with looking(self.web, player) as who:
            return review_order(self.web, self.ring, who, which, at=at, seen=seen)

    def tell(self, player: cast.Player, kind: FactKind = FactKind.SERVED, minutes: int = 1) -> Told:
        """Tell as this person what happened, that many minutes later."""
        at, which = self.at + timedelta(minutes=minutes), (self.case_id, self.order_id)
        draft = FactDraft(kind=kind, when=When(at=at), source="police")
        with looking(self.web, player) as who:
            told = amend_order(self.web, self.ring, who, which, draft, at=at, ids=IDS)
        assert isinstance(told, Told), told
        return told

    def order(self) -> Order:
        """Return the order as the engine reads it."""
        (found,) = load_orders(self.alarms.conn, self.ring, self.case_id)
        return found

    def door(self) -> str:
        """Return what the doors do."""
        found = load_door_entry(self.alarms.conn, self.ring, self.case_id)
        assert found is not None
        return found.instruction


@pytest.fixture
def office(postgres_store: Store, cluster: Cluster, ring: KeyRing) -> Iterator[Desk]:
    """Return the office; the entry was looked at."""
    alarms = postgres_store.alarms
    assert isinstance(alarms, PostgresAlarms)
    with psycopg.connect(
        cluster.url("web", database=alarms.conn.info.dbname), autocommit=True
    ) as web:
        found = Desk(alarms, web, ring)
        found.entered()
        yield found


@pytest.mark.guarantee("I17")
def test_who_tells_something_asks_for_its_second_person_and_the_engine_tells_her_once(
    office: Desk,
) -> None:
    told = office.tell(cast.SHIFT_LEAD)
    assert told.reviewers == (cast.SAFETY_LEAD.id,)
    assert office.tend() == {cast.SAFETY_LEAD.id}
    assert office.tend() == set()
    office.tell(cast.SHIFT_LEAD, FactKind.TOLD_ORALLY, minutes=2)
    assert office.tend() == {cast.SAFETY_LEAD.id}


@pytest.mark.guarantee("I17")
def test_the_second_look_shuts_the_door_and_leaves_the_first_as_it_was(office: Desk) -> None:
    first = office.order()
    told = office.tell(cast.SHIFT_LEAD)
    assert office.door() == "inform"
    assert office.look(cast.SAFETY_LEAD, minutes=2) is None
    assert office.door() == "do_not_admit"
    now = office.order()
    assert (now.reviewed_at, now.reviewed_by_id) == (first.reviewed_at, first.reviewed_by_id)
    assert told_by_one(now) == ()
    assert [one.id for one in told_by_one(now, office.at + timedelta(minutes=1))] == [told.fact.id]
    (said,) = office.run(
        "select leaf from record_entry where kind = 'order.reviewed' and at > %s", office.at
    )
    assert str(told.fact.id).encode() in bytes(said[0])  # type: ignore[call-overload]


@pytest.mark.guarantee("I17")
def test_who_told_it_is_refused_and_somebody_who_told_another_thing_looks_at_the_rest(
    office: Desk,
) -> None:
    office.tell(cast.SHIFT_LEAD)
    refused = office.look(cast.SHIFT_LEAD, minutes=2)
    assert isinstance(refused, Refused)
    assert refused.because == "a second person looks at it: not the one who told it"
    own = office.tell(cast.SAFETY_LEAD, FactKind.TOLD_ORALLY, minutes=3)
    assert office.look(cast.SAFETY_LEAD, minutes=4) is None
    assert [one.id for one in told_by_one(office.order())] == [own.fact.id]
    assert office.look(cast.SHIFT_LEAD, minutes=5) is None
    assert isinstance(office.look(cast.SHIFT_LEAD, minutes=6), Refused)


def test_what_was_told_while_somebody_read_the_page_is_not_looked_at_by_his_press(
    office: Desk,
) -> None:
    shown = len(office.order().facts)
    office.tell(cast.SHIFT_LEAD)
    refused = office.look(cast.SAFETY_LEAD, minutes=2, seen=shown)
    assert isinstance(refused, Refused)
    assert told_by_one(office.order())
    assert office.look(cast.SAFETY_LEAD, minutes=2, seen=shown + 1) is None


def test_what_nobody_looked_at_in_four_hours_is_paged_again_in_each_shift_until_somebody_did(
    office: Desk,
) -> None:
    office.run("update registry_protectionorder set reviewed_at = reviewed_at - interval '1 day'")
    office.run("update registry_orderfact set heard_at = heard_at - interval '2 days'")
    office.tell(cast.SHIFT_LEAD)
    office.tend()
    assert office.tend() == set()
    office.run(LATE)
    paged = office.tend()
    assert paged
    assert office.tend() == set()
    office.run("update registry_orderfact set review_told_at = now() - interval '8 hours'")
    assert office.tend() == paged
    office.run("update registry_orderfact set review_told_at = now() - interval '8 hours'")
    assert office.look(cast.SAFETY_LEAD) is None
    assert office.tend() == set()
    late = office.run("select leaf from record_entry where kind = 'order.review_overdue'")
    assert [b'"facts"' in bytes(one[0]) for one in late] == [True, True]  # type: ignore[call-overload]


def test_the_page_names_who_can_look(office: Desk) -> None:
    office.tell(cast.SHIFT_LEAD)
    with looking(office.web, cast.SAFETY_LEAD) as sefa:
        view = load_orders_view(office.web, office.ring, sefa, office.case_id, at=office.at)
    assert view.reviewers == {office.order_id: (cast.SAFETY_LEAD.id,)}


@pytest.mark.guarantee("I17")
def test_a_reviewer_lets_himself_in_for_a_word_that_waits_and_for_none_that_was_looked_at(
    office: Desk,
) -> None:
    # The case was opened by somebody else long ago: only the word itself can let her in.
    office.run("update registry_case set opened_by_id = %s", cast.DISPATCHER.id)
    ended = "update registry_grant set ended_at = now() where kind = 'granted'"
    office.run(ended)
    told = office.tell(cast.SHIFT_LEAD)
    office.run("update registry_orderfact set reviewed_at = now() where id = %s", told.fact.id)
    assert isinstance(office.take_on(cast.SAFETY_LEAD), Refused)
    office.run("update registry_orderfact set reviewed_at = null where id = %s", told.fact.id)
    assert office.take_on(cast.SAFETY_LEAD) == office.case_id
    assert office.look(cast.SAFETY_LEAD, minutes=2) is None


@pytest.mark.guarantee("I17")
@pytest.mark.parametrize(
    ("who", "sql"),
    [
        (cast.SHIFT_LEAD, "update registry_orderfact set reviewed_at = now(), reviewed_by_id = %(me)s where id = %(fact)s"),
        (cast.SHIFT_LEAD, "update registry_orderfact set reviewed_at = now(), reviewed_by_id = %(sefa)s where id = %(fact)s"),
        (cast.SHIFT_LEAD, "update registry_orderfact set reviewed_at = now() where id = %(fact)s"),
        (cast.PROTECTED, "update registry_orderfact set reviewed_at = now(), reviewed_by_id = %(me)s where id = %(fact)s"),
        (cast.SAFETY_LEAD, "update registry_orderfact set heard_by_id = %(me)s where id = %(fact)s"),
        (cast.SHIFT_LEAD, "update registry_orderfact set heard_at = now() - interval '1 year' where id = %(fact)s"),
        (cast.SHIFT_LEAD, "update registry_orderfact set review_told_at = now() where id = %(fact)s"),
        (cast.SHIFT_LEAD, "delete from registry_orderfact where id = %(fact)s"),
        (cast.SHIFT_LEAD, "update registry_protectionorder set reviewed_at = now() + interval '1 day'"),
        (cast.SAFETY_LEAD, "update registry_protectionorder set reviewed_at = null, reviewed_by_id = null"),
        (cast.SHIFT_LEAD, "update registry_protectionorder set entered_by_id = %(sefa)s"),
        (cast.SHIFT_LEAD, "insert into registry_orderfact (id, organisation_id, order_id, case_id, kind, heard_at, heard_by_id, source) select gen_random_uuid(), organisation_id, order_id, case_id, kind, heard_at - interval '1 day', %(me)s, source from registry_orderfact where id = %(fact)s"),
        (cast.SHIFT_LEAD, "insert into registry_orderfact (id, organisation_id, order_id, case_id, kind, heard_at, heard_by_id, source) select gen_random_uuid(), organisation_id, order_id, case_id, kind, heard_at, %(sefa)s, source from registry_orderfact where id = %(fact)s"),
        (cast.SHIFT_LEAD, "insert into registry_orderfact (id, organisation_id, order_id, case_id, kind, heard_at, heard_by_id, source, reviewed_at) select gen_random_uuid(), organisation_id, order_id, case_id, kind, heard_at, %(me)s, source, now() from registry_orderfact where id = %(fact)s"),
    ],
)  # fmt: skip
def test_the_database_itself_takes_two_people_whoever_gets_past_every_page(
    office: Desk, who: cast.Player, sql: str
) -> None:
    told = office.tell(cast.SHIFT_LEAD)
    values = {"me": who.id, "sefa": cast.SAFETY_LEAD.id, "fact": told.fact.id}
    with pytest.raises(psycopg.errors.InsufficientPrivilege), looking(office.web, who):
        office.web.execute(sql, values)
    assert [one.id for one in told_by_one(office.order())] == [told.fact.id]


def test_what_the_reviewer_told_of_an_entry_before_he_looked_at_it_waits_for_somebody_else(
    office: Desk,
) -> None:
    done = office.enter(cast.SHIFT_LEAD, case_id=office.case_id)
    office.order_id = done.order_id
    own = office.tell(cast.SAFETY_LEAD, minutes=0)
    assert own.reviewers == ()
    office.run("update registry_person set role = 'admin' where id = %s", cast.SHIFT_LEAD.id)
    assert office.look(cast.SAFETY_LEAD, minutes=1) is None
    _first, second = load_orders(office.alarms.conn, office.ring, office.case_id)
    assert [one.id for one in told_by_one(second)] == [own.fact.id]
    assert cast.SHIFT_LEAD.id in office.tend()
    assert isinstance(office.look(cast.SAFETY_LEAD, minutes=2), Refused)
    assert office.look(cast.SHIFT_LEAD, minutes=2) is None
