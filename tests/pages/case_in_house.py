"""A case in the house: who entered it reads it, the guard is the respondent, the responder is protected."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from tests.pages.house import House, Organisation
from tocsin.registry.rules.case_rows import CaseRow
from tocsin.registry.rules.order_document import Respondent
from tocsin.registry.store_cases import insert_case
from tocsin.runtime.database import viewing
from tocsin.runtime.ids import uuid7

WORD = "WREN"


def a_case(house: House, org: Organisation, by: str = "safety_lead", *, word: str = WORD) -> UUID:
    """Return a case that this person has entered just now, as the page does it: in one transaction."""
    case_id, viewer, at = uuid7(), org.people[by], datetime.now(UTC)
    case = CaseRow(
        id=case_id,
        organisation_id=org.id,
        word=word,
        respondent=Respondent(name="Rex Notreal"),
        opened_at=at,
        opened_by_id=viewer,
        protected_id=org.people["responder"],
        colleague_id=org.people["guard"],
    )
    with viewing(house.conn, org.id, viewer):
        insert_case(house.conn, house.ring, case)
        house.conn.execute(
            """insert into registry_grant (id, organisation_id, case_id, person_id, kind, asked_at, asked_by_id, until_at)
            values (%s, %s, %s, %s, 'entered', %s, %s, %s)""",
            (uuid7(), org.id, case_id, viewer, at, viewer, at + timedelta(hours=11)),
        )
    return case_id
