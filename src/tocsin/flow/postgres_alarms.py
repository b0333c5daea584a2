"""The store behind every verb, on PostgreSQL: the stages' stores joined under `flow.alarms.Alarms`."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from tocsin.decisions import store as decisions
from tocsin.decisions.rules.incident import Incident
from tocsin.flow.alarms import (
    ActDone,
    Address,
    Change,
    PlaceFacts,
    Raiser,
    Sender,
    Settlement,
    TextKept,
    Waiting,
)
from tocsin.flow.change_contacts import verify_by_answer
from tocsin.notifications import store as notifications
from tocsin.notifications import store_disclosures as ledger
from tocsin.notifications.rules.delivery import Delivery, leased_from
from tocsin.notifications.rules.due import next_due
from tocsin.record import store as record
from tocsin.record.rules.entries import Entry
from tocsin.registry import store as registry
from tocsin.registry import store_calling as calling
from tocsin.registry.rules.policy import Policy, SiteFacts
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.signals import store as signals
from tocsin.signals import store_holds
from tocsin.signals import store_texts as texts
from tocsin.signals.rules.codes import CodePair
from tocsin.signals.rules.hold import Hold, Look, Stay, WalkPlan
from tocsin.signals.rules.press import Press
from tocsin.signals.rules.quarantine import Why
from tocsin.signals.rules.text import UNCLEAR
from tocsin.signals.rules.walk import Walk


class PostgresAlarms:
    """`flow.alarms.Alarms` on one connection. Not for two threads at once."""

    def __init__(self, conn: Connection, ring: KeyRing) -> None:
        """Use this connection and these keys."""
        self.conn, self.ring = conn, ring
        self._now: datetime | None = None
        self._saved: list[Change | Settlement] = []

    @contextmanager
    def atomically(self) -> Iterator[None]:
        """Open a transaction."""
        mark = len(self._saved)
        try:
            with self.conn.transaction():
                self._now = None
                yield
        except BaseException:
            del self._saved[mark:]
            raise

    def take_saved(self) -> list[Change | Settlement]:
        """Return what was saved since the last time, in order, and forget it."""
        saved, self._saved = self._saved, []
        return saved

    def now(self) -> datetime:
        """Return the time at which the transaction began, by the database's clock."""
        if self._now is None:
            row = self.conn.execute("select now()").fetchone()
            self._now = row[0] if row else None
        if self._now is None:
            message = "the database has no clock"
            raise RuntimeError(message)
        return self._now

    def known_keys(self, presses: Sequence[Press]) -> dict[tuple[UUID, UUID, str], str]:
        """Return the keys that are kept already, with the act of each."""
        return signals.known_keys(
            self.conn, [(p.organisation_id, p.person_id, p.key) for p in presses]
        )

    def raisers(self, presses: Sequence[Press], at: datetime) -> dict[tuple[UUID, UUID], Raiser]:
        """Return what is known of those who pressed."""
        asked = [(p.organisation_id, p.person_id, p.device_id) for p in presses]
        return {
            (r.organisation_id, r.person_id): Raiser(
                r.organisation_id, r.person_id, r.site_id, r.labels, r.device_revoked, r.kept_out
            )
            for r in calling.load_raisers(self.conn, asked, at)
        }

    def open_incidents(
        self, people: Sequence[tuple[UUID, UUID]], *, is_drill: bool = False
    ) -> dict[UUID, Incident]:
        """Return the open incidents of these people, locked."""
        return {
            i.person_id: i for i in decisions.load_open_of(self.conn, people, is_drill=is_drill)
        }

    def incident(self, organisation_id: UUID, incident_id: UUID) -> Incident | None:
        """Return one incident, locked."""
        return decisions.load_incident(self.conn, organisation_id, incident_id)

    def site_facts(
        self,
        organisation_id: UUID,
        site_ids: Sequence[UUID],
        at: datetime,
        also: Collection[UUID] = (),
    ) -> dict[UUID, SiteFacts]:
        """Return who may be called at these sites."""
        return registry.load_site_facts(self.conn, organisation_id, site_ids, at=at, also=also)

    def kept_out(self, organisation_id: UUID, person_id: UUID) -> frozenset[UUID]:
        """Return the colleagues whom this person ruled out."""
        return registry.load_kept_out(self.conn, organisation_id, [person_id]).get(
            person_id, frozenset()
        )

    def parties(self, organisation_id: UUID, case_ids: Sequence[UUID]) -> frozenset[UUID]:  # noqa: ARG002
        """Return the people who must learn nothing of these cases."""
        return registry.load_parties(self.conn, case_ids)

    def inactive(self, organisation_id: UUID, person_ids: Collection[UUID]) -> frozenset[UUID]:
        """Return which of these people do not work here any more."""
        return calling.load_inactive(self.conn, organisation_id, person_ids)

    def policies(
        self, organisation_id: UUID, site_ids: Sequence[UUID], kind: str
    ) -> dict[UUID, Policy]:
        """Return each site's policy of a kind."""
        return calling.load_policies(self.conn, organisation_id, site_ids, kind)

    def code_pair(self, organisation_id: UUID, person_id: UUID) -> CodePair | None:
        """Return a person's codes, locked."""
        return signals.load_code_pair(self.conn, self.ring, organisation_id, person_id)

    def open_walk(self, organisation_id: UUID, person_id: UUID) -> Walk | None:
        """Return her walk under way, locked."""
        return signals.load_open_walk(self.conn, organisation_id, person_id)

    def walk(self, organisation_id: UUID, walk_id: UUID) -> Walk | None:
        """Return one walk, locked."""
        return signals.load_walk(self.conn, organisation_id, walk_id)

    def stays(self, since: datetime, until: datetime) -> list[Stay]:
        """Return the shifts of everybody with an open case."""
        return store_holds.load_stays(self.conn, since, until)

    def walk_plans(self, people: Sequence[UUID]) -> dict[UUID, WalkPlan]:
        """Return the walk plans of these people, without their phrases."""
        return store_holds.load_plans(self.conn, people)

    def walk_plan(self, organisation_id: UUID, person_id: UUID) -> WalkPlan:
        """Return how her walks go, with her phrase."""
        found = store_holds.load_plan(self.conn, self.ring, organisation_id, person_id)
        return found or WalkPlan(organisation_id, person_id)

    def holds(self, since: datetime, until: datetime) -> list[Hold]:
        """Return the holds of this time, and every open one."""
        return store_holds.load_holds(self.conn, since, until)

    def hold(self, organisation_id: UUID, hold_id: UUID) -> Hold | None:
        """Return one hold, locked."""
        return store_holds.load_hold(self.conn, organisation_id, hold_id)

    def open_holds(
        self, organisation_id: UUID, *, person_id: UUID | None = None, site_id: UUID | None = None
    ) -> list[Hold]:
        """Return the open holds of a person or of a site, locked."""
        if person_id:
            return store_holds.load_open_of(self.conn, organisation_id, person_id)
        return store_holds.load_open_at(self.conn, organisation_id, site_id) if site_id else []

    def looks(self, organisation_id: UUID, site_id: UUID, since: datetime) -> list[Look]:
        """Return what was looked at a site since then."""
        return store_holds.load_looks(self.conn, organisation_id, site_id, since)

    def questions(self, organisation_id: UUID, hold_id: UUID) -> list[Incident]:
        """Return the open questions about this hold, locked."""
        return decisions.load_open_questions(self.conn, organisation_id, hold_id)

    def phrases(self, organisation_id: UUID, person_id: UUID) -> list[Delivery]:
        """Return what still waits to go to her about her own way, to ask whether she is reachable, or as a notice, locked."""
        return notifications.load_phrases(self.conn, organisation_id, person_id)

    def cases_of(self, incident_ids: Sequence[UUID]) -> dict[UUID, UUID]:
        """Return of which case each of these incidents is, not locked."""
        return decisions.load_cases_of(self.conn, incident_ids)

    def save(self, changes: Sequence[Change]) -> None:
        """Save everything of these changes, in one round trip."""
        self._saved += changes
        made = [leased_from(d, self.now()) for c in changes for d in c.deliveries]
        with self.conn.pipeline():
            self._save_signals(changes)
            new = [c.incident for c in changes if c.incident and c.is_new]
            latest = {i.id: i for i in (c.incident for c in changes) if i}
            decisions.insert_incidents(
                self.conn, [(latest[i.id], next_due(latest[i.id])) for i in new]
            )
            inserted = {i.id for i in new}
            for incident in latest.values():
                if incident.id not in inserted:
                    decisions.update_incident(self.conn, incident, next_due(incident))
            self._save_acts(changes)
            if held_back := [i for c in changes for i in c.held_back]:
                notifications.hold_back(self.conn, held_back, self.now())
            notifications.insert_deliveries(self.conn, made)
            self._save_disclosures(changes)
            record.append(self.conn, [e for c in changes for e in c.entries])

    def _save_disclosures(self, changes: Sequence[Change]) -> None:
        ledger.insert(self.conn, [line for change in changes for line in change.disclosures])
        for change in changes:
            incident = change.incident
            if change.has_notice and incident and incident.her_notice_at:
                ledger.give_notice(
                    self.conn, incident.organisation_id, incident.id, incident.her_notice_at
                )

    def _save_signals(self, changes: Sequence[Change]) -> None:
        kept = [(s.id, s.press) for c in changes for s in c.signals]
        if kept:
            signals.insert_signals(self.conn, kept)
        for change in changes:
            if change.walk:
                signals.save_walk(self.conn, self.ring, change.walk)
            for look in change.looks:
                store_holds.insert_look(self.conn, look)
            for hold in change.holds:
                store_holds.save_hold(self.conn, hold)
            for organisation_id, person_id, count in change.wrong_codes:
                signals.set_wrong_count(self.conn, organisation_id, person_id, count)

    def _save_acts(self, changes: Sequence[Change]) -> None:
        for change in changes:
            incident = change.incident
            if incident is None:
                continue
            rows = [
                (
                    a.id,
                    incident.organisation_id,
                    incident.id,
                    a.person_id,
                    a.doing.value,
                    a.via,
                    a.at,
                    a.delivery_id,
                )
                for a in change.acts
            ]
            if rows:
                decisions.insert_acts(self.conn, rows)
            for act in change.acts:
                on = act.delivery_id
                notifications.mark_seen(self.conn, incident, act.person_id, act.at, on)
                if act.delivery_id:
                    self._answered_on(incident.organisation_id, act.delivery_id, act)
            for person_id in change.answered:
                at = incident.latest_at or incident.opened_at
                notifications.mark_seen(self.conn, incident, person_id, at, change.answered_on)
            if change.stop_sending and incident.closed_at:
                notifications.stop(
                    self.conn, incident.organisation_id, incident.id, incident.closed_at
                )

    def _answered_on(self, organisation_id: UUID, delivery_id: UUID, act: ActDone) -> None:
        delivery = notifications.load_delivery(self.conn, organisation_id, delivery_id)
        if delivery and delivery.person_id == act.person_id:
            verify_by_answer(
                self.conn,
                organisation_id,
                act.person_id,
                delivery.contact_id,
                via=act.via,
                at=act.at,
            )

    def claim(
        self, engine: str, limit: int, at: datetime, since: datetime | None = None
    ) -> list[Delivery]:
        """Return due deliveries, leased."""
        return notifications.claim(self.conn, engine, limit, at, since=since)

    def settle(
        self, settlements: Sequence[Settlement], at: datetime, entries: Sequence[Entry] = ()
    ) -> None:
        """Keep what became of attempts."""
        self._saved += [*settlements, Change(entries=tuple(entries))]
        notifications.settle(self.conn, [s.delivery for s in settlements], at)
        record.append(self.conn, entries, is_once_more=True)

    def renew(self, engine: str, delivery_ids: Sequence[UUID], at: datetime) -> list[UUID]:
        """Renew leases; return what ended meanwhile."""
        return notifications.renew(self.conn, engine, delivery_ids, at)

    def release(
        self, engine: str, until: datetime | None = None, but: Collection[UUID] = ()
    ) -> int:
        """Take back the leases of this engine's dead predecessor."""
        return notifications.release(self.conn, engine, until, but)

    def expire(self, at: datetime) -> list[Delivery]:
        """End what was not seen by its deadline; return those deliveries."""
        return notifications.expire(self.conn, at)

    def waiting(self, until: datetime, since: datetime | None = None) -> list[Waiting]:
        """Return what is due before `until`."""
        incidents = [
            Waiting("incident", *row) for row in decisions.due_incidents(self.conn, until, since)
        ]
        walks = [Waiting("walk", *row) for row in signals.due_walks(self.conn, until, since)]
        holds = [Waiting("hold", *row) for row in store_holds.due_holds(self.conn, until, since)]
        return [*incidents, *walks, *holds]

    def addresses(self, contact_ids: Sequence[UUID]) -> dict[UUID, Address]:
        """Return where contact methods lead; a screen leads to its person."""
        return {
            a.contact_id: Address(*a)
            for a in calling.load_addresses(self.conn, self.ring, contact_ids)
        }

    def places(self, organisation_id: UUID, site_ids: Sequence[UUID]) -> dict[UUID, PlaceFacts]:
        """Return what messages say about sites."""
        rows = calling.load_places(self.conn, organisation_id, site_ids)
        return {row[0]: PlaceFacts(*row) for row in rows}

    def sender(self, organisation: str, number: str) -> Sender | None:
        """Return whose number this is, at the organisation of this slug."""
        organisation_id = calling.find_organisation(self.conn, organisation)
        if organisation_id is None:
            return None
        found = registry.find_by_address(self.conn, self.ring, organisation_id, "sms", number)
        if found is None:
            return Sender(organisation_id)
        doubted = registry.load_doubted_ways(self.conn, organisation_id, [found.person_id])
        is_doubted = found.is_in_vain or found.contact_id in doubted
        is_inactive = not found.is_active
        return Sender(organisation_id, found.person_id, found.contact_id, is_doubted, is_inactive)

    def keep_text(self, text: TextKept) -> bool:
        """Return whether this text is new, and keep it; one that called nobody and is shown nowhere else, a lead is shown."""
        kept = texts.Text(
            text.organisation_id,
            text.gateway,
            text.provider_id,
            text.received_at,
            text.meaning,
            text.person_id,
            text.number,
            text.words,
            text.incident_ids,
            text.contact_id,
        )
        is_new = texts.keep_text(self.conn, self.ring, kept)
        why = _called_nobody(text)
        if is_new and why:
            signals.keep_unverified(
                self.conn, text.organisation_id, text.gateway, why, at=text.received_at, size=0
            )
        return is_new

    def by_code(self, organisation_id: UUID, person_id: UUID, code: str) -> list[Delivery]:
        """Return the person's messages with this code whose incident is open."""
        return notifications.find_by_code(self.conn, organisation_id, person_id, code)

    def told(self, organisation_id: UUID, person_id: UUID) -> list[UUID]:
        """Return the open incidents of which this person was told."""
        return notifications.told(self.conn, organisation_id, person_id)

    def was_sent(self, incident_ids: Sequence[UUID]) -> set[UUID]:
        """Return which of these incidents had a message handed to a provider."""
        return notifications.was_sent(self.conn, incident_ids)

    def short_names(self, person_ids: Sequence[UUID]) -> dict[UUID, str]:
        """Return the short names of people."""
        return registry.load_short_names(self.conn, self.ring, person_ids)

    def devices_in_use(self, person_ids: Sequence[UUID]) -> dict[UUID, tuple[UUID, ...]]:
        """Return the devices of people that are neither revoked nor in vain."""
        return calling.load_devices_in_use(self.conn, person_ids)

    def was_opened(self, organisation_id: UUID, key: str) -> bool:
        """Return whether an incident was ever opened under this key."""
        return decisions.was_opened(self.conn, organisation_id, key)


def _called_nobody(text: TextKept) -> str | None:
    """Return why a lead is shown that a text came and called nobody, or None."""
    if text.person_id is None:
        is_national = text.meaning == Why.NATIONAL_NUMBER
        return (Why.NATIONAL_NUMBER if is_national else Why.UNKNOWN_NUMBER).value
    is_unclear = text.meaning in UNCLEAR
    return Why.WORDS_ONLY.value if is_unclear and text.is_alone else None
