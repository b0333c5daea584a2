"""A colleague is refused at the site that his order names: those who keep the other doors know of him all the same."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from tests import cast
from tests.store.test_cases import IDS, enter, looking, review
from tocsin.decisions.access_briefings import load_briefing
from tocsin.decisions.rules.briefing import Asked, Because, Keeper, to_ask, unread
from tocsin.decisions.store_blind import load_watchers
from tocsin.decisions.store_briefings import cases_to_ask, find_asked, find_entry, insert_asked
from tocsin.flow.amend_order import amend_order
from tocsin.registry.rules.case_rows import DoorEntryRow
from tocsin.registry.rules.door import DoorMatch
from tocsin.registry.rules.order import FactKind
from tocsin.registry.rules.order_amending import FactDraft
from tocsin.registry.rules.order_entry import When
from tocsin.registry.store_doors import load_door_entry
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.signals.rules.blind import What

DEPOT, HERE, OTHER = cast.DEPOT_NORTH.id, cast.HARBOUR.id, cast.number(0x5F1)
BACK_DOOR = cast.number(0x5F2)
GUS = Keeper(cast.GUARD.id, DEPOT, None)
LATER = timedelta(minutes=1)


@pytest.fixture
def case_id(web: Connection, engine: Connection, ring: KeyRing, at: datetime) -> UUID:
    """Return a case of a colleague whom a served order keeps from Harbour, looked at by a second person."""
    served = FactDraft(kind=FactKind.SERVED, when=When(at=at), source="police")
    done = enter(web, ring, at)
    which = (done.case_id, done.order_id)
    with looking(web, cast.SHIFT_LEAD) as lea:
        amend_order(web, ring, lea, which, served, at=at, ids=IDS)
    review(web, ring, done, at + LATER)
    return done.case_id


def test_the_door_refuses_at_one_site_and_informs_at_the_others(
    engine: Connection, ring: KeyRing, case_id: UUID
) -> None:
    entry = load_door_entry(engine, ring, case_id)
    assert entry is not None
    assert (entry.instruction, entry.sites, entry.informs) == ("do_not_admit", (HERE,), (DEPOT,))
    said = [entry.instruction_at([site]) for site in (HERE, DEPOT, OTHER)]
    assert said == ["do_not_admit", "inform", "none"]
    assert entry.instruction_at([DEPOT, HERE]) == entry.instruction_at([]) == "do_not_admit"


def test_where_it_says_the_same_everywhere_every_site_does_it(at: datetime) -> None:
    entry = DoorEntryRow(case_id=OTHER, organisation_id=cast.HARBOUR_EMS, match=DoorMatch(), instruction="inform", updated_at=at)  # fmt: skip
    assert entry.instruction_at([DEPOT]) == "inform"


def test_whoever_keeps_a_door_at_which_he_passes_is_briefed_and_is_blind_until_then(
    engine: Connection, case_id: UUID
) -> None:
    entry = find_entry(engine, case_id)
    assert entry is not None
    assert [one.keeper for one in to_ask([entry], [GUS], {})] == [GUS]
    assert unread(entry, [GUS], ()) == (GUS,)
    assert cases_to_ask(engine, [(cast.HARBOUR_EMS, GUS)], 10) == [case_id]
    elsewhere = Keeper(cast.GUARD.id, OTHER, None)
    assert cases_to_ask(engine, [(cast.HARBOUR_EMS, elsewhere)], 10) == []


def test_a_post_there_that_nobody_keeps_is_blind(
    engine: Connection, case_id: UUID, at: datetime
) -> None:
    engine.execute(
        "insert into registry_post (id, organisation_id, site_id, name, is_staffed) values (%s, %s, %s, 'Back door', true)",
        (BACK_DOOR, cast.HARBOUR_EMS, DEPOT),
    )
    posts = {one.subject_id for one in load_watchers(engine, at) if one.what is What.POST}
    assert BACK_DOOR in posts


def test_what_she_reads_there_is_what_to_do_there(
    web: Connection, engine: Connection, ring: KeyRing, case_id: UUID, at: datetime
) -> None:
    engine.execute(
        "update registry_shift set site_id = %s, post_id = null, starts_at = now() - interval '1 hour', ends_at = now() + interval '6 hours' where person_id = %s",
        (DEPOT, cast.GUARD.id),
    )
    entry = find_entry(engine, case_id)
    assert entry is not None
    insert_asked(engine, [Asked(entry, GUS, Because.FIRST)], at)
    assert find_asked(engine, cast.HARBOUR_EMS, case_id, cast.GUARD.id, [DEPOT]) is not None
    assert find_asked(engine, cast.HARBOUR_EMS, case_id, cast.GUARD.id, [OTHER]) is None
    with looking(web, cast.GUARD) as gus:
        read = load_briefing(web, ring, gus, case_id, at=at)
    assert (read.entry.instruction, read.may_print) == ("inform", False)
