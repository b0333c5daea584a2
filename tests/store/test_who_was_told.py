"""People are told once of several cases: the ledger of each of these says so."""

import pytest

from tests import cast
from tests.snapshots import a_press
from tests.store.a_case import CASE, a_fact, insert_the_case
from tests.store.test_sightings import House, house
from tocsin.decisions.store import load_incident
from tocsin.flow.alarms import Change
from tocsin.flow.brief import ask_to_read
from tocsin.flow.locate_respondent import locate_respondent
from tocsin.flow.postgres_sightings import PostgresSightings
from tocsin.flow.raise_sos import raise_sos
from tocsin.flow.tell_her import tell_her
from tocsin.notifications import store_disclosures as ledger
from tocsin.notifications.store_disclosures import Line
from tocsin.record.rules.entries import entry_of
from tocsin.registry.rules.order import FactKind
from tocsin.registry.store_grants import set_notices
from tocsin.runtime.database import Connection, viewing
from tocsin.runtime.ids import RandomIds

__all__ = ["house"]
OTHER = cast.number(0x5F7)
FACTS = (
    a_fact(FactKind.ISSUED, id=cast.number(0x6F1)),
    a_fact(FactKind.SERVED, id=cast.number(0x6F2)),
)


def lines_of(house: House) -> list[list[Line]]:
    """Return the ledger of each of the two cases."""
    return [ledger.load_of_case(house.conn, cast.HARBOUR_EMS, case_id) for case_id in (CASE, OTHER)]


@pytest.mark.guarantee("I19")
def test_one_message_about_what_two_doors_know_is_a_line_of_each_case(house: House) -> None:
    dispatcher = cast.DISPATCHER.id
    insert_the_case(house.conn, house.ring, colleague=None)
    insert_the_case(
        house.conn, house.ring, *FACTS, case_id=OTHER, colleague=None, protected=dispatcher
    )
    with house.alarms.atomically():
        told = ask_to_read(house.alarms, ids=RandomIds())
    keepers = {cast.GUARD.id, cast.SHIFT_LEAD.id}
    assert {change.incident.person_id for change in told if change.incident} == keepers
    assert len(told) == 2
    for lines in lines_of(house):
        assert {line.to_id for line in lines} == keepers
        assert [(line.ground, line.what) for line in lines] == [
            ("briefing", ("text task", "briefing"))
        ] * 2


@pytest.mark.guarantee("I19")
def test_a_case_that_joins_an_incident_has_everybody_in_its_ledger_who_was_called_to_it(
    house: House,
) -> None:
    insert_the_case(house.conn, house.ring)
    insert_the_case(house.conn, house.ring, *FACTS, case_id=OTHER, colleague=None)
    house.report()
    first, second = house.take()
    assert first.incident is not None
    assert second.incident is not None
    assert first.incident.id == second.incident.id
    assert second.deliveries == ()
    told = house.people([first]) - {cast.PROTECTED.id}
    for lines in lines_of(house):
        assert {line.to_id for line in lines} == told
        assert {line.ground for line in lines} == {"possible_breach"}
        assert all(line.notice_at is not None for line in lines)


@pytest.mark.guarantee("I19")
def test_of_one_and_twenty_cases_in_an_incident_each_has_its_ledger_its_tasks_and_its_not_located(
    house: House,
) -> None:
    cases = [cast.number(0x7A00 + n) for n in range(21)]
    for n, case_id in enumerate(cases):
        facts = [
            a_fact(kind, id=cast.number(0x7B00 + 2 * n + i))
            for i, kind in enumerate((FactKind.ISSUED, FactKind.SERVED))
        ]
        # Of the last one alone a colleague is the respondent.
        insert_the_case(
            house.conn,
            house.ring,
            *facts,
            case_id=case_id,
            colleague=cast.RESPONDENT.id if case_id == cases[-1] else None,
            order_id=cast.number(0x7C00 + n),
        )
    house.report()
    changes = house.take()
    incident = changes[-1].incident
    assert incident is not None
    assert {change.incident.id for change in changes if change.incident} == {incident.id}
    assert (set(incident.case_ids), incident.not_located) == (set(cases), frozenset(cases))
    told = house.people(changes) - {cast.PROTECTED.id}
    assert cast.RESPONDENT.id not in told
    for case_id in cases:
        lines = ledger.load_of_case(house.conn, cast.HARBOUR_EMS, case_id)
        assert {line.to_id for line in lines} == told
    with_tasks = house.conn.execute("select distinct case_id from decisions_safeguard").fetchall()
    assert {case_id for (case_id,) in with_tasks} == set(cases)
    for case_id in cases:
        with house.alarms.atomically():
            locate_respondent(
                house.alarms,
                PostgresSightings(house.alarms),
                cast.HARBOUR_EMS,
                case_id,
                by=cast.SAFETY_LEAD.id,
                source="the jail's office",
                ids=RandomIds(),
            )
    after = load_incident(house.conn, cast.HARBOUR_EMS, incident.id)
    assert after is not None
    assert after.not_located == frozenset()


def told_hours_ago(house: House, hours: float) -> list[Change]:
    """Ask the posts to read, let it be so many hours ago, and return the notices to her."""
    with house.alarms.atomically():
        ask_to_read(house.alarms, ids=RandomIds())
    house.conn.execute(
        "update notifications_disclosure set at = now() - make_interval(secs => %s)",
        (hours * 3600,),
    )
    return notices(house)


def notices(house: House) -> list[Change]:
    """Return the notices that the engine sends now."""
    with house.alarms.atomically():
        return tell_her(house.alarms, ids=RandomIds())


@pytest.mark.guarantee("I11")
def test_she_has_one_quiet_notice_of_all_that_was_told_within_an_hour(house: House) -> None:
    insert_the_case(house.conn, house.ring)
    assert told_hours_ago(house, 0.99) == []
    (change,) = told_hours_ago(house, 1.01)
    assert {d.person_id for d in change.deliveries} == {cast.PROTECTED.id}
    assert {d.template for d in change.deliveries} == {"task"}
    assert change.disclosures == ()
    lines = ledger.load_of_case(house.conn, cast.HARBOUR_EMS, CASE)
    assert lines
    assert all(line.notice_at is not None for line in lines)
    row = house.conn.execute("select leaf from record_entry where kind = 'case.noticed'").fetchone()
    assert row is not None
    assert entry_of(row[0]).body == {"case": str(CASE), "count": len(lines)}


def test_the_next_notice_waits_for_a_day_and_none_comes_that_she_does_not_want(
    house: House,
) -> None:
    insert_the_case(house.conn, house.ring)
    assert len(told_hours_ago(house, 2)) == 1
    again = "update notifications_disclosure set notice_at = null where id = (select min(id::text)::uuid from notifications_disclosure)"
    house.conn.execute(again)
    assert notices(house) == []
    earlier = "update notifications_disclosure set notice_at = now() - interval '24 hours 1 second' where notice_at is not null"
    house.conn.execute(earlier)
    set_notices(house.conn, CASE, house.now)
    assert notices(house) == []
    set_notices(house.conn, CASE, None)
    assert len(notices(house)) == 1


@pytest.mark.guarantee("I22")
@pytest.mark.parametrize("is_silent", [True, False])
def test_her_notice_waits_while_a_silent_alarm_of_hers_is_open_and_locks_none(
    house: House, web: Connection, is_silent: bool
) -> None:
    insert_the_case(house.conn, house.ring)
    with house.alarms.atomically():
        press = a_press(received_at=house.now, is_silent=is_silent)
        (pressed,) = raise_sos(house.alarms, [press], ids=RandomIds())
    assert pressed.incident is not None
    with viewing(web, cast.HARBOUR_EMS, cast.SAFETY_LEAD.id):
        # Whoever acts on it holds it meanwhile: the look waits for nobody, and so nobody for the look.
        mine = "select id from decisions_incident where id = %s for update"
        web.execute(mine, (pressed.incident.id,))
        house.conn.execute("set lock_timeout = '200ms'")
        assert len(told_hours_ago(house, 2)) == (0 if is_silent else 1)
    over = "update decisions_incident set closed_at = now(), closed_how = 'over' where id = %s"
    house.conn.execute(over, (pressed.incident.id,))
    assert len(notices(house)) == (1 if is_silent else 0)


def became(house: House, change: Change, **row: str) -> set[tuple[bool, str]]:
    """Let this become of every message of the notice, and return what the ledger says of her notice."""
    state, provider_state = row.get("state", "sent"), row.get("provider_state", "")
    house.conn.execute(
        "update notifications_delivery set state = %s, provider_state = %s where id = any(%s)",
        (state, provider_state, [d.id for d in change.deliveries]),
    )
    lines = ledger.load_of_case(house.conn, cast.HARBOUR_EMS, CASE)
    return {(line.notice_at is not None, line.notice) for line in lines}


def test_the_ledger_says_apart_when_her_notice_was_planned_and_what_became_of_it(
    house: House,
) -> None:
    insert_the_case(house.conn, house.ring)
    (change,) = told_hours_ago(house, 2)
    assert became(house, change, state="leased") == {(True, "planned")}
    assert became(house, change, state="sent") == {(True, "sent")}
    assert became(house, change, state="unanswered", provider_state="delivered") == {
        (True, "arrived")
    }
    assert became(house, change, state="seen") == {(True, "seen")}
    assert became(house, change, state="failed") == {(True, "failed")}


def test_what_she_was_told_of_an_incident_says_what_became_of_it_too(house: House) -> None:
    insert_the_case(house.conn, house.ring)
    house.report()
    (change,) = house.take()
    assert became(house, change, state="failed") == {(True, "failed")}
    assert became(house, change, provider_state="delivered") == {(True, "arrived")}


def ago(house: House, change: Change, minutes: float, **became: str) -> None:
    """Let this notice be of so many minutes ago, and let this have become of every message of it."""
    back = minutes * 60
    assert change.incident is not None
    house.conn.execute(
        """update notifications_disclosure set notice_at = notice_at - make_interval(secs => %s)
        where notice_at = (select opened_at from decisions_incident where id = %s)""",
        (back, change.incident.id),
    )
    house.conn.execute(
        "update decisions_incident set opened_at = opened_at - make_interval(secs => %s) where id = %s",
        (back, change.incident.id),
    )
    house.conn.execute(
        """update notifications_delivery set made_at = made_at - make_interval(secs => %s), state = %s, attempt = 1
        where id = any(%s)""",
        (back, became.get("state", "failed"), [d.id for d in change.deliveries]),
    )


def a_first_notice(house: House) -> Change:
    """Enter the case and return the first notice to her."""
    insert_the_case(house.conn, house.ring)
    (first,) = told_hours_ago(house, 2)
    return first


def channels(change: Change) -> set[str]:
    """Return by which channels this notice goes."""
    return {d.channel for d in change.deliveries}


@pytest.mark.parametrize(
    ("minutes", "state", "is_sent"),
    [
        (29.9, "failed", False),
        (30.1, "failed", True),
        (59.9, "failed", True),
        (60.1, "failed", False),
        (30.1, "unanswered", False),
        (30.1, "cancelled", False),
        (30.1, "pending", False),
    ],
)
def test_a_notice_of_which_every_message_failed_is_sent_once_more_after_half_an_hour_by_ways_not_tried(
    house: House, minutes: float, state: str, is_sent: bool
) -> None:
    first = a_first_notice(house)
    ago(house, first, minutes, state=state)
    again = notices(house)
    assert len(again) == is_sent
    assert notices(house) == []
    for change in again:
        assert first.incident is not None
        assert change.incident is not None
        assert change.incident.key == f"notice-again-{first.incident.id.hex}"
        assert {d.person_id for d in change.deliveries} == {cast.PROTECTED.id}
        assert not channels(change) & channels(first)
        lines = ledger.load_of_case(house.conn, cast.HARBOUR_EMS, CASE)
        assert {line.notice_at for line in lines} == {change.deliveries[0].made_at}
        assert became(house, change, state="sent") == {(True, "sent")}


def test_a_notice_that_failed_twice_is_not_sent_a_third_time(house: House) -> None:
    ago(house, a_first_notice(house), 31)
    (second,) = notices(house)
    ago(house, second, 31)
    assert notices(house) == []


@pytest.mark.parametrize("over", ["case", "wish"])
def test_no_notice_is_sent_once_more_when_the_case_is_over_or_she_wants_none(
    house: House, over: str
) -> None:
    ago(house, a_first_notice(house), 31)
    if over == "wish":
        set_notices(house.conn, CASE, house.now)
    else:
        house.conn.execute("update registry_case set closed_at = now() where id = %s", (CASE,))
    assert notices(house) == []


def silently(house: House) -> Change:
    """Let her press silently, and return it."""
    with house.alarms.atomically():
        press = a_press(received_at=house.now, is_silent=True)
        (pressed,) = raise_sos(house.alarms, [press], ids=RandomIds())
    return pressed


def end(house: House, pressed: Change, minutes_ago: float = 0) -> None:
    """Let her alarm be over since so many minutes."""
    assert pressed.incident is not None
    house.conn.execute(
        """update decisions_incident set closed_at = now() - make_interval(secs => %s), closed_how = 'over' where id = %s""",
        (minutes_ago * 60, pressed.incident.id),
    )


@pytest.mark.guarantee("I22")
@pytest.mark.parametrize(("ended", "is_sent"), [(59, True), (61, False)])
def test_while_her_silent_alarm_is_open_no_notice_is_sent_once_more_and_then_for_an_hour(
    house: House, ended: float, is_sent: bool
) -> None:
    first = a_first_notice(house)
    pressed = silently(house)
    ago(house, first, 150)
    assert notices(house) == []
    end(house, pressed, ended)
    assert len(notices(house)) == is_sent


@pytest.mark.guarantee("I22")
def test_a_notice_that_waits_when_she_presses_silently_is_held_back_and_goes_out_after_her_alarm(
    house: House,
) -> None:
    first = a_first_notice(house)
    pressed = silently(house)
    assert set(pressed.held_back) == {d.id for d in first.deliveries}
    assert pressed.incident is not None
    said = [(e.incident_id, e.body) for e in pressed.entries if e.kind == "notice.held_back"]
    assert said == [(pressed.incident.id, {"messages": len(first.deliveries), "case": CASE})]
    assert notices(house) == []
    end(house, pressed)
    (anew,) = notices(house)
    assert anew.incident is not None
    assert first.incident is not None
    assert anew.incident.key == f"notice-anew-{first.incident.id.hex}"
    assert channels(anew) == channels(first)
    assert became(house, anew, state="sent") == {(True, "sent")}
    assert notices(house) == []


@pytest.mark.guarantee("I22")
@pytest.mark.parametrize(("ended", "is_sent"), [(59, True), (61, False)])
def test_a_notice_held_back_waits_for_her_next_silent_alarm_too_and_then_for_an_hour(
    house: House, ended: float, is_sent: bool
) -> None:
    first = a_first_notice(house)
    before = silently(house)
    end(house, before)
    # She presses again before the engine has looked, and that lasts for two hours.
    with house.alarms.atomically():
        press = a_press(received_at=house.now, is_silent=True, key="another")
        (pressed,) = raise_sos(house.alarms, [press], ids=RandomIds())
    assert pressed.held_back == ()
    earlier = (
        "closed_at = closed_at - interval '2 hours', opened_at = opened_at - interval '2 hours'"
    )
    house.conn.execute(f"update decisions_incident set {earlier}")
    house.conn.execute("update notifications_disclosure set notice_at = notice_at - interval '2 hours'")  # fmt: skip
    house.conn.execute("update notifications_delivery set ended_at = ended_at - interval '2 hours'")
    assert notices(house) == []
    end(house, pressed, ended)
    again = [change.incident.key for change in notices(house) if change.incident]
    assert first.incident is not None
    assert again == [f"notice-anew-{first.incident.id.hex}"] * is_sent


@pytest.mark.guarantee("I22")
def test_a_second_try_that_is_held_back_goes_out_after_her_alarm_and_never_a_third_time(
    house: House,
) -> None:
    ago(house, a_first_notice(house), 31)
    (second,) = notices(house)
    pressed = silently(house)
    assert set(pressed.held_back) == {d.id for d in second.deliveries}
    end(house, pressed)
    (last,) = notices(house)
    ago(house, last, 31)
    assert notices(house) == []
