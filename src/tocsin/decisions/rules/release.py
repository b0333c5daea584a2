"""When are the visible steps against a colleague released, and who may say so?

Pure. It takes two: she who is protected and the safety lead; or the safety lead alone, who records that she chose
in person. A plan that is not agreed releases nothing, and either of the two may withdraw it until it is done.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

MAX_AHEAD: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One plan: the time, who proposed it, who agreed."""

    id: UUID
    organisation_id: UUID
    case_id: UUID
    release_at: datetime
    planned_at: datetime
    planned_by_id: UUID
    agreed_at: datetime | None = None
    agreed_by_id: UUID | None = None
    in_person: bool = False
    withdrawn_at: datetime | None = None
    released_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Return whether it was neither withdrawn nor done."""
        return self.withdrawn_at is None and self.released_at is None


@dataclass(frozen=True, slots=True)
class Chooser:
    """Who wants to choose: a person, whether it is she who is protected, whether it is a safety lead."""

    person_id: UUID
    is_protected: bool
    is_safety_lead: bool


def may_choose(who: Chooser) -> bool:
    """Return whether this person has a say in the time at all."""
    return who.is_protected or who.is_safety_lead


def may_agree(plan: Release, who: Chooser, protected_id: UUID | None, *, in_person: bool) -> bool:
    """Return whether this person makes the plan hold: she where a lead proposed it, a lead where she did.

    `in_person`: a lead records that she chose with her. Of a case that protects a place, a second lead agrees.
    """
    if not plan.is_open or plan.agreed_at is not None:
        return False
    is_second = who.person_id != plan.planned_by_id
    if protected_id is None:
        return who.is_safety_lead and is_second
    if plan.planned_by_id == protected_id:
        return who.is_safety_lead and is_second
    return (who.is_protected and is_second) or (who.is_safety_lead and in_person)


def is_due(plan: Release, at: datetime) -> bool:
    """Return whether the steps are released now."""
    return plan.is_open and plan.agreed_at is not None and plan.release_at <= at


def is_too_far(release_at: datetime, at: datetime) -> bool:
    """Return whether a time is no plan: further away than a house rule may last."""
    return release_at > at + MAX_AHEAD
