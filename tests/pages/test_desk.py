"""What does a post learn when it asks who somebody is, and what does the one who is looked for learn?"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
import requests
from playwright.sync_api import expect

from tests.pages.case_in_house import a_case
from tests.pages.house import Browser, House, Organisation
from tests.pages.test_browser import SIZES, Watched, chromium, opened  # noqa: F401 - fixtures
from tocsin.registry.rules.case_rows import DoorEntryRow
from tocsin.registry.rules.door import DoorMatch, KnownPlate
from tocsin.registry.rules.rows import PlaceRow
from tocsin.registry.store_cases import case_key
from tocsin.registry.store_doors import load_door_entry, save_door_entry
from tocsin.registry.store_grants import add_party
from tocsin.registry.store_sites import insert_place
from tocsin.runtime.database import viewing
from tocsin.runtime.ids import uuid7
from tocsin.signals.store_reports import take_reports

pytestmark = pytest.mark.pages
AT = datetime(2026, 3, 3, 22, 0, tzinfo=UTC)
# The smallest picture there is.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c626001000000050001a5f645400000000049454e44ae426082"
)
NO_ENTRY = "No entry found; this is not a clearance."
MASKED = re.compile(r'(name="csrfmiddlewaretoken" value=")[^"]+')


def known_at_door(
    house: House, org: Organisation, case_id: UUID, names: tuple[str, ...] = ("Rex Notreal",)
) -> None:
    """Let the doors know the respondent of a case, as entering an order does."""
    match = DoorMatch(
        names=names,
        born_on=date(1986, 4, 9),
        plates=(KnownPlate("7KLM234", "US-CA"),),
        colleague_id=org.people["guard"],
        description="about 180 cm, grey beard",
    )
    entry = DoorEntryRow(
        case_id=case_id,
        organisation_id=org.id,
        match=match,
        photo=PNG,
        photo_type="image/png",
        updated_at=AT,
    )
    with viewing(house.conn, org.id, org.people["safety_lead"]):
        key = case_key(house.conn, house.ring, case_id)
        assert key is not None
        save_door_entry(house.conn, key, entry)


@pytest.fixture
def case_id(house: House, org: Organisation) -> UUID:
    """Return a case whose respondent, the guard, is known at the doors."""
    found = a_case(house, org)
    known_at_door(house, org, found)
    return found


@pytest.fixture
def post(house: House, org: Organisation) -> Browser:
    """Return the browser of somebody at a post who is no party."""
    return house.signed_in(org, "shift_lead")


def ask(browser: Browser, **typed: str) -> requests.Response:
    """Ask at the desk."""
    return browser.post_form("/desk", **typed)


def readings(house: House, case_id: UUID) -> list[tuple[str, str]]:
    """Return what was looked at of a case, and by which right."""
    return house.engine.execute(
        "select what, why from registry_reading where case_id = %s order by id", (case_id,)
    ).fetchall()


def test_a_name_that_may_be_his_is_not_confirmed_and_says_whom_to_call(
    post: Browser, case_id: UUID
) -> None:
    shown = ask(post, name="Rex Notreel").text
    assert "Not confirmed: do not detain or touch." in shown
    assert "about 180 cm, grey beard" in shown
    assert "nobody else leads this site now" in shown
    assert "of 1000 points" in shown


def test_a_plate_that_is_his_is_certain_and_says_what_to_do(post: Browser, case_id: UUID) -> None:
    shown = ask(post, plate="7klm-234").text
    assert "Do not admit. Step back and lock." in shown
    assert "the plate is the same" in shown


def test_an_entry_that_names_only_the_car_park_says_so_and_stops_nobody_elsewhere(
    house: House, org: Organisation, post: Browser, case_id: UUID
) -> None:
    car_park = PlaceRow(uuid7(), "Car park North", "parking", None)
    with viewing(house.conn, org.id, org.people["safety_lead"]):
        insert_place(house.conn, org.id, org.site_id, car_park)
        entry = load_door_entry(house.conn, house.ring, case_id)
        assert entry is not None
        only_there = replace(entry, instruction="inform", places=(car_park.id,))
        save_door_entry(house.conn, case_key(house.conn, house.ring, case_id), only_there)
    shown = ask(post, plate="7klm-234").text
    assert "Do not admit to: Car park North. Do not say why." in shown
    assert "stop nobody elsewhere" in shown
    assert "Step back and lock" not in shown


def test_it_names_who_leads_here_now_and_shows_the_photograph_to_compare_with(
    house: House, org: Organisation, case_id: UUID
) -> None:
    asker = house.signed_in(org, "safety_lead")
    shown = ask(asker, plate="7klm-234").text
    assert 'S. Sample <span class="role">(leads this shift)</span>' in shown
    face = re.search(r'<img class="face" src="([^"]+)" alt="Photograph to compare with">', shown)
    assert face is not None
    assert asker.get(face[1]).content == PNG
    # Whoever left is not called, whatever the roster says; nor is whoever is shut out of the case.
    gone = "update registry_person set is_active = %s where id = %s"
    house.engine.execute(gone, (False, org.people["shift_lead"]))
    assert "nobody else leads this site now" in ask(asker, plate="7klm-234").text
    house.engine.execute(gone, (True, org.people["shift_lead"]))
    assert "(leads this shift)" in ask(asker, plate="7klm-234").text
    with viewing(house.conn, org.id, org.people["safety_lead"]):
        add_party(house.conn, org.id, case_id, org.people["shift_lead"], datetime.now(UTC))
    assert "nobody else leads this site now" in ask(asker, plate="7klm-234").text


def test_whoever_is_not_known_is_no_clearance(post: Browser, case_id: UUID) -> None:
    assert NO_ENTRY in ask(post, name="Gus Nobody").text


@pytest.mark.guarantee("I19")
def test_each_entry_that_is_shown_is_on_record_with_who_looked(
    house: House, org: Organisation, post: Browser, case_id: UUID
) -> None:
    ask(post, name="Rex Notreal")
    assert readings(house, case_id) == [("desk", "door")]
    assert post.get(f"/desk/{case_id}/photo").content == PNG
    assert readings(house, case_id) == [("desk", "door"), ("photo", "door")]


def test_nothing_is_kept_of_a_search_that_finds_nobody_but_a_number(
    house: House, org: Organisation, post: Browser
) -> None:
    before = house.engine.execute(
        "select count(*) from record_entry where organisation_id = %s", (org.id,)
    ).fetchone()
    ask(post, name="Gus Nobody")
    ask(post, plate="8XYZ999")
    after = house.engine.execute(
        "select count(*) from record_entry where organisation_id = %s", (org.id,)
    ).fetchone()
    checks = house.engine.execute(
        "select checks from signals_deskcount where organisation_id = %s", (org.id,)
    ).fetchall()
    assert before == after
    assert checks == [(2,)]


@pytest.mark.guarantee("I11")
def test_the_respondent_who_asks_about_himself_gets_the_bytes_of_no_entry(
    house: House, org: Organisation
) -> None:
    his = house.signed_in(org, "guard")
    typed = {"name": "Rex Notreal", "plate": "7KLM234", "born": "1986-04-09"}
    without = ask(his, **typed)
    case_id = a_case(house, org)
    known_at_door(house, org, case_id)
    with_order = ask(his, **typed)
    assert NO_ENTRY in with_order.text
    assert MASKED.sub("", with_order.text) == MASKED.sub("", without.text)
    assert len(with_order.content) == len(without.content)
    assert readings(house, case_id) == []
    unknown = his.get(f"/desk/{org.id}/photo")
    assert MASKED.sub("", his.get(f"/desk/{case_id}/photo").text) == MASKED.sub("", unknown.text)


@pytest.mark.guarantee("I11")
def test_the_respondent_can_report_nothing_about_the_case(
    house: House, org: Organisation, case_id: UUID
) -> None:
    his = house.signed_in(org, "guard")
    typed = {"name": "Rex Notreal", "who": str(case_id), "track": str(org.id)}
    assert his.post_form("/desk/report", "/desk", **typed).status_code == 404


def test_a_photograph_is_kept_by_no_browser(post: Browser, case_id: UUID) -> None:
    shown = post.get(f"/desk/{case_id}/photo")
    assert shown.headers["Cache-Control"] == "no-store"
    assert shown.headers["Content-Type"] == "image/png"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("who", ["he", "unsure"])
def test_one_tap_reports_what_was_typed_and_what_the_person_says(
    house: House, org: Organisation, post: Browser, case_id: UUID, who: str
) -> None:
    shown = ask(post, name="Rex Notreal")
    track = re.search(r'name="track" value="([^"]+)"', shown.text)
    assert track is not None
    said = str(case_id) if who == "he" else who
    answer = post.post_to(
        "/desk/report", post.token(shown), name="Rex Notreal", track=track[1], who=said
    )
    assert ("Kept: it is he." if who == "he" else "Kept as possible.") in answer.text
    with house.engine.transaction():
        reports = [
            r
            for r in take_reports(house.engine, house.ring, limit=50)
            if r.organisation_id == org.id
        ]
    [report] = [report.seen for report in reports if report.seen]
    assert report.case_id == (case_id if who == "he" else None)
    assert report.name == "Rex Notreal"
    assert report.track == f"desk:{UUID(track[1]).hex}"
    assert report.site_id == org.site_id


def test_a_case_that_what_was_typed_does_not_match_cannot_be_reported(
    org: Organisation, post: Browser, case_id: UUID
) -> None:
    typed = {"name": "Gus Nobody", "who": str(case_id), "track": str(org.id)}
    assert post.post_form("/desk/report", "/desk", **typed).status_code == 404


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"plate": "🚗🚓"}, "A plate has letters, figures"),
        ({"plate": "A" * 200}, "This is too long for a plate"),
        ({"plate": "A"}, "Type at least two"),
        ({"name": "Rex\u0000Notreal"}, "Null characters are not allowed"),
        ({"name": "Rex\u202eNotreal"}, "A name has letters"),
        ({"name": "R" * 500}, "This is too long for a name"),
        ({"name": "Rex", "born": "31.02.1986"}, "Type the year, the month and the day"),
        ({"name": "Rex", "born": "1986-02-31"}, "Type the year, the month and the day"),
        ({"phone": "12"}, "seven to fifteen figures"),
        ({"badge": "<b>"}, "A badge has letters and figures"),
        ({"born": "1986"}, "Type a name, a plate, a phone or a badge."),
        ({}, "Type a name, a plate, a phone or a badge."),
    ],
)
def test_what_cannot_be_looked_for_is_refused_at_its_field(
    post: Browser, typed: dict[str, str], said: str
) -> None:
    shown = ask(post, **typed)
    assert shown.status_code == 400
    assert said in shown.text


def test_a_change_of_the_entry_is_found_at_the_next_question(
    house: House, org: Organisation, post: Browser, case_id: UUID
) -> None:
    assert NO_ENTRY in ask(post, name="Rexina Harlowe").text
    known_at_door(house, org, case_id, names=("Rexina Harlowe",))
    assert "Not confirmed" in ask(post, name="Rexina Harlowe").text
    assert NO_ENTRY in ask(post, name="Rex Notreal").text


def test_a_vehicle_of_ours_of_which_he_has_keys_is_possible(
    house: House, org: Organisation, post: Browser, case_id: UUID
) -> None:
    with viewing(house.conn, org.id, org.people["safety_lead"]):
        house.conn.execute(
            """with car as (insert into registry_fleetvehicle (id, organisation_id, site_id, name, plate, region)
                values (gen_random_uuid(), %s, %s, 'Van 4', 'CTY0456', '') returning id)
            insert into registry_fleetkey (id, organisation_id, vehicle_id, person_id)
            select gen_random_uuid(), %s, id, %s from car""",
            (org.id, org.site_id, org.id, org.people["guard"]),
        )
    shown = ask(post, plate="CTY 0456").text
    assert "Not confirmed" in shown
    assert "others have keys too" in shown


@pytest.mark.parametrize("size", SIZES)
def test_the_desk_is_sound(
    house: House,
    post: Browser,
    case_id: UUID,
    opened: Callable[..., Watched],  # noqa: F811
    size: str,
) -> None:
    watched = opened("/desk", size, post)
    watched.is_sound()
    for label, typed, said in (
        ("Name", "Rex Notreel", "Possible"),
        ("Number plate", "7KLM234", "Certain"),
        ("Name", "Gus Nobody", NO_ENTRY),
    ):
        watched.page.goto(f"{house.base}/desk")
        watched.page.get_by_label(label, exact=True).fill(typed)
        watched.page.get_by_role("button", name="Ask").click()
        expect(watched.page.locator(".answer .line").first).to_contain_text(said)
        watched.is_sound()
