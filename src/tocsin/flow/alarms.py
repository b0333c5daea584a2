"""What does a verb need of its store?

Two implementations pass one contract suite (`tests/store/test_alarms_contract.py`): PostgreSQL
(`notifications/store.py`) and memory (`notifications/memory.py`), which carries the engine while PostgreSQL is away
and is what the simulator runs on. Every call runs inside the transaction that the caller opened with `atomically`.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from tocsin.decisions.rules.incident import Doing, Incident
from tocsin.notifications.rules.delivery import Delivery, Outcome
from tocsin.notifications.rules.disclosure import Disclosure
from tocsin.record.rules.entries import Entry
from tocsin.registry.rules.policy import Policy, SiteFacts
from tocsin.signals.rules.codes import CodePair
from tocsin.signals.rules.hold import Hold, Look, Stay, WalkPlan
from tocsin.signals.rules.press import Press
from tocsin.signals.rules.walk import Walk


@dataclass(frozen=True, slots=True)
class Raiser:
    """What is known of the one who pressed. `labels`: "revoked device", "inactive person" ...: it still alarms.

    `kept_out`: colleagues who must learn nothing of her incidents, whatever a policy says.
    """

    organisation_id: UUID
    person_id: UUID
    site_id: UUID
    labels: tuple[str, ...] = ()
    device_revoked: bool = False
    kept_out: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Signal:
    """A press that is kept, under the id by which the record speaks of it."""

    id: UUID
    press: Press


@dataclass(frozen=True, slots=True)
class ActDone:
    """One act to be kept for ever, beside the state it led to.

    `id`: the name of the press, if it has one; the database keeps no two acts of one name.
    """

    person_id: UUID
    doing: Doing
    via: str
    at: datetime
    delivery_id: UUID | None = None
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose a number is, with the employer of a gateway. `person_id` None: nobody enrolled it; `contact_id`: as which way.

    `is_doubted`: somebody on the other side of a case of hers wrote it down, and nobody else has stood for it: he may hold
    that phone himself. `is_inactive`: who has it does not work here any more.
    """

    organisation_id: UUID
    person_id: UUID | None = None
    contact_id: UUID | None = None
    is_doubted: bool = False
    is_inactive: bool = False


@dataclass(frozen=True, slots=True)
class TextKept:
    """A text message as it is kept: who, through which gateway, under which name (`rules/repeat.py`), what it meant.

    `number` and `words` are kept for people to read, of a colleague's alone; `incident_ids`: where they are shown.
    `contact_id`: as which way of hers the number is written down, if whoever did it may hold it himself. `is_alone`: a lead
    is to see that it came, as nothing is open on which it stands, or nothing of which who may hold the number may hear.
    """

    organisation_id: UUID
    person_id: UUID | None
    gateway: str
    provider_id: str
    received_at: datetime
    meaning: str
    number: str = ""
    words: str = ""
    incident_ids: tuple[UUID, ...] = ()
    contact_id: UUID | None = None
    is_alone: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """Everything that one decision changes, saved together.

    `incident` None: only a walk or a signal changed. `answered`: people who need not be asked any more (she pressed
    again), on the message `answered_on` if on one. `held_back`: messages to herself that are not sent any more, whatever
    incident they are of: she pressed silently. `stop_sending`: what still waits for this incident is cancelled,
    except `deliveries`. Every act ends the deliveries of that person (`after_answer`). `wrong_codes`: (organisation,
    person, how many in a row). `texts`: kept with it, when it is handed over from memory. `holds` and `looks`: held
    walks that are new or changed, and who looked.
    """

    incident: Incident | None = None
    is_new: bool = False
    signals: tuple[Signal, ...] = ()
    walk: Walk | None = None
    acts: tuple[ActDone, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    stop_sending: bool = False
    answered: tuple[UUID, ...] = ()
    answered_on: UUID | None = None
    held_back: tuple[UUID, ...] = ()
    entries: tuple[Entry, ...] = ()
    wrong_codes: tuple[tuple[UUID, UUID, int], ...] = ()
    texts: tuple[TextKept, ...] = ()
    disclosures: tuple[Disclosure, ...] = ()
    has_notice: bool = False
    holds: tuple[Hold, ...] = ()
    looks: tuple[Look, ...] = ()


@dataclass(frozen=True, slots=True)
class Settlement:
    """A delivery after an attempt. `attempt` fences: a later attempt's row is not touched."""

    delivery: Delivery
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Address:
    """Where a contact method leads, decrypted, and how its owner reads. Never logged."""

    contact_id: UUID
    organisation_id: UUID
    person_id: UUID
    channel: str
    address: str
    language: str
    is_work: bool
    secret: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something with a due time: an incident, a walk or a hold. The wait left is never more than due - set."""

    kind: str
    organisation_id: UUID
    id: UUID
    set_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """What a message says about where: the site's name, the way to it, the zone of its clocks.

    `his_address`: what a party of a case has written it to be, which is so for `his_eyes` only.
    """

    site_id: UUID
    name: str
    address: str
    time_zone: str
    his_address: str = ""
    his_eyes: frozenset[UUID] = frozenset()

    def address_for(self, person_id: UUID) -> str:
        """Return the way to it as this person's own screens say it."""
        return self.his_address if person_id in self.his_eyes else self.address


class Alarms(Protocol):
    """The store behind every verb about incidents."""

    def atomically(self) -> AbstractContextManager[None]:
        """Return a context in which everything is saved together or not at all."""
        ...

    def now(self) -> datetime:
        """Return the store's clock: the database's `now()`, or the clock given to the memory."""
        ...

    def known_keys(self, presses: Sequence[Press]) -> Mapping[tuple[UUID, UUID, str], str]:
        """Return the (organisation, person, key) of presses that are kept already, with the act of each; "" unknown."""
        ...

    def raisers(self, presses: Sequence[Press], at: datetime) -> dict[tuple[UUID, UUID], Raiser]:
        """Return what is known of those who pressed, by (organisation, person); an unknown person is missing."""
        ...

    def open_incidents(
        self, people: Sequence[tuple[UUID, UUID]], *, is_drill: bool = False
    ) -> dict[UUID, Incident]:
        """Return the open incidents of these (organisation, person), by person, locked."""
        ...

    def incident(self, organisation_id: UUID, incident_id: UUID) -> Incident | None:
        """Return one incident, locked until the transaction ends."""
        ...

    def site_facts(
        self,
        organisation_id: UUID,
        site_ids: Sequence[UUID],
        at: datetime,
        also: Collection[UUID] = (),
    ) -> dict[UUID, SiteFacts]:
        """Return who may be called at these sites at this time; `also` are people who must be among them."""
        ...

    def kept_out(self, organisation_id: UUID, person_id: UUID) -> frozenset[UUID]:
        """Return the colleagues who must learn nothing of this person's incidents."""
        ...

    def parties(self, organisation_id: UUID, case_ids: Sequence[UUID]) -> frozenset[UUID]:
        """Return the people who must learn nothing of these cases."""
        ...

    def inactive(self, organisation_id: UUID, person_ids: Collection[UUID]) -> frozenset[UUID]:
        """Return which of these people do not work here any more."""
        ...

    def policies(
        self, organisation_id: UUID, site_ids: Sequence[UUID], kind: str
    ) -> dict[UUID, Policy]:
        """Return each site's policy of a kind; a site without one is missing."""
        ...

    def code_pair(self, organisation_id: UUID, person_id: UUID) -> CodePair | None:
        """Return a person's codes, locked, or None if she has none."""
        ...

    def open_walk(self, organisation_id: UUID, person_id: UUID) -> Walk | None:
        """Return her walk under way, locked."""
        ...

    def walk(self, organisation_id: UUID, walk_id: UUID) -> Walk | None:
        """Return one walk, locked."""
        ...

    def stays(self, since: datetime, until: datetime) -> list[Stay]:
        """Return the shifts that touch this time, of everybody with an open case."""
        ...

    def walk_plans(self, people: Sequence[UUID]) -> dict[UUID, WalkPlan]:
        """Return the walk plans of these people, without their phrases; who has none is missing."""
        ...

    def walk_plan(self, organisation_id: UUID, person_id: UUID) -> WalkPlan:
        """Return how her walks go, with her phrase; the usual plan if she made none."""
        ...

    def holds(self, since: datetime, until: datetime) -> list[Hold]:
        """Return the holds of shifts that end or begin in this time, and every open one."""
        ...

    def hold(self, organisation_id: UUID, hold_id: UUID) -> Hold | None:
        """Return one hold, locked."""
        ...

    def open_holds(
        self, organisation_id: UUID, *, person_id: UUID | None = None, site_id: UUID | None = None
    ) -> list[Hold]:
        """Return the open holds of a person or of a site, locked."""
        ...

    def looks(self, organisation_id: UUID, site_id: UUID, since: datetime) -> list[Look]:
        """Return what was looked at a site since then, in order."""
        ...

    def questions(self, organisation_id: UUID, hold_id: UUID) -> list[Incident]:
        """Return the open incidents that ask somebody to look, for this hold, locked."""
        ...

    def phrases(self, organisation_id: UUID, person_id: UUID) -> list[Delivery]:
        """Return what waits to go to her about her own way, to ask whether she is reachable, or as a notice, also once more; locked."""
        ...

    def cases_of(self, incident_ids: Sequence[UUID]) -> dict[UUID, UUID]:
        """Return of which case each of these incidents is, without those of none; not locked."""
        ...

    def save(self, changes: Sequence[Change]) -> None:
        """Save everything of these changes."""
        ...

    def claim(
        self, engine: str, limit: int, at: datetime, since: datetime | None = None
    ) -> list[Delivery]:
        """Return deliveries that are due, leased to this engine: pending, retrying, or with a lease that ran out.

        `since`: only what was made from then on (an engine on HOLD sends nothing older).
        """
        ...

    def settle(
        self, settlements: Sequence[Settlement], at: datetime, entries: Sequence[Entry] = ()
    ) -> None:
        """Keep what became of attempts; a failure brings the person's next contact method of that wave forward.

        `entries` tell of them on the record, each once: the answer to a first time may have been lost.
        """
        ...

    def renew(self, engine: str, delivery_ids: Sequence[UUID], at: datetime) -> list[UUID]:
        """Renew the leases that this engine still works on; return the deliveries that ended meanwhile."""
        ...

    def release(
        self, engine: str, until: datetime | None = None, but: Collection[UUID] = ()
    ) -> int:
        """Take back the leases of this engine's dead predecessor; return how many.

        `until`: only those that end by then; `but`: not those of these deliveries. For an engine that runs already.
        """
        ...

    def expire(self, at: datetime) -> list[Delivery]:
        """End what was sent and not seen by its deadline as *unanswered*; return those deliveries."""
        ...

    def waiting(self, until: datetime, since: datetime | None = None) -> list[Waiting]:
        """Return the incidents and walks that are due before `until`, or whose wait was set after it (a clock set back).

        With `since` only those begun since.
        """
        ...

    def addresses(self, contact_ids: Sequence[UUID]) -> dict[UUID, Address]:
        """Return where contact methods lead."""
        ...

    def places(self, organisation_id: UUID, site_ids: Sequence[UUID]) -> dict[UUID, PlaceFacts]:
        """Return what messages say about sites."""
        ...

    def sender(self, organisation: str, number: str) -> Sender | None:
        """Return whose a number (E.164) is at a gateway of this organisation (its slug); None: no such organisation."""
        ...

    def keep_text(self, text: TextKept) -> bool:
        """Return whether this text is new, and keep it."""
        ...

    def by_code(self, organisation_id: UUID, person_id: UUID, code: str) -> list[Delivery]:
        """Return the person's messages with this code, the latest first, whose incident is open or was a day ago."""
        ...

    def told(self, organisation_id: UUID, person_id: UUID) -> list[UUID]:
        """Return the open incidents of which this person was told."""
        ...

    def was_sent(self, incident_ids: Sequence[UUID]) -> set[UUID]:
        """Return which of these incidents had a message handed to a provider."""
        ...

    def short_names(self, person_ids: Sequence[UUID]) -> dict[UUID, str]:
        """Return the short names ("R. Mayer") of people."""
        ...

    def devices_in_use(self, person_ids: Sequence[UUID]) -> dict[UUID, tuple[UUID, ...]]:
        """Return the devices of people that are neither revoked nor in vain."""
        ...

    def was_opened(self, organisation_id: UUID, key: str) -> bool:
        """Return whether an incident was ever opened under this key."""
        ...
