"""Is everything kept that a first page says, shown to whoever looks at it, and known everywhere from then on?"""

import re
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
import requests

from tests.pages.house import IDS, Browser, House, Organisation
from tests.pages.senders import Machine
from tests.pages.test_feeds_to_incident import taken
from tests.pages.test_orders import act, entered, png
from tests.pages.test_safeguards import ask
from tocsin.decisions.rules.incident import Kind
from tocsin.flow.open_held_walks import open_held_walks
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.registry.rules.conditions import CONDITIONS
from tocsin.registry.rules.door import KnownPlate
from tocsin.registry.rules.order import End, FactKind, Family, Order, StayAway
from tocsin.registry.rules.order_document import Elsewhere, OrderBody, ProtectedPerson, Respondent
from tocsin.registry.store_cases import load_case
from tocsin.registry.store_doors import load_door_entry
from tocsin.registry.store_orders import load_orders

NAME = "Rex Notreal"
PLATE, BADGE = "NTR 4821", "000815"


@pytest.fixture
def lead(house: House, org: Organisation) -> Browser:
    """Return the shift lead's browser."""
    return house.signed_in(org, "shift_lead")


def everything(org: Organisation) -> dict[str, object]:
    """Return a first page on which every field is filled in."""
    return {
        "petitioner": "Wilma Sample",
        "others": "Wanda Sample, 2019-01-02, child\nWalt Sample",
        "aliases": "Rexy\nR. N. Otreal",
        "respondent_born_on": "1980-05-06",
        "relation": "former husband",
        "description": "tall, grey beard",
        "phones": "+1 312 555 0177",
        "addresses": "rex@nobody.example",
        "badges": BADGE,
        "plates": f"{PLATE}, US-IL",
        "vehicles": "dark pick-up",
        "court_time_zone": "America/Denver",
        "issued_on": "2025-03-01",
        "issued_time": "09:30",
        "effective_on": "2025-03-02",
        "ends_on": "2099-03-09",
        "hearing_on": "2025-03-20",
        "hearing_time": "13:15",
        "notice": "served",
        "notice_on": "2025-03-03",
        "notice_time": "16:57",
        "conditions": list(CONDITIONS),
        "away_from": [f"site:{org.site_id}"],
        "away_metres": "500 ft",
        "away_her_metres": "1,500 ft",
        "has_firearm_mark": "on",
        "is_mutual": "on",
        "caution": "has spoken of a rifle",
        "terms": "no word through colleagues",
        "her_word": "wants",
        "source": "court",
    }


def kept(house: House, case_id: str) -> Order:
    """Return the only order of a case as the engine reads it."""
    (found,) = load_orders(house.engine, house.ring, UUID(case_id))
    return found


def test_every_field_of_the_first_page_is_kept_as_it_was_typed_and_shown_to_who_looks_at_it(
    house: House, org: Organisation, lead: Browser
) -> None:
    files = {"photo": png(), "document": b"%PDF-1.7 the paper"}
    case_id = entered(lead, org, files, **everything(org))
    order, case = kept(house, case_id), load_case(house.engine, house.ring, UUID(case_id))
    door = load_door_entry(house.engine, house.ring, UUID(case_id))
    assert case is not None
    assert door is not None
    assert case.respondent == Respondent(
        name=NAME,
        aliases=("Rexy", "R. N. Otreal"),
        born_on=date(1980, 5, 6),
        description="tall, grey beard",
        relation="former husband",
        phones=("+13125550177",),
        badges=(BADGE,),
        plates=(KnownPlate(PLATE, "US-IL"),),
        vehicles="dark pick-up",
        addresses=("rex@nobody.example",),
    )
    assert door.photo == png()
    assert order.body == OrderBody(
        court="Circuit Court of Nowhere",
        docket="DR-2025-1",
        petitioner="Wilma Sample",
        others=(
            ProtectedPerson("Wanda Sample", date(2019, 1, 2), is_child=True),
            ProtectedPerson("Walt Sample"),
        ),
        elsewhere=(Elsewhere("her home at 7 Hidden Lane", 153),),
        terms="no word through colleagues",
        findings="He held a knife to the door",
        caution="has spoken of a rifle",
        her_word="wants",
    )
    assert (order.court_time_zone, order.conditions) == ("America/Denver", tuple(CONDITIONS))
    assert order.stay_away == (StayAway(153, org.site_id), StayAway(458))
    assert (order.has_firearm_mark, order.is_mutual) == (True, True)
    said = {fact.kind: (fact.true_at or fact.local_date, fact.end, fact.source) for fact in order.facts}  # fmt: skip
    # By the clock of Denver; that he was served by it too, for ours in Chicago was an hour sooner.
    assert said == {
        FactKind.ISSUED: (datetime(2025, 3, 1, 16, 30, tzinfo=UTC), End(on=date(2099, 3, 9)), "court"),
        FactKind.EFFECTIVE: (date(2025, 3, 2), None, "court"),
        FactKind.SERVED: (datetime(2025, 3, 3, 23, 57, tzinfo=UTC), None, "court"),
        FactKind.HEARING: (datetime(2025, 3, 20, 19, 15, tzinfo=UTC), None, "court"),
    }  # fmt: skip
    # Who looks at the entry holds it against the paper: nothing of it may be out of sight.
    page = re.sub(r"<form.*?</form>", "", lead.get(f"/cases/{case_id}/orders").text, flags=re.DOTALL)  # fmt: skip
    shown = ("Wilma Sample", "Wanda Sample", "2019-01-02", "Walt Sample", "Rexy", "1980-05-06", "former husband", "tall, grey beard", "+13125550177", "rex@nobody.example", BADGE, PLATE, "dark pick-up", "America/Denver", "Circuit Court of Nowhere", "DR-2025-1", "153", "458", "7 Hidden Lane", "knife", "rifle", "no word through colleagues", "firearm mark", "The paper restrains both", *CONDITIONS)  # fmt: skip
    assert [one for one in shown if one not in page] == []


def test_each_of_the_seven_families_is_entered_and_told_apart(
    house: House, org: Organisation, lead: Browser
) -> None:
    headings = set()
    for family in ("temporary", "final", "no_contact", "divorce", "workplace", "trespass", "bail"):
        case_id = entered(lead, org, family=family)
        assert kept(house, case_id).family is Family(family)
        shown = lead.get(f"/cases/{case_id}/orders").text
        headings.add(shown.split('<section class="order"><h2>')[1].split(" ·")[0])
    assert len(headings) == 7


HAPPENINGS = [
    ({"kind": "service_attempted"}, "Service was tried", ("valid", "not enforceable")),
    ({"kind": "told_orally"}, "An officer told him", ("valid", "enforceable")),
    ({"kind": "hearing", "when_on": "2099-01-05"}, "There is a hearing", ("valid", "enforceable")),
    ({"kind": "continued", "ends_on": "2099-01-20"}, "ends with 20 January 2099", ("valid", "enforceable")),
    ({"kind": "modified", "words": "not at her school either"}, "not at her school either", ("valid", "enforceable")),
    ({"kind": "renewed", "ends_on": "2099-07-09"}, "ends with 9 July 2099", ("valid", "enforceable")),
    ({"kind": "recalled"}, "The court recalled it", ("not valid", "not enforceable")),
    ({"kind": "reinstated"}, "The court reinstated it", ("valid", "enforceable")),
    ({"kind": "dismissed"}, "The court dismissed it", ("not valid", "not enforceable")),
]  # fmt: skip
VERDICTS = re.compile(r'<span class="badge (?:good|unknown)">((?:not )?(?:valid|enforceable))</span>')  # fmt: skip


def test_whatever_happens_to_an_order_is_told_on_its_page_and_decides_at_once(
    lead: Browser, org: Organisation
) -> None:
    case_id = entered(lead, org, issued_on="2025-03-01", ends_on="2099-01-09")
    page = lead.get(f"/cases/{case_id}/orders")
    tell = re.search(r"/cases/[0-9a-f-]+/orders/[0-9a-f-]+/tell", page.text)
    assert tell
    for said, shown, verdicts in HAPPENINGS:
        page = act(lead, page, tell[0], source="court", **said)
        assert page.status_code == 200, said
        assert shown in page.text.replace("&nbsp;", " "), said
        assert tuple(VERDICTS.findall(page.text)) == verdicts, said


CROSSED = "There is an order the other way round."


def test_orders_that_cross_are_said_on_both_pages_to_the_lead_and_to_neither_of_the_two(
    house: House, org: Organisation, lead: Browser
) -> None:
    hers, his = str(org.people["guard"]), str(org.people["responder"])
    first = entered(lead, org, protected=hers, colleague=his, respondent_name="")
    assert CROSSED not in lead.get(f"/cases/{first}/orders").text
    second = entered(lead, org, protected=his, colleague=hers, respondent_name="")
    for case_id in (first, second):
        assert CROSSED in lead.get(f"/cases/{case_id}/orders").text
    she = house.signed_in(org, "guard")
    own = she.get(f"/cases/{first}/orders")
    assert (own.status_code, CROSSED in own.text) == (200, False)
    assert she.get(f"/cases/{second}/orders").status_code == 404


def shift_ends_soon(house: House, org: Organisation) -> None:
    """Let the shift of the protected person end in five minutes."""
    house.engine.execute(
        "update registry_shift set ends_at = now() + interval '5 minutes' where person_id = %s",
        (org.people["responder"],),
    )


def holds(house: House, org: Organisation) -> int:
    """Let the engine read the roster, and return how many walks are held there."""
    alarms = PostgresAlarms(house.engine, house.ring)
    with alarms.atomically():
        open_held_walks(alarms, ids=IDS)
    row = house.engine.execute(
        "select count(*) from signals_hold where organisation_id = %s", (org.id,)
    ).fetchone()
    assert row is not None
    return int(row[0])


def test_from_the_entry_on_her_walk_is_held_and_desk_post_reader_and_camera_know_him(
    house: House, org: Organisation, lead: Browser
) -> None:
    shift_ends_soon(house, org)
    reader, camera = Machine(house, org, "badge"), Machine(house, org, "plate_recognizer")
    gus = house.signed_in(org, "guard")
    assert holds(house, org) == 0
    assert reader.posts({"badge": BADGE}).json() == {"answer": "pass"}
    assert "No entry found" in gus.post_form("/desk", plate=PLATE).text
    case_id = entered(lead, org, badges=BADGE, plates=f"{PLATE}, US-IL")
    assert holds(house, org) == 1
    assert "Do not admit." in gus.post_form("/desk", plate=PLATE).text
    assert reader.posts({"badge": BADGE}).json()["answer"] == "fault"
    ask(house)
    briefing = gus.get(f"/briefings/{case_id}").text
    assert (NAME in briefing, f"/cases/{case_id}/first-page" in briefing) == (True, True)
    said = {"data": {"filename": "1.jpg", "results": [{"plate": "ntr4821", "score": 0.97, "region": {"code": "us-il"}}]}}  # fmt: skip
    headers = {"Authorization": f"Token {camera.key}"}
    answer = requests.post(house.base + camera.path, json=said, headers=headers, timeout=20)
    assert answer.status_code == 200
    calls = [change for change in taken(house) if change.incident and change.incident.organisation_id == org.id]  # fmt: skip
    assert {change.incident.kind for change in calls if change.incident} == {Kind.POSSIBLE_BREACH}
    assert {delivery.person_id for change in calls for delivery in change.deliveries} >= {org.people["responder"], org.people["guard"], org.people["shift_lead"]}  # fmt: skip
    # Nobody has pressed anything.
    rows = house.engine.execute("select 1 from decisions_incident where organisation_id = %s and kind = 'sos'", (org.id,))  # fmt: skip
    assert rows.fetchall() == []


@pytest.mark.guarantee("I17")
def test_an_entry_nobody_reviewed_lets_a_colleague_to_his_work_and_the_duty_managers_house_rule_does_not(
    house: House, org: Organisation, lead: Browser
) -> None:
    reader = Machine(house, org, "badge")
    named = {"colleague": str(org.people["guard"]), "respondent_name": "", "badges": BADGE}
    away = {"away_from": [f"site:{org.site_id}"], "away_metres": "100 m", "notice": "served"}
    case_id = entered(lead, org, **named, **away)
    page = lead.get(f"/cases/{case_id}/orders")
    assert "Let him pass." in page.text
    assert reader.posts({"badge": BADGE}).json() == {"answer": "pass"}
    rule = {"rule_ground": "order", "rule_days": "30", "rule_contest": "hr@house.example", "rule_notice": "to_be_given"}  # fmt: skip
    page = act(lead, page, f"/cases/{case_id}/rules", **rule)
    assert "Do not admit." in page.text
    assert reader.posts({"badge": BADGE}).json()["answer"] == "fault"


def test_what_becomes_known_of_him_is_read_anew_at_the_post(
    house: House, org: Organisation, lead: Browser
) -> None:
    case_id, gus = entered(lead, org), house.signed_in(org, "guard")
    ask(house)
    gus.post_form(f"/briefings/{case_id}")
    ask(house)
    assert "not read yet" not in gus.get("/briefings").text
    act(lead, lead.get(f"/cases/{case_id}/orders"), f"/cases/{case_id}/respondent", plates=PLATE)
    ask(house)
    assert "not read yet" in gus.get("/briefings").text
    assert PLATE in gus.get(f"/briefings/{case_id}").text


def test_the_page_answers_what_was_so_and_what_was_known_at_any_instant(
    lead: Browser, org: Organisation
) -> None:
    served = {"notice": "served", "notice_on": "2025-03-02", "notice_time": "16:57:59"}
    path = f"/cases/{entered(lead, org, issued_on='2025-03-01', **served)}/orders"
    asked = {
        "": ("valid", "enforceable"),
        "?at=2025-02-28T23:59:59": ("not valid", "not enforceable"),
        "?at=2025-03-02T16:57:58": ("valid", "not enforceable"),
        "?at=2025-03-02T16:58": ("valid", "enforceable"),
        # That there is an order was heard only now.
        "?at=2025-03-02T16:58&known_at=2025-03-02T16:58": ("not valid", "not enforceable"),
    }
    for query, verdicts in asked.items():
        assert tuple(VERDICTS.findall(lead.get(path + query).text)) == verdicts, query
