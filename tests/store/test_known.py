"""More becomes known of him: never so much that no door could read it, and one entry that is damaged holds up no other."""

from datetime import datetime

import pytest

from tests import cast
from tests.store.test_cases import IDS, a_draft, enter, looking
from tocsin.flow.enter_order import Refused, enter_order
from tocsin.flow.know_respondent import know_respondent
from tocsin.registry.rules.case_rows import CaseRow
from tocsin.registry.rules.document import DocumentError
from tocsin.registry.rules.findings import Finding
from tocsin.registry.rules.order_document import Respondent
from tocsin.registry.store_cases import case_key, load_case, load_cases, update_respondent
from tocsin.registry.store_doors import load_door_entries, load_shown_entries
from tocsin.registry.store_index import load_door_rows
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing

TWELVE = tuple(f"First {number}" for number in range(12))
MORE = tuple(f"Second {number}" for number in range(12))


def tell(
    web: Connection, ring: KeyRing, case: object, at: datetime, **more: object
) -> tuple[Finding, ...]:
    """Add what more is known, as the lead."""
    with looking(web, cast.SHIFT_LEAD) as lea:
        return know_respondent(web, ring, lea, case, Respondent(name="", **more), at=at)  # type: ignore[arg-type]


def test_a_name_too_many_is_refused_and_the_doors_know_him_as_before(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(web, ring, at, respondent=Respondent(name="Rex Notreal", aliases=TWELVE))
    assert [one.path for one in tell(web, ring, done.case_id, at, aliases=MORE)] == ["aliases"]
    (row,) = load_door_rows(engine, ring, [done.case_id], {})
    assert row.match.names == ("Rex Notreal", *TWELVE)
    assert tell(web, ring, done.case_id, at, aliases=MORE[:7]) == ()
    (row,) = load_door_rows(engine, ring, [done.case_id], {})
    assert len(row.match.names) == 20


def test_a_second_order_adds_no_more_than_is_kept_either(
    web: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(web, ring, at, respondent=Respondent(name="Rex Notreal", aliases=TWELVE))
    again = a_draft(at, respondent=Respondent(name="Rex Notreal", aliases=MORE), colleague_id=None)
    with looking(web, cast.SHIFT_LEAD) as lea:
        second = enter_order(web, ring, lea, again, at=at, ids=IDS, case_id=done.case_id)
    assert isinstance(second, Refused)
    assert [one.path for one in second.findings] == ["aliases"]


@pytest.mark.guarantee("I11")
def test_what_more_is_known_of_him_is_in_the_log_of_his_case_and_not_in_the_employers(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(web, ring, at, respondent=Respondent(name="Rex Notreal"))
    assert tell(web, ring, done.case_id, at, aliases=("Rexy",)) == ()
    again = a_draft(at, respondent=Respondent(name="Rex Notreal", aliases=("King",)), colleague_id=None)  # fmt: skip
    with looking(web, cast.SHIFT_LEAD) as lea:
        enter_order(web, ring, lea, again, at=at, ids=IDS, case_id=done.case_id)
    rows = engine.execute(
        """select tocsin_log_of(organisation_id, incident_id, kind, leaf) from record_entry
        where kind = 'registry.changed'"""
    ).fetchall()
    assert rows == [(done.case_id,), (done.case_id,)]


def test_a_description_too_long_takes_no_case_from_anybody(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(web, ring, at, respondent=Respondent(name="Rex Notreal", description="t" * 1_200))
    wrong = tell(web, ring, done.case_id, at, description="u" * 1_200)
    assert [one.path for one in wrong] == ["description"]
    assert len(load_cases(engine, ring, cast.HARBOUR_EMS)) == 1


def test_what_could_not_be_read_back_is_never_written(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(web, ring, at)
    case = load_case(engine, ring, done.case_id)
    assert isinstance(case, CaseRow)
    key = case_key(engine, ring, done.case_id)
    too_long = Respondent(name="Rex Notreal", description="t" * 2_001)
    with pytest.raises(DocumentError):
        update_respondent(engine, key, CaseRow(id=case.id, organisation_id=case.organisation_id, word=case.word, respondent=too_long, opened_at=at, opened_by_id=case.opened_by_id))  # fmt: skip
    assert load_case(engine, ring, done.case_id) == case


def test_an_entry_that_is_damaged_takes_no_other_from_the_doors(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    damaged, whole = enter(web, ring, at).case_id, enter(web, ring, at).case_id
    key = case_key(engine, ring, damaged)
    sealed = key.seal("registry_doorentry", "match_sealed", damaged, '{"names": ["Rex"], "x": 1}')
    engine.execute(
        "update registry_doorentry set match_sealed = %s where case_id = %s", (sealed, damaged)
    )
    assert [e.case_id for e in load_door_entries(engine, ring, cast.HARBOUR_EMS)] == [whole]
    assert [e.case_id for e in load_shown_entries(engine, ring, [damaged, whole])] == [whole]
