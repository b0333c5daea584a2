"""Whoever is asked to look reads what to look at, from when, and answers there; an alarm's words and buttons are not hers."""

from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import expect

from tests.pages.house import House, Organisation
from tests.pages.test_browser import SIZES, Watched, chromium, opened  # noqa: F401 - fixtures
from tests.pages.test_walks import USUAL, state
from tests.pages.test_way_names_nobody import question
from tocsin.runtime.database import viewing

pytestmark = pytest.mark.pages
OF_AN_ALARM = (
    'value="in_charge"',
    'value="calling"',
    'value="going"',
    'value="over"',
    'id="h-psap"',
    "<blockquote>",
)


def speaks(house: House, org: Organisation, language: str) -> None:
    """Let everybody of this employer read this language."""
    with viewing(house.conn, org.id):
        house.conn.execute(
            "update registry_person set language = %s where organisation_id = %s",
            (language, org.id),
        )


def hold_of(house: House, org: Organisation) -> UUID:
    """Return the hold that is asked about."""
    row = house.engine.execute(
        "select id from signals_hold where organisation_id = %s and kind = 'leaving'", (org.id,)
    ).fetchone()
    assert row is not None
    found: UUID = row[0]
    return found


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("Look at: ", "5 minutes left", "since", "Nothing seen", "Something seen")),
        ("es", ("Mire: ", "Quedan 5 minutos", "desde", "No he visto nada", "He visto algo")),
    ],
)
def test_the_page_of_a_question_says_what_to_look_at_and_takes_the_answer(
    house: House, org: Organisation, language: str, said: tuple[str, ...]
) -> None:
    speaks(house, org, language)
    path, asked = f"/incidents/{question(house, org)}", house.signed_in(org)
    shown = asked.get(path).text
    for words in said:
        assert words in shown
    for words in OF_AN_ALARM:
        assert words not in shown
    # Whom or what she saw she can report from here, which calls people.
    assert shown.count('href="/seen"') == 3
    hold = hold_of(house, org)
    answered = asked.post_form(f"/walks/{hold}/look", path, way=USUAL, saw="nothing", how="camera")
    assert answered.status_code == 200
    assert state(house, hold)[0] == "looked"


def test_a_question_that_is_over_offers_nothing_any_more(house: House, org: Organisation) -> None:
    asked_about = question(house, org)
    house.engine.execute(
        "update decisions_incident set closed_at = now(), closed_how = 'looked' where id = %s",
        (asked_about,),
    )
    shown = house.signed_in(org).get(f"/incidents/{asked_about}").text
    assert "This question is answered or over." in shown
    for words in (*OF_AN_ALARM, 'name="saw"'):
        assert words not in shown


def test_the_page_of_an_alarm_has_its_buttons_and_its_words(
    house: House, org: Organisation
) -> None:
    shown = house.signed_in(org).get(f"/incidents/{house.sos(org)}").text
    for words in OF_AN_ALARM:
        assert words in shown


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["en", "es"])
def test_whoever_is_asked_answers_on_the_page_of_the_question(
    house: House,
    org: Organisation,
    opened: Callable[..., Watched],  # noqa: F811
    size: str,
    language: str,
) -> None:
    speaks(house, org, language)
    path = f"/incidents/{question(house, org)}"
    watched = opened(path, size, house.signed_in(org))
    expect(watched.page.locator("#live")).not_to_have_text("…")
    watched.is_sound()
    watched.page.locator('button[name="saw"][value="something"]').click()
    watched.page.wait_for_url("**/walks")
    assert state(house, hold_of(house, org))[0] == "something"


def test_a_lead_who_is_asked_to_decide_decides_on_the_page_of_the_question(
    house: House, org: Organisation
) -> None:
    path, lead = f"/incidents/{question(house, org)}", house.signed_in(org, "safety_lead")
    hold = hold_of(house, org)
    lead.post_form(f"/walks/{hold}/look", path, way=USUAL, saw="something")
    row = house.engine.execute(
        "select id from decisions_incident where organisation_id = %s and kind = 'look' and closed_at is null",
        (org.id,),
    ).fetchone()
    assert row is not None
    to_decide = f"/incidents/{row[0]}"
    shown = lead.get(to_decide).text
    assert "A person must decide." in shown
    for words in OF_AN_ALARM:
        assert words not in shown
    lead.post_form(f"/walks/{hold}/look", to_decide, way=USUAL, saw="nothing", decides="1")
    assert state(house, hold)[0] == "looked"
