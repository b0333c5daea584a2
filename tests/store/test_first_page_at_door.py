"""The page that a guard shows to police: the picture on it is the masked page of the very order that is typed."""

from datetime import datetime, timedelta
from uuid import UUID

from tests import cast
from tests.store.test_cases import IDS, PDF, PNG, a_draft, enter, looking
from tocsin.flow.add_paper import mask_first_page
from tocsin.flow.amend_order import Told, amend_order
from tocsin.flow.enter_order import Entered, enter_order
from tocsin.flow.keep_doors import keep_doors
from tocsin.registry.rules.first_page import from_text
from tocsin.registry.rules.order import End, FactKind, Family
from tocsin.registry.rules.order_amending import FactDraft
from tocsin.registry.rules.order_entry import Picture, When
from tocsin.registry.store_doors import open_door_page
from tocsin.registry.store_papers import load_papers
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing

OTHER = Picture("image/png", b"\x89PNG\r\n\x1a\n masked anew")


def shown(conn: Connection, ring: KeyRing, case_id: UUID) -> tuple[str, bytes | None] | None:
    """Return the family of the order that is typed, and the picture beside it."""
    found = open_door_page(conn, ring, case_id)
    return (from_text(found[0]).family, found[2]) if found else None


def tell(
    web: Connection, ring: KeyRing, done: Entered, kind: FactKind, at: datetime, **more: object
) -> None:
    """Tell as the shift lead what happened to the order."""
    with looking(web, cast.SHIFT_LEAD) as lea:
        draft = FactDraft(kind=kind, when=When(at=at), **more)  # type: ignore[arg-type]
        which = (done.case_id, done.order_id)
        told = amend_order(web, ring, lea, which, draft, at=at, ids=IDS)
    assert isinstance(told, Told), told


def test_the_order_that_takes_the_place_of_another_never_lies_beside_that_ones_picture(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(web, ring, at, document=PDF, first_page=PNG)
    assert shown(engine, ring, done.case_id) == ("temporary", PNG.content)
    final = a_draft(
        at,
        family=Family.FINAL,
        issued=When(at=at),
        end=End(),
        supersedes_id=done.order_id,
        supersedes_when_served=False,
    )
    with looking(web, cast.SHIFT_LEAD) as lea:
        enter_order(web, ring, lea, final, at=at, ids=IDS, case_id=done.case_id)
    assert shown(engine, ring, done.case_id) == ("final", None)


def test_the_picture_is_back_with_the_order_that_was_recalled_and_reinstated(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(web, ring, at, document=PDF, first_page=PNG)
    tell(web, ring, done, FactKind.RECALLED, at + timedelta(minutes=1))
    assert shown(engine, ring, done.case_id) is None
    tell(web, ring, done, FactKind.REINSTATED, at + timedelta(minutes=2))
    assert shown(engine, ring, done.case_id) == ("temporary", PNG.content)


def test_the_picture_is_back_with_the_order_that_ended_and_was_renewed(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(web, ring, at, end=End(at=at + timedelta(minutes=1)), first_page=PNG)
    keep_doors(engine, ring, cast.HARBOUR_EMS, at=at + timedelta(minutes=2))
    assert shown(engine, ring, done.case_id) is None
    tell(web, ring, done, FactKind.RENEWED, at + timedelta(minutes=3), end=End())
    assert shown(engine, ring, done.case_id) == ("temporary", PNG.content)


def test_the_picture_of_an_order_that_takes_effect_tomorrow_is_at_the_door_tomorrow(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    tomorrow = at + timedelta(days=1)
    done = enter(web, ring, at, effective=When(at=tomorrow), first_page=PNG)
    assert shown(engine, ring, done.case_id) is None
    keep_doors(engine, ring, cast.HARBOUR_EMS, at=tomorrow)
    assert shown(engine, ring, done.case_id) == ("temporary", PNG.content)


def test_what_is_masked_later_or_anew_is_shown_at_once(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    done = enter(web, ring, at, document=PDF)
    assert shown(engine, ring, done.case_id) == ("temporary", None)
    (paper,) = load_papers(engine, done.case_id)
    for picture in (PNG, OTHER):
        with looking(web, cast.SHIFT_LEAD) as lea:
            mask_first_page(web, ring, lea, (done.case_id, paper.id), picture, at=at)
        assert shown(engine, ring, done.case_id) == ("temporary", picture.content)
