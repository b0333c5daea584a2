"""What can happen to an incident, and what can follow from it?

The vocabulary of `escalation.step`: it takes one of `What` and returns a tuple of `Effect`.
"""

from dataclasses import dataclass
from uuid import UUID

from tocsin.decisions.rules.incident import Doing
from tocsin.registry.rules.contacts import Recipient

# --- what can happen to an incident ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opened:
    """It has just been opened; the first steps are due."""


@dataclass(frozen=True, slots=True)
class RaisedAgain:
    """The same person pressed again while it is open. `is_silent`: this press was a silent one; `key` is its key."""

    is_silent: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class TimePassed:
    """The clock reached the incident's due time."""


@dataclass(frozen=True, slots=True)
class Acted:
    """A person said what she does; `via` is page, link or text."""

    person_id: UUID
    doing: Doing
    via: str


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The one in charge gives it to another person, who is asked to confirm."""

    from_id: UUID
    to_id: UUID


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Her code came. `under_duress` (also a third wrong code) only looks like a cancel, and calls everybody."""

    under_duress: bool


@dataclass(frozen=True, slots=True)
class StoodDown:
    """The walk was ended, or the drill stopped, by somebody who may do so alone."""

    how: str


What = Opened | RaisedAgain | TimePassed | Acted | HandedOver | Cancelled | StoodDown


# --- what follows from it ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Call:
    """Send `template` to these recipients, as wave number `number` of the incident (part of the reference)."""

    number: int
    template: str
    recipients: tuple[Recipient, ...]
    step: int = -1
    in_order: bool = False


@dataclass(frozen=True, slots=True)
class StopSending:
    """Nothing that still waits is sent any more, except a wave that comes with this effect."""


@dataclass(frozen=True, slots=True)
class Note:
    """A line of the record: `fields` are ids, numbers and words, never names."""

    kind: str
    fields: tuple[tuple[str, str | int | bool | UUID], ...] = ()
    actor_id: UUID | None = None


Effect = Call | StopSending | Note
