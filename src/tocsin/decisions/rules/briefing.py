"""Who has to read what a door knows of a case, and who has not yet?

Pure. A briefing is read by each person who keeps a post, for each version of the door entry: the first time, when it
changed, and when a new person takes the post. A post without a guard is the shift lead's; so it is for a case of which
its guard must not know.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from tocsin.registry.rules.policy import SHIFT_LEAD, Duty, SiteFacts

GUARDING = frozenset({"guard", SHIFT_LEAD})


class Because(StrEnum):
    """Why somebody is asked to read: nobody there has yet, it changed since she read it, she is new at the post."""

    FIRST = "first"
    CHANGED = "changed"
    NEW_PERSON = "new_person"


@dataclass(frozen=True, slots=True)
class Keeper:
    """Who keeps a post of a site now. `post_id` None: the site has no posts; guards and the shift lead keep it.

    `instead_of`: who is at that post, and she keeps it only for a case of which none of them may know; empty: she is there.
    """

    person_id: UUID
    site_id: UUID
    post_id: UUID | None
    instead_of: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What of a door entry decides who reads it. `sites`, where it refuses or informs; empty: every site. `shut_out`: who must never see it."""

    organisation_id: UUID
    case_id: UUID
    version: int
    sites: frozenset[UUID] = frozenset()
    shut_out: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One person was asked to read one version, and may have."""

    case_id: UUID
    person_id: UUID
    version: int
    asked_at: datetime
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """One briefing to be asked for."""

    entry: Entry
    keeper: Keeper
    because: Because


def keepers(site_id: UUID, facts: SiteFacts) -> tuple[Keeper, ...]:
    """Return who keeps the posts of a site now, each person once."""
    found: dict[UUID, Keeper] = {}
    leads = [duty.person_id for duty in facts.on_duty if duty.role == SHIFT_LEAD]
    for post in facts.posts.values():
        there = (
            [d.person_id for d in facts.on_duty if d.post_id == post.id] if post.has_guard else []
        )
        for person_id in there or leads:
            found.setdefault(person_id, Keeper(person_id, site_id, post.id))
    for duty in facts.on_duty:
        if _guards(duty, facts):
            found.setdefault(duty.person_id, Keeper(duty.person_id, site_id, duty.post_id))
    for post in facts.posts.values():
        guards = frozenset(duty.person_id for duty in facts.on_duty if duty.post_id == post.id)
        for lead in leads if post.has_guard and guards else ():
            found.setdefault(lead, Keeper(lead, site_id, post.id, guards))
    return tuple(found.values())


def _guards(duty: Duty, facts: SiteFacts) -> bool:
    # Whoever walks the site as a guard meets people too; without any post, whoever leads the shift does.
    return duty.role == "guard" or (duty.role in GUARDING and not facts.posts)


def to_ask(
    entries: Iterable[Entry],
    kept: Sequence[Keeper],
    receipts: Mapping[UUID, Collection[Receipt]],
) -> tuple[Asked, ...]:
    """Return who is asked to read which entry now; whoever was asked for this version is not asked again.

    `receipts` by case. Nobody who is shut out of a case is ever asked.
    """
    return tuple(
        Asked(entry, keeper, _because(entry, keeper, receipts.get(entry.case_id, ())))
        for entry in entries
        for keeper in kept
        if is_for(entry, keeper) and not _was_asked(entry, keeper, receipts.get(entry.case_id, ()))
    )


def is_for(entry: Entry, keeper: Keeper) -> bool:
    """Return whether this keeper is to read this entry: it stands where he keeps a post, and he may know of it."""
    here = not entry.sites or keeper.site_id in entry.sites
    return here and keeper.person_id not in entry.shut_out and keeper.instead_of <= entry.shut_out


def _was_asked(entry: Entry, keeper: Keeper, receipts: Collection[Receipt]) -> bool:
    return any(r.person_id == keeper.person_id and r.version == entry.version for r in receipts)


def _because(entry: Entry, keeper: Keeper, receipts: Collection[Receipt]) -> Because:
    if any(r.person_id == keeper.person_id and r.version < entry.version for r in receipts):
        return Because.CHANGED
    return Because.NEW_PERSON if receipts else Because.FIRST


def unread(
    entry: Entry, kept: Sequence[Keeper], receipts: Collection[Receipt]
) -> tuple[Keeper, ...]:
    """Return who keeps a post now and has not read this version: that post is blind for this case."""
    read = {r.person_id for r in receipts if r.version == entry.version and r.read_at is not None}
    return tuple(k for k in kept if is_for(entry, k) and k.person_id not in read)
