"""What does the page of custody say, and to whom?"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest

from tests.builders import a_policy
from tests.pages.case_in_house import a_case
from tests.pages.house import Browser, House, Organisation
from tests.pages.test_browser import SIZES, Watched, chromium, opened  # noqa: F401 - fixtures
from tocsin.decisions.rules.incident import Incident, Kind
from tocsin.flow.alarms import Change
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.runtime.database import viewing
from tocsin.runtime.ids import uuid7
from tocsin.signals.rules.custody import SHOWN_AT_ONCE
from tocsin.signals.store_custody import load_custody

pytestmark = pytest.mark.pages
NOTICE = """VINE Custody Status Notification

Offender: REX NOTREAL
Facility: Riverside County Jail
Event: Released
Enter your PIN to stop these calls."""


@pytest.fixture
def case_id(house: House, org: Organisation) -> UUID:
    """Return a case that the safety lead has entered."""
    return a_case(house, org)


@pytest.fixture
def lead(house: House, org: Organisation) -> Browser:
    """Return a browser of who may read the case."""
    return house.signed_in(org, "safety_lead")


def held(browser: Browser, case_id: UUID, **more: str) -> str:
    """Write down that the jail holds him, and return what the page says."""
    said = {"state": "held", "source": "jail", "asked_myself": "on", "counts_days": "1"} | more
    page = f"/cases/{case_id}/custody"
    return browser.post_form(f"{page}/record", page, **said).text


def test_custody_of_which_nobody_spoke_counts_as_free(lead: Browser, case_id: UUID) -> None:
    assert (
        "Nobody has said anything. He counts as free." in lead.get(f"/cases/{case_id}/custody").text
    )


def test_what_somebody_asked_makes_him_held_and_says_until_when(
    lead: Browser, case_id: UUID
) -> None:
    shown = held(lead, case_id)
    assert "Ask again before" in shown
    assert "Counts as free" not in shown


def test_a_notice_beside_it_makes_two_words_until_a_person_decides(
    lead: Browser, case_id: UUID
) -> None:
    held(lead, case_id)
    page = f"/cases/{case_id}/custody"
    shown = lead.post_form(f"{page}/notice", page, kind="mail_notice", text=NOTICE).text
    assert "Two sources disagree." in shown
    assert "asks for her PIN or an answer: hers alone" in shown
    assert "Riverside County Jail" in shown
    assert "Two sources disagree." not in held(lead, case_id, settles="on")


def test_a_notice_in_another_layout_is_shown_as_it_came(lead: Browser, case_id: UUID) -> None:
    page = f"/cases/{case_id}/custody"
    shown = lead.post_form(f"{page}/notice", page, kind="sms_notice", text="VINE: see the app").text
    assert "1 notice could not be read." in shown
    assert "VINE: see the app" in shown


def test_a_notice_in_another_layout_ends_held_and_the_page_says_why(
    lead: Browser, case_id: UUID
) -> None:
    held(lead, case_id)
    page = f"/cases/{case_id}/custody"
    shown = lead.post_form(f"{page}/notice", page, kind="sms_notice", text="VINE: see the app").text
    assert "Counts as free" in shown
    assert "A notice came that could not be read." in shown
    # What said that he is held was looked at, and must not read as if it held.
    assert "does not count now" in shown
    assert 'class="badge good">decides now' not in shown


def test_a_word_that_is_taken_back_stays_on_the_page(
    house: House, org: Organisation, lead: Browser, case_id: UUID
) -> None:
    held(lead, case_id)
    with viewing(house.conn, org.id, org.people["safety_lead"]):
        (fact,) = load_custody(house.conn, case_id)
    page = f"/cases/{case_id}/custody"
    shown = lead.post_form(f"{page}/{fact.id}/take-back", page, because="mistyped").text
    assert "it was typed wrongly" in shown
    assert "Counts as free" in shown


def test_older_words_are_on_a_page_of_their_own_and_can_be_taken_back(
    house: House, org: Organisation, lead: Browser, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = f"/cases/{case_id}/custody"
    for n in range(SHOWN_AT_ONCE):
        said = ("mail_notice", f"n{n}", datetime.now(UTC) - timedelta(days=n + 1))
        house.engine.execute(
            """insert into signals_custodyfact (id, organisation_id, case_id, state, source, heard_at, is_confirmed,
            settles, taken_back_because) values (%s, %s, %s, 'not_understood', %s, %s, false, false, '')""",
            (uuid7(), org.id, case_id, said[0], said[2]),
        )
    assert "Earlier words" not in lead.get(page).text
    first = lead.post_form(f"{page}/notice", page, kind="sms_notice", text="VINE: see the app").text
    assert "Page 1 of 2" in first
    assert "101 notices could not be read." in first
    older = lead.get(f"{page}?page=2").text
    assert ("Later words" in older, "Earlier words" in older) == (True, False)
    assert older.count("take-back") == 1
    assert "Page 1 of 2" in lead.get(f"{page}?page=x").text


def test_what_was_known_at_another_time_is_answered(lead: Browser, case_id: UUID) -> None:
    held(lead, case_id)
    before = (datetime.now(UTC) - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    shown = lead.get(f"/cases/{case_id}/custody?known_at={before}").text
    assert "Nobody has said anything. He counts as free." in shown


def test_a_release_that_lies_ahead_and_a_wrong_time_are_told_apart(
    lead: Browser, case_id: UUID
) -> None:
    ahead = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    assert "Held" in held(lead, case_id)
    assert "a time that has not come" in held(lead, case_id, true_at=ahead)
    assert "Write a year from 1900 to 2200" in held(lead, case_id, true_at="9999-12-31T23:59")
    assert "Held" in held(lead, case_id, state="released", true_at=ahead)
    typo = (datetime.now(UTC) + timedelta(days=3_650)).strftime("%Y-%m-%dT%H:%M")
    assert "look at the year" in held(lead, case_id, state="released", true_at=typo)


@pytest.mark.guarantee("I12")
@pytest.mark.parametrize("role", ["guard", "shift_lead"])
def test_a_party_and_a_colleague_without_a_grant_find_nothing_there(
    house: House, org: Organisation, case_id: UUID, role: str
) -> None:
    browser = house.signed_in(org, role)
    assert browser.get(f"/cases/{case_id}/custody").status_code == 404
    token = browser.token(browser.get("/sessions"))
    for path in ("record", "notice", f"{case_id}/take-back"):
        said = {"state": "held", "source": "jail", "because": "mistyped", "text": NOTICE}
        assert browser.post_to(f"/cases/{case_id}/custody/{path}", token, **said).status_code == 404


@pytest.mark.parametrize("size", SIZES)
def test_the_page_is_sound(
    house: House,
    lead: Browser,
    case_id: UUID,
    opened: Callable[..., Watched],  # noqa: F811
    size: str,
) -> None:
    held(lead, case_id)
    page = f"/cases/{case_id}/custody"
    lead.post_form(f"{page}/notice", page, kind="mail_notice", text=NOTICE)
    lead.post_form(f"{page}/notice", page, kind="sms_notice", text="VINE: see the app")
    watched = opened(page, size, lead)
    watched.is_sound()


@pytest.mark.guarantee("I20")
def test_a_word_kept_on_the_page_ends_not_located_in_the_open_incident(
    house: House, org: Organisation, lead: Browser, case_id: UUID
) -> None:
    incident = an_incident(house, org, case_id)
    assert "NOT LOCATED" in lead.get(f"/incidents/{incident}").text
    held(lead, case_id)
    assert "NOT LOCATED" not in lead.get(f"/incidents/{incident}").text
    page = f"/cases/{case_id}/custody"
    lead.post_form(f"{page}/notice", page, kind="mail_notice", text=NOTICE)
    assert "NOT LOCATED" in lead.get(f"/incidents/{incident}").text


@pytest.mark.guarantee("I20")
def test_of_several_cases_each_that_is_not_located_has_its_own_link_until_somebody_records_it(
    house: House, org: Organisation, lead: Browser, case_id: UUID
) -> None:
    other = a_case(house, org, word="ODSL")
    incident = an_incident(house, org, case_id, other)

    def linked() -> set[UUID]:
        shown = lead.get(f"/incidents/{incident}").text
        return {one for one in (case_id, other) if f'href="/cases/{one}/custody"' in shown}

    assert linked() == {case_id, other}
    held(lead, case_id)
    assert linked() == {other}
    held(lead, other)
    assert linked() == set()


def test_a_thumb_finds_each_of_several_such_links_by_itself(
    house: House,
    org: Organisation,
    lead: Browser,
    case_id: UUID,
    opened: Callable[..., Watched],  # noqa: F811
) -> None:
    incident = an_incident(house, org, case_id, *(a_case(house, org, word=one) for one in ("ODSL", "KXTM")))  # fmt: skip
    watched = opened(f"/incidents/{incident}", "phone", lead, has_touch=True, is_mobile=True)
    boxes = [one.bounding_box() for one in watched.page.locator("a[href$='/custody']").all()]
    assert [box["height"] >= 40 for box in boxes if box] == [True] * 3
    for above, below in pairwise(box for box in boxes if box):
        assert above["y"] + above["height"] <= below["y"]
    watched.is_sound()


def an_incident(house: House, org: Organisation, *case_ids: UUID) -> UUID:
    """Open an incident of these cases, in which he is not located."""
    at = datetime.now(UTC)
    incident = Incident(
        id=uuid7(),
        organisation_id=org.id,
        site_id=org.site_id,
        person_id=org.people["responder"],
        word="WXYZ",
        kind=Kind.POSSIBLE_BREACH,
        is_drill=False,
        key=f"sighting-{case_ids[0].hex[:8]}",
        opened_at=at,
        policy=a_policy(),
        ladder_from=at,
        last_raised_at=at,
        case_ids=case_ids,
        not_located=frozenset(case_ids),
    )
    alarms = PostgresAlarms(house.engine, house.ring)
    with alarms.atomically():
        alarms.save([Change(incident=incident, is_new=True)])
    return incident.id
