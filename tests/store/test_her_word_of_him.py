"""She says that it is he who called or wrote: of several open cases she is asked which, and none of them is thrown away."""

from dataclasses import replace
from uuid import UUID

import pytest

from tests import cast
from tests.store.a_case import CASE, a_fact, insert_the_case
from tests.store.test_sightings import IDS, House, house
from tocsin.flow.alarms import Change
from tocsin.flow.keep_doors import refresh_door
from tocsin.flow.report_seen import Attempt, report_attempt
from tocsin.registry.access import Viewer
from tocsin.registry.rules.order import FactKind
from tocsin.registry.store_cases import case_key, load_case, update_respondent
from tocsin.signals.rules.seen import Source

__all__ = ["house"]
ISSUED_AND_SERVED = (FactKind.ISSUED, FactKind.SERVED)
OTHER = cast.number(0x697)
WREN = Viewer(cast.HARBOUR_EMS, cast.PROTECTED.id, "dispatcher")


@pytest.fixture
def two(house: House) -> House:
    """Return the house with two cases that protect her."""
    insert_the_case(house.conn, house.ring)
    facts = [a_fact(kind, id=cast.number(0x7F0 + n)) for n, kind in enumerate(ISSUED_AND_SERVED)]
    insert_the_case(house.conn, house.ring, *facts, case_id=OTHER, colleague=None)
    return house


def says(house: House, which: UUID | None = None, who: Viewer = WREN) -> list[Change]:
    """Let her say that it was he, from a number that was withheld."""
    attempt = Attempt(track=cast.number(0x77), kind="call", at=house.now, is_he=True, which_id=which)  # fmt: skip
    with house.alarms.atomically():
        report_attempt(house.conn, house.ring, who, attempt, at=house.now, ids=IDS)
    return house.take()


def hit(house: House) -> dict[UUID, str]:
    rows = house.conn.execute("select case_id, certainty from signals_sighting").fetchall()
    return {case_id: certainty for case_id, certainty in rows}


@pytest.mark.guarantee("I14")
def test_of_two_that_she_does_not_tell_apart_both_are_possible(two: House) -> None:
    says(two)
    assert hit(two) == {CASE: "possible", OTHER: "possible"}
    assert two.count("decisions_incident where kind <> 'task_due'") == 1


def test_the_one_that_she_chose_is_certain_and_the_other_is_not_meant(two: House) -> None:
    says(two, OTHER)
    assert hit(two) == {OTHER: "certain"}


def test_a_closed_case_confuses_nothing(two: House) -> None:
    two.conn.execute("update registry_case set closed_at = now() where id = %s", (OTHER,))
    says(two)
    assert hit(two) == {CASE: "certain"}


def test_a_case_that_is_not_hers_is_not_named_by_her_word(two: House) -> None:
    says(two, cast.number(0x6FF))
    assert hit(two) == {CASE: "possible", OTHER: "possible"}


def test_somebody_elses_word_names_no_case_of_hers(two: House) -> None:
    says(two, CASE, Viewer(cast.HARBOUR_EMS, cast.GUARD.id, "guard"))
    assert hit(two) == {}
    assert two.count("signals_toldreport") == 1


@pytest.mark.parametrize(
    ("address", "is_his"),
    [
        ("Rex.N@mail.example", True),
        ("rex.n@mail.example", True),
        ("rex.m@mail.example", False),
        ("@rexn84", True),
        ("RexN84", True),
        ("rexn8", False),
    ],
)
def test_his_address_and_his_account_are_matched_to_the_letter(
    house: House, address: str, is_his: bool
) -> None:
    insert_the_case(house.conn, house.ring)
    case = load_case(house.conn, house.ring, CASE)
    assert case
    known = replace(case.respondent, addresses=("REX.N@mail.example", "@RexN84"))
    case = replace(case, respondent=known)
    with house.alarms.atomically():
        update_respondent(house.conn, case_key(house.conn, house.ring, CASE), case)
        refresh_door(house.conn, house.ring, case, at=house.now, by=cast.SAFETY_LEAD.id)
    kept = load_case(house.conn, house.ring, CASE)
    assert kept
    assert kept.respondent == known
    house.report(source=Source.CONTACT, plates=(), address=address, codes=("mail",))
    house.take()
    assert hit(house) == ({CASE: "possible"} if is_his else {})
