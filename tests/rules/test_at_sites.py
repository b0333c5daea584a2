"""What the doors knew of a case is never loosened by what is left of it while one of its orders cannot be opened."""

from uuid import UUID

import pytest

from tests import cast
from tests.builders import AT
from tocsin.registry.rules.at_sites import at_sites, no_looser
from tocsin.registry.rules.case_rows import DoorEntryRow
from tocsin.registry.rules.door import DoorMatch
from tocsin.registry.rules.posture import Instruction

HARBOUR, DEPOT, LOT = cast.number(0xA1), cast.number(0xA2), cast.number(0xA3)
SITES = (HARBOUR, DEPOT)


def entry(
    instruction: str = "do_not_admit",
    sites: tuple[UUID, ...] = (),
    informs: tuple[UUID, ...] = (),
    places: tuple[UUID, ...] = (),
) -> DoorEntryRow:
    """Return what the doors know; `none` is an entry that is active no more."""
    return DoorEntryRow(
        case_id=cast.number(0xC1),
        organisation_id=cast.HARBOUR_EMS,
        match=DoorMatch(names=("Rex Notreal",)),
        instruction=instruction,
        sites=sites,
        informs=informs,
        places=places,
        is_active=instruction != "none",
        updated_at=AT,
    )


@pytest.mark.parametrize(
    ("old", "new", "want"),
    [
        (entry(), entry("none"), entry()),
        (entry(), entry("inform"), entry()),
        (entry("inform"), entry(), entry()),
        (entry("none"), entry("inform"), entry("inform")),
        (entry("none"), entry("none"), entry("none")),
        (
            entry(sites=(HARBOUR,), informs=(DEPOT,)),
            entry("none"),
            entry(sites=(HARBOUR,), informs=(DEPOT,)),
        ),
        (entry(sites=(HARBOUR,)), entry(sites=(DEPOT,)), entry()),
        (
            entry(sites=(HARBOUR,)),
            entry("inform"),
            entry(sites=(HARBOUR,), informs=(DEPOT,)),
        ),
        (entry("inform", places=(LOT,)), entry("inform"), entry("inform", places=(LOT,))),
        (entry("inform", places=(LOT,)), entry("none"), entry("inform", places=(LOT,))),
        (entry("inform", places=(LOT,)), entry(), entry()),
    ],
)
def test_each_site_and_place_keeps_the_stricter_of_what_was_known_and_what_is_left(
    old: DoorEntryRow, new: DoorEntryRow, want: DoorEntryRow
) -> None:
    assert no_looser(old, new, SITES) == want


def test_an_employer_without_a_site_keeps_the_stricter_too() -> None:
    assert no_looser(entry(), entry("inform"), ()) == entry()


def test_where_he_is_refused_at_one_site_only_the_others_know_of_him() -> None:
    found = at_sites({HARBOUR: Instruction.DO_NOT_ADMIT, DEPOT: Instruction.INFORM})
    assert (found.instruction, found.sites, found.informs) == (
        Instruction.DO_NOT_ADMIT,
        (HARBOUR,),
        (DEPOT,),
    )
    assert not found.is_everywhere
