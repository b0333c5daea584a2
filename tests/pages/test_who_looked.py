"""Where on its page does somebody find who may read a case, among very many looks?"""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tests.pages.case_in_house import a_case
from tests.pages.house import House, Organisation
from tocsin.runtime.database import viewing
from tocsin.runtime.ids import uuid7


def looks(house: House, org: Organisation, case_id: UUID, times: int) -> None:
    """Have her look at her case so often, once a second."""
    her, at = org.people["responder"], datetime.now(UTC)
    with viewing(house.conn, org.id, her):
        for n in range(times):
            house.conn.execute(
                """insert into registry_reading (id, organisation_id, case_id, person_id, what, why, grant_id, read_at)
                values (%s, %s, %s, %s, 'case', 'herself', null, %s)""",
                (uuid7(), org.id, case_id, her, at - timedelta(seconds=n + 1)),
            )


def test_who_may_read_comes_first_and_beyond_twenty_looks_the_earlier_ones_are_folded(house: House, org: Organisation) -> None:  # fmt: skip
    case_id = a_case(house, org)
    looks(house, org, case_id, 20)
    lead, where = house.signed_in(org, "safety_lead"), f"/cases/{case_id}/access"
    shown = lead.get(where).text
    assert "Earlier looks" not in shown
    assert shown.index(">Who may read<") < shown.index("<h2>Who looked<")
    looks(house, org, case_id, 1)
    shown = lead.get(where).text
    newest, _, folded = shown.partition("Earlier looks")
    assert newest.count("<td>R. Sample</td>") == 20
    assert folded.count("<td>R. Sample</td>") == 1
    # The look of before and this one are the reader's own, in a fold of theirs.
    assert "<td>S. Sample</td>" not in newest
    assert folded.partition("Your own looks")[2].count("who looked") == 2


def test_each_look_says_when_who_at_what_and_by_which_right(house: House, org: Organisation) -> None:  # fmt: skip
    case_id = a_case(house, org)
    looks(house, org, case_id, 2)
    (newest, earlier) = house.engine.execute(
        "select to_char(read_at at time zone 'UTC', 'HH24:MI') from registry_reading where case_id = %s order by read_at desc",
        (case_id,),
    ).fetchall()
    lead = house.signed_in(org, "safety_lead")
    shown = lead.get(f"/cases/{case_id}/access").text.partition("<h2>Who looked<")[2]
    rows = re.findall(r"<tr><td>([^<]+)</td><td>R. Sample</td><td>([^<]+)</td><td>([^<]+)</td></tr>", shown)  # fmt: skip
    assert [(at in when, what, why) for (at,), (when, what, why) in zip((newest, earlier), rows, strict=True)] == [(True, "the case", "it is hers")] * 2  # fmt: skip
