"""Who may read a case, for how long, and by whose word? Pure; the database holds the same limits (`runtime/firewall.py`)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID


class GrantKind(StrEnum):
    """How somebody came to read a case."""

    ENTERED = "entered"
    GRANTED = "granted"
    BREAK_GLASS = "break_glass"


BREAK_GLASS_FOR: Final = timedelta(minutes=60)
ENTERED_FOR: Final = timedelta(hours=12)
LONGEST: Final = timedelta(days=30)
SOONEST_ERASED: Final = timedelta(days=14)
# Long enough for two people who never work the same shift.
WISH_FOR: Final = timedelta(days=7)
MIN_REASON: Final = 10
MAX_REASON: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One right to read one case, or the wish for one. `word` names the case where nothing else may be said of it."""

    id: UUID
    case_id: UUID
    person_id: UUID
    kind: GrantKind
    asked_at: datetime
    asked_by_id: UUID
    until_at: datetime
    word: str = ""
    reason: str = ""
    agreed_at: datetime | None = None
    agreed_by_id: UUID | None = None
    told_id: UUID | None = None
    ended_at: datetime | None = None
    reviewed_at: datetime | None = None

    def waits(self, at: datetime) -> bool:
        """Return whether a second person has still to agree."""
        return (
            self.kind is GrantKind.GRANTED
            and self.agreed_at is None
            and self.ended_at is None
            and at < self.until_at
        )

    def holds(self, at: datetime) -> bool:
        """Return whether the case may be read by it at `at`."""
        has_second = self.kind is not GrantKind.GRANTED or self.agreed_at is not None
        return has_second and self.ended_at is None and at < self.until_at

    @property
    def is_to_review(self) -> bool:
        """Return whether somebody else must still look at why the glass was broken."""
        return self.kind is GrantKind.BREAK_GLASS and self.reviewed_at is None


@dataclass(frozen=True, slots=True)
class Wish:
    """What one person asked for and a second has to agree to within `WISH_FOR`: a day, a person, nobody (None)."""

    value: date | UUID | None
    by_id: UUID
    at: datetime

    def waits(self, now: datetime) -> bool:
        """Return whether it has not been forgotten yet."""
        return now < self.at + WISH_FOR


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who is shut out of a case; why is not kept. `is_respondent`: nobody lets him in again."""

    id: UUID
    person_id: UUID
    since: datetime
    unlink_asked: Wish | None
    is_respondent: bool


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long a case is kept. `held_since`: nothing is erased; `lift_asked`: that it is taken away.

    `erase_asked`: a sooner day; `advocate_asked`: somebody else in the place of the one who hears of grants.
    """

    held_since: datetime | None
    lift_asked: Wish | None
    erase_on: date | None
    erase_asked: Wish | None = None
    advocate_asked: Wish | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """One look into a case."""

    person_id: UUID
    at: datetime
    what: str
    why: str
    grant_id: UUID | None


class Says(StrEnum):
    """What it means that somebody says what he wants."""

    ASKS = "asks"
    ASKED_ALREADY = "asked_already"
    AGREES = "agrees"


def says(wish: Wish | None, value: date | UUID | None, by_id: UUID, at: datetime) -> Says:
    """Return whether this person asks for `value`, has asked already, or is the second who agrees to it."""
    if wish is None or not wish.waits(at) or wish.value != value:
        return Says.ASKS
    return Says.ASKED_ALREADY if wish.by_id == by_id else Says.AGREES


def wish_of(by_id: UUID | None, at: datetime | None) -> Wish | None:
    """Return the wish that a row holds, of nothing but a yes; None: there is none, or it does not say when."""
    return Wish(None, by_id, at) if by_id is not None and at is not None else None


def may_agree(grant: Grant, second_id: UUID) -> bool:
    """Return whether this person is a second one: neither who asked nor whom it lets in."""
    return second_id not in {grant.asked_by_id, grant.person_id}
