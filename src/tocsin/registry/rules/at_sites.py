"""At which sites does which instruction of a door's entry stand, and what may the entry become while an order is closed?

An order that cannot be opened may be the one that keeps him out, so what the doors knew is never loosened by what is
left of the case; it is tightened as ever.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from tocsin.registry.rules.case_rows import DoorEntryRow
from tocsin.registry.rules.posture import INSTRUCTIONS, Instruction


@dataclass(frozen=True, slots=True)
class AtSites:
    """The strictest instruction, where it stands (`sites` empty: everywhere), and where he is let pass but known."""

    instruction: Instruction
    sites: tuple[UUID, ...]
    informs: tuple[UUID, ...]
    is_everywhere: bool


def at_sites(by_site: Mapping[UUID | None, Instruction]) -> AtSites:
    """Return how the instructions of several sites (None: an employer without a site) are written in one entry."""
    best = max(by_site.values(), key=INSTRUCTIONS.index)
    excluded = _where(by_site, Instruction.DO_NOT_ADMIT)
    is_everywhere = len(excluded) == len(by_site)
    # Where it refuses at some sites only, those who keep the others have to know of him all the same.
    informs = _where(by_site, Instruction.INFORM) if excluded else ()
    return AtSites(best, () if is_everywhere else excluded, informs, is_everywhere)


def no_looser(old: DoorEntryRow, new: DoorEntryRow, sites: Sequence[UUID]) -> DoorEntryRow:
    """Return the new entry, at each site and place at least as strict as the old one was."""
    by_site: dict[UUID | None, Instruction] = {
        site: max(_at(old, site), _at(new, site), key=INSTRUCTIONS.index)
        for site in (sites or (None,))
    }
    found = at_sites(by_site)
    places = set(old.places if old.is_active else ()) | set(new.places if new.is_active else ())
    return replace(
        new,
        instruction=found.instruction.value,
        sites=found.sites,
        informs=found.informs,
        places=() if found.is_everywhere else tuple(sorted(places)),
        is_active=old.is_active or new.is_active,
    )


def _at(entry: DoorEntryRow, site_id: UUID | None) -> Instruction:
    if not entry.is_active:
        return Instruction.NONE
    return Instruction(entry.instruction_at([site_id] if site_id else ()))


def _where(by_site: Mapping[UUID | None, Instruction], what: Instruction) -> tuple[UUID, ...]:
    return tuple(site for site, one in by_site.items() if site and one is what)
