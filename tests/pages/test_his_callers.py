"""An administrator who is kept from her edits who comes to her, and where to: it is so on his screens only."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.pages.house import House, Organisation
from tests.pages.test_enrolling import enrol
from tests.pages.test_his_people import CONTESTED, MARKED, an_employer, plain
from tests.pages.test_in_her_name import another_secret, linked
from tests.pages.test_in_vain import HIM, HONEST, page, press, unified
from tocsin.engine.snapshotting import take_snapshot
from tocsin.flow.alarms import Alarms
from tocsin.flow.memory_alarms import MemoryAlarms
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.snapshot import from_dict, to_dict
from tocsin.registry import store_known as known
from tocsin.registry import store_people as people
from tocsin.registry import store_sites as sites
from tocsin.registry.rules.duty import Shift
from tocsin.registry.rules.rows import PersonRow, SiteRow, TeamRow
from tocsin.registry.store import load_site_facts
from tocsin.runtime.database import viewing
from tocsin.runtime.ids import uuid7

SAMPLE = {"name": "Jay Sample", "short_name": "J. Sample", "role": "guard", "language": "en"}
WRONG = {"name": "Depot", "kind": "workplace", "time_zone": "America/Chicago", "street": "9 Wrong Street", "locality": "Elsewhere", "number": "112"}  # fmt: skip
WORD = re.compile(r'<h1>SOS <span class="word">(\w+)</span>')
FRACTION = re.compile(r"\.\d{6}")
OF_SITE = "Somebody who may not has written of this site"


@pytest.fixture
def org(house: House) -> Organisation:
    return an_employer(house)


def a_colleague(house: House, org: Organisation, *, ended: timedelta | None = timedelta(hours=-5)) -> UUID:  # fmt: skip
    """Return one more colleague; `ended`: how long ago her last shift has, None: she was on no roster."""
    person = PersonRow(id=uuid7(), organisation_id=org.id, staff_number=f"{org.id.hex[-8:]}-7", site_id=org.site_id, **SAMPLE)  # fmt: skip
    at = datetime.now(UTC)
    with viewing(house.conn, org.id):
        people.insert_person(house.conn, house.ring, person)
        if ended is not None:
            end = at - ended
            shift = Shift(person_id=person.id, role="guard", starts_at=end - timedelta(hours=8), ends_at=end, local_start=end.replace(tzinfo=None), local_end=end.replace(tzinfo=None), source="pattern")  # fmt: skip
            sites.insert_shifts(house.conn, org.id, org.site_id, [shift])
    org.people["colleague"] = person.id
    return person.id


def let_go(house: House, org: Organisation, name: str = HIM) -> None:
    """Save as this person that the colleague left."""
    where = f"/people/{org.people['colleague']}/edit"
    press(house, org, where, name, **SAMPLE, staff_number=f"{org.id.hex[-8:]}-7", site=str(org.site_id))  # fmt: skip


def move(house: House, org: Organisation, name: str = HIM, **values: str) -> None:
    """Save the site as this person, with another address."""
    press(house, org, f"/sites/{org.site_id}/edit", name, **{**WRONG, **values})


def works_here(house: House, org: Organisation) -> bool:
    """Return whether the colleague works here, for whoever calls her."""
    with house.engine.transaction():
        row = house.engine.execute("select is_active from registry_person where id = %s", (org.people["colleague"],)).fetchone()  # fmt: skip
    assert row
    return bool(row[0])


def told(house: House, org: Organisation, name: str, *, is_away: bool = False) -> str:
    """Return the address in a message to this person; `is_away`: from the snapshot, without PostgreSQL."""
    alarms: Alarms = PostgresAlarms(house.engine, house.ring)
    with house.engine.transaction():
        if is_away:
            snapshot = take_snapshot(PostgresAlarms(house.engine, house.ring))
            alarms = MemoryAlarms(from_dict(to_dict(snapshot)), lambda: datetime.now(UTC))
        place = alarms.places(org.id, [org.site_id])[org.site_id]
    return place.address_for(org.people[name])


def site_for(house: House, org: Organisation, name: str) -> SiteRow:
    with viewing(house.conn, org.id, org.people[name]):
        found = sites.find_site(house.conn, org.id, org.site_id)
    assert found
    return found


@pytest.mark.guarantee("I12")
def test_a_guard_whom_he_lets_go_is_called_to_her_as_before(house: House, org: Organisation) -> None:  # fmt: skip
    colleague = a_colleague(house, org)
    linked(house, org)
    let_go(house, org)
    assert works_here(house, org)
    with house.engine.transaction():
        facts = load_site_facts(house.engine, org.id, [org.site_id], at=datetime.now(UTC))
    assert colleague in facts[org.site_id].people
    where = f"/people/{colleague}"
    assert ">left<" in page(house, org, where)
    shown = page(house, org, where, HONEST)
    assert ">left<" not in shown
    assert CONTESTED in shown
    assert MARKED in page(house, org, "/people", HONEST)
    let_go(house, org, HONEST)
    assert not works_here(house, org)


@pytest.mark.guarantee("I12")
@pytest.mark.parametrize(("ended", "is_kept"), [(timedelta(days=27), True), (timedelta(days=29), False), (None, False)])  # fmt: skip
def test_who_was_taken_off_the_roster_first_is_one_who_comes_for_four_weeks(house: House, org: Organisation, ended: timedelta | None, is_kept: bool) -> None:  # fmt: skip
    a_colleague(house, org, ended=ended)
    linked(house, org)
    let_go(house, org)
    assert works_here(house, org) is is_kept


@pytest.mark.guarantee("I12")
@pytest.mark.parametrize("why", ["team", "line"])
def test_who_is_in_a_team_or_leads_her_is_one_who_comes(house: House, org: Organisation, why: str) -> None:  # fmt: skip
    colleague = a_colleague(house, org, ended=None)
    with viewing(house.conn, org.id):
        if why == "team":
            sites.insert_team(house.conn, org.id, TeamRow(id=uuid7(), site_id=None, name="Night", is_rostered=False, members=(colleague,)))  # fmt: skip
        else:
            people.set_manager(house.conn, org.people["responder"], colleague)
    linked(house, org)
    let_go(house, org)
    assert works_here(house, org)


def test_who_is_on_no_side_of_a_case_lets_a_guard_go_at_once(house: House, org: Organisation) -> None:  # fmt: skip
    a_colleague(house, org)
    let_go(house, org)
    assert not works_here(house, org)


@pytest.mark.guarantee("I11")
def test_a_guard_whom_he_has_let_go_is_told_nothing_of_it(house: House, org: Organisation) -> None:
    # The one who is asked is no friend of his whom anybody knows.
    a_colleague(house, org)
    linked(house, org)
    let_go(house, org)
    with viewing(house.conn, org.id, org.people["colleague"]):
        found = people.find_people(house.conn, house.ring, [org.people["colleague"]])
    one = found[org.people["colleague"]]
    assert (one.is_active, one.contested) == (True, ())


@pytest.mark.guarantee("I12")
def test_her_own_screens_show_who_comes_whatever_case_she_is_in_herself(house: House, org: Organisation) -> None:  # fmt: skip
    # He holds an order against her: each is a party of the other's case, and her press is worked out with her eyes.
    colleague = a_colleague(house, org)
    linked(house, org)
    her, him = org.people["responder"], org.people[HIM]
    with viewing(house.conn, org.id):
        house.conn.execute(
            """insert into registry_case select (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(),
                'protected_id', %s::uuid, 'colleague_id', %s::uuid, 'word', 'ROOK'))).* from registry_case c""",
            (him, her),
        )
    let_go(house, org)
    move(house, org)
    with viewing(house.conn, org.id, her):
        facts = load_site_facts(house.conn, org.id, [org.site_id], at=datetime.now(UTC))
    assert colleague in facts[org.site_id].people
    assert site_for(house, org, "responder").address["street"] == "1 Example Road"


@pytest.mark.guarantee("I12")
def test_the_address_that_he_writes_is_read_out_to_nobody_but_him(house: House, org: Organisation) -> None:  # fmt: skip
    linked(house, org)
    before = told(house, org, "responder")
    assert "1 Example Road" in before
    move(house, org)
    with house.engine.transaction():
        (row,) = (site for site in known.load_sites(house.engine) if site.id == org.site_id)
    assert row.address == before
    assert [told(house, org, name) for name in ("responder", HONEST)] == [before, before]
    # His screens, his messages, and those of whoever is shut out with him.
    for name in (HIM, "guard"):
        assert told(house, org, name) == "9 Wrong Street, Elsewhere"
        his = site_for(house, org, name)
        assert (his.address["street"], his.psap["number"], his.contested) == ("9 Wrong Street", "112", ())  # fmt: skip
    stands = site_for(house, org, HONEST)
    assert (stands.address["street"], stands.psap["number"]) == ("1 Example Road", "911")
    assert set(stands.contested) == {"address", "psap"}


@pytest.mark.guarantee("I11")
@pytest.mark.guarantee("I12")
def test_no_message_tells_by_its_address_that_postgresql_is_away(house: House, org: Organisation) -> None:  # fmt: skip
    linked(house, org)
    stands = told(house, org, HONEST)
    move(house, org)
    for name, address in ((HIM, "9 Wrong Street, Elsewhere"), ("guard", "9 Wrong Street, Elsewhere"), ("responder", stands), (HONEST, stands)):  # fmt: skip
        assert [told(house, org, name, is_away=away) for away in (False, True)] == [address] * 2


@pytest.mark.guarantee("I12")
def test_a_lead_sees_what_he_wrote_of_the_site_and_says_what_holds(house: House, org: Organisation) -> None:  # fmt: skip
    linked(house, org)
    move(house, org)
    where = f"/sites/{org.site_id}"
    assert OF_SITE in page(house, org, where, HONEST)
    assert MARKED in page(house, org, "/sites", HONEST)
    assert OF_SITE not in page(house, org, where)
    assert MARKED not in page(house, org, "/sites")
    move(house, org, HONEST, street="2 Example Road")
    for name in (HIM, HONEST):
        found = site_for(house, org, name)
        assert (found.address["street"], found.contested) == ("2 Example Road", ())


@pytest.mark.guarantee("I12")
def test_a_site_where_she_does_not_work_is_his_to_change(house: House, org: Organisation) -> None:
    linked(house, org)
    with viewing(house.conn, org.id, org.people[HIM]):
        (far,) = (s for s in sites.load_sites(house.conn, org.id) if s.name == "Far")
    press(house, org, f"/sites/{far.id}/edit", **{**WRONG, "name": "Far"})
    with viewing(house.conn, org.id, org.people[HONEST]):
        found = sites.find_site(house.conn, org.id, far.id)
    assert found
    assert (found.address["street"], found.contested) == ("9 Wrong Street", ())


@pytest.mark.guarantee("I11")
def test_his_pages_read_the_same_whether_his_word_on_others_counted_or_not(house: House) -> None:
    heard = []
    for is_kept in (False, True):
        org = an_employer(house)
        colleague = a_colleague(house, org)
        if is_kept:
            linked(house, org)
        texts = []
        for act in (let_go, move, let_go):
            act(house, org)
            each = ("/people", f"/people/{colleague}", f"/people/{colleague}/edit", f"/people/{colleague}/enrol", "/sites", f"/sites/{org.site_id}", f"/sites/{org.site_id}/edit", "/", "/drills", "/reachable", "/seen", "/desk")  # fmt: skip
            texts += [page(house, org, where) for where in each]
        incident = house.sos(org, by="guard")
        texts.append(page(house, org, f"/incidents/{incident}"))
        texts.append(told(house, org, HIM))
        (word,) = set(WORD.findall(texts[-2]))
        # Messages of one moment stand in no order.
        heard.append([FRACTION.sub("", plain(org, text.replace(word, "").replace("<li", "\n<li").replace("</li>", "</li>\n"))) for text in texts])  # fmt: skip
    for without, with_it in zip(*heard, strict=True):
        assert unified(without, with_it) == ""


@pytest.mark.guarantee("I11")
def test_a_phone_that_he_enrols_dials_what_his_screens_say(house: House) -> None:
    dialled = []
    for is_kept in (False, True):
        org = an_employer(house)
        if is_kept:
            linked(house, org)
        move(house, org)
        dialled.append(enrol(house, another_secret(house, org)).json()["psap"])
    assert dialled == ["112", "112"]


@pytest.mark.guarantee("I12")
@pytest.mark.parametrize(
    "statement",
    [
        "update registry_site set address = '{}' where id = %s",
        "update registry_site set psap = '{}', outline = null, kind = 'none', his_record = null where id = %s",
        "update registry_site set id = gen_random_uuid() where id = %s",
        "delete from registry_site where id = %s",
    ],
)
def test_no_statement_of_the_web_role_moves_the_door_for_him(house: House, org: Organisation, statement: str) -> None:  # fmt: skip
    linked(house, org)
    before = told(house, org, HONEST)
    with viewing(house.conn, org.id, org.people[HIM]):
        house.conn.execute(statement, (org.site_id,))
    assert told(house, org, HONEST) == before
    assert site_for(house, org, HONEST).psap["number"] == "911"
