"""What of a case cannot be opened hides no other case, is told to who leads the shift, and is mended where it can be."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from tests import cast
from tests.builders import AT
from tests.store.a_case import CASE, a_fact, insert_the_case
from tests.store.test_blind import alarms, look, on_duty, told
from tests.store.test_sightings import IDS, House, house
from tocsin.decisions.rules.incident import Incident, Kind
from tocsin.decisions.store import load_incident
from tocsin.decisions.store_blind import load_open_spots
from tocsin.flow.hear_custody_notice import NoticeIn, hear_notice
from tocsin.flow.keep_doors import keep_doors
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.tend_seen import tend_seen
from tocsin.registry.rules.door import DoorMatch
from tocsin.registry.rules.order import End, Fact, FactKind
from tocsin.registry.store_cases import case_key, load_case, load_cases, seal_json
from tocsin.registry.store_doors import load_door_entries, look_at_entry
from tocsin.registry.store_orders import insert_order, load_orders
from tocsin.signals.rules.blind import Because, What
from tocsin.signals.rules.custody import Source
from tocsin.signals.rules.seen import Source as Seen

__all__ = ["alarms", "house"]
OTHER = cast.number(0x5D7)


def two_cases(alarms: PostgresAlarms) -> None:
    """Write the case, and another one; nothing else is blind."""
    on_duty(alarms, cast.SHIFT_LEAD, cast.GUARD)
    insert_the_case(alarms.conn, alarms.ring, away=())
    issued = a_fact(FactKind.ISSUED, id=cast.number(0x5D8))
    insert_the_case(alarms.conn, alarms.ring, issued, case_id=OTHER, colleague=None, away=())


def damage(alarms: PostgresAlarms, table: str, column: str, case_id: UUID = OTHER) -> None:
    """Let this column of the case hold nothing that its key opens."""
    where = "id" if table == "registry_case" else "case_id"
    alarms.conn.execute(
        f"update {table} set {column} = 'x' where {where} = %s",
        (case_id,),
    )


def grow(alarms: PostgresAlarms) -> None:
    """Let the other case's document be an old one that is longer than what is read today."""
    case = load_case(alarms.conn, alarms.ring, OTHER)
    assert case is not None
    wrapped = alarms.conn.execute(
        "select wrapped from registry_casekey where case_id = %s", (OTHER,)
    ).fetchone()
    assert wrapped is not None
    key = alarms.ring.person_key(OTHER, wrapped[0])
    old = {"name": "Rex Notreal", "aliases": [f"Rex {n}" for n in range(2_000)]}
    alarms.conn.execute(
        "update registry_case set respondent_sealed = %s where id = %s",
        (seal_json(key, "registry_case", "respondent_sealed", OTHER, old), OTHER),
    )


def blind(alarms: PostgresAlarms) -> list[tuple[What, UUID | None, Because]]:
    """Return what is blind now."""
    return [(one.what, one.case_id, one.because) for one in load_open_spots(alarms.conn)]


@pytest.mark.guarantee("I20")
@pytest.mark.parametrize(
    ("table", "column", "what"),
    [
        ("registry_doorentry", "match_sealed", What.ENTRY),
        ("registry_case", "respondent_sealed", What.PAPERS),
        ("registry_protectionorder", "body_sealed", What.PAPERS),
        ("registry_orderfact", "body_sealed", What.PAPERS),
    ],
)
def test_what_cannot_be_opened_is_a_blind_spot_at_once_and_told_once(
    alarms: PostgresAlarms, table: str, column: str, what: What
) -> None:
    two_cases(alarms)
    assert look(alarms) == []
    damage(alarms, table, column)
    assert told(look(alarms)) == {cast.SHIFT_LEAD.id}
    assert blind(alarms) == [(what, OTHER, Because.UNREADABLE)]
    assert look(alarms) == []


@pytest.mark.guarantee("I20")
def test_a_key_that_is_lost_though_nobody_erased_the_case_is_a_blind_spot(
    alarms: PostgresAlarms,
) -> None:
    two_cases(alarms)
    alarms.conn.execute("delete from registry_casekey where case_id = %s", (OTHER,))
    look(alarms)
    assert {(what, case_id) for what, case_id, _ in blind(alarms)} == {
        (What.PAPERS, OTHER),
        (What.ENTRY, OTHER),
    }


@pytest.mark.guarantee("I11")
def test_no_party_is_told_that_something_of_his_case_cannot_be_opened(
    alarms: PostgresAlarms,
) -> None:
    on_duty(alarms, cast.SHIFT_LEAD, cast.GUARD)
    insert_the_case(alarms.conn, alarms.ring, away=(), colleague=cast.SHIFT_LEAD.id)
    damage(alarms, "registry_doorentry", "match_sealed", CASE)
    assert cast.SHIFT_LEAD.id not in told(look(alarms))


@pytest.mark.guarantee("I25")
def test_an_over_long_document_of_an_old_case_hides_no_other_case_and_is_told(
    alarms: PostgresAlarms,
) -> None:
    two_cases(alarms)
    grow(alarms)
    assert [case.id for case in load_cases(alarms.conn, alarms.ring, cast.HARBOUR_EMS)] == [CASE]
    look(alarms)
    assert blind(alarms) == [(What.PAPERS, OTHER, Because.UNREADABLE)]


@pytest.mark.guarantee("I25")
def test_a_custody_notice_reaches_the_case_that_it_names_though_another_is_damaged(
    alarms: PostgresAlarms,
) -> None:
    two_cases(alarms)
    damage(alarms, "registry_case", "respondent_sealed")
    notice = NoticeIn(
        organisation_id=cast.HARBOUR_EMS,
        source=Source.MAIL_NOTICE,
        text="Rex Notreal has been released from custody.",
        digest="1",
        heard_at=AT,
    )
    done = hear_notice(alarms.conn, alarms.ring, notice)
    assert len(done) == 1


@pytest.mark.guarantee("I20")
def test_the_doors_keep_to_what_they_knew_of_a_case_whose_papers_are_damaged(
    alarms: PostgresAlarms,
) -> None:
    two_cases(alarms)
    keep_doors(alarms.conn, alarms.ring, cast.HARBOUR_EMS, at=AT)
    before, _ = look_at_entry(alarms.conn, alarms.ring, OTHER)
    damage(alarms, "registry_protectionorder", "body_sealed")
    damage(alarms, "registry_case", "respondent_sealed", CASE)
    keep_doors(alarms.conn, alarms.ring, cast.HARBOUR_EMS, at=AT)
    assert look_at_entry(alarms.conn, alarms.ring, OTHER) == (before, False)
    assert len(load_door_entries(alarms.conn, alarms.ring, cast.HARBOUR_EMS)) == 2


@pytest.mark.guarantee("I20")
def test_a_damaged_entry_is_written_anew_from_its_case_once(alarms: PostgresAlarms) -> None:
    two_cases(alarms)
    keep_doors(alarms.conn, alarms.ring, cast.HARBOUR_EMS, at=AT)
    before, _ = look_at_entry(alarms.conn, alarms.ring, OTHER)
    assert before is not None
    damage(alarms, "registry_doorentry", "match_sealed")
    # Whom it is about nobody can read; where and how strictly stands beside that.
    assert look_at_entry(alarms.conn, alarms.ring, OTHER) == (
        replace(before, match=DoorMatch()),
        True,
    )
    assert keep_doors(alarms.conn, alarms.ring, cast.HARBOUR_EMS, at=AT) == 1
    assert look_at_entry(alarms.conn, alarms.ring, OTHER) == (
        replace(before, version=before.version + 1),
        False,
    )
    assert keep_doors(alarms.conn, alarms.ring, cast.HARBOUR_EMS, at=AT) == 0


@pytest.mark.guarantee("I20")
@pytest.mark.parametrize("damaged", [CASE, OTHER])
def test_who_is_seen_is_told_in_each_case_though_the_papers_of_one_cannot_be_opened(
    house: House, damaged: UUID
) -> None:
    insert_the_case(house.conn, house.ring, colleague=None)
    issued, served = (
        a_fact(kind, id=cast.number(0x77 + n))
        for n, kind in enumerate((FactKind.ISSUED, FactKind.SERVED))
    )
    insert_the_case(house.conn, house.ring, issued, served, case_id=OTHER, colleague=None)
    damage(house.alarms, "registry_protectionorder", "body_sealed", damaged)
    house.report()
    incident = next(change.incident for change in house.take() if change.incident)
    found = load_incident(house.conn, cast.HARBOUR_EMS, incident.id)
    assert found is not None
    assert set(found.case_ids) == {CASE, OTHER}
    assert found.kind is Kind.POSSIBLE_BREACH
    assert "papers cannot be opened" in found.because
    assert "no order and no house rule" not in found.because


def another_order(house: House, *facts: Fact) -> UUID:
    """Write a second order of the case, reviewed like the first."""
    (first,) = load_orders(house.conn, house.ring, CASE)
    second = replace(first, id=cast.number(0x5EA), facts=facts)
    insert_order(house.conn, case_key(house.conn, house.ring, CASE), second)
    house.conn.execute(
        "update registry_protectionorder set reviewed_at = entered_at, reviewed_by_id = %s",
        (cast.SHIFT_LEAD.id,),
    )
    return second.id


def seen_of(house: House) -> Incident:
    """Return the incident that his plate opens."""
    house.report()
    return next(change.incident for change in house.take() if change.incident)


@pytest.mark.guarantee("I20")
@pytest.mark.parametrize("colleague", [None, cast.RESPONDENT.id])
def test_beside_an_order_that_cannot_be_opened_another_is_a_breach_as_it_would_be_alone(
    house: House, colleague: UUID | None
) -> None:
    insert_the_case(house.conn, house.ring, colleague=colleague)
    issued = a_fact(FactKind.ISSUED, id=cast.number(0x5EB), end=End(at=AT))
    damaged = another_order(house, issued)
    house.conn.execute(
        "update registry_orderfact set body_sealed = 'x' where order_id = %s", (damaged,)
    )
    found = seen_of(house)
    assert (found.kind, found.police) == (Kind.POSSIBLE_BREACH, ("possible_breach", "served"))
    assert found.not_located == {CASE}
    assert "papers cannot be opened" in found.because


@pytest.mark.guarantee("I13")
@pytest.mark.parametrize(
    ("ends_in", "kind"),
    [(timedelta(hours=1), Kind.POSSIBLE_BREACH), (timedelta(hours=-1), Kind.INFORM)],
)
def test_an_order_of_which_only_the_words_are_damaged_counts_for_as_long_as_it_would(
    house: House, ends_in: timedelta, kind: Kind
) -> None:
    issued = a_fact(FactKind.ISSUED, end=End(at=house.now + ends_in))
    insert_the_case(house.conn, house.ring, issued, colleague=None)
    damage(house.alarms, "registry_protectionorder", "body_sealed", CASE)
    assert seen_of(house).kind is kind


@pytest.mark.guarantee("I13")
def test_an_order_whose_end_cannot_be_opened_is_no_breach_and_is_told_with_the_reason(
    house: House,
) -> None:
    insert_the_case(house.conn, house.ring, colleague=None)
    damage(house.alarms, "registry_orderfact", "body_sealed", CASE)
    found = seen_of(house)
    assert found.kind is Kind.INFORM
    assert "papers cannot be opened" in found.because


def lose_key(house: House) -> None:
    """Let the key of the case be none that the master key opens; of a case under legal hold it cannot be deleted."""
    house.conn.execute("update registry_casekey set wrapped = 'x' where case_id = %s", (CASE,))


@pytest.mark.guarantee("I20")
def test_who_is_named_by_a_person_calls_people_though_the_key_of_his_case_is_lost(
    house: House,
) -> None:
    insert_the_case(house.conn, house.ring, colleague=None)
    lose_key(house)
    house.report(source=Seen.GUARD, case_id=CASE, plates=(), reported_by_id=cast.GUARD.id)
    (change,) = [one for one in house.take() if one.incident and one.incident.case_ids]
    assert change.incident is not None
    assert change.incident.kind is Kind.INFORM
    assert "papers cannot be opened" in change.incident.because
    assert cast.PROTECTED.id in {d.person_id for d in change.deliveries}


@pytest.mark.guarantee("I25")
def test_what_was_seen_and_cannot_be_opened_now_holds_up_no_incident_and_loosens_none(
    house: House,
) -> None:
    insert_the_case(house.conn, house.ring, colleague=None)
    before = seen_of(house)
    lose_key(house)
    with house.alarms.atomically():
        tend_seen(house.alarms, ids=IDS)
    after = load_incident(house.conn, cast.HARBOUR_EMS, before.id)
    assert after is not None
    assert (after.kind, after.is_open) == (Kind.POSSIBLE_BREACH, True)
    with house.alarms.atomically():
        assert tend_seen(house.alarms, ids=IDS) == []
