"""Does an administrator say which vehicles are ours and who has their keys, and nobody else?"""

import re
from collections.abc import Callable
from uuid import UUID

import pytest

from tests.builders import utc
from tests.insider.cases import viewer_of
from tests.pages.house import Browser, House, Organisation
from tests.pages.test_browser import SIZES, Watched, chromium, opened  # noqa: F401 - fixtures
from tocsin.flow.change_vehicles import MAX_VEHICLES, add_vehicle
from tocsin.flow.respond import Refused
from tocsin.registry.rules.vehicle import VehicleRow
from tocsin.runtime.database import viewing
from tocsin.runtime.ids import uuid7

pytestmark = pytest.mark.pages
AT = utc("2026-11-27 03:36:07")


@pytest.fixture
def lead(house: House, org: Organisation) -> Browser:
    """Return the browser of an administrator."""
    return house.signed_in(org, "safety_lead")


def add(browser: Browser, org: Organisation, **more: str) -> str:
    """Add a vehicle and return what the page says."""
    typed = {
        "site": str(org.site_id),
        "name": "Van 4",
        "plate": "CTY 0456",
        "region": "US-IL",
    } | more
    return browser.post_form("/vehicles", **typed).text


def first(shown: str) -> UUID:
    found = re.search(r'/vehicles/([0-9a-f-]{36})/key"', shown)
    assert found is not None
    return UUID(found[1])


def test_a_vehicle_is_added_its_keys_are_given_and_come_back(
    org: Organisation, lead: Browser
) -> None:
    shown = add(lead, org)
    assert "CTY 0456" in shown
    van, guard = first(shown), str(org.people["guard"])
    shown = lead.post_form(f"/vehicles/{van}/key", "/vehicles", person=guard, has="yes").text
    assert "G. Sample gave them back" in shown
    shown = lead.post_form(f"/vehicles/{van}/key", "/vehicles", person=guard, has="no").text
    assert "Nobody has keys." in shown
    assert "None yet." in lead.post_form(f"/vehicles/{van}/remove", "/vehicles").text


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"plate": "🚗"}, "A plate has letters"),
        ({"plate": "A" * 300}, "too long for a plate"),
        ({"plate": "CTY?456"}, "A plate has letters"),
        ({"name": ""}, "This field is required"),
    ],
)
def test_what_is_no_vehicle_is_refused_at_its_field(
    org: Organisation, lead: Browser, more: dict[str, str], said: str
) -> None:
    assert said in add(lead, org, **more)


def test_two_of_one_name_at_a_site_are_refused(org: Organisation, lead: Browser) -> None:
    add(lead, org)
    assert "this site has a vehicle of this name" in add(lead, org)


def test_so_many_vehicles_are_kept_and_one_more_is_refused(house: House, org: Organisation) -> None:
    with viewing(house.conn, org.id):
        admin = viewer_of(house, org, "safety_lead")
        house.conn.execute(
            """insert into registry_fleetvehicle (id, organisation_id, site_id, name, plate, region)
            select gen_random_uuid(), %s, %s, 'Van ' || n, 'AB ' || n, '' from generate_series(2, %s) n""",
            (org.id, org.site_id, MAX_VEHICLES),
        )
        last, more = (
            add_vehicle(house.conn, admin, VehicleRow(uuid7(), org.id, org.site_id, name, "AB 1", ""), at=AT)
            for name in ("Last", "One more")
        )  # fmt: skip
    assert (last, more) == (None, Refused("there are too many vehicles"))


@pytest.mark.parametrize("role", ["guard", "shift_lead"])
def test_nobody_else_reads_or_changes_it(
    house: House, org: Organisation, lead: Browser, role: str
) -> None:
    van = first(add(lead, org))
    other = house.signed_in(org, role)
    assert other.get("/vehicles").status_code == 404
    assert other.post_form(f"/vehicles/{van}/remove", "/sessions").status_code == 404
    wrong = {"person": str(org.people["guard"]), "has": "yes"}
    assert other.post_form(f"/vehicles/{van}/key", "/sessions", **wrong).status_code == 404


@pytest.mark.parametrize("size", SIZES)
def test_the_page_is_sound(
    org: Organisation,
    lead: Browser,
    opened: Callable[..., Watched],  # noqa: F811
    size: str,
) -> None:
    van = first(add(lead, org))
    lead.post_form(f"/vehicles/{van}/key", "/vehicles", person=str(org.people["guard"]), has="yes")
    watched = opened("/vehicles", size, lead)
    watched.is_sound()
