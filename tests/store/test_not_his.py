"""A badge or a plate that is not his any more: one asks, a second agrees, and whoever has it now is not taken for him."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from tests import cast
from tests.store.test_cases import enter, looking, review
from tocsin.decisions.index import Indexes
from tocsin.flow.answer_badge import Asked, Badges
from tocsin.flow.keep_doors import keep_doors
from tocsin.flow.know_respondent import know_respondent
from tocsin.flow.not_his import not_his
from tocsin.flow.respond import Refused
from tocsin.registry.access import Hidden
from tocsin.registry.rules.door import KnownPlate
from tocsin.registry.rules.not_his import Sign, SignKind
from tocsin.registry.rules.order_document import Respondent
from tocsin.registry.rules.sender import SenderKind, SenderRow
from tocsin.registry.store_cases import load_case
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.signals.rules.seen import PlateRead, Seen, Source

HIM = Respondent(name="Rex Notreal", badges=("0042",), plates=(KnownPlate("ABC 123", "US-TX"),))
BADGE = Sign(SignKind.BADGE, "0042")
PLATE = Sign(SignKind.PLATE, "ABC 123", "US-TX")
WEEK = timedelta(days=7, minutes=1)


@pytest.fixture
def case_id(web: Connection, ring: KeyRing, at: datetime) -> UUID:
    """Return a case of somebody who does not work here, entered by Lea and looked at by Sefa, by badge and plate."""
    done = enter(web, ring, at, respondent=HIM, colleague_id=None)
    review(web, ring, done, at)
    return done.case_id


def says(
    web: Connection, ring: KeyRing, who: cast.Player, case_id: UUID, sign: Sign, at: datetime
) -> Refused | None:
    """Say as this person that it is not his any more."""
    with looking(web, who) as viewer:
        return not_his(web, ring, viewer, case_id, sign, at=at)


def how_sure(engine: Connection, ring: KeyRing, at: datetime) -> list[str]:
    """Return how sure it is that who comes with the badge is he, and the same of the plate."""
    index = Indexes(ring).of(engine, cast.HARBOUR_EMS)
    common = {"organisation_id": cast.HARBOUR_EMS, "track": "x", "seen_at": at, "heard_at": at}
    badge = Seen(source=Source.BADGE, badge="42", **common)  # type: ignore[arg-type]
    plate = Seen(source=Source.PLATE, plates=(PlateRead("ABC123", 1.0, "US-TX"),), **common)  # type: ignore[arg-type]
    return ["; ".join(one.certainty for one in index.match(seen)) for seen in (badge, plate)]


def at_reader(engine: Connection, ring: KeyRing) -> str:
    """Return what a reader answers to the badge."""
    reader = SenderRow(id=cast.number(0x5E1), organisation_id=cast.HARBOUR_EMS, kind=SenderKind.BADGE, name="Front door", site_id=cast.HARBOUR.id)  # fmt: skip
    return str(Badges().answer(engine, ring, reader, Asked("0042"))["answer"])


def test_until_a_second_agrees_it_is_possible_and_afterwards_nobody_s(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime, case_id: UUID
) -> None:
    assert how_sure(engine, ring, at) == ["certain", "certain"]
    for sign in (BADGE, PLATE):
        assert says(web, ring, cast.SHIFT_LEAD, case_id, sign, at) is None
    assert how_sure(engine, ring, at) == ["possible", "possible"]
    # Loosening takes two: until then no door opens that was shut.
    assert at_reader(engine, ring) == "fault"
    assert isinstance(says(web, ring, cast.SHIFT_LEAD, case_id, BADGE, at), Refused)
    for sign in (BADGE, PLATE):
        assert says(web, ring, cast.SAFETY_LEAD, case_id, sign, at) is None
    assert how_sure(engine, ring, at) == ["", ""]
    assert at_reader(engine, ring) == "pass"


def test_who_asked_and_who_agreed_stays_with_the_case_and_in_the_record(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime, case_id: UUID
) -> None:
    for who in (cast.SHIFT_LEAD, cast.SAFETY_LEAD):
        says(web, ring, who, case_id, BADGE, at)
    case = load_case(engine, ring, case_id)
    assert case is not None
    (one,) = case.respondent.not_his
    assert (one.sign, one.asked_by_id, one.agreed_by_id) == (BADGE, cast.SHIFT_LEAD.id, cast.SAFETY_LEAD.id)  # fmt: skip
    assert (one.asked_at, one.agreed_at) == (at, at)
    kinds = engine.execute("select kind from record_entry where kind like 'known.%%' order by id")
    assert [kind for (kind,) in kinds] == ["known.not_his_asked", "known.not_his"]


def test_a_wish_lapses_after_a_week_and_it_is_certain_again(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime, case_id: UUID
) -> None:
    says(web, ring, cast.SHIFT_LEAD, case_id, BADGE, at)
    keep_doors(engine, ring, cast.HARBOUR_EMS, at=at + WEEK)
    assert how_sure(engine, ring, at)[0] == "certain"
    assert says(web, ring, cast.SAFETY_LEAD, case_id, BADGE, at + WEEK) is None
    assert how_sure(engine, ring, at)[0] == "possible"


def test_whoever_sees_him_with_it_again_says_so_alone(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime, case_id: UUID
) -> None:
    says(web, ring, cast.SHIFT_LEAD, case_id, BADGE, at)
    with looking(web, cast.SAFETY_LEAD) as sefa:
        know_respondent(web, ring, sefa, case_id, Respondent(name="", badges=("0042",)), at=at)
    assert how_sure(engine, ring, at)[0] == "certain"
    # The wish is over: the next one asks anew, and agrees to nothing.
    assert says(web, ring, cast.SAFETY_LEAD, case_id, BADGE, at) is None
    assert at_reader(engine, ring) == "fault"


def test_what_is_not_known_of_him_is_nothing_to_take_back(
    web: Connection, ring: KeyRing, at: datetime, case_id: UUID
) -> None:
    assert isinstance(
        says(web, ring, cast.SHIFT_LEAD, case_id, Sign(SignKind.BADGE, "42"), at), Refused
    )


@pytest.mark.parametrize("who", [cast.RESPONDENT, cast.GUARD, cast.PROTECTED])
def test_nobody_else_finds_it(
    web: Connection, ring: KeyRing, at: datetime, case_id: UUID, who: cast.Player
) -> None:
    with pytest.raises(Hidden):
        says(web, ring, who, case_id, BADGE, at)
