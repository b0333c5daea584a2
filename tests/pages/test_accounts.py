"""What does the page of accounts show, keep and give out, and to whom?"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from tests.pages.case_in_house import a_case
from tests.pages.house import Browser, House, Organisation
from tests.pages.test_browser import SIZES, Watched, chromium, opened  # noqa: F401 - fixtures
from tocsin.engine.accounts_door import NotFound, find_case
from tocsin.flow.load_accounts import load_accounts
from tocsin.runtime.database import viewing

pytestmark = pytest.mark.pages
EXAMPLE = Path(__file__).parents[2] / "examples" / "reference_case.toml"


@pytest.fixture
def case_id(house: House, org: Organisation) -> UUID:
    """Return a case that the safety lead has entered."""
    return a_case(house, org)


@pytest.fixture
def lead(house: House, org: Organisation) -> Browser:
    """Return a browser of who may read the case."""
    return house.signed_in(org, "safety_lead")


def loaded(house: House, org: Organisation, case_id: UUID) -> None:
    """Load the project's own example."""
    with house.engine.transaction():
        load_accounts(house.engine, house.ring, org.id, case_id, EXAMPLE.read_bytes(), day_0=date(2025, 6, 14), by=None, at=datetime.now(UTC))  # fmt: skip


def kept(browser: Browser, page: str, label: str, source: str, words: str, **more: str) -> str:
    """Keep one account, and return what the page says."""
    return browser.post_form(page, page, label=label, source=source, words=words, **more).text


def test_the_example_shows_its_disagreements_in_words_and_its_blanks_as_blanks(
    house: House, org: Organisation, lead: Browser, case_id: UUID
) -> None:
    loaded(house, org, case_id)
    shown = lead.get(f"/accounts/case/{case_id}").text
    assert "THEY DIFFER: not the same numbers." in shown
    assert "THEY DIFFER: not the same words. Read each." in shown
    assert "Nobody gives it." in shown
    assert "D: a web magazine, after the plea" in shown


def test_the_same_file_twice_adds_nothing(house: House, org: Organisation, case_id: UUID) -> None:
    counts = []
    for _ in range(2):
        loaded(house, org, case_id)
        found = house.engine.execute(
            "select count(*) from record_account where case_id = %s", (case_id,)
        )
        counts.append(found.fetchone())
    assert counts[0] == counts[1]


def test_what_is_kept_stands_beside_what_was_kept_before(lead: Browser, case_id: UUID) -> None:
    page = f"/accounts/case/{case_id}"
    kept(lead, page, "His age", "the first report", "23")
    kept(lead, page, "his  age", "the second report", "24")
    shown = kept(lead, page, "His age", "the first report", "24, corrected")
    assert shown.count('scope="row"') == 1
    assert "THEY DIFFER: not the same numbers." in shown
    assert ">23<" in shown
    assert "24, corrected" in shown


def test_a_wrong_account_is_told_at_its_field_and_not_kept(lead: Browser, case_id: UUID) -> None:
    page = f"/accounts/case/{case_id}"
    assert "who says so?" in kept(lead, page, "His age", "", "23")
    assert "it lies ahead" in kept(lead, page, "His age", "A", "23", heard_at="2099-01-01T00:00")
    assert "a fact is named by" in kept(lead, page, "…", "A", "23")
    assert "Nobody has kept an account yet." in lead.get(page).text


def test_times_are_typed_and_shown_by_the_clock_of_the_readers_site(
    lead: Browser, case_id: UUID
) -> None:
    page = f"/accounts/case/{case_id}"
    assert "By the clock of America/Chicago." in lead.get(page).text
    shown = kept(lead, page, "His age", "A", "23", said_at="2025-03-09T01:30", heard_at="2025-03-09T03:30")  # fmt: skip
    assert "9 Mar 2025 01:30 CST" in shown
    assert "9 Mar 2025 03:30 CDT" in shown
    (fact,) = lead.post_to(f"{page}/export", lead.token(lead.get(page))).json()["facts"]
    assert "2025-03-09T07:30:00" in str(fact)


def test_they_are_taken_out_as_json_with_every_version(
    house: House, org: Organisation, lead: Browser, case_id: UUID
) -> None:
    loaded(house, org, case_id)
    page = f"/accounts/case/{case_id}"
    answer = lead.post_to(f"{page}/export", lead.token(lead.get(page)))
    hours = next(one for one in answer.json()["facts"] if one["fact"] == "arrest.after_hours")
    assert [one["Value"] for one in hours["alternateValues"]] == ["3", "5"]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="accounts.json"'
    said = house.engine.execute("select 1 from record_entry where organisation_id = %s and kind = 'record.exported'", (org.id,))  # fmt: skip
    assert said.fetchone()


def test_an_incident_has_accounts_too_and_nobody_but_a_lead_reads_them(
    house: House, org: Organisation
) -> None:
    incident = house.sos(org)
    page = f"/accounts/incident/{incident}"
    kept(house.signed_in(org, "shift_lead"), page, "Where she was", "the guard", "at the gate")
    assert "at the gate" in house.signed_in(org, "safety_lead").get(page).text
    assert house.signed_in(org, "guard").get(page).status_code == 404


def test_what_was_kept_before_he_was_seen_stands_beside_what_is_kept_after(
    house: House, org: Organisation, lead: Browser, case_id: UUID
) -> None:
    incident = house.sos(org)
    page = f"/accounts/incident/{incident}"
    kept(lead, page, "Where she was", "the guard", "at the gate")
    house.engine.execute(
        "update decisions_incident set case_id = %s, progress = progress || jsonb_build_object('cases', jsonb_build_array(%s::text)) where id = %s",
        (case_id, str(case_id), incident),
    )
    shown = kept(lead, page, "Where she was", "the camera", "in the lot")
    assert "at the gate" in shown
    assert "THEY DIFFER" in shown
    (fact,) = lead.post_to(f"{page}/export", lead.token(lead.get(page))).json()["facts"]
    assert [one["Value"] for one in fact["alternateValues"]] == ["at the gate", "in the lot"]


def test_what_is_said_about_a_person_stands_side_by_side_on_her_sheet_and_goes_out_with_it(
    house: House, org: Organisation, lead: Browser, case_id: UUID
) -> None:
    page = f"/accounts/person/{org.people['responder']}?case={case_id}"
    assert page in lead.get(f"/accounts/case/{case_id}").text
    kept(lead, page, "Age", "the first report", "23")
    shown = kept(lead, page, "age", "the second report", "24")
    assert "THEY DIFFER: not the same numbers." in shown
    assert ">23<" in shown
    his = f"/accounts/person/{org.people['guard']}?case={case_id}"
    assert "One source gives it." in kept(lead, his, "Age", "the jail", "41")
    assert "Nobody has kept an account yet." in lead.get(f"/accounts/case/{case_id}").text
    answer = lead.post_to(page.replace("?", "/export?"), lead.token(lead.get(page)))
    (fact,) = answer.json()["facts"]
    assert [one["Value"] for one in fact["alternateValues"]] == ["23", "24"]
    assert answer.json()["about"] == "person"
    with viewing(house.conn, org.id, org.people["safety_lead"]):
        sealed = house.conn.execute("select count(*) from record_account where about = 'person' and case_id = %s and sealed_of = %s", (case_id, case_id)).fetchone()  # fmt: skip
    assert sealed == (3,)


@pytest.mark.guarantee("I12")
def test_nobody_reads_about_a_person_outside_of_a_case_that_he_may_read(
    house: House, org: Organisation, lead: Browser, case_id: UUID
) -> None:
    her = f"/accounts/person/{org.people['responder']}"
    for page in (her, f"{her}?case=x", f"{her}?case={org.id}", f"/accounts/person/{org.id}?case={case_id}", f"/accounts/thing/{case_id}"):  # fmt: skip
        assert lead.get(page).status_code == 404
    for role in ("guard", "shift_lead"):
        browser = house.signed_in(org, role)
        token = browser.token(browser.get("/sessions"))
        assert browser.get(f"{her}?case={case_id}").status_code == 404
        said = {"label": "Age", "source": "A", "words": "23"}
        assert browser.post_to(f"{her}?case={case_id}", token, **said).status_code == 404
        assert browser.post_to(f"{her}/export?case={case_id}", token).status_code == 404


@pytest.mark.guarantee("I12")
@pytest.mark.parametrize("role", ["guard", "shift_lead"])
def test_a_party_and_a_colleague_without_a_grant_find_nothing_there(
    house: House, org: Organisation, case_id: UUID, role: str
) -> None:
    loaded(house, org, case_id)
    browser = house.signed_in(org, role)
    assert browser.get(f"/accounts/case/{case_id}").status_code == 404
    assert browser.get(f"/accounts/person/{case_id}").status_code == 404
    token = browser.token(browser.get("/sessions"))
    assert browser.post_to(f"/accounts/case/{case_id}/export", token).status_code == 404


def test_nobody_overwrites_or_removes_an_account(
    house: House, org: Organisation, case_id: UUID
) -> None:
    loaded(house, org, case_id)
    for statement in ("update record_account set fact = 'x'", "delete from record_account"):
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            viewing(house.conn, org.id, org.people["safety_lead"]),
        ):
            house.conn.execute(statement)  # type: ignore[arg-type]


def test_the_command_finds_the_case_by_its_word(
    house: House, org: Organisation, case_id: UUID
) -> None:
    slug = f"house-{org.id.hex[-8:]}"
    assert find_case(house.engine, house.ring, slug, "wren") == (org.id, case_id)
    for wrong in ((slug, "OTTER"), ("nobody", "WREN")):
        with pytest.raises(NotFound):
            find_case(house.engine, house.ring, *wrong)


@pytest.mark.parametrize("size", SIZES)
def test_the_page_is_sound(
    house: House,
    org: Organisation,
    lead: Browser,
    case_id: UUID,
    opened: Callable[..., Watched],  # noqa: F811
    size: str,
) -> None:
    loaded(house, org, case_id)
    watched = opened(f"/accounts/case/{case_id}", size, lead)
    watched.is_sound()
