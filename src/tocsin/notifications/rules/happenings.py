"""What can happen to an incident, and what can follow from it?

The vocabulary of `escalation.step`: it takes one of `What` and returns a tuple of `Effect`.
"""

from dataclasses import dataclass
from uuid import UUID

from tocsin.decisions.rules.incident import Doing, Kind
from tocsin.decisions.rules.said import Said
from tocsin.registry.rules.contacts import Recipient
from tocsin.registry.rules.policy import Policy

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
class WalkOverdue:
    """Her walk did not end in time while the incident was open. `key` is the walk's, `watcher_id` who watches it."""

    walk_id: UUID
    key: str
    watcher_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class TimePassed:
    """The clock reached the incident's due time."""


@dataclass(frozen=True, slots=True)
class Acted:
    """A person said what she does; `via` is page, link or text. `delivery_id`: the message that she answered, if one."""

    person_id: UUID
    doing: Doing
    via: str
    delivery_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class LookedTooLate:
    """Her look came by text when it could not count any more: she is told, on the way that she wrote on."""

    person_id: UUID


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The one in charge gives it to another person, who is asked to confirm."""

    from_id: UUID
    to_id: UUID


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Her code came. `under_duress` (also a third wrong code) only looks like a cancel, and calls everybody.

    `of`: the key of the press, or walk, that she meant; empty: whatever is open.
    """

    under_duress: bool
    of: str = ""


@dataclass(frozen=True, slots=True)
class StoodDown:
    """The walk was ended, or the drill stopped, by somebody who may do so alone."""

    how: str


@dataclass(frozen=True, slots=True)
class SeenAgain:
    """A respondent was seen (again) while it is open. `policy`: the ladder to begin if this makes it graver.

    `said`: what each order said of it, and the house rule.
    """

    case_id: UUID
    kind: Kind
    is_confirmed: bool
    said: tuple[Said, ...]
    policy: Policy
    site_id: UUID
    is_only_where: bool = False


@dataclass(frozen=True, slots=True)
class DecidedAnew:
    """What is known of an order has changed: what all that was seen under one case while it is open comes to now.

    `counts_as_free`: nobody knows that he is held.
    """

    seen: SeenAgain
    counts_as_free: bool = True


@dataclass(frozen=True, slots=True)
class Compared:
    """A person compared a possible match with the photograph. `ends_it`: nothing else that was seen is left in it."""

    person_id: UUID
    case_id: UUID
    is_he: bool
    policy: Policy
    ends_it: bool = False


@dataclass(frozen=True, slots=True)
class Located:
    """A person recorded where the respondent is held, with the source: the only thing that ends *not located*.

    `is_taken_back`: that was wrong, or he counts as free again, and he is not located again. `person_id` None: a notice.
    """

    person_id: UUID | None
    case_id: UUID
    source: str
    is_taken_back: bool = False


Usual = Opened | RaisedAgain | WalkOverdue | TimePassed | Acted | HandedOver | Cancelled | StoodDown
# Also of what is closed: only these.
AfterAll = Located | LookedTooLate
What = SeenAgain | DecidedAnew | Compared | AfterAll | Usual


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
