"""The questions that a law asks: hers to answer, to refuse and to delete; read by no roster manager."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from tests.pages.case_in_house import a_case
from tests.pages.house import Browser, House, Organisation
from tests.pages.test_browser import SIZES, Watched, chromium, opened  # noqa: F401 - fixtures
from tocsin.registry.rules.case_rows import CaseRow
from tocsin.registry.rules.order_document import Respondent
from tocsin.registry.store_cases import insert_case
from tocsin.runtime.database import viewing
from tocsin.runtime.ids import uuid7

pytestmark = pytest.mark.pages
UTAH = "utah-77-36-2.1/2023-enacted"


@pytest.fixture
def case_id(house: House, org: Organisation) -> UUID:
    """Return a case that the safety lead has entered."""
    return a_case(house, org)


@pytest.fixture
def lead(house: House, org: Organisation) -> Browser:
    """Return a browser of who may read the case."""
    return house.signed_in(org, "safety_lead")


def answered(browser: Browser, case_id: UUID, **said: str) -> str:
    """Answer the questions of Utah, and return what the page says."""
    page = f"/cases/{case_id}/questions/{UTAH}"
    values = {name.replace("_", "-"): value for name, value in said.items()}
    return browser.post_form(page, page, **values).text


def rows(house: House, case_id: UUID) -> int:
    """Return how many reviews lie in the database."""
    found = house.engine.execute(
        "select count(*) from decisions_riskreview where case_id = %s", (case_id,)
    )
    (count,) = found.fetchone() or (0,)
    return int(count)


def test_the_page_says_what_a_score_is_not(lead: Browser, case_id: UUID) -> None:
    shown = lead.get(f"/cases/{case_id}/questions").text
    assert (
        "A score never clears anybody, never punishes anybody, and is never a probability." in shown
    )
    assert "incomplete" in shown
    assert "topics, not the words of the law" in shown


def test_answers_are_shown_with_the_rule_the_version_and_who_asked(
    lead: Browser, case_id: UUID
) -> None:
    shown = answered(lead, case_id, item_4="yes", item_1="no", note_12="he waits outside")
    assert "The rule of this section is met" in shown
    assert "2023-enacted" in shown
    assert "he waits outside" in shown
    assert "meets the rule" in shown


def test_what_is_not_met_clears_nobody(lead: Browser, case_id: UUID) -> None:
    said = {f"item_{n}": "no" for n in range(1, 13)}
    assert "That clears nobody" in answered(lead, case_id, **said)


def test_a_refusal_is_kept_and_can_be_deleted_like_everything_else(
    house: House, lead: Browser, case_id: UUID
) -> None:
    page = f"/cases/{case_id}/questions"
    shown = lead.post_form(f"{page}/refuse", page).text
    assert "She did not want to be asked" in shown
    assert "She does not want to be asked. Do not ask her." in shown
    assert "Open the questions" not in shown
    # While it stands nobody answers for her.
    assert "she does not want to be asked" in lead.get(f"{page}/{UTAH}").text
    assert "she does not want to be asked" in answered(lead, case_id, item_1="yes")
    assert rows(house, case_id) == 1
    for found in re.findall(r"questions/([0-9a-f-]{36})/delete", lead.get(page).text):
        lead.post_form(f"{page}/{found}/delete", page)
    assert rows(house, case_id) == 0


def test_she_refuses_answers_and_deletes_by_herself_and_nobody_answers_for_her_meanwhile(
    house: House, org: Organisation, lead: Browser, case_id: UUID
) -> None:
    # It protects the shift lead here: she can sign in, and manages a roster.
    house.engine.execute("update registry_case set protected_id = %s where id = %s", (org.people["shift_lead"], case_id))  # fmt: skip
    her, page = house.signed_in(org, "shift_lead"), f"/cases/{case_id}/questions"
    assert "These are yours." in her.get(page).text
    her.post_form(f"{page}/refuse", page)
    assert "she does not want to be asked" in answered(lead, case_id, item_1="yes")
    assert "The rule of this section is met" in answered(her, case_id, item_1="yes")
    assert rows(house, case_id) == 2
    for found in re.findall(r"questions/([0-9a-f-]{36})/delete", her.get(page).text):
        her.post_form(f"{page}/{found}/delete", page)
    assert rows(house, case_id) == 0
    assert "Nothing was asked, or it was deleted. Which of the two is not kept." in lead.get(page).text  # fmt: skip


def test_the_answers_lie_sealed_and_nothing_of_them_is_on_record(
    house: House, org: Organisation, lead: Browser, case_id: UUID
) -> None:
    answered(lead, case_id, item_4="yes", note_12="he waits outside")
    (sealed,) = house.engine.execute("select answers_sealed from decisions_riskreview where case_id = %s", (case_id,)).fetchone() or (b"",)  # fmt: skip
    assert b"waits" not in bytes(sealed)
    leaves = house.engine.execute("select kind, leaf from record_entry where organisation_id = %s", (org.id,)).fetchall()  # fmt: skip
    assert {kind for kind, _ in leaves} <= {"session.begun", "record.read", "registry.changed"}
    for _, leaf in leaves:
        assert "review" not in json.dumps(json.loads(bytes(leaf)))
        assert "question" not in json.dumps(json.loads(bytes(leaf)))


@pytest.mark.guarantee("I12")
@pytest.mark.parametrize("role", ["guard", "shift_lead"])
def test_a_party_and_a_roster_manager_find_nothing_there(
    house: House, org: Organisation, case_id: UUID, role: str
) -> None:
    browser = house.signed_in(org, role)
    for path in ("questions", f"questions/{UTAH}"):
        assert browser.get(f"/cases/{case_id}/{path}").status_code == 404


def test_a_roster_manager_reads_no_answer_in_the_database_whatever_grant_he_holds(
    house: House, org: Organisation, lead: Browser, case_id: UUID
) -> None:
    answered(lead, case_id, item_4="yes")
    at, lea, sefa = datetime.now(UTC), org.people["shift_lead"], org.people["safety_lead"]
    case = uuid7()
    with viewing(house.conn, org.id, lea):
        insert_case(house.conn, house.ring, CaseRow(id=case, organisation_id=org.id, word="OTTER", respondent=Respondent(name="N. N."), opened_at=at, opened_by_id=lea, protected_id=sefa))  # fmt: skip
        house.conn.execute(
            """insert into registry_grant (id, organisation_id, case_id, person_id, kind, asked_at, asked_by_id, until_at)
            values (%s, %s, %s, %s, 'entered', %s, %s, %s)""",
            (uuid7(), org.id, case, lea, at, lea, at + timedelta(hours=1)),
        )
        house.conn.execute(
            """insert into decisions_riskreview (id, organisation_id, case_id, question_set, version, asked_at, asked_by_id,
                is_refused) values (%s, %s, %s, 'any', '', %s, %s, true)""",
            (uuid7(), org.id, case, at, lea),
        )
    for viewer, seen in ((lea, 0), (sefa, 1)):
        with viewing(house.conn, org.id, viewer):
            found = house.conn.execute(
                "select 1 from decisions_riskreview where case_id = %s", (case,)
            )
            assert len(found.fetchall()) == seen
    with pytest.raises(psycopg.errors.InsufficientPrivilege), viewing(house.conn, org.id, sefa):
        house.conn.execute("update decisions_riskreview set version = 'x'")


@pytest.mark.parametrize("size", SIZES)
def test_the_pages_are_sound(
    lead: Browser,
    case_id: UUID,
    opened: Callable[..., Watched],  # noqa: F811
    size: str,
) -> None:
    answered(lead, case_id, item_4="yes", item_5="yes", note_12="he waits outside")
    for path in ("questions", f"questions/{UTAH}"):
        watched = opened(f"/cases/{case_id}/{path}", size, lead)
        watched.is_sound()
