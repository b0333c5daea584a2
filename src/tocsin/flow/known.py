"""Whom does the engine know while PostgreSQL is away? The registry's half of a snapshot.

It may be asked about any later moment: who is on duty is computed from intervals.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.flow.alarms import Address, PlaceFacts, Raiser, Sender
from tocsin.flow.snapshot import KnownPerson, Snapshot
from tocsin.registry.rules.policy import Policy, SiteFacts
from tocsin.signals.rules.hold import Stay, WalkPlan
from tocsin.signals.rules.press import Press

INACTIVE: Final = "inactive person"
REVOKED: Final = "revoked device"
UNCONFIRMED: Final = "unconfirmed device"
UNKNOWN: Final = "unknown device"


class Known:
    """People, sites, duties, devices, addresses; nothing here changes until the next snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Index what was known."""
        self._stints = snapshot.stints
        self._kept = snapshot.kept
        self._parties = snapshot.parties
        self._plans = {plan.person_id: plan for plan in snapshot.plans}
        self._people = {known.person.id: known for known in snapshot.people}
        self._sites = {site.id: site for site in snapshot.sites}
        self._devices = {device.id: device for device in snapshot.devices}
        self._addresses = {address.contact_id: address for address in snapshot.addresses}
        self._in_vain = snapshot.in_vain
        contacts = [contact for known in snapshot.people for contact in known.person.contacts]
        self._doubted = {contact.id for contact in contacts if contact.is_doubted}
        self._doubted |= {address.contact_id for address in snapshot.in_vain}
        # Called as if he had not removed it; whoever writes from there is still nobody's.
        self._removed = {contact.id for contact in contacts if contact.revoked_at is not None}

    def raisers(self, presses: Sequence[Press], at: datetime) -> dict[tuple[UUID, UUID], Raiser]:
        """Return who pressed; her site is where she is on duty, else where that is kept of her, else her own, else any."""
        found: dict[tuple[UUID, UUID], Raiser] = {}
        for press in presses:
            known = self._people.get(press.person_id)
            if known is None or known.organisation_id != press.organisation_id:
                continue
            raiser = self._raiser(press, known, at)
            before = found.get((press.organisation_id, press.person_id))
            if before is None or raiser.device_revoked:
                found[press.organisation_id, press.person_id] = raiser
        return found

    def _raiser(self, press: Press, known: KnownPerson, at: datetime) -> Raiser:
        device = self._devices.get(press.device_id) if press.device_id else None
        is_hers = device is not None and device.person_id == known.person.id
        is_unknown = press.device_id is not None and not is_hers
        is_revoked = device is not None and is_hers and device.is_revoked
        is_doubted = device is not None and is_hers and device.is_doubted
        labels = {
            INACTIVE: not known.is_active,
            UNKNOWN: is_unknown,
            REVOKED: is_revoked,
            UNCONFIRMED: is_doubted and not is_revoked,
        }
        return Raiser(
            press.organisation_id,
            press.person_id,
            self._site_of(known, at),
            tuple(label for label, holds in labels.items() if holds),
            is_unknown or is_revoked or is_doubted,
            known.kept_out,
        )

    def _site_of(self, known: KnownPerson, at: datetime) -> UUID:
        hers = [s for s in self._stints if s.duty.person_id == known.person.id]
        kept = [s for s in self._kept if s.person_id == known.person.id]
        shifts = [(s.starts_at, s.site_id) for s in hers if s.starts_at <= at < s.ends_at]
        shifts = shifts or [(s.starts_at, s.site_id) for s in kept if s.starts_at <= at < s.ends_at]
        if shifts:
            return max(shifts, key=lambda shift: shift[0])[1]
        own = (s.id for s in self._sites.values() if s.organisation_id == known.organisation_id)
        return known.site_id or min(own)

    def kept_out(self, organisation_id: UUID, person_id: UUID) -> frozenset[UUID]:
        """Return the colleagues whom this person ruled out."""
        known = self._people.get(person_id)
        own = known is not None and known.organisation_id == organisation_id
        return known.kept_out if known and own else frozenset()

    def parties(self, organisation_id: UUID, case_ids: Sequence[UUID]) -> frozenset[UUID]:  # noqa: ARG002
        """Return the people who must learn nothing of these cases."""
        return frozenset().union(*(self._parties.get(case_id, ()) for case_id in case_ids))

    def inactive(self, organisation_id: UUID, person_ids: Collection[UUID]) -> frozenset[UUID]:
        """Return which of these people do not work here any more."""
        known = (self._people[i] for i in person_ids if i in self._people)
        return frozenset(
            k.person.id for k in known if k.organisation_id == organisation_id and not k.is_active
        )

    def site_facts(
        self,
        organisation_id: UUID,
        site_ids: Sequence[UUID],
        at: datetime,
        also: Collection[UUID] = (),  # noqa: ARG002
    ) -> dict[UUID, SiteFacts]:
        """Return who may be called (everybody active), and who is on duty at `at`."""
        people = {
            k.person.id: k.person
            for k in self._people.values()
            if k.organisation_id == organisation_id and k.is_active
        }
        facts = {}
        for site_id in site_ids:
            site = self._sites.get(site_id)
            if site is None or site.organisation_id != organisation_id:
                continue
            duties = tuple(
                s.duty
                for s in self._stints
                if s.site_id == site_id
                and s.starts_at <= at < s.ends_at
                and s.duty.person_id in people
            )
            facts[site_id] = SiteFacts(
                at=at,
                people=people,
                on_duty=duties,
                teams={team.id: team for team in site.teams},
                posts={post.id: post for post in site.posts},
                site_kind=site.kind,
            )
        return facts

    def stays(self, since: datetime, until: datetime) -> list[Stay]:
        """Return the shifts of everybody with an open case, those of whom a walk plan is known, and what is kept of hers."""
        hers = [s for s in self._stints if s.duty.person_id in self._plans]
        planned = (
            Stay(
                self._plans[s.duty.person_id].organisation_id,
                s.duty.person_id,
                s.site_id,
                s.starts_at,
                s.ends_at,
                self._sites[s.site_id].time_zone if s.site_id in self._sites else "UTC",
            )
            for s in hers
        )
        whole = (*planned, *self._kept)
        return [stay for stay in whole if stay.ends_at >= since and stay.starts_at <= until]

    def walk_plans(self, people: Sequence[UUID]) -> dict[UUID, WalkPlan]:
        """Return the walk plans of these people."""
        return {i: self._plans[i] for i in people if i in self._plans}

    def walk_plan(self, organisation_id: UUID, person_id: UUID) -> WalkPlan:
        """Return how her walks go."""
        return self._plans.get(person_id) or WalkPlan(organisation_id, person_id)

    def policies(
        self, organisation_id: UUID, site_ids: Sequence[UUID], kind: str
    ) -> dict[UUID, Policy]:
        """Return each site's policy of a kind; a site without one is missing."""
        return {
            site.id: policy
            for site in self._sites.values()
            if site.organisation_id == organisation_id and site.id in site_ids
            for policy in site.policies
            if policy.kind == kind
        }

    def addresses(self, contact_ids: Sequence[UUID]) -> dict[UUID, Address]:
        """Return where contact methods lead; one without an address (a live screen) is missing."""
        return {i: self._addresses[i] for i in contact_ids if i in self._addresses}

    def places(self, organisation_id: UUID, site_ids: Sequence[UUID]) -> dict[UUID, PlaceFacts]:
        """Return what messages say about these sites."""
        sites = (self._sites[site_id] for site_id in site_ids if site_id in self._sites)
        return {
            s.id: PlaceFacts(s.id, s.name, s.address, s.time_zone, s.his_address, s.his_eyes)
            for s in sites
            if s.organisation_id == organisation_id
        }

    def sender(self, organisation: str, number: str) -> Sender | None:
        """Return whose number this is, at the organisation of this short name."""
        ours = {
            s.organisation_id for s in self._sites.values() if s.organisation_slug == organisation
        }
        if not ours:
            return None
        organisation_id = ours.pop()
        for address in (*self._addresses.values(), *self._in_vain):
            known = (address.organisation_id, address.channel, address.address)
            is_removed = address.contact_id in self._removed
            if known == (organisation_id, "sms", number) and not is_removed:
                whose, way = address.person_id, address.contact_id
                is_inactive = bool(self.inactive(organisation_id, [whose]))
                return Sender(organisation_id, whose, way, way in self._doubted, is_inactive)
        return Sender(organisation_id)

    def short_names(self, person_ids: Sequence[UUID]) -> dict[UUID, str]:
        """Return the short names of people."""
        return {i: self._people[i].short_name for i in person_ids if i in self._people}

    def devices_in_use(self, person_ids: Sequence[UUID]) -> dict[UUID, tuple[UUID, ...]]:
        """Return the devices of people that are neither revoked, in vain, nor waiting to be confirmed."""
        return {
            person_id: tuple(
                d.id
                for d in self._devices.values()
                if d.person_id == person_id and not (d.is_revoked or d.is_doubted)
            )
            for person_id in person_ids
        }
