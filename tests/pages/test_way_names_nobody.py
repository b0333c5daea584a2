"""Whose way is to be looked at, nobody reads on the page of the question either."""

from uuid import UUID

import pytest

from tests.pages.house import House, Organisation
from tests.pages.test_walks import hold, protect
from tocsin.runtime.database import viewing

pytestmark = pytest.mark.pages


def question(house: House, org: Organisation) -> UUID:
    """Ask for a look at the way of the guard, who is sent her sentence at the same time, and return that question."""
    protect(house, org)
    hold(house, org)
    row = house.engine.execute(
        """select i.id from decisions_incident i join notifications_delivery d on d.incident_id = i.id
        where i.organisation_id = %s and i.kind = 'look' and d.person_id = i.person_id limit 1""",
        (org.id,),
    ).fetchone()
    assert row is not None
    found: UUID = row[0]
    return found


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Who was told"), ("es", "A quién se ha avisado")]
)
def test_the_page_of_a_question_says_who_was_asked_and_not_whose_way_it_is(house: House, org: Organisation, language: str, said: str) -> None:  # fmt: skip
    with viewing(house.conn, org.id):
        house.conn.execute("update registry_person set language = %s where organisation_id = %s", (language, org.id))  # fmt: skip
    path, lead = f"/incidents/{question(house, org)}", house.signed_in(org)
    shown = lead.get(path).text
    assert said in shown
    assert "<td>S. Sample" in shown
    assert '<p class="who">Depot' in shown
    assert "G. Sample" not in shown
    part = lead.get(path, **{"X-Tocsin-Part": "incident"}).text
    assert "G. Sample" not in part
    assert "G. Sample" not in lead.post_form(f"{path}/timeline", path).text


def test_the_page_of_her_alarm_names_her_as_ever(house: House, org: Organisation) -> None:
    shown = house.signed_in(org).get(f"/incidents/{house.sos(org)}").text
    assert "<strong>R. Sample</strong>" in shown
