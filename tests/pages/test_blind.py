"""What do the board and its page say of readers and posts that see nothing, and to whom?"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.pages.case_in_house import a_case
from tests.pages.house import House, Organisation
from tests.pages.test_browser import SIZES, Watched, chromium, opened  # noqa: F401 - fixtures
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.tell_blind import tell_blind
from tocsin.registry.rules.case_rows import DoorEntryRow
from tocsin.registry.rules.door import DoorMatch
from tocsin.registry.store_cases import case_key
from tocsin.registry.store_doors import save_door_entry
from tocsin.runtime.ids import RandomIds, uuid7

pytestmark = pytest.mark.pages


@pytest.fixture
def dead(house: House, org: Organisation) -> UUID:
    """Return a reader that died half an hour ago, in a house with a case and a post that nobody keeps."""
    case_id, sender_id = a_case(house, org), uuid7()
    house.engine.execute(
        """insert into registry_sender (id, organisation_id, name, kind, site_id, key_sealed, interval_s, settings, made_at,
            heard_at) values (%s, %s, 'North gate', 'badge', %s, '', 300, '{}', now(), now() - interval '30 minutes')""",
        (sender_id, org.id, org.site_id),
    )
    house.engine.execute(
        "insert into registry_post (id, organisation_id, site_id, name, is_staffed) values (%s, %s, %s, 'Front door', true)",
        (uuid7(), org.id, org.site_id),
    )
    entry = DoorEntryRow(
        case_id=case_id,
        organisation_id=org.id,
        match=DoorMatch(names=("Rex Notreal",)),
        updated_at=datetime.now(UTC) - timedelta(hours=1),
    )
    save_door_entry(house.engine, case_key(house.engine, house.ring, case_id), entry)
    house.engine.execute(
        "update registry_case set opened_at = now() - interval '1 hour' where id = %s", (case_id,)
    )
    alarms = PostgresAlarms(house.engine, house.ring)
    with alarms.atomically():
        tell_blind(alarms, ids=RandomIds())
    return sender_id


def test_a_dead_reader_is_the_first_line_of_the_board(
    house: House, org: Organisation, dead: UUID
) -> None:
    shown = house.signed_in(org, "shift_lead").get("/").text
    assert "DEGRADED: Reader North gate, Depot: nothing heard of it<" in shown
    assert "the duty lead was told" in shown.partition("DEGRADED: Post Front door, Depot")[2]


@pytest.mark.parametrize("is_elsewhere", [False, True])
def test_the_page_of_an_order_says_which_of_its_posts_and_sensors_see_nothing(
    house: House, org: Organisation, dead: UUID, *, is_elsewhere: bool
) -> None:
    lead = house.signed_in(org, "safety_lead")
    if is_elsewhere:
        # It stands at another site only: this one's reader is not its business.
        house.engine.execute(
            "update registry_doorentry set sites = jsonb_build_array(%s::text) where organisation_id = %s",
            (str(uuid7()), org.id),
        )
    (case_id,) = house.engine.execute("select id from registry_case where organisation_id = %s", (org.id,)).fetchone() or ("",)  # fmt: skip
    shown = lead.get(f"/cases/{case_id}/orders").text
    assert "DEGRADED: Post Front door, Depot" in shown
    assert ("DEGRADED: Reader North gate, Depot" in shown) is not is_elsewhere


@pytest.mark.guarantee("I11")
def test_a_party_sees_the_reader_and_nothing_of_the_post(
    house: House, org: Organisation, dead: UUID
) -> None:
    browser = house.signed_in(org, "guard")
    for path in ("/", "/sees"):
        shown = browser.get(path).text
        assert "North gate" in shown
        assert "Front door" not in shown


@pytest.mark.guarantee("I17", "I20")
def test_a_reader_that_somebody_revoked_is_missed_until_a_lead_of_the_case_says_that_it_is_gone_on_purpose(
    house: House, org: Organisation, dead: UUID
) -> None:
    (case_id,) = house.engine.execute("select id from registry_case where organisation_id = %s", (org.id,)).fetchone() or ("",)  # fmt: skip
    pressed = f"/cases/{case_id}/gone/{dead}"
    lead, guard, shift_lead = (house.signed_in(org, who) for who in ("safety_lead", "guard", "shift_lead"))  # fmt: skip
    assert lead.post_form(pressed, "/my-walks").status_code == 400
    house.engine.execute(
        "update registry_sender set revoked_at = now() - interval '11 minutes', revoked_by_id = %s where id = %s",
        (org.people["shift_lead"], dead),
    )
    alarms = PostgresAlarms(house.engine, house.ring)
    with alarms.atomically():
        tell_blind(alarms, ids=RandomIds())
    said = "Reader North gate, Depot: revoked, and no reader of its kind stands in for it; the duty lead was told"
    shown = lead.get(f"/cases/{case_id}/orders").text
    assert f"DEGRADED: {said}" in shown
    assert pressed in shown
    shown = lead.get("/sees").text
    assert "Reader North gate, Depot: saw nothing, and is not watched any more" in shown
    assert "sees again" not in shown
    for path in ("/", "/sees"):
        assert said in shift_lead.get(path).text
        assert said not in guard.get(path).text
    # Who has no grant may not, and a party does not learn that there is such a case.
    assert guard.post_form(pressed, "/my-walks").status_code == 404
    assert shift_lead.post_form(pressed, "/my-walks").status_code == 404
    # It takes two: who revoked it does not say so himself.
    by = "update registry_sender set revoked_by_id = %s where id = %s"
    house.engine.execute(by, (org.people["safety_lead"], dead))
    assert (
        "you have revoked it yourself" in lead.post_form(pressed, f"/cases/{case_id}/orders").text
    )
    house.engine.execute(by, (org.people["shift_lead"], dead))
    assert said not in lead.post_form(pressed, f"/cases/{case_id}/orders").text
    with alarms.atomically():
        assert tell_blind(alarms, ids=RandomIds()) == []
    assert said not in lead.get("/sees").text
    assert "Reader North gate, Depot: missed no more" in lead.get("/sees").text
    kept = house.engine.execute("select 1 from record_entry where kind = 'door.reader_gone' and organisation_id = %s", (org.id,))  # fmt: skip
    assert len(kept.fetchall()) == 1
    assert lead.post_form(pressed, "/my-walks").status_code == 400


@pytest.mark.parametrize("size", SIZES)
def test_the_page_is_sound(
    house: House,
    org: Organisation,
    dead: UUID,
    opened: Callable[..., Watched],  # noqa: F811
    size: str,
) -> None:
    browser = house.signed_in(org, "safety_lead")
    for path in ("/sees", "/"):
        watched = opened(path, size, browser)
        watched.is_sound()


@pytest.mark.guarantee("I20")
def test_what_the_doors_cannot_open_is_degraded_on_the_page_of_the_order_and_on_the_board(
    house: House, org: Organisation
) -> None:
    case_id = a_case(house, org)
    entry = DoorEntryRow(
        case_id=case_id,
        organisation_id=org.id,
        match=DoorMatch(names=("Rex Notreal",)),
        updated_at=datetime.now(UTC),
    )
    save_door_entry(house.engine, case_key(house.engine, house.ring, case_id), entry)
    house.engine.execute(
        "update registry_doorentry set match_sealed = 'x' where case_id = %s", (case_id,)
    )
    alarms = PostgresAlarms(house.engine, house.ring)
    with alarms.atomically():
        tell_blind(alarms, ids=RandomIds())
    said = "DEGRADED: What the doors know of a case"
    lead = house.signed_in(org, "safety_lead")
    assert f"{said} WREN, Depot: it cannot be opened" in lead.get(f"/cases/{case_id}/orders").text
    assert f"{said}, Depot: it cannot be opened" in house.signed_in(org, "shift_lead").get("/").text
    assert said not in house.signed_in(org, "guard").get("/").text


@pytest.mark.guarantee("I20")
def test_a_case_whose_papers_cannot_be_opened_hides_no_other_in_the_list_and_is_not_shown_as_without_an_order(
    house: House, org: Organisation
) -> None:
    case_id = a_case(house, org)
    house.engine.execute(
        """insert into registry_protectionorder (id, organisation_id, case_id, family, court_time_zone, conditions, stay_away,
            has_firearm_mark, is_mutual, body_sealed, entered_at, entered_by_id, review_due_at)
        values (%s, %s, %s, 'final', 'America/Chicago', '[]', '[]', false, false, 'x', now(), %s, now())""",
        (uuid7(), org.id, case_id, org.people["safety_lead"]),
    )
    shown = house.signed_in(org, "safety_lead").get("/orders")
    assert shown.status_code == 200
    assert "WREN" in shown.text
    assert "Its papers cannot be opened" in shown.text
