"""What a person tells in words is looked through for names, and goes to a person who decides: kept until she has."""

from datetime import timedelta
from uuid import UUID

import pytest

from tests import cast
from tests.store.a_case import CASE, insert_the_case
from tests.store.test_sightings import House, house
from tocsin.decisions.rules.incident import Kind
from tocsin.flow.alarms import Change
from tocsin.flow.settle_report import put_report_aside, take_report
from tocsin.flow.tell_reports import NEXT_AFTER
from tocsin.registry.access import Hidden, Viewer
from tocsin.signals import store_told
from tocsin.signals.rules.seen import PlateRead, Source

__all__ = ["house"]
SAID = "Rex Notreal stands beside her car in the lot, he has a gun"
NOBODY = "A man in a grey jacket waits by the gate"


def tell(house: House, words: str, by: cast.Player = cast.GUARD, **changes: object) -> list[Change]:
    """Let a person report in her own words, and the engine take it."""
    said = {"source": Source.GUARD, "track": "report:1", "plates": (), "reported_by_id": by.id}
    house.report(words=words, **said | changes)
    return house.take()


def told(house: House) -> set[UUID]:
    """Return everybody who was told that a report waits."""
    rows = house.conn.execute("select told_ids from signals_toldreport").fetchall()
    return {each for row in rows for each in row[0]}


def pages(changes: list[Change]) -> list[Change]:
    """Return the changes that only say that something waits."""
    return [c for c in changes if c.incident and c.incident.kind is Kind.TASK_DUE]


def wait(house: House) -> None:
    """Let so much time pass that whoever comes next is told."""
    house.conn.execute(
        "update signals_toldreport set told_at = told_at - %s",
        (NEXT_AFTER + timedelta(seconds=1),),
    )


def a_viewer(who: cast.Player) -> Viewer:
    return Viewer(cast.HARBOUR_EMS, who.id, who.role)


@pytest.mark.guarantee("I14")
def test_a_name_in_the_words_calls_people_and_is_never_certain(house: House) -> None:
    insert_the_case(house.conn, house.ring)
    found = tell(house, SAID)
    incident = next(c.incident for c in found if c.incident and c.incident.case_ids)
    assert incident.case_ids == (CASE,)
    assert not incident.is_confirmed
    assert house.count("signals_sighting") == 1


def test_words_that_name_nobody_go_to_whoever_leads_and_stay_until_she_puts_them_aside(
    house: House,
) -> None:
    insert_the_case(house.conn, house.ring)
    found = tell(house, NOBODY)
    assert len(pages(found)) == 1
    assert told(house) == {cast.SHIFT_LEAD.id}
    assert house.people(found) == {cast.SHIFT_LEAD.id}
    house.take()
    shown = store_told.load_told(house.conn, house.ring, cast.HARBOUR_EMS)
    assert [one.seen.words for one in shown if one.seen] == [NOBODY]
    with house.alarms.atomically():
        put_report_aside(house.conn, a_viewer(cast.SHIFT_LEAD), shown[0].id, at=house.now)
    assert house.count("signals_toldreport") == 0


def test_a_plate_that_only_a_machine_read_still_leaves_nothing(house: House) -> None:
    house.report(plates=(PlateRead("ZZZ 0001", 0.9),), words=SAID)
    assert house.take() == []
    assert (house.count("signals_report"), house.count("signals_toldreport")) == (0, 0)


def test_while_nobody_sees_to_it_whoever_comes_next_is_told_too(house: House) -> None:
    tell(house, NOBODY)
    assert house.take() == []
    wait(house)
    assert len(pages(house.take())) == 1
    assert told(house) > {cast.SHIFT_LEAD.id}
    wait(house)
    report = store_told.load_told(house.conn, house.ring, cast.HARBOUR_EMS)[0]
    with house.alarms.atomically():
        take_report(house.conn, a_viewer(cast.SHIFT_LEAD), report.id, at=house.now)
    assert house.take() == []


@pytest.mark.guarantee("I11")
def test_nobody_who_is_kept_from_any_case_hears_of_it_and_the_next_of_the_policy_does(
    house: House,
) -> None:
    insert_the_case(house.conn, house.ring, colleague=cast.SHIFT_LEAD.id)
    found = tell(house, NOBODY)
    assert cast.SHIFT_LEAD.id not in house.people(found) | told(house)
    assert told(house)
    for _ in range(6):
        wait(house)
        house.take()
    assert cast.SHIFT_LEAD.id not in told(house)


@pytest.mark.guarantee("I11")
def test_where_everybody_there_is_on_some_other_side_a_lead_who_is_off_duty_hears(
    house: House,
) -> None:
    insert_the_case(house.conn, house.ring, colleague=None)
    house.conn.execute(
        """insert into registry_party (id, organisation_id, case_id, person_id, since)
        select gen_random_uuid(), s.organisation_id, %s, s.person_id, now() from registry_shift s
        where s.organisation_id = %s group by 2, s.person_id on conflict do nothing""",
        (CASE, cast.HARBOUR_EMS),
    )
    house.conn.execute(
        "update registry_person set role = 'manager' where id = %s", (cast.SAFETY_LEAD.id,)
    )
    house.conn.execute("delete from registry_shift where person_id = %s", (cast.SAFETY_LEAD.id,))
    house.conn.execute("delete from registry_party where person_id = %s", (cast.SAFETY_LEAD.id,))
    tell(house, NOBODY)
    assert told(house) == {cast.SAFETY_LEAD.id}


def test_whoever_reported_it_decides_nothing_of_it(house: House) -> None:
    tell(house, NOBODY, by=cast.SHIFT_LEAD)
    assert told(house)
    assert cast.SHIFT_LEAD.id not in told(house)


@pytest.mark.guarantee("I11")
def test_the_employers_log_and_who_is_told_are_the_same_with_and_without_an_order(
    house: House,
) -> None:
    tell(house, SAID, by=cast.RESPONDENT)
    log, who = _log(house), told(house)
    house.conn.execute("delete from signals_toldreport")
    insert_the_case(house.conn, house.ring)
    tell(house, SAID, by=cast.RESPONDENT, track="report:2")
    assert house.count("signals_sighting") == 1
    assert told(house) == who
    assert _log(house) == sorted(log * 2)


def _log(house: House) -> list[str]:
    """Return what the employer's own log says of it: not what lies in the log of a case."""
    rows = house.conn.execute(
        """select kind from record_entry where tocsin_log_of(organisation_id, incident_id, kind, leaf) is null"""
    ).fetchall()
    return sorted(row[0] for row in rows)


def test_where_nobody_can_be_told_it_is_tried_again(house: House) -> None:
    house.conn.execute("update registry_person set is_active = false")
    assert tell(house, NOBODY) == []
    assert told(house) == set()
    house.conn.execute("update registry_person set is_active = true")
    wait(house)
    assert len(pages(house.take())) == 1


def test_who_was_not_told_settles_nothing(house: House) -> None:
    with house.alarms.atomically(), pytest.raises(Hidden):
        put_report_aside(house.conn, a_viewer(cast.GUARD), cast.number(0x1), at=house.now)
