"""What is a measure made of, and which facts open some?"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Event(StrEnum):
    """A fact that opens safeguards. `DISCHARGED`: of a hospital, and only if somebody told us of it."""

    ORDER_ENTERED = "order.entered"
    ORDER_SERVED = "order.served"
    ORDER_HEARING = "order.hearing"
    ORDER_CHANGED = "order.changed"
    ARRESTED = "custody.arrest"
    RELEASED = "custody.release"
    CUSTODY_UNKNOWN = "custody.unknown"
    MEETING_PLANNED = "work.meeting"
    SUSPENDED = "work.suspended"
    DISMISSED = "work.dismissed"
    DIVORCE_SERVED = "divorce.served"
    THREAT = "threat.heard"
    SUICIDE_STATEMENT = "threat.suicide"
    WEAPON = "threat.weapon"
    DISCHARGED = "discharge.told"
    CHILD_EXCHANGE = "child.exchange"
    INCIDENT = "incident.open"
    ON_DUTY = "respondent.on_duty"


class OwnerRole(StrEnum):
    """Who owns a measure unless somebody else is named. `HER_MANAGER`: the protected person's own."""

    SAFETY_LEAD = "safety_lead"
    SHIFT_LEAD = "shift_lead"
    ADMIN = "admin"
    HER_MANAGER = "manager"


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One measure. `words`: what is to be done; `how`: the one thing to know about it; both English, Spanish.

    `within_min`: minutes from the fact. `before_shift`: in any case before her next shift begins.
    `only_colleague`: makes sense only if the respondent works here, or did.
    """

    code: str
    words: tuple[str, str]
    how: tuple[str, str]
    owner: OwnerRole
    within_min: int
    events: frozenset[Event]
    before_shift: bool = False
    touches_her: bool = False
    is_visible_step: bool = False
    only_colleague: bool = False


HOUR: Final = 60
DAY: Final = 24 * HOUR
E = Event
STARTS: Final = frozenset({E.ORDER_ENTERED})
GOES: Final = frozenset({E.ORDER_ENTERED, E.SUSPENDED, E.DISMISSED})
# Days on which he learns something, is free, or said something: what a door must know before she comes.
HOT: Final = frozenset(
    {
        E.ORDER_SERVED,
        E.RELEASED,
        E.CUSTODY_UNKNOWN,
        E.SUSPENDED,
        E.DISMISSED,
        E.DIVORCE_SERVED,
        E.THREAT,
        E.SUICIDE_STATEMENT,
        E.WEAPON,
        E.DISCHARGED,
    }
)
HEARD: Final = frozenset({E.THREAT, E.SUICIDE_STATEMENT, E.WEAPON})
