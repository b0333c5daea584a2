"""A shift planner who is kept from her takes her shift out of the roster: her walk is held at its old end all the same."""

import asyncio
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from tests.pages.house import IDS, House, Organisation, hashed
from tests.pages.test_his_people import an_employer
from tests.pages.test_in_her_name import linked
from tests.pages.test_in_vain import HIM, HONEST, browser, page, press, unified
from tocsin.decisions.store_safeguards import load_around
from tocsin.engine.desk import POST, StoreAwayError
from tocsin.engine.held_walks import HeldWalks
from tocsin.engine.snapshotting import take_snapshot
from tocsin.flow.alarms import Alarms
from tocsin.flow.keep_her_shifts import keep_her_shifts
from tocsin.flow.memory_alarms import MemoryAlarms
from tocsin.flow.open_held_walks import open_held_walks
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.snapshot import Snapshot, from_dict, to_dict
from tocsin.registry import store_sign_ins as sign_ins
from tocsin.registry.store_calling import load_raisers
from tocsin.runtime.database import viewing
from tocsin.signals.rules.hold import Hold

T = TypeVar("T")
SHE = "responder"


@pytest.fixture
def org(house: House) -> Organisation:
    return with_a_roster(house)


def with_a_roster(house: House) -> Organisation:
    """Return an employer whose guard and lead have shifts: taking hers out leaves enough people on duty.

    Each begins at another time, so that the page of the site has one order of them.
    """
    found = an_employer(house)
    for hours, name in ((3, "guard"), (4, HIM)):
        add(house, found, name, starts=timedelta(hours=-hours), ends=timedelta(hours=5))
    return found


def wall(at: datetime) -> datetime:
    """Return the wall time at the depot, to the minute."""
    return at.astimezone(ZoneInfo("America/Chicago")).replace(tzinfo=None, second=0, microsecond=0)


def ending() -> datetime:
    """Return when her shift ends: soon, so that her walk is to be held now."""
    return datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=5)


def add(house: House, org: Organisation, whom: str, by: str = HONEST, *, action: str = "add", starts: timedelta = timedelta(hours=-2), ends: timedelta = timedelta(minutes=5)) -> None:  # fmt: skip
    """Write a line of the roster as this person, on the site's page."""
    at = datetime.now(UTC)
    line = {"kind": "override", "action": action, "person_id": str(org.people[whom]), "starts": wall(at + starts).isoformat(), "ends": wall(at + ends).isoformat()}  # fmt: skip
    line |= {"role": "guard"} if action == "add" else {}
    press(house, org, f"/sites/{org.site_id}/roster", by, document=json.dumps(line))


def take_out(house: House, org: Organisation, by: str = HIM) -> None:
    """Take her line out of the roster as this person, on the site's page."""
    press(house, org, f"/sites/{org.site_id}/roster", by, remove=str(her_line(house, org)))


def her_line(house: House, org: Organisation) -> UUID:
    with viewing(house.conn, org.id):
        row = house.conn.execute("select id from registry_rosterline where body->>'person_id' = %s order by made_at desc", (str(org.people[SHE]),)).fetchone()  # fmt: skip
    assert row
    return UUID(str(row[0]))


def held(house: House, org: Organisation) -> list[datetime]:
    """Return until when her walks are held, after the engine has read the rosters."""
    alarms = PostgresAlarms(house.engine, house.ring)
    with alarms.atomically():
        keep_her_shifts(house.engine, {}, at=datetime.now(UTC))
        open_held_walks(alarms, ids=IDS)
        found: list[Hold] = alarms.open_holds(org.id, person_id=org.people[SHE])
    return sorted(hold.edge_at for hold in found)


def shifts(house: House, org: Organisation) -> int:
    with viewing(house.conn, org.id):
        row = house.conn.execute("select count(*) from registry_shift where person_id = %s and ends_at > now()", (org.people[SHE],)).fetchone()  # fmt: skip
    assert row
    return int(row[0])


@pytest.mark.guarantee("I12")
def test_a_shift_that_he_takes_out_of_the_roster_still_holds_her_walk_at_its_end(house: House, org: Organisation) -> None:  # fmt: skip
    add(house, org, SHE)
    linked(house, org)
    take_out(house, org)
    assert shifts(house, org) == 0
    (until,) = held(house, org)
    assert abs(until - ending()) <= timedelta(minutes=1)


def test_what_another_takes_out_is_out(house: House, org: Organisation) -> None:
    add(house, org, SHE)
    linked(house, org)
    take_out(house, org, HONEST)
    assert held(house, org) == []


def test_what_another_writes_of_the_roster_afterwards_does_not_take_it_from_her_either(house: House, org: Organisation) -> None:  # fmt: skip
    add(house, org, SHE)
    linked(house, org)
    take_out(house, org)
    add(house, org, "guard", starts=timedelta(hours=6), ends=timedelta(hours=8))
    assert len(held(house, org)) == 1


@pytest.mark.parametrize("days", [6, 8])
def test_what_he_took_out_in_the_week_before_the_order_counts_as_well(house: House, org: Organisation, days: int) -> None:  # fmt: skip
    add(house, org, SHE)
    take_out(house, org)
    linked(house, org)
    with house.engine.transaction():
        house.engine.execute("update registry_case set opened_at = now() + %s where organisation_id = %s", (timedelta(days=days), org.id))  # fmt: skip
    assert len(held(house, org)) == (1 if days < 7 else 0)


def test_a_cut_that_he_writes_moves_her_walk_to_no_other_time(house: House, org: Organisation) -> None:  # fmt: skip
    add(house, org, SHE)
    linked(house, org)
    add(house, org, SHE, HIM, action="remove", starts=timedelta(hours=-1), ends=timedelta(hours=1))
    assert any(abs(until - ending()) <= timedelta(minutes=1) for until in held(house, org))


def test_a_shift_that_he_puts_after_hers_hides_no_end_of_it(house: House, org: Organisation) -> None:  # fmt: skip
    add(house, org, SHE)
    linked(house, org)
    add(house, org, SHE, HIM, starts=timedelta(minutes=4), ends=timedelta(hours=4))
    assert any(abs(until - ending()) <= timedelta(minutes=1) for until in held(house, org))


@pytest.mark.guarantee("I17")
def test_what_he_asked_for_and_another_agreed_to_is_his(house: House, org: Organisation) -> None:
    add(house, org, SHE)
    for name in ("guard", HIM):
        add(house, org, name, action="remove", starts=timedelta(minutes=-30), ends=timedelta(minutes=4))  # fmt: skip
    linked(house, org)
    take_out(house, org)
    assert shifts(house, org) == 1
    asked = re.search(r'action="(/sites/[^"]+/loosenings/[^"]+)"', page(house, org, f"/sites/{org.site_id}", HONEST))  # fmt: skip
    assert asked
    press(house, org, asked[1], HONEST, agree="1")
    assert shifts(house, org) == 0
    assert len(held(house, org)) == 1


def test_the_safeguards_before_her_next_shift_know_the_shift_that_he_took_out(house: House, org: Organisation) -> None:  # fmt: skip
    add(house, org, SHE, starts=timedelta(hours=20), ends=timedelta(hours=28))
    linked(house, org)
    take_out(house, org)
    held(house, org)
    at = datetime.now(UTC)
    with house.engine.transaction():
        row = house.engine.execute("select id from registry_case where organisation_id = %s", (org.id,)).fetchone()  # fmt: skip
        assert row
        around = load_around(house.engine, org.id, row[0], at=at)
    assert around
    (start,) = [start for start in around.shift_starts if start > at]
    # Written to the minute, perhaps in the one before.
    assert timedelta(minutes=-2) < start - (at + timedelta(hours=20)) <= timedelta()


def test_where_she_presses_is_where_her_shift_was_before_he_took_it_out(house: House, org: Organisation) -> None:  # fmt: skip
    with viewing(house.conn, org.id):
        house.conn.execute("update registry_person set site_id = (select id from registry_site where organisation_id = %s and name = 'Far') where id = %s", (org.id, org.people[SHE]))  # fmt: skip
    add(house, org, SHE)
    linked(house, org)
    take_out(house, org)
    held(house, org)
    with house.engine.transaction():
        (raiser,) = load_raisers(house.engine, [(org.id, org.people[SHE], None)], datetime.now(UTC))
    assert raiser.site_id == org.site_id


@pytest.mark.guarantee("I11")
def test_his_page_of_the_site_reads_the_same_with_an_order_and_without(house: House, org: Organisation) -> None:  # fmt: skip
    other = with_a_roster(house)
    shown = []
    for one in (org, other):
        add(house, one, SHE)
        if one is org:
            linked(house, one)
        take_out(house, one)
        held(house, one)
        shown.append(page(house, one, f"/sites/{one.site_id}"))
    assert unified(*shown) == ""


@pytest.mark.guarantee("I12")
def test_no_statement_of_the_web_role_reads_what_is_kept_of_her(house: House, org: Organisation) -> None:  # fmt: skip
    add(house, org, SHE)
    linked(house, org)
    line = her_line(house, org)
    take_out(house, org)
    held(house, org)
    asked = "select count(*) from tocsin_kept_shifts(%s, now() - interval '1 day', now() + interval '1 day')"
    for name, count in ((HIM, 0), ("guard", 0), (HONEST, 1)):
        with viewing(house.conn, org.id, org.people[name]):
            assert house.conn.execute(asked, (org.people[SHE],)).fetchone() == (count,)
            assert house.conn.execute("select count(*) from tocsin_his_lines(null)").fetchone() == (count,)  # fmt: skip
    with viewing(house.conn, org.id, org.people[HIM]):
        row = house.conn.execute("select tocsin_stand_for_line(%s)", (line,)).fetchone()
    assert row == (None,)
    for table in ("registry_keptshift", "registry_takenline"):
        with house.engine.transaction():
            assert house.engine.execute("select has_table_privilege('tocsin_web', %s, 'select')", (table,)).fetchone() == (False,)  # fmt: skip


def test_when_the_case_is_closed_nothing_is_kept_of_her(house: House, org: Organisation) -> None:
    add(house, org, SHE)
    linked(house, org)
    take_out(house, org)
    held(house, org)
    with house.engine.transaction():
        house.engine.execute("update registry_case set closed_at = now() where organisation_id = %s", (org.id,))  # fmt: skip
        keep_her_shifts(house.engine, {}, at=datetime.now(UTC))
        assert house.engine.execute("select count(*) from registry_keptshift where organisation_id = %s", (org.id,)).fetchone() == (0,)  # fmt: skip


TAKEN = "Taken out by somebody about whom there is an entry"
WAITS = "a line of its roster waits for a safety lead"
WRITTEN = "Written by somebody about whom there is an entry"


def site(house: House, org: Organisation, name: str = HONEST) -> str:
    return page(house, org, f"/sites/{org.site_id}", name)


def button(text: str, name: str) -> str:
    """Return the line at which there is this button."""
    found = re.search(f'name="{name}" value="([0-9a-f-]+)"', text)
    assert found
    return found[1]


def taken_out(house: House, org: Organisation) -> str:
    """Have him take her line out, and return the site's page of a safety lead after the engine has read the rosters."""
    add(house, org, SHE)
    linked(house, org)
    take_out(house, org)
    assert len(held(house, org)) == 1
    return site(house, org)


def test_a_safety_lead_puts_back_what_he_took_out_and_it_is_the_leads_own(house: House, org: Organisation) -> None:  # fmt: skip
    shown = taken_out(house, org)
    assert TAKEN in shown
    assert WAITS in page(house, org, "/", HONEST)
    press(house, org, f"/sites/{org.site_id}/roster", HONEST, put_back=button(shown, "put_back"))
    assert shifts(house, org) == 1
    assert TAKEN not in site(house, org)
    assert WAITS not in page(house, org, "/", HONEST)
    assert len(held(house, org)) == 1
    take_out(house, org)
    held(house, org)
    assert TAKEN in site(house, org)


def test_a_safety_lead_says_that_it_is_to_stay_out_and_nothing_is_kept_any_more(house: House, org: Organisation) -> None:  # fmt: skip
    shown = taken_out(house, org)
    press(house, org, f"/sites/{org.site_id}/roster", HONEST, confirm=button(shown, "confirm"))
    held(house, org)
    assert TAKEN not in site(house, org)
    with house.engine.transaction():
        assert house.engine.execute("select count(*) from registry_keptshift where organisation_id = %s", (org.id,)).fetchone() == (0,)  # fmt: skip


def test_a_safety_lead_says_that_a_line_of_his_is_right(house: House, org: Organisation) -> None:
    add(house, org, SHE)
    linked(house, org)
    add(house, org, SHE, HIM, action="remove", starts=timedelta(hours=-1), ends=timedelta(hours=1))
    held(house, org)
    shown = site(house, org)
    assert WRITTEN in shown
    press(house, org, f"/sites/{org.site_id}/roster", HONEST, confirm=button(shown, "confirm"))
    held(house, org)
    assert WRITTEN not in site(house, org)
    with house.engine.transaction():
        assert house.engine.execute("select count(*) from registry_keptshift where organisation_id = %s", (org.id,)).fetchone() == (0,)  # fmt: skip


def test_of_a_line_of_his_that_changes_nothing_for_her_nothing_is_said(house: House, org: Organisation) -> None:  # fmt: skip
    add(house, org, SHE)
    linked(house, org)
    add(house, org, "guard", HIM, starts=timedelta(hours=6), ends=timedelta(hours=8))
    held(house, org)
    assert WRITTEN not in site(house, org)


@pytest.mark.guarantee("I11")
def test_he_is_offered_neither_and_can_do_neither(house: House, org: Organisation) -> None:
    shown = taken_out(house, org)
    assert TAKEN not in site(house, org, HIM)
    assert WAITS not in page(house, org, "/", HIM)
    lead = browser(house, org, HIM)
    for name in ("confirm", "put_back"):
        answer = lead.post_to(f"/sites/{org.site_id}/roster", lead.token(lead.get("/sessions")), **{name: button(shown, "put_back")})  # fmt: skip
        nothing = lead.post_to(f"/sites/{org.site_id}/roster", lead.token(lead.get("/sessions")), **{name: str(org.site_id)})  # fmt: skip
        assert (answer.status_code, answer.text) == (404, nothing.text)
    held(house, org)
    assert TAKEN in site(house, org)


def test_what_was_said_of_a_line_stands_in_the_log_of_her_case(house: House, org: Organisation) -> None:  # fmt: skip
    shown = taken_out(house, org)
    press(house, org, f"/sites/{org.site_id}/roster", HONEST, confirm=button(shown, "confirm"))
    asked = (
        "select count(*) from record_entry where organisation_id = %s and kind = 'roster.confirmed'"
    )
    for name, count in ((HIM, 0), (HONEST, 1)):
        with viewing(house.conn, org.id, org.people[name]):
            assert house.conn.execute(asked, (org.id,)).fetchone() == (count,)


def test_while_the_database_is_away_her_walk_is_held_at_the_old_end_too(house: House, org: Organisation) -> None:  # fmt: skip
    add(house, org, SHE)
    linked(house, org)
    take_out(house, org)
    alarms, at = PostgresAlarms(house.engine, house.ring), datetime.now(UTC)
    with alarms.atomically():
        keep_her_shifts(house.engine, {}, at=at)
        snapshot = from_dict(to_dict(take_snapshot(alarms)))
    away = MemoryAlarms(snapshot, lambda: at)
    (stay,) = (one for one in away.stays(at, at) if one.person_id == org.people[SHE])
    assert abs(stay.ends_at - ending()) <= timedelta(minutes=1)


def test_she_sees_at_her_own_way_which_end_is_held_that_the_roster_does_not_show(house: House, org: Organisation) -> None:  # fmt: skip
    login = f"{SHE}-{org.id.hex[-8:]}"
    with viewing(house.conn, org.id):
        account_id = sign_ins.insert_account(house.conn, org.id, org.people[SHE], login, hashed())
        house.set_up_second_factor(account_id)
    org.logins[SHE] = login
    add(house, org, SHE)
    linked(house, org)
    assert "that the roster does not show" not in page(house, org, "/my-walks", SHE)
    take_out(house, org)
    held(house, org)
    assert "that the roster does not show" in page(house, org, "/my-walks", SHE)


class AwayOnce:
    """A desk whose first transaction comes to nothing."""

    def __init__(self, house: House) -> None:
        self.alarms, self.calls = PostgresAlarms(house.engine, house.ring), 0

    async def do(self, work: Callable[[Alarms], T], lane: str = "") -> T:
        if lane == POST:
            return work(MemoryAlarms(Snapshot(taken_at=datetime.now(UTC)), lambda: datetime.now(UTC)))  # fmt: skip
        self.calls += 1
        with self.alarms.conn.transaction(force_rollback=self.calls == 1):
            done = work(self.alarms)
        if self.calls == 1:
            raise StoreAwayError(lane)
        return done


def test_what_was_kept_in_a_transaction_that_failed_is_kept_at_the_next_look(house: House, org: Organisation) -> None:  # fmt: skip
    add(house, org, SHE)
    linked(house, org)
    take_out(house, org)
    walks = HeldWalks(AwayOnce(house), IDS, "engine")
    counts = []
    for _ in range(2):
        asyncio.run(walks._read())
        row = house.engine.execute("select count(*) from registry_keptshift where organisation_id = %s", (org.id,)).fetchone()  # fmt: skip
        assert row
        counts.append(row[0])
    assert counts == [0, 1]
