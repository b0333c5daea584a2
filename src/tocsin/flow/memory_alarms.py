"""How does the engine go on without PostgreSQL? The store of `flow.alarms`, in memory.

It starts from a snapshot. One contract suite (`tests/store/test_alarms_contract.py`) holds for this and for the rows in
PostgreSQL, and the simulator runs on it. What is saved here is handed over by `take_saved`, in order, to be kept later.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tocsin.decisions.rules.incident import ASKING, Incident, Kind
from tocsin.flow.alarms import Change, Settlement, TextKept, Waiting
from tocsin.flow.memory_holds import MemoryHolds, NotUniqueError
from tocsin.flow.memory_undo import NOTHING, MemoryUndo
from tocsin.flow.snapshot import Snapshot
from tocsin.notifications.rules.delivery import (
    ENDS,
    LEASE_S,
    OPEN,
    Delivery,
    State,
    after_answer,
    goes_first,
    is_due,
    is_overdue,
    leased_from,
    taken,
)
from tocsin.notifications.rules.disclosure import NOTICE, Disclosure
from tocsin.notifications.rules.due import next_due
from tocsin.record.rules.entries import Entry
from tocsin.signals.rules.codes import CodePair
from tocsin.signals.rules.press import Press
from tocsin.signals.rules.repeat import was_kept
from tocsin.signals.rules.walk import Walk

DAY: Final = timedelta(days=1)


class MemoryAlarms(MemoryUndo, MemoryHolds):
    """Everything about incidents, in dictionaries; one transaction at a time, from any thread."""

    def __init__(self, snapshot: Snapshot, clock: Callable[[], datetime]) -> None:
        """Start from what was known; `clock` gives aware UTC."""
        MemoryUndo.__init__(self, clock)
        MemoryHolds.__init__(self, snapshot)
        self._codes = {k.person.id: k.codes for k in snapshot.people if k.codes}
        self._keys: dict[tuple[UUID, UUID, str], Press | None] = dict.fromkeys(snapshot.keys)
        self._texts: dict[tuple[UUID, str, str], datetime] = {}
        self._walks = {walk.id: walk for walk in snapshot.walks}
        self._incidents = {incident.id: incident for incident in snapshot.incidents}
        self._deliveries: dict[UUID, Delivery] = {}
        self._alive: dict[UUID, None] = {}
        self.ledger: dict[UUID, Disclosure] = {}
        self._references: dict[tuple[UUID, str], UUID] = {}
        for delivery in snapshot.deliveries:
            self._put_delivery(delivery)
        self._undo.clear()

    # --- what a verb asks -------------------------------------------------------------------------

    def known_keys(self, presses: Sequence[Press]) -> dict[tuple[UUID, UUID, str], str]:
        """Return the keys that are kept already, with the act of each; "" of those from before."""
        keys = ((p.organisation_id, p.person_id, p.key) for p in presses)
        found = {key: self._keys[key] for key in keys if key in self._keys}
        return {key: press.act if press else "" for key, press in found.items()}

    def open_incidents(
        self, people: Sequence[tuple[UUID, UUID]], *, is_drill: bool = False
    ) -> dict[UUID, Incident]:
        """Return their open incidents, by person; a proof is none."""
        wanted = set(people)
        return {
            i.person_id: i
            for i in self._incidents.values()
            if i.is_open
            and i.is_drill is is_drill
            and not (i.kind in ASKING or i.is_about_place)
            and (i.organisation_id, i.person_id) in wanted
        }

    def all_incidents(self) -> list[Incident]:
        """Return every incident of every organisation."""
        return list(self._incidents.values())

    def incident(self, organisation_id: UUID, incident_id: UUID) -> Incident | None:
        """Return one incident of this organisation."""
        found = self._incidents.get(incident_id)
        return found if found and found.organisation_id == organisation_id else None

    def code_pair(self, organisation_id: UUID, person_id: UUID) -> CodePair | None:
        """Return a person's codes, or None."""
        known = self._people.get(person_id)
        if known is None or known.organisation_id != organisation_id:
            return None
        return self._codes.get(person_id)

    def open_walk(self, organisation_id: UUID, person_id: UUID) -> Walk | None:
        """Return her walk under way."""
        walks = (w for w in self._walks.values() if w.organisation_id == organisation_id)
        return next((w for w in walks if w.person_id == person_id and w.is_open), None)

    def walk(self, organisation_id: UUID, walk_id: UUID) -> Walk | None:
        """Return one walk of this organisation."""
        found = self._walks.get(walk_id)
        return found if found and found.organisation_id == organisation_id else None

    def questions(self, organisation_id: UUID, hold_id: UUID) -> list[Incident]:
        """Return the open questions about this hold."""
        return [
            i
            for i in self._incidents.values()
            if i.is_open
            and i.kind is Kind.LOOK
            and (i.organisation_id, i.walk_id) == (organisation_id, hold_id)
        ]

    def phrases(self, organisation_id: UUID, person_id: UUID) -> list[Delivery]:
        """Return what still waits to go to her about her own way, to ask whether she is reachable, or as a notice."""
        hers = (d for i in self._alive if (d := self._deliveries[i]).person_id == person_id)
        return [
            d
            for d in hers
            if d.state in OPEN
            and (about := self._incidents.get(d.incident_id))
            and about.organisation_id == organisation_id
            and (about.kind is Kind.PROOF or (about.person_id == person_id and _is_hushed(about)))
        ]

    def cases_of(self, incident_ids: Sequence[UUID]) -> dict[UUID, UUID]:
        """Return of which case each of these incidents is."""
        found = (self._incidents[i] for i in incident_ids if i in self._incidents)
        return {about.id: about.case_ids[0] for about in found if about.case_ids}

    # --- what a verb saves ------------------------------------------------------------------------

    def save(self, changes: Sequence[Change]) -> None:
        """Save everything of these changes, in their order."""
        with self.atomically():
            for change in changes:
                self._save(change)

    def _save(self, change: Change) -> None:
        self._keep(change)
        for signal in change.signals:
            press = signal.press
            key = (press.organisation_id, press.person_id, press.key)
            self._refuse(key in self._keys, "signal_key")
            self._set(self._keys, key, press)
        if change.incident:
            self._save_incident(change.incident, is_new=change.is_new)
        if change.walk:
            self._save_walk(change.walk)
        for table, row_id, row in self._of_holds(change):
            self._set(table, row_id, row)
        self._hold_back(change.held_back)
        self._save_deliveries(change)
        for line in change.disclosures:
            self._set(self.ledger, line.id, self.ledger.get(line.id, line))
        for _, person_id, count in change.wrong_codes:
            pair = self._codes.get(person_id)
            if pair:
                self._set(self._codes, person_id, replace(pair, wrong_count=count))

    def _save_incident(self, incident: Incident, *, is_new: bool) -> None:
        self._refuse(is_new and incident.id in self._incidents, "incident_id")
        is_hers = incident.kind not in ASKING and not incident.is_about_place
        if is_new and incident.is_open and is_hers:
            who = [(incident.organisation_id, incident.person_id)]
            self._refuse(
                bool(self.open_incidents(who, is_drill=incident.is_drill)), "incident_open"
            )
        if is_new or incident.id in self._incidents:
            self._set(self._incidents, incident.id, incident)

    def _save_walk(self, walk: Walk) -> None:
        hers = (w for w in self._walks.values() if w.person_id == walk.person_id)
        others = [w for w in hers if w.id != walk.id]
        self._refuse(walk.is_open and any(w.is_open for w in others), "walk_open")
        self._refuse(any(w.key == walk.key for w in others), "walk_key")
        self._set(self._walks, walk.id, walk)

    def _save_deliveries(self, change: Change) -> None:
        if change.incident and (change.acts or change.stop_sending or change.answered):
            incident = change.incident
            pressed_at = incident.latest_at or incident.opened_at
            by = dict.fromkeys(change.answered, (pressed_at, change.answered_on))
            by |= {act.person_id: (act.at, act.delivery_id) for act in change.acts}
            is_proof = incident.kind is Kind.PROOF
            for known in self.deliveries(incident.id):
                delivery = known
                if answer := by.get(known.person_id):
                    delivery = after_answer(known, answer[0], on=answer[1], is_proof=is_proof)
                if change.stop_sending and delivery.state in OPEN:
                    delivery = _ended(delivery, State.CANCELLED, self.now())
                if delivery is not known:
                    self._put_delivery(delivery)
        for delivery in change.deliveries:
            if (delivery.organisation_id, delivery.reference) not in self._references:
                self._put_delivery(leased_from(delivery, self.now()))

    def _hold_back(self, delivery_ids: Sequence[UUID]) -> None:
        for held in [self._deliveries[i] for i in delivery_ids if i in self._deliveries]:
            if held.state in OPEN:
                self._put_delivery(_ended(held, State.CANCELLED, self.now()))

    def _living(self, incident_id: UUID) -> list[Delivery]:
        return [d for i in self._alive if (d := self._deliveries[i]).incident_id == incident_id]

    def _put_delivery(self, delivery: Delivery) -> None:
        self._set(self._deliveries, delivery.id, delivery)
        self._set(self._references, (delivery.organisation_id, delivery.reference), delivery.id)
        self._set(self._alive, delivery.id, NOTHING if delivery.state in ENDS else None)

    @staticmethod
    def _refuse(is_double: bool, name: str) -> None:  # noqa: FBT001
        if is_double:
            raise NotUniqueError(name)

    # --- the outbox -------------------------------------------------------------------------------

    def claim(
        self, engine: str, limit: int, at: datetime, since: datetime | None = None
    ) -> list[Delivery]:
        """Return deliveries that are due, real alarms and then the longest due first, leased to this engine."""
        with self.atomically():
            due = [d for i in self._alive if is_due(d := self._deliveries[i], at)]
            due = [d for d in due if since is None or d.made_at >= since]
            due.sort(key=lambda d: (self._waits_for_alarms(d), d.due_at, d.id))
            claimed = [taken(delivery, engine, at) for delivery in due[:limit]]
            for delivery in claimed:
                self._put_delivery(delivery)
            return claimed

    def _waits_for_alarms(self, delivery: Delivery) -> bool:
        about = self._incidents.get(delivery.incident_id)
        return about is not None and not goes_first(about)

    def settle(
        self, settlements: Sequence[Settlement], at: datetime, entries: Sequence[Entry] = ()
    ) -> None:
        """Keep what became of attempts, unless a later attempt, an act or the end overtook them."""
        with self.atomically():
            for settlement in settlements:
                after = settlement.delivery
                now = self._deliveries.get(after.id)
                if now is None or now.state is not State.LEASED or now.attempt != after.attempt:
                    continue
                self._keep(settlement)
                self._put_delivery(after)
                if not settlement.outcome.is_accepted:
                    self._bring_forward(after, at)
            self._keep(Change(entries=tuple(entries)))

    def _bring_forward(self, failed: Delivery, at: datetime) -> None:
        wave = failed.reference.rpartition(".")[0]
        waiting = [
            d
            for d in self._living(failed.incident_id)
            if d.person_id == failed.person_id
            and d.state is State.PENDING
            and d.due_at > at
            and d.reference.rpartition(".")[0] == wave
        ]
        if waiting:
            following = min(waiting, key=lambda d: (d.due_at, d.id))
            self._put_delivery(replace(following, due_at=at))

    def renew(self, engine: str, delivery_ids: Sequence[UUID], at: datetime) -> list[UUID]:
        """Renew the leases that this engine still holds; return those that ended meanwhile."""
        with self.atomically():
            for delivery in self._leased(engine):
                if delivery.id in delivery_ids:
                    until = at + timedelta(seconds=LEASE_S)
                    self._put_delivery(replace(delivery, lease_until=until))
            known = (self._deliveries[i] for i in delivery_ids if i in self._deliveries)
            return [delivery.id for delivery in known if delivery.state in ENDS]

    def release(
        self, engine: str, until: datetime | None = None, but: Collection[UUID] = ()
    ) -> int:
        """Take back the leases of this engine's dead predecessor; return how many."""
        with self.atomically():
            held = [d for d in self._leased(engine) if d.id not in but and _ends_by(d, until)]
            for d in held:
                self._put_delivery(replace(d, state=State.PENDING, leased_by="", lease_until=None))
            return len(held)

    def _leased(self, engine: str) -> list[Delivery]:
        alive = (self._deliveries[i] for i in self._alive)
        return [d for d in alive if d.state is State.LEASED and d.leased_by == engine]

    def expire(self, at: datetime) -> list[Delivery]:
        """End what was sent and not seen by its deadline as *unanswered*; return those."""
        with self.atomically():
            sent = (self._deliveries[i] for i in self._alive)
            late = [d for d in sent if is_overdue(d, at)]
            ended = [_ended(delivery, State.UNANSWERED, at) for delivery in late]
            for delivery in ended:
                self._put_delivery(delivery)
            return ended

    def waiting(self, until: datetime, since: datetime | None = None) -> list[Waiting]:
        """Return the incidents and walks that are due before `until`, the next one first."""
        found = [
            Waiting("walk", w.organisation_id, w.id, w.timer_set_at, w.due_at)
            for w in self._walks.values()
            if w.is_open and w.state == "open" and (since is None or w.started_at >= since)
        ]
        found += self._waiting_holds(since)
        for incident in self._incidents.values():
            due = next_due(incident)
            if due and (since is None or incident.opened_at >= since):
                found.append(Waiting("incident", incident.organisation_id, incident.id, *due))
        return sorted(
            (w for w in found if w.due_at < until or w.set_at > until),
            key=lambda w: (w.due_at, w.id),
        )

    # --- texts and what devices are told ----------------------------------------------------------

    def keep_text(self, text: TextKept) -> bool:
        """Return whether this text is new, and keep it."""
        name = (text.organisation_id, text.gateway, text.provider_id)
        if was_kept(name[2], text.received_at, lambda like: self._texts.get((*name[:2], like))):
            return False
        with self.atomically():
            self._set(self._texts, name, text.received_at)
        return True

    def by_code(self, organisation_id: UUID, person_id: UUID, code: str) -> list[Delivery]:
        """Return the person's messages with this code, the latest first, of late incidents too."""
        hers = [d for d in self._told(organisation_id, person_id, DAY) if d.code == code]
        return sorted(hers, key=lambda d: (d.made_at, d.id), reverse=True)

    def told(self, organisation_id: UUID, person_id: UUID) -> list[UUID]:
        """Return the open incidents of which this person was told."""
        return list(dict.fromkeys(d.incident_id for d in self._told(organisation_id, person_id)))

    def _told(
        self, organisation_id: UUID, person_id: UUID, past: timedelta = timedelta(0)
    ) -> list[Delivery]:
        since = self.now() - past  # Of what was over before its snapshot, memory knows no incident.
        return [
            d
            for d in self._deliveries.values()
            if (d.organisation_id, d.person_id) == (organisation_id, person_id)
            and (about := self._incidents.get(d.incident_id))
            and (about.closed_at is None or about.closed_at > since)
        ]

    def was_sent(self, incident_ids: Sequence[UUID]) -> set[UUID]:
        """Return which of these incidents had a message handed to a provider."""
        asked = set(incident_ids)
        sent = (d.incident_id for d in self._deliveries.values() if d.sent_at)
        return {incident_id for incident_id in sent if incident_id in asked}

    def was_opened(self, organisation_id: UUID, key: str) -> bool:
        """Return whether an incident was opened under this key."""
        return any(
            i.organisation_id == organisation_id and i.key == key for i in self._incidents.values()
        )

    def deliveries(self, incident_id: UUID) -> list[Delivery]:
        """Return the deliveries of an incident in the order in which they were made."""
        return [d for d in self._deliveries.values() if d.incident_id == incident_id]

    def incidents(self) -> list[Incident]:
        """Return every incident, open or not."""
        return list(self._incidents.values())

    def entries(self) -> list[Entry]:
        """Return what was appended to the record and not yet taken by `take_saved`."""
        return [e for what in self._saved if isinstance(what, Change) for e in what.entries]


def _ends_by(delivery: Delivery, until: datetime | None) -> bool:
    return until is None or delivery.lease_until is None or delivery.lease_until <= until


def _is_hushed(about: Incident) -> bool:
    return about.kind is Kind.LOOK or (about.kind is Kind.TASK and about.key.startswith(NOTICE))


def _ended(delivery: Delivery, state: State, at: datetime) -> Delivery:
    return replace(delivery, state=state, ended_at=at, leased_by="", lease_until=None)
