"""What does a case look like to the verbs and the screens, opened?"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tocsin.registry.rules.door import DoorMatch
from tocsin.registry.rules.grants import Wish
from tocsin.registry.rules.order import Family
from tocsin.registry.rules.order_document import Respondent
from tocsin.registry.rules.posture import Instruction


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """One protected person and one respondent. `word` is its name where names must not be said.

    `protected_id` None: a notice that protects a place. `colleague_id`: the respondent, if he works here. `is_closed`: its key
    or its document is damaged, and nothing is known of him here.
    """

    id: UUID
    organisation_id: UUID
    word: str
    respondent: Respondent
    opened_at: datetime
    opened_by_id: UUID
    protected_id: UUID | None = None
    colleague_id: UUID | None = None
    release_at: datetime | None = None
    released_at: datetime | None = None
    legal_hold_at: datetime | None = None
    closed_at: datetime | None = None
    erase_on: date | None = None
    erased_at: datetime | None = None
    advocate_id: UUID | None = None
    is_closed: bool = False


class CaseClosed(LookupError):
    """The case is there, and it cannot be opened: its key is lost or damaged, or its document is."""

    def __init__(self, case_id: UUID) -> None:
        """`case_id`: which one; shown to nobody who may not read it."""
        super().__init__(case_id)
        self.case_id = case_id


@dataclass(frozen=True, slots=True)
class ClosedOrder:
    """An order that cannot be opened: its key, its document or what was told of it is damaged. This is all that is known."""

    id: UUID
    family: Family
    entered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorEntryRow:
    """What a door needs of a case and no more: whom to know, what to do. Never why, never for whom.

    `sites` empty: at all. `informs`: other sites, where he is let pass and those who keep the door know of him. `places`: single places where it stands whatever the instruction says of their site. `lower_asked`, `lowered_at`: the
    wish, after the order's end, to let the posture go; when a second person agreed.
    """

    case_id: UUID
    organisation_id: UUID
    match: DoorMatch
    photo: bytes | None = None
    photo_type: str = ""
    instruction: str = "do_not_admit"
    sites: tuple[UUID, ...] = ()
    places: tuple[UUID, ...] = ()
    informs: tuple[UUID, ...] = ()
    version: int = 1
    is_active: bool = True
    updated_at: datetime
    lower_asked: Wish | None = None
    lowered_by_id: UUID | None = None
    lowered_at: datetime | None = None

    def instruction_at(self, sites: Collection[UUID]) -> str:
        """Return what to do about him at these sites, where they differ the strictest; for none of them: anywhere."""
        if not sites or not self.sites or not set(sites).isdisjoint(self.sites):
            return self.instruction
        informs = not set(sites).isdisjoint(self.informs)
        return (Instruction.INFORM if informs else Instruction.NONE).value


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """The document of an order, without its bytes. `has_first_page`: somebody made the masked page for the door."""

    id: UUID
    order_id: UUID
    case_id: UUID
    media_type: str
    size: int
    added_at: datetime
    added_by_id: UUID
    has_first_page: bool
    first_page_type: str = ""
