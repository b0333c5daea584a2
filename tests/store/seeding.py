"""How do the people of a snapshot come into PostgreSQL? As the superuser, beside every policy."""

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from tests.builders import LONG_AGO
from tests.snapshots import SLUGS
from tocsin.flow.snapshot import KnownPerson, KnownSite, Snapshot
from tocsin.registry.rules import policy_document
from tocsin.registry.rules.contacts import LIVE
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import uuid7
from tocsin.signals.store import write_pair


@dataclass(frozen=True, slots=True)
class Seeding:
    """One database on its way to hold a snapshot."""

    conn: psycopg.Connection[Any]
    ring: KeyRing

    def all_of(self, snapshot: Snapshot) -> None:
        """Insert organisations, sites, people, contacts, devices and shifts."""
        for organisation_id, slug in SLUGS.items():
            self._insert(
                "registry_organisation", id=organisation_id, slug=slug, name=slug, made_at=LONG_AGO
            )
        for site in snapshot.sites:
            self._site(site)
        for known in snapshot.people:
            self._person(known, snapshot)
        self._after_people(snapshot)

    def _insert(self, table: str, **values: Any) -> None:
        names, marks = ", ".join(values), ", ".join(["%s"] * len(values))
        statement = f"insert into {table} ({names}) values ({marks})"
        self.conn.execute(statement.encode(), list(values.values()))

    def _site(self, site: KnownSite) -> None:
        mine = {"organisation_id": site.organisation_id}
        self._insert(
            "registry_site",
            id=site.id,
            **mine,
            name=site.name,
            kind=site.kind,
            time_zone=site.time_zone,
            address=Jsonb({"street": site.address}),
            psap=Jsonb({}),
        )
        mine["site_id"] = site.id
        for post in site.posts:
            self._insert(
                "registry_post", id=post.id, **mine, name=str(post.id), is_staffed=post.has_guard
            )
        for policy in site.policies:
            self._insert(
                "registry_escalationpolicy",
                id=policy.id,
                **mine,
                kind=policy.kind,
                name=policy.name,
                body=Jsonb(policy_document.to_dict(policy)),
                made_at=LONG_AGO,
            )

    def _person(self, known: KnownPerson, snapshot: Snapshot) -> None:
        person_id = known.person.id
        wrapped = self.ring.new_person_key(person_id)
        key = self.ring.person_key(person_id, wrapped)
        mine = {"organisation_id": known.organisation_id}
        self._insert(
            "registry_person",
            id=person_id,
            **mine,
            site_id=known.site_id,
            staff_number=str(person_id),
            name_sealed=key.seal("registry_person", "name_sealed", person_id, known.short_name),
            short_name_sealed=key.seal(
                "registry_person", "short_name_sealed", person_id, known.short_name
            ),
            role=min(known.person.roles, default="staff"),
            language=known.person.language,
            is_active=known.is_active,
        )
        mine["person_id"] = person_id
        self._insert("registry_personkey", id=uuid7(), **mine, wrapped=wrapped)
        if known.codes:
            pair_id = uuid7()
            sealed = key.seal("registry_codepair", "pair_sealed", pair_id, write_pair(known.codes))
            self._insert(
                "registry_codepair",
                id=pair_id,
                **mine,
                pair_sealed=sealed,
                set_at=LONG_AGO,
                wrong_count=0,
            )
        for address in snapshot.addresses:
            if address.person_id == person_id and address.channel == LIVE:
                self._insert(
                    "registry_account",
                    id=address.contact_id,
                    **mine,
                    password="",
                    login=str(person_id),
                    is_active=True,
                )
            elif address.person_id == person_id:
                self._insert(
                    "registry_contactmethod",
                    id=address.contact_id,
                    **mine,
                    channel=address.channel,
                    position=1,
                    is_work=address.is_work,
                    address_sealed=key.seal(
                        "registry_contactmethod",
                        "address_sealed",
                        address.contact_id,
                        address.address,
                    ),
                    address_index=self.ring.blind_index(
                        known.organisation_id, address.channel, address.address
                    ),
                    safe_rule=Jsonb({}),
                    verified_at=LONG_AGO,
                )

    def _after_people(self, snapshot: Snapshot) -> None:
        organisation_of = {k.person.id: k.organisation_id for k in snapshot.people}
        for known in snapshot.people:
            for colleague_id in known.kept_out:
                self._insert(
                    "registry_emergencycontact",
                    id=uuid7(),
                    organisation_id=known.organisation_id,
                    person_id=known.person.id,
                    name_sealed=b"",
                    address_sealed=b"",
                    relation="",
                    colleague_id=colleague_id,
                    never_notify=True,
                    never_give_location=True,
                )
        for device in snapshot.devices:
            self._insert(
                "registry_device",
                id=device.id,
                organisation_id=organisation_of[device.person_id],
                person_id=device.person_id,
                label="",
                enrolled_at=LONG_AGO,
            )
        for stint in snapshot.stints:
            self._insert(
                "registry_shift",
                id=uuid7(),
                organisation_id=organisation_of[stint.duty.person_id],
                site_id=stint.site_id,
                person_id=stint.duty.person_id,
                role=stint.duty.role,
                starts_at=stint.starts_at,
                ends_at=stint.ends_at,
                source="test",
                at_position=stint.duty.at_position,
            )
        for site in snapshot.sites:
            for team in site.teams:
                mine = {"organisation_id": site.organisation_id}
                named = {"name": "night", "is_rostered": team.is_rostered}
                self._insert("registry_team", id=team.id, **mine, site_id=site.id, **named)
                for person_id in team.members:
                    ids = {"team_id": team.id, "person_id": person_id}
                    self._insert("registry_teammember", id=uuid7(), **mine, **ids)
