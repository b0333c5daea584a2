"""Does what the watcher says on his page reach her phone: gate, engine, web and database as they run, also over a new gate?"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from tests.faults.place import Place, until
from tests.pages.house import Browser, House, Organisation, hashed
from tests.pages.test_browser import SIZES, Watched, chromium
from tocsin.registry import store_sign_ins as sign_ins
from tocsin.runtime import keys as keys_module
from tocsin.runtime.database import connect
from tocsin.runtime.ids import uuid7

pytestmark = pytest.mark.pages
__all__ = ["chromium"]
ENDED = "The walk has ended."
# Two asks of a phone, and the engine's way to the gate.
SOON_MS = 6000


@pytest.fixture(scope="module")
def watcher(lasting_place: Place) -> Iterator[Browser]:
    """Return a browser in which somebody is signed in who leads this shift, and so watches every walk."""
    place, settings = lasting_place, lasting_place.settings
    house = House(settings, keys_module.load(settings.keys_dir), settings.public_url)
    lead, login, shift = place.on_duty[1], "walk-watcher", uuid7()
    with connect(settings, "engine") as conn:
        account = sign_ins.insert_account(conn, place.organisation, lead, login, hashed())
        conn.execute(
            """insert into registry_shift (id, organisation_id, site_id, person_id, role, starts_at, ends_at, source)
            values (%s, %s, %s, %s, 'shift_lead', %s, %s, 'test')""",
            (shift, place.organisation, place.site, lead, _in(-1), _in(1)),
        )
    house.set_up_second_factor(account)
    org = Organisation(place.organisation, place.site, {"lead": lead}, {"lead": login})
    yield house.signed_in(org, "lead")
    house.conn.close()
    house.engine.close()
    place.ask("delete from registry_shift where id = %s returning 1", shift)


def _in(hours: float) -> datetime:
    return datetime.now(UTC) + timedelta(hours=hours)


@pytest.fixture
def her_phone(chromium: Chromium, place: Place) -> Iterator[Callable[[int], Watched]]:
    """Return how to open the page of somebody's phone."""
    contexts = []

    def open_phone(number: int) -> Watched:
        context = chromium.new_context(viewport=SIZES["phone"])  # type: ignore[arg-type]
        contexts.append(context)
        watched = Watched(context)
        watched.page.goto(place.settings.public_url + "/phone")
        token = place.phones.tokens[number]
        watched.page.evaluate("token => localStorage.setItem('tocsin.token', token)", token)
        watched.page.reload()
        return watched

    yield open_phone
    for context in contexts:
        context.close()


def starts_walk(watched: Watched) -> None:
    watched.page.get_by_text("Walk", exact=True).click()
    watched.page.get_by_role("button", name="Start the walk").click()
    expect(watched.page.locator("#walkstate")).to_contain_text("Time left", timeout=SOON_MS)


def walk_of(place: Place, number: int) -> UUID:
    """Return her walk, as soon as the engine has it."""
    statement = "select id from signals_walk where person_id = %s and ended_at is null"
    until(lambda: place.ask(statement, place.people[number]), within_s=10, what="no walk")
    found: UUID = place.ask(statement, place.people[number])[0][0]
    return found


def sees_her_leave(watcher: Browser, walk_id: UUID) -> None:
    """Let the watcher press the button of this walk on his board."""
    path = f"/walks/{walk_id}/left"
    board = watcher.get("/")
    assert path in board.text
    assert watcher.post_to(path, watcher.token(board)).status_code == 200


@pytest.mark.guarantee("I15")
def test_that_the_watcher_saw_her_leave_is_shown_on_her_phone_and_nobody_asks_her(place: Place, watcher: Browser, her_phone: Callable[[int], Watched]) -> None:  # fmt: skip
    (number,) = place.fresh(1)
    phone = her_phone(number)
    starts_walk(phone)
    walk_id = walk_of(place, number)
    sees_her_leave(watcher, walk_id)
    expect(phone.page.get_by_text(ENDED)).to_be_visible(timeout=SOON_MS)
    expect(phone.page.get_by_role("button", name="Start the walk")).to_be_visible()
    assert str(walk_id) not in watcher.get("/").text
    asked = "select count(*) from decisions_incident where person_id = %s"
    assert place.count(asked, place.people[number]) == 0
    phone.is_sound()


@pytest.mark.guarantee("I7", "I15")
def test_a_phone_that_was_out_of_reach_meanwhile_hears_it_from_a_gate_that_has_started_since(place: Place, watcher: Browser, her_phone: Callable[[int], Watched]) -> None:  # fmt: skip
    (number,) = place.fresh(1)
    phone = her_phone(number)
    starts_walk(phone)
    walk_id = walk_of(place, number)
    phone.page.context.set_offline(True)
    sees_her_leave(watcher, walk_id)
    before = place.pid("gate")
    place.kill("gate")
    place.wait_back("gate", before)
    expect(phone.page.locator("#walkstate")).to_contain_text("Time left")
    phone.page.context.set_offline(False)
    expect(phone.page.get_by_text(ENDED)).to_be_visible(timeout=2 * SOON_MS)
    begun = "select count(*) from signals_walk where person_id = %s"
    assert place.count(begun, place.people[number]) == 1
