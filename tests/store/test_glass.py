"""What may somebody do in a case alone: who broke the glass, who shuts people out?"""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from psycopg.errors import InsufficientPrivilege

from tests import cast
from tests.store.test_cases import a_draft
from tests.store.test_grants import CASE_ID, IDS, WHY, WORD, case, looking
from tocsin.flow.alarms import Change
from tocsin.flow.break_glass import break_glass
from tocsin.flow.enter_order import Entered, enter_order
from tocsin.flow.enter_order import Refused as OrderRefused
from tocsin.flow.keep_case import lift_hold, set_erase_on
from tocsin.flow.link_account import (
    NOT_SHUT_OUT,
    agree_unlink,
    ask_unlink,
    link_account,
    name_advocate,
)
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.respond import Refused
from tocsin.flow.tell_glass import tell_glass
from tocsin.notifications.rules.due import GLASS
from tocsin.registry.access import Viewer
from tocsin.registry.access_cases import count_broken, load_access, log_read
from tocsin.registry.rules.grants import Grant
from tocsin.registry.rules.rows import PersonRow
from tocsin.registry.store_glass import load_seconds
from tocsin.registry.store_grants import load_parties
from tocsin.registry.store_people import insert_person
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.shutting_out import MOST_IN_A_DAY, MOST_LEADS

__all__ = ["case"]


@pytest.mark.guarantee("I17")
@pytest.mark.usefixtures("case")
def test_who_breaks_glass_neither_erases_nor_lets_in_nor_chooses_who_hears(
    web: Connection, ring: KeyRing, at: datetime
) -> None:
    with looking(web, cast.SHIFT_LEAD) as lea:
        assert link_account(web, log_read(web, lea, CASE_ID, at=at), cast.GUARD.id, at=at) is None
        gus = next(p for p in load_parties(web, CASE_ID) if p.person_id == cast.GUARD.id)
    with looking(web, cast.DISPATCHER) as dara:
        manager = Viewer(dara.organisation_id, dara.person_id, "manager")
        alarms = PostgresAlarms(web, ring)
        assert not isinstance(
            break_glass(alarms, manager, WORD, reason=WHY, at=at, ids=IDS), Refused
        )
        reading = log_read(web, dara, CASE_ID, at=at)
        assert reading.is_by_glass
        day = at.date() + timedelta(days=20)
        for refused in (
            set_erase_on(web, reading, day, at=at),
            lift_hold(web, reading, at=at),
            name_advocate(web, reading, cast.SAFETY_LEAD.id, at=at),
            ask_unlink(web, reading, gus.id, at=at),
            agree_unlink(web, reading, gus.id, at=at),
        ):
            assert refused == Refused("somebody else must agree to this")
        # Shutting out is tightening: one person does it, however he came in.
        assert link_account(web, reading, cast.SHIFT_LEAD.id, at=at) is None


def a_few_too_many(engine: Connection, ring: KeyRing) -> list[UUID]:
    """Return people who work here, one more than one person may shut out in a day."""
    people = [IDS.uuid() for _ in range(MOST_IN_A_DAY + 1)]
    for number, person_id in enumerate(people):
        insert_person(
            engine,
            ring,
            PersonRow(
                id=person_id,
                organisation_id=cast.HARBOUR_EMS,
                staff_number=f"few-{number}",
                name=f"Guard {number}",
                short_name=f"G{number}",
                role="guard",
            ),
        )
    return people


@pytest.mark.guarantee("I17")
@pytest.mark.usefixtures("case")
def test_one_person_alone_does_not_empty_the_list_of_those_who_come(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    people = a_few_too_many(engine, ring)
    with looking(web, cast.SHIFT_LEAD) as lea:
        reading = log_read(web, lea, CASE_ID, at=at)
        done = [link_account(web, reading, person_id, at=at) for person_id in people]
        # The respondent, whom she named when she opened it, is one of them.
        assert done == [None] * (MOST_IN_A_DAY - 1) + [Refused(NOT_SHUT_OUT)] * 2


@pytest.mark.guarantee("I17")
@pytest.mark.usefixtures("case")
def test_one_person_alone_shuts_out_only_few_of_those_who_lead_in_four_weeks(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    people = a_few_too_many(engine, ring)[: MOST_LEADS + 1]
    engine.execute("update registry_person set role = 'manager' where id = any(%s)", (people,))
    with looking(web, cast.SHIFT_LEAD) as lea:
        reading = log_read(web, lea, CASE_ID, at=at)
        done = [link_account(web, reading, person_id, at=at) for person_id in people]
        assert done == [None] * MOST_LEADS + [Refused(NOT_SHUT_OUT)]
    for days, is_out in ((27, False), (28, True)):
        engine.execute(
            "update registry_party set since = now() - make_interval(days => %s, secs => 1)",
            (days,),
        )
        with looking(web, cast.SHIFT_LEAD) as lea:
            reading = log_read(web, lea, CASE_ID, at=at)
            assert (link_account(web, reading, people[-1], at=at) is None) is is_out


@pytest.mark.guarantee("I17")
def test_an_order_that_shuts_out_so_many_is_refused_as_a_whole(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    people = a_few_too_many(engine, ring)
    with looking(web, cast.SHIFT_LEAD) as lea:
        draft = a_draft(at, colleague_id=None, linked_ids=tuple(people))
        done = enter_order(web, ring, lea, draft, at=at, ids=IDS)
        assert isinstance(done, OrderRefused)
        assert [(f.path, f.words) for f in done.findings] == [("linked", NOT_SHUT_OUT)]
    assert engine.execute("select count(*) from registry_case").fetchone() == (0,)
    with looking(web, cast.SHIFT_LEAD) as lea:
        draft = replace(draft, linked_ids=tuple(people[:MOST_IN_A_DAY]))
        assert isinstance(enter_order(web, ring, lea, draft, at=at, ids=IDS), Entered)


def without_ways(engine: Connection, *players: cast.Player) -> None:
    """Take every way to these people away, the screen among them."""
    ids = [player.id for player in players]
    for taken in (
        "update registry_contactmethod set revoked_at = now() where person_id = any(%s)",
        "update registry_account set is_active = false where person_id = any(%s)",
    ):
        engine.execute(taken, (ids,))


@pytest.fixture
def leads(case: UUID, engine: Connection) -> UUID:
    """Return the case; Lea leads by her role too, not by the shift alone."""
    engine.execute(
        "update registry_person set role = 'shift_lead' where id = %s", (cast.SHIFT_LEAD.id,)
    )
    return case


def breaks_glass(
    web: Connection, ring: KeyRing, at: datetime
) -> tuple[Grant, tuple[Change, ...]] | Refused:
    """Have Dara break glass, a manager for this."""
    with looking(web, cast.DISPATCHER) as dara:
        manager = Viewer(dara.organisation_id, dara.person_id, "manager")
        return break_glass(PostgresAlarms(web, ring), manager, WORD, reason=WHY, at=at, ids=IDS)


@pytest.mark.guarantee("I19")
@pytest.mark.usefixtures("leads")
def test_the_second_who_is_told_is_one_to_whom_a_message_goes(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    without_ways(engine, cast.SAFETY_LEAD)
    done = breaks_glass(web, ring, at)
    assert not isinstance(done, Refused)
    grant, notes = done
    assert grant.told_id == cast.SHIFT_LEAD.id
    assert {d.person_id for note in notes for d in note.deliveries} == {cast.SHIFT_LEAD.id}


@pytest.mark.usefixtures("leads")
def test_who_is_on_duty_is_told_before_who_is_not(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    with looking(web, cast.DISPATCHER):
        by_role = load_seconds(web, cast.HARBOUR_EMS, CASE_ID, cast.DISPATCHER.id, at)
    assert by_role == (cast.SAFETY_LEAD.id, cast.SHIFT_LEAD.id)
    engine.execute(
        "update registry_shift set starts_at = %s, ends_at = %s where person_id = %s",
        (at - timedelta(hours=1), at + timedelta(hours=1), cast.SHIFT_LEAD.id),
    )
    done = breaks_glass(web, ring, at)
    assert not isinstance(done, Refused)
    assert done[0].told_id == cast.SHIFT_LEAD.id


@pytest.mark.guarantee("I19")
@pytest.mark.usefixtures("leads")
def test_glass_is_broken_while_nobody_can_be_told_and_whoever_can_be_is_told_later(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    without_ways(engine, cast.SAFETY_LEAD, cast.SHIFT_LEAD)
    done = breaks_glass(web, ring, at)
    assert not isinstance(done, Refused)
    assert (done[0].told_id, done[1]) == (None, ())
    alarms = PostgresAlarms(engine, ring)
    with alarms.atomically():
        assert tell_glass(alarms, ids=IDS) == []
    engine.execute("update registry_contactmethod set revoked_at = null")
    with alarms.atomically():
        told = tell_glass(alarms, ids=IDS)
    people = {(d.person_id, d.template) for change in told for d in change.deliveries}
    assert people == {(cast.SAFETY_LEAD.id, GLASS), (cast.SHIFT_LEAD.id, GLASS)}
    with alarms.atomically():
        assert tell_glass(alarms, ids=IDS) == []
    with looking(web, cast.SAFETY_LEAD) as sefa:
        assert [each.id for each in load_access(web, ring, sefa, at=at).told] == [done[0].id]
    kinds = engine.execute("select kind from record_entry where kind like 'grant%' order by at, id")
    assert kinds.fetchall() == [("grant.broken",), ("grant.told",)]


@pytest.mark.guarantee("I19")
@pytest.mark.usefixtures("leads")
def test_the_second_hears_that_a_record_was_opened_and_reads_on_the_board_that_it_waits_and_no_party_does(
    web: Connection, ring: KeyRing, at: datetime
) -> None:
    done = breaks_glass(web, ring, at)
    assert not isinstance(done, Refused)
    assert {d.template for change in done[1] for d in change.deliveries} == {GLASS}
    waits = {}
    for who in (cast.SAFETY_LEAD, cast.DISPATCHER, cast.RESPONDENT):
        with looking(web, who) as viewer:
            waits[who.short_name] = count_broken(web, replace(viewer, role="manager"))
    assert waits == {"Sefa": 1, "Dara": 0, "Rex": 0}


@pytest.mark.guarantee("I12")
@pytest.mark.usefixtures("leads")
def test_only_the_engine_says_later_who_was_told_and_nothing_else_with_it(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    without_ways(engine, cast.SAFETY_LEAD, cast.SHIFT_LEAD)
    assert not isinstance(breaks_glass(web, ring, at), Refused)
    says = "update registry_grant set told_id = %s"
    with pytest.raises(InsufficientPrivilege), looking(web, cast.DISPATCHER):
        web.execute(says, (cast.SAFETY_LEAD.id,))
    with pytest.raises(InsufficientPrivilege):
        engine.execute(says + ", reason_sealed = 'x'", (cast.SAFETY_LEAD.id,))
    engine.execute(says + " where kind = 'break_glass'", (cast.SAFETY_LEAD.id,))
    with pytest.raises(InsufficientPrivilege):
        engine.execute(says + " where kind = 'break_glass'", (cast.SHIFT_LEAD.id,))
