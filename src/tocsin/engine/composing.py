"""What exactly goes out? A delivery, its incident, its address and its template become a message.

What is said about an incident and where a contact method leads is kept in memory for seconds, so that a wave to
hundreds needs no query; a revoked contact is not used for longer than that.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from tocsin.decisions.rules.incident import Incident, Kind
from tocsin.engine.desk import ALARM, Desk
from tocsin.flow.alarms import Address, Alarms, PlaceFacts
from tocsin.notifications.rules.delivery import Delivery, goes_first
from tocsin.notifications.rules.message import Message
from tocsin.notifications.rules.templates import find_template
from tocsin.notifications.rules.wording import Facts, Worded, word
from tocsin.runtime.clock import Clock
from tocsin.signals.rules.phrase import sent
from tocsin.signals.rules.walk import Walk

KEEP_S: Final = 5.0
KEEP_PLACE_S: Final = 60.0
MAX_KEPT: Final = 20_000
NO_ADDRESS: Final = "no address"
NO_TEMPLATE: Final = "no template"
HER_PHRASE: Final = "hold_her"
INSTRUCTIONS: Final = {
    "en": "Do not go near alone. Say on the link what you do.",
    "es": "No se acerque a solas. Diga en el enlace qué hace.",
}
# Whoever is called would ring her first, and her phone must not sound (I22).
SILENT: Final = {"en": "SILENT: do not call her.", "es": "SILENCIO: no la llame."}
# On a personal phone no site is named (I24), also not to whoever leads.
SOME_SITE: Final = {"en": "a site of yours", "es": "un centro suyo"}


@dataclass(frozen=True, slots=True)
class Links:
    """How the answer link of a delivery is made; `of` takes organisation and delivery."""

    of: Callable[[UUID, UUID], str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is not in memory, or too old: contacts, (organisation, incident), (organisation, site), phrases.

    `phrases`: (organisation, incident, person) of whom a phrase is sent to.
    """

    contacts: list[UUID]
    incidents: list[tuple[UUID, UUID]]
    sites: set[tuple[UUID, UUID]]
    phrases: set[tuple[UUID, UUID, UUID]]


class Composer:
    """Words deliveries."""

    def __init__(self, desk: Desk, clock: Clock, links: Links) -> None:
        """`links` makes the answer link that stands in a message."""
        self._desk, self._clock, self._links = desk, clock, links
        self._incidents: dict[UUID, Incident] = {}
        self._places: dict[UUID, tuple[float, PlaceFacts]] = {}
        self._addresses: dict[UUID, tuple[float, Address | None]] = {}
        self._phrases: dict[UUID, str] = {}
        self._ended_walks: dict[UUID, Walk] = {}

    def know(self, incident: Incident) -> None:
        """Keep an incident that a verb has just changed, so that its messages need no query."""
        if len(self._incidents) >= MAX_KEPT:
            self._incidents.pop(next(iter(self._incidents)))
        self._incidents[incident.id] = incident

    def know_ended(self, walk: Walk) -> None:
        """Keep a walk that a page has ended, should the store go away before the next snapshot."""
        if len(self._ended_walks) >= MAX_KEPT:
            self._ended_walks.pop(next(iter(self._ended_walks)))
        self._ended_walks[walk.id] = walk

    def ended_walks(self) -> list[Walk]:
        """Return every walk that is kept; all are ended."""
        return list(self._ended_walks.values())

    def _keep_phrase(self, incident_id: UUID, phrase: str) -> None:
        if len(self._phrases) >= MAX_KEPT:
            self._phrases.pop(next(iter(self._phrases)))
        self._phrases[incident_id] = phrase

    def known(self, incident_id: UUID) -> Incident | None:
        """Return the incident as it was last told of, if it is kept."""
        return self._incidents.get(incident_id)

    def all_known(self) -> list[Incident]:
        """Return every incident that is kept, as it was last told of."""
        return list(self._incidents.values())

    async def __call__(self, deliveries: list[Delivery]) -> dict[UUID, Message | str]:
        """Return each delivery's message, or why it has none."""
        await self._load(deliveries)
        return {delivery.id: self._message(delivery) for delivery in deliveries}

    async def _load(self, deliveries: Sequence[Delivery]) -> None:
        now = self._clock.monotonic()
        wanted = Wanted(
            contacts=[
                c for c in {d.contact_id for d in deliveries} if self._address_until(c) < now
            ],
            incidents=[
                (d.organisation_id, d.incident_id)
                for d in deliveries
                if d.incident_id not in self._incidents
            ],
            sites=self._stale_sites(deliveries, now),
            phrases={
                (d.organisation_id, d.incident_id, d.person_id)
                for d in deliveries
                if d.template == HER_PHRASE and d.incident_id not in self._phrases
            },
        )
        if wanted.contacts or wanted.incidents or wanted.sites or wanted.phrases:
            await self._desk.do(lambda alarms: self._fetch(alarms, wanted, now), ALARM)
        if len(self._addresses) > MAX_KEPT:
            self._addresses = {k: v for k, v in self._addresses.items() if v[0] >= now}

    def _address_until(self, contact_id: UUID) -> float:
        return self._addresses.get(contact_id, (0.0, None))[0]

    def _stale_sites(self, deliveries: Sequence[Delivery], now: float) -> set[tuple[UUID, UUID]]:
        known = (self._incidents.get(d.incident_id) for d in deliveries)
        sites = {(i.organisation_id, i.site_id) for i in known if i}
        return {
            site for site in sites if site[1] not in self._places or self._places[site[1]][0] < now
        }

    def _fetch(self, alarms: Alarms, wanted: Wanted, now: float) -> None:
        sites = set(wanted.sites)
        for organisation_id, incident_id in dict.fromkeys(wanted.incidents):
            incident = alarms.incident(organisation_id, incident_id)
            if incident:
                self.know(incident)
                sites.add((organisation_id, incident.site_id))
        for organisation_id, incident_id, person_id in wanted.phrases:
            plan = alarms.walk_plan(organisation_id, person_id)
            self._keep_phrase(incident_id, plan.phrase)
        found = alarms.addresses(wanted.contacts)
        self._addresses |= {c: (now + KEEP_S, found.get(c)) for c in wanted.contacts}
        for organisation_id, site_id in sites:
            for site, place in alarms.places(organisation_id, [site_id]).items():
                self._places[site] = (now + KEEP_PLACE_S, place)

    def _message(self, delivery: Delivery) -> Message | str:
        incident = self._incidents.get(delivery.incident_id)
        address = self._addresses.get(delivery.contact_id, (0.0, None))[1]
        if incident is None or address is None:
            return NO_ADDRESS
        if delivery.template == HER_PHRASE:
            # The phrase as she chose it and nothing else: no link, no code, no word of whom it is from.
            agreed = sent(self._phrases.get(incident.id, ""), address.language)
            return self._worded(delivery, incident, address, Worded(agreed, agreed), "")
        template = find_template(delivery.template, is_work=address.is_work)
        if template is None:
            return NO_TEMPLATE
        link = self._links.of(delivery.organisation_id, delivery.id)
        facts = self._facts(delivery, incident, address, link)
        words = word(template, facts, language=address.language, channel=delivery.channel)
        return self._worded(delivery, incident, address, words, link)

    def _worded(
        self, delivery: Delivery, incident: Incident, address: Address, words: Worded, link: str
    ) -> Message:
        return Message(
            reference=delivery.reference,
            delivery_id=delivery.id,
            organisation_id=delivery.organisation_id,
            incident_id=delivery.incident_id,
            person_id=delivery.person_id,
            step=delivery.step,
            key=incident.key,
            address=address.address,
            subject=words.subject,
            text=words.text,
            link=link,
            code=(delivery.code or None) if link else None,
            is_drill=incident.is_drill,
            is_silent=incident.is_silent,
            secret=address.secret,
            is_quiet=incident.kind is Kind.TASK,
            is_alarm=goes_first(incident),
        )

    def _facts(self, delivery: Delivery, incident: Incident, address: Address, link: str) -> Facts:
        place = self._places.get(incident.site_id)
        name = place[1].name if place else ""
        language = address.language[:2] if address.language[:2] in INSTRUCTIONS else "en"
        silent = f"{SILENT[language]} " if incident.is_silent else ""
        return Facts(
            incident=incident.word,
            place=place[1].address_for(delivery.person_id) if place else "",
            site=name if address.is_work else SOME_SITE[language],
            instruction=silent + INSTRUCTIONS[language],
            minutes=max(1, incident.policy.confirm_every_s // 60),
            link=link,
            code=delivery.code,
            is_drill=incident.is_drill,
        )
