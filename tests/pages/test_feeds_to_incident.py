"""From a machine's message to people who are called; and what hits nothing is gone."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import requests

from tests.pages.case_in_house import WORD, a_case
from tests.pages.house import IDS, House, Organisation
from tests.pages.senders import Machine
from tocsin.engine.sightings import Sighted
from tocsin.flow.alarms import Change
from tocsin.flow.change_senders import Enrolled, change_key
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.registry.access import Viewer
from tocsin.registry.rules.case_rows import DoorEntryRow
from tocsin.registry.rules.door import DoorMatch, KnownPlate
from tocsin.registry.rules.order import Fact, FactKind, Family, Order
from tocsin.registry.rules.order_document import OrderBody
from tocsin.registry.rules.rows import PlaceRow
from tocsin.registry.store_cases import case_key
from tocsin.registry.store_doors import save_door_entry
from tocsin.registry.store_orders import insert_order
from tocsin.registry.store_sites import insert_place
from tocsin.runtime.database import connect, viewing
from tocsin.runtime.ids import uuid7

PLATE = "NTR 4821"
BADGE = "000815"


@pytest.fixture
def org(house: House) -> Organisation:
    """Return an employer of this test."""
    return house.new_organisation()


def a_case_with_an_order(house: House, org: Organisation) -> UUID:
    """Return a case whose order was issued and served three days ago."""
    case_id = a_case(house, org)
    then = datetime.now(UTC) - timedelta(days=3)
    facts = tuple(
        Fact(id=uuid7(), kind=kind, heard_at=then, source="clerk", true_at=then)
        for kind in (FactKind.ISSUED, FactKind.SERVED)
    )
    order = Order(
        id=uuid7(), case_id=case_id, organisation_id=org.id, family=Family.WORKPLACE, court_time_zone="America/Chicago",
        facts=facts, body=OrderBody(), entered_at=then, entered_by_id=org.people["safety_lead"], review_due_at=then,
    )  # fmt: skip
    insert_order(house.engine, case_key(house.engine, house.ring, case_id), order)
    house.engine.execute("update registry_case set colleague_id = null where id = %s", (case_id,))
    return case_id


def at_the_doors(house: House, org: Organisation, case_id: UUID, **changes: object) -> None:
    """Write what the doors know of the case."""
    match = DoorMatch(names=("Rex Notreal",), badges=(BADGE,), plates=(KnownPlate(PLATE, "US-IL"),))
    known = {"instruction": "do_not_admit", "updated_at": datetime.now(UTC)} | changes
    entry = DoorEntryRow(case_id=case_id, organisation_id=org.id, match=match, **known)  # type: ignore[arg-type]
    save_door_entry(house.engine, case_key(house.engine, house.ring, case_id), entry)


def taken(house: House) -> list[Change]:
    """Let the engine take what waits."""
    alarms = PostgresAlarms(house.engine, house.ring)
    with alarms.atomically():
        return Sighted(None, house.ring, IDS, "engine").take(alarms)[1]  # type: ignore[arg-type]


@pytest.mark.guarantee("I14")
def test_a_camera_that_reads_his_plate_calls_people_and_one_that_reads_another_keeps_nothing(
    house: House, org: Organisation
) -> None:
    case_id = a_case_with_an_order(house, org)
    at_the_doors(house, org, case_id)
    camera = Machine(house, org, "plate_recognizer")
    headers = {"Authorization": f"Token {camera.key}"}
    for number, plate in enumerate(("xyz999", "ntr4821", "ntr4821")):
        said = {"data": {"filename": f"{number}.jpg", "results": [{"plate": plate, "score": 0.97, "region": {"code": "us-il"}}]}}  # fmt: skip
        answer = requests.post(house.base + camera.path, json=said, headers=headers, timeout=20)
        # Nobody learns by the answer whether a plate is one that is looked for.
        assert (answer.status_code, answer.json()) == (200, {"kept": 1, "set_aside": 0})
    incidents = {
        change.incident.id
        for change in taken(house)
        if change.incident and change.incident.organisation_id == org.id
    }
    assert len(incidents) == 1
    rows = house.engine.execute(
        "select count(*) from signals_report where organisation_id = %s", (org.id,)
    ).fetchone()
    assert rows == (0,)


@pytest.mark.guarantee("I5")
def test_a_call_for_help_of_her_tracker_is_an_sos_once_however_often_it_comes(
    house: House, org: Organisation
) -> None:
    phone = Machine(house, org, "osmand", ties={"person_id": org.people["responder"]})
    for _ in range(2):
        assert (
            phone.puts(params={"id": "1", "alarm": "sos", "timestamp": "1793943000"}).status_code
            == 200
        )
    mine = [change.incident for change in taken(house) if change.incident and change.incident.organisation_id == org.id]  # fmt: skip
    assert [(one.person_id, one.kind) for one in mine] == [(org.people["responder"], "sos")]
    phone.puts(params={"id": "1", "lat": "41.8", "lon": "-87.6"})
    assert [seen.person_id for seen in phone.waiting()] == [org.people["responder"]]


@pytest.mark.guarantee("I11")
def test_a_badge_that_is_to_be_refused_gets_the_reader_s_ordinary_fault_byte_for_byte(
    house: House, org: Organisation
) -> None:
    reader = Machine(house, org, "badge", settings={"fault": "E4 read error"})
    before = reader.posts({"badge": BADGE})
    assert before.json() == {"answer": "pass"}
    at_the_doors(house, org, a_case_with_an_order(house, org))
    unreadable = reader.posts({"badge": ""})
    his = reader.posts({"badge": "815"})
    assert his.json() == {"answer": "fault", "show": "E4 read error"}
    assert (his.status_code, his.content) == (unreadable.status_code, unreadable.content)
    drop = {"date"}
    assert {k: v for k, v in his.headers.items() if k.lower() not in drop} == {
        k: v for k, v in unreadable.headers.items() if k.lower() not in drop
    }
    assert reader.posts({"badge": "000816"}).json() == {"answer": "pass"}


@pytest.mark.guarantee("I11")
def test_a_reader_whose_key_a_party_holds_says_nothing_to_him_until_another_has_a_new_one(
    house: House, org: Organisation
) -> None:
    reader, case_id = Machine(house, org, "badge"), a_case_with_an_order(house, org)
    with viewing(house.conn, org.id, org.people["safety_lead"]):
        house.conn.execute(
            """insert into registry_party (id, organisation_id, case_id, person_id, since, added_by_id)
            values (%s, %s, %s, %s, now(), %s)""",
            (uuid7(), org.id, case_id, org.people["shift_lead"], org.people["safety_lead"]),
        )

    def shown_to(name: str) -> requests.Response:
        viewer = Viewer(org.id, org.people[name], "admin")
        with viewing(house.conn, org.id, viewer.person_id):
            done = change_key(house.conn, house.ring, viewer, reader.id, at=datetime.now(UTC))
        assert isinstance(done, Enrolled)
        reader.key = done.key
        return reader.posts({"badge": BADGE})

    before = shown_to("shift_lead")
    at_the_doors(house, org, case_id)
    his = reader.posts({"badge": BADGE})
    assert (his.status_code, his.content) == (before.status_code, before.content)
    assert his.json() == {"answer": "pass"}
    assert shown_to("safety_lead").json()["answer"] == "fault"


@pytest.mark.parametrize(
    "changes", [{"instruction": "inform"}, {"sites": (uuid7(),)}, {"is_active": False}]
)
def test_a_badge_passes_where_the_doors_do_not_say_to_refuse_it(
    house: House, org: Organisation, changes: dict[str, object]
) -> None:
    reader = Machine(house, org, "badge")
    at_the_doors(house, org, a_case_with_an_order(house, org), **changes)
    assert reader.posts({"badge": BADGE}).json() == {"answer": "pass"}
    assert [seen.badge for seen in reader.waiting()] == [BADGE]


def test_a_badge_that_is_kept_from_the_car_park_alone_is_refused_there_and_nowhere_else(
    house: House, org: Organisation
) -> None:
    car_park, back_door = (
        PlaceRow(uuid7(), name, "parking", None) for name in ("Car park", "Back door")
    )
    for place in (car_park, back_door):
        with viewing(house.conn, org.id, org.people["safety_lead"]):
            insert_place(house.conn, org.id, org.site_id, place)
    gate, door = (
        Machine(house, org, "badge", ties={"site_id": org.site_id, "place_id": place.id})
        for place in (car_park, back_door)
    )
    case_id = a_case_with_an_order(house, org)
    at_the_doors(house, org, case_id, instruction="inform", places=(car_park.id,))
    answers = [machine.posts({"badge": BADGE}).json()["answer"] for machine in (gate, door)]
    assert answers == ["fault", "pass"]


def test_nobody_is_kept_inside_his_badge_is_passed_on_at_the_way_out_and_reported_all_the_same(
    house: House, org: Organisation
) -> None:
    reader = Machine(house, org, "badge")
    at_the_doors(house, org, a_case_with_an_order(house, org))
    asked = [{"badge": BADGE, "direction": way} for way in ("in", "out", "")]
    answers = [reader.posts(one).json()["answer"] for one in asked]
    assert answers == ["fault", "pass", "fault"]
    assert [seen.badge for seen in reader.waiting()] == [BADGE] * 3


def test_an_entry_that_is_damaged_holds_up_no_reader(house: House, org: Organisation) -> None:
    reader, damaged = Machine(house, org, "badge"), a_case_with_an_order(house, org)
    at_the_doors(house, org, damaged)
    house.engine.execute("update registry_case set word = 'ELSE' where id = %s", (damaged,))
    at_the_doors(house, org, a_case_with_an_order(house, org))
    house.engine.execute(
        "update registry_doorentry set match_sealed = %s where case_id = %s", (b"damaged", damaged)
    )
    answers = [reader.posts({"badge": one}).json()["answer"] for one in (BADGE, "816")]
    assert answers == ["fault", "pass"]


def test_a_reader_goes_by_its_own_list_whatever_is_wrong_here(
    house: House, org: Organisation
) -> None:
    reader = Machine(house, org, "badge")
    with connect(house.settings, "owner") as owner:
        owner.execute("alter table registry_doorstate rename to doorstate_away")
        owner.commit()
        try:
            shown = reader.posts({"badge": BADGE})
        finally:
            owner.execute("alter table doorstate_away rename to registry_doorstate")
            owner.commit()
    assert (shown.status_code, shown.text) == (503, "try again")
    assert [seen.badge for seen in reader.waiting()] == [BADGE]


def test_a_badge_is_refused_from_the_moment_its_entry_is_kept(
    house: House, org: Organisation
) -> None:
    reader, case_id = Machine(house, org, "badge"), a_case_with_an_order(house, org)
    answers = []
    for instruction in ("inform", "do_not_admit", "inform"):
        at_the_doors(house, org, case_id, instruction=instruction)
        answers.append(reader.posts({"badge": BADGE}).json()["answer"])
    assert answers == ["pass", "fault", "pass"]


@pytest.mark.guarantee("I19")
def test_a_monitor_is_seen_by_who_may_read_its_case_and_the_look_is_written_down(
    house: House, org: Organisation
) -> None:
    case_id = a_case(house, org)
    lead = house.signed_in(org, "safety_lead")
    given = {"kind": "osmand", "case": WORD, "interval_s": "300", "device": "77"}
    page = lead.post_form("/senders/new", **given)
    assert page.status_code == 200
    sender_id = UUID(re.findall(r"/api/v1/sightings/([0-9a-f-]{36})", page.text)[0])
    assert f'<span class="word">{WORD}</span>' in lead.get("/senders").text
    assert lead.get(f"/senders/{sender_id}").status_code == 200
    read = house.engine.execute(
        "select what from registry_reading where case_id = %s order by read_at", (case_id,)
    ).fetchall()
    assert ("monitor",) in read
    other = house.new_organisation()
    stranger = house.signed_in(other, "safety_lead")
    assert stranger.get(f"/senders/{sender_id}").status_code == 404
