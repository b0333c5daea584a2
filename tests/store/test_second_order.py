"""One more order in a case that is there already: what its page says of people counts as on the first one."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from tests import cast
from tests.store.test_cases import a_draft, enter, looking
from tocsin.flow.amend_order import Told, amend_order
from tocsin.flow.enter_order import Entered, Refused, enter_order
from tocsin.registry.access import Hidden
from tocsin.registry.rules.door import KnownPlate
from tocsin.registry.rules.order import FactKind, Family, valid
from tocsin.registry.rules.order_amending import FactDraft
from tocsin.registry.rules.order_document import Respondent
from tocsin.registry.rules.order_entry import When
from tocsin.registry.store_cases import load_case
from tocsin.registry.store_doors import load_door_entry
from tocsin.registry.store_grants import find_advocate
from tocsin.registry.store_orders import load_orders
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import RandomIds

IDS = RandomIds()
REX = Respondent(name=cast.RESPONDENT.name, description="tall")
PLATE = KnownPlate("XYZ 9", "AR")


def once_more(
    web: Connection, ring: KeyRing, at: datetime, case_id: UUID, **changes: object
) -> Entered | Refused:
    """Enter a final order in the same case, as the shift lead."""
    draft = a_draft(at, **{"family": Family.FINAL, "respondent": REX, **changes})
    with looking(web, cast.SHIFT_LEAD) as lea:
        return enter_order(web, ring, lea, draft, at=at, ids=IDS, case_id=case_id)


@pytest.mark.guarantee("I11")
def test_the_brother_linked_with_the_second_order_is_shut_out_at_once(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(web, ring, at)
    again = once_more(web, ring, at, done.case_id, linked_ids=(cast.SAFETY_LEAD.id,))
    assert isinstance(again, Entered)
    # He would have been asked to look at it: a party is asked nothing.
    assert cast.SAFETY_LEAD.id not in again.reviewers
    parties = engine.execute(
        "select person_id from registry_party where case_id = %s and until is null",
        (done.case_id,),
    )
    assert {cast.SAFETY_LEAD.id, cast.RESPONDENT.id} == {row[0] for row in parties.fetchall()}
    with looking(web, cast.SAFETY_LEAD) as brother, pytest.raises(Hidden):
        draft = a_draft(at)
        enter_order(web, ring, brother, draft, at=at, ids=IDS, case_id=done.case_id)
    linked = engine.execute("select 1 from record_entry where kind = 'party.linked'").fetchall()
    assert len(linked) == 1


def test_what_the_second_page_says_of_him_is_at_the_doors_and_what_was_known_stays_said_once(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(
        web, ring, at, respondent=Respondent(name="Rex", description="tall", badges=("7",))
    )
    more = Respondent(name="Rexy", description="tall, grey", plates=(PLATE,), phones=("+15550001",))
    assert isinstance(once_more(web, ring, at, done.case_id, respondent=more), Entered)
    case = load_case(engine, ring, done.case_id)
    door = load_door_entry(engine, ring, done.case_id)
    assert case is not None
    assert door is not None
    assert case.respondent.description == "tall, grey"
    assert (door.match.names, door.match.plates) == (("Rex", "Rexy"), (PLATE,))
    assert (door.match.badges, door.match.phones) == (("7",), ("+15550001",))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"protected_id": cast.GUARD.id}, "protected"),
        ({"colleague_id": cast.GUARD.id}, "colleague"),
        (
            {
                "protected_id": None,
                "family": Family.TRESPASS,
                "linked_ids": (cast.PROTECTED.id,),
            },
            "linked",
        ),
        ({"advocate_id": cast.SAFETY_LEAD.id}, "advocate"),
    ],
)
def test_what_contradicts_the_case_is_said_at_its_field_and_nothing_is_written(
    web: Connection,
    engine: Connection,
    ring: KeyRing,
    at: datetime,
    changes: dict[str, object],
    field: str,
) -> None:
    done = enter(web, ring, at, advocate_id=cast.GUARD.id)
    more = Respondent(name=cast.RESPONDENT.name, plates=(PLATE,))
    refused = once_more(web, ring, at, done.case_id, **{"respondent": more, **changes})
    assert isinstance(refused, Refused)
    assert [finding.path for finding in refused.findings] == [field]
    case = load_case(engine, ring, done.case_id)
    assert case is not None
    assert case.respondent.plates == ()
    assert len(load_orders(engine, ring, done.case_id)) == 1


def test_the_first_advocate_may_be_named_with_any_order_and_an_empty_field_takes_nobody_away(
    web: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(web, ring, at)
    for advocate in (cast.GUARD.id, None, cast.GUARD.id):
        again = once_more(web, ring, at + timedelta(seconds=1), done.case_id, advocate_id=advocate)
        assert isinstance(again, Entered)
    with looking(web, cast.SHIFT_LEAD):
        assert find_advocate(web, done.case_id) == cast.GUARD.id


def test_a_service_that_is_taken_back_gives_the_older_order_its_place_again(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(web, ring, at)
    later = at + timedelta(minutes=1)
    second = once_more(web, ring, at, done.case_id, supersedes_id=done.order_id, issued=When(at=at))
    assert isinstance(second, Entered)
    which = (done.case_id, second.order_id)
    served = FactDraft(kind=FactKind.SERVED, when=When(at=later), source="police")
    with looking(web, cast.SHIFT_LEAD) as lea:
        told = amend_order(web, ring, lea, which, served, at=later, ids=IDS)
    assert isinstance(told, Told)
    temporary, _final = load_orders(engine, ring, done.case_id)
    assert not valid(temporary, later).holds
    back = FactDraft(kind=FactKind.RETRACTED, retracts_id=told.fact.id, words="another man")
    with looking(web, cast.SHIFT_LEAD) as lea:
        amend_order(web, ring, lea, which, back, at=later + timedelta(minutes=1), ids=IDS)
    temporary, _final = load_orders(engine, ring, done.case_id)
    assert valid(temporary, later + timedelta(minutes=2)).holds


@pytest.mark.parametrize("family", [Family.TRESPASS, Family.WORKPLACE])
def test_what_the_employer_has_for_the_place_protects_it_without_one_named_person(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime, family: Family
) -> None:
    done = enter(web, ring, at, protected_id=None, colleague_id=None, family=family)
    case = load_case(engine, ring, done.case_id)
    door = load_door_entry(engine, ring, done.case_id)
    assert case is not None
    assert door is not None
    assert (case.protected_id, door.instruction, door.sites) == (None, "do_not_admit", ())


@pytest.mark.parametrize("is_at_once", [False, True])
def test_an_order_that_is_not_in_effect_yet_leaves_no_gap_before_it(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime, is_at_once: bool
) -> None:
    done = enter(web, ring, at)
    begins = at + timedelta(days=2)
    draft = {"issued": When(at=at), "effective": When(at=begins), "notice": FactKind.IN_COURT, "notice_when": When(at=at)}  # fmt: skip
    second = once_more(web, ring, at, done.case_id, supersedes_id=done.order_id, supersedes_when_served=not is_at_once, **draft)  # fmt: skip
    assert isinstance(second, Entered)

    def standing(when: datetime) -> tuple[bool, bool]:
        temporary, final = load_orders(engine, ring, done.case_id)
        return valid(temporary, when).holds, valid(final, when).holds

    second_s = timedelta(seconds=1)
    assert [standing(at + second_s), standing(begins - second_s), standing(begins)] == [(True, False), (True, False), (False, True)]  # fmt: skip
    # The clerk said another day: the older one stands until then.
    later = begins + timedelta(days=1)
    which, told_at = (done.case_id, second.order_id), at + timedelta(minutes=5)
    wrong = next(f for f in load_orders(engine, ring, done.case_id)[1].facts if f.kind is FactKind.EFFECTIVE)  # fmt: skip
    back = FactDraft(kind=FactKind.RETRACTED, retracts_id=wrong.id, words="another day")
    right = FactDraft(kind=FactKind.EFFECTIVE, when=When(at=later), source="clerk")
    with looking(web, cast.SHIFT_LEAD) as lea:
        for minute, draft_of_fact in enumerate((back, right)):
            told = amend_order(web, ring, lea, which, draft_of_fact, at=told_at + timedelta(minutes=minute), ids=IDS)  # fmt: skip
            assert isinstance(told, Told)
    assert [standing(begins), standing(later)] == [(True, False), (False, True)]


def test_an_order_whose_issue_is_taken_back_gives_the_older_one_its_place_again(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(web, ring, at)
    second = once_more(web, ring, at, done.case_id, supersedes_id=done.order_id, supersedes_when_served=False, issued=When(at=at))  # fmt: skip
    assert isinstance(second, Entered)
    temporary, final = load_orders(engine, ring, done.case_id)
    assert not valid(temporary, at + timedelta(seconds=1)).holds
    issued = next(fact for fact in final.facts if fact.kind is FactKind.ISSUED)
    back = FactDraft(kind=FactKind.RETRACTED, retracts_id=issued.id, words="of another case")
    with looking(web, cast.SHIFT_LEAD) as lea:
        amend_order(web, ring, lea, (done.case_id, second.order_id), back, at=at + timedelta(minutes=1), ids=IDS)  # fmt: skip
    temporary, final = load_orders(engine, ring, done.case_id)
    later = at + timedelta(minutes=2)
    assert (valid(temporary, later).holds, valid(final, later).holds) == (True, False)
