"""How does a sample workplace get into an installation? Through the product's own verbs, in one transaction.

    LoadingRefused     a verb said no, or this data folder holds half of a demo; the message says what to do

The second run finds everything there; only the roster is written anew when the night shift of the first is over.
"""

import base64
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.hashers import ScryptPasswordHasher  # type: ignore[attr-defined]

from tocsin.demo import store
from tocsin.demo.keepsakes import Player, Workplace
from tocsin.demo.sample import Sample
from tocsin.demo.totp import secret_of
from tocsin.flow import change_contacts, change_policy, change_registry, enrol_device
from tocsin.flow.enrol_device import Wanted
from tocsin.flow.respond import Refused
from tocsin.registry import store_people as people
from tocsin.registry import store_sign_ins as sign_ins
from tocsin.registry import store_sites as sites
from tocsin.registry.access import Viewer
from tocsin.registry.rules import contact_document, imports
from tocsin.registry.rules.findings import errors
from tocsin.registry.rules.policy import Policy, Step
from tocsin.registry.rules.rows import ContactRow, PersonRow, PlaceRow, PostRow, SiteRow, TeamRow
from tocsin.registry.store_devices import save_codes
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import RandomIds, secret, uuid7
from tocsin.runtime.keys import Keys
from tocsin.signals.rules.codes import make_pair
from tocsin.signals.store import write_pair

DEAD_PUSH: Final = (
    '{"endpoint": "https://push.example.org/gone", "keys": {"p256dh": "", "auth": ""}}'
)
TOTP_BYTES: Final = 20


class LoadingRefused(Exception):
    """The sample workplace cannot be loaded; the message says why."""


@dataclass(slots=True)
class Loading:
    """One workplace on its way in. The transaction is the caller's, its organisation set."""

    conn: Connection
    ring: KeyRing
    keys: Keys
    sample: Sample
    organisation_id: UUID
    at: datetime
    ids: dict[str, UUID] = field(default_factory=dict)
    sites: dict[str, UUID] = field(default_factory=dict)
    teams: dict[str, UUID] = field(default_factory=dict)
    players: dict[str, Player] = field(default_factory=dict)

    @property
    def viewer(self) -> Viewer:
        """Return the administrator in whose name everything is written."""
        administrator = self.ids[self.sample.body["administrator"]]
        return Viewer(self.organisation_id, administrator, "admin")


def load_workplace(new: Loading, *, carrier: str) -> Workplace:
    """Return the workplace after writing all of it; its roster is written apart (`rostering`).

    Raises:
        LoadingRefused: a verb said no.
    """
    sample, conn = new.sample, new.conn
    new.ids = {row.staff_number: uuid7() for row in sample.people}
    sites.insert_organisation(conn, new.organisation_id, sample.slug, sample.name, at=new.at)
    _add_sites(new)
    _add_people(new)
    for site in sample.body["site"]:
        _add_parts(new, site)
    _add_teams(new)
    _add_policies(new)
    for contact in sample.contacts:
        add_contact(new, contact)
    _add_dead_push(new)
    _enrol(new)
    _add_accounts(new)
    return Workplace(
        id=new.organisation_id,
        slug=sample.slug,
        name=sample.name,
        carrier=carrier,
        sites=new.sites,
        people=new.players,
    )


def _add_sites(new: Loading) -> None:
    for site in new.sample.body["site"]:
        new.sites[site["name"]] = uuid7()
        row = SiteRow(
            id=new.sites[site["name"]],
            organisation_id=new.organisation_id,
            name=site["name"],
            kind=site["kind"],
            time_zone=site["time_zone"],
            address=site["address"],
            psap=site["psap"],
            outline=site.get("outline"),
        )
        _done(change_registry.save_site(new.conn, new.viewer, row, at=new.at))


def _add_people(new: Loading) -> None:
    """Write everybody, then who is whose manager: a manager may stand below in the file."""
    rows = []
    for given in new.sample.people:
        row = PersonRow(
            id=new.ids[given.staff_number],
            organisation_id=new.organisation_id,
            staff_number=given.staff_number,
            name=given.name,
            short_name=given.short_name,
            role=given.role,
            language=given.language,
            site_id=new.sites[given.site],
        )
        _done(change_registry.save_person(new.conn, new.ring, new.viewer, row, at=new.at))
        rows.append((row, given.manager))
        new.players[given.staff_number] = Player(
            staff_number=given.staff_number,
            id=row.id,
            name=given.name,
            short_name=given.short_name,
            role=given.role,
            site_id=new.sites[given.site],
        )
    for row, manager in rows:
        if manager:
            managed = replace(row, manager_id=new.ids[manager])
            _done(change_registry.save_person(new.conn, new.ring, new.viewer, managed, at=new.at))


def _add_parts(new: Loading, site: dict[str, Any]) -> None:
    site_id = new.sites[site["name"]]
    parts: list[PostRow | PlaceRow] = [
        PlaceRow(uuid7(), place["name"], place["kind"], place.get("geometry"))
        for place in site.get("place", ())
    ]
    parts += [PostRow(uuid7(), post["name"], post["is_staffed"]) for post in site.get("post", ())]
    for part in parts:
        _done(change_registry.add_part(new.conn, new.viewer, site_id, part, at=new.at))


def _add_teams(new: Loading) -> None:
    for team in new.sample.body.get("team", ()):
        members = tuple(
            new.ids[p.staff_number] for p in new.sample.people if team["name"] in p.teams
        )
        row = TeamRow(uuid7(), None, team["name"], team["is_rostered"], members)
        new.teams[team["name"]] = row.id
        _done(change_registry.add_team(new.conn, new.viewer, row, at=new.at))


def _add_policies(new: Loading) -> None:
    for site in new.sample.body["site"]:
        for body in site.get("policy", ()):
            policy = _policy(new, body)
            found = change_policy.change_policy(
                new.conn, new.viewer, new.sites[site["name"]], policy, at=new.at
            )
            for problem in errors(found):
                message = f"policy {policy.name}: {problem}"
                raise LoadingRefused(message)


def _policy(new: Loading, body: dict[str, Any]) -> Policy:
    steps = tuple(
        Step(
            offset_s=step["offset_s"],
            who=tuple(_selector(new, words) for words in step["who"]),
            quorum=step.get("quorum", 1),
        )
        for step in body["step"]
    )
    numbers = {name: value for name, value in body.items() if name.endswith("_s")}
    proven = body.get("required_proven", 1)
    named = {"name": body["name"], "kind": body["kind"], "required_proven": proven}
    return Policy(id=uuid7(), steps=steps, **named, **numbers)


def _selector(new: Loading, words: str) -> str:
    """Return a selector with the id of the team that the file names."""
    kind, _, name = words.partition(":")
    return f"team:{new.teams[name]}" if kind == "team" else words


def add_contact(new: Loading, contact: imports.ContactRow) -> None:
    """Write one contact method as verified: the made-up person answered on it."""
    person_id = new.ids[contact.staff_number]
    row = ContactRow(
        id=uuid7(),
        person_id=person_id,
        channel=contact.channel,
        address=contact.address,
        position=contact.order,
        is_work=contact.is_work,
        safe_rule=contact_document.rule_to_dict(contact.safe),
        verified_at=new.at,
    )
    if contact.channel == "webhook":
        people.insert_contact(new.conn, new.ring, new.organisation_id, row, secret=_signing())
    else:
        _done(change_contacts.add_contact(new.conn, new.ring, new.viewer, row, at=new.at))
    player = new.players[contact.staff_number]
    new.players[contact.staff_number] = _reached_by(player, contact)


def _reached_by(player: Player, contact: imports.ContactRow) -> Player:
    match contact.channel:
        case "sms":
            return replace(player, phone=contact.address)
        case "email":
            return replace(player, mail=contact.address)
    return replace(player, hook=contact.address)


def _add_dead_push(new: Loading) -> None:
    for dead in new.sample.body.get("dead_push", ()):
        row = ContactRow(
            id=uuid7(),
            person_id=new.ids[dead["staff_number"]],
            channel="webpush",
            address=DEAD_PUSH,
            verified_at=new.at,
        )
        _done(change_contacts.add_contact(new.conn, new.ring, new.viewer, row, at=new.at))


def _enrol(new: Loading) -> None:
    """Enrol phones as a supervisor does: a QR each, and both codes set there and then."""
    for device in new.sample.body.get("device", ()):
        player = new.players[device["staff_number"]]
        words, _until = enrol_device.open_enrolment(new.conn, new.viewer, player.id, at=new.at)
        wanted = Wanted(words, device["label"], device["code"], device["other_code"])
        done = enrol_device.enrol_device(new.conn, new.ring, wanted, key=new.keys.device, at=new.at)
        if isinstance(done, Refused):
            raise LoadingRefused(done.because)
        new.players[player.staff_number] = replace(
            player, token=done.token, code=device["code"], other_code=device["other_code"]
        )


def _add_accounts(new: Loading) -> None:
    ids = RandomIds()
    rows = people.find_people(new.conn, new.ring, new.ids.values())
    for account in new.sample.body.get("account", ()):
        player = new.players[account["staff_number"]]
        password = "-".join(ids.word() for _ in range(3)).lower()
        totp = secret_of(secret(TOTP_BYTES).encode()[:TOTP_BYTES])
        hashed = ScryptPasswordHasher().encode(password, secret(16))
        _done(
            change_registry.add_account(
                new.conn, new.viewer, rows[player.id], account["login"], hashed, at=new.at
            )
        )
        made = sign_ins.find_account(new.conn, player.id)
        if made is None:
            message = f"the account {account['login']} is not there after it was made"
            raise LoadingRefused(message)
        sealed = base64.b64encode(new.ring.seal_local("totp", totp.encode())).decode()
        store.insert_second_factor(new.conn, made.id, sealed, at=new.at)
        new.players[player.staff_number] = replace(
            player, login=account["login"], password=password, totp=totp
        )


def _done(refused: object) -> None:
    if isinstance(refused, Refused):
        raise LoadingRefused(refused.because)


def move_webhooks(
    conn: Connection, ring: KeyRing, sample: Sample, workplace: Workplace, *, at: datetime
) -> Workplace:
    """Return the workplace with its webhooks where the sample has them now; the old ones are revoked."""
    for contact in sample.contacts:
        if contact.channel != "webhook":
            continue
        player = workplace.people[contact.staff_number]
        for known in people.load_contacts(conn, ring, player.id):
            if known.channel == "webhook" and known.revoked_at is None:
                people.revoke_contact(conn, player.id, known.id, at)
        row = ContactRow(
            id=uuid7(),
            person_id=player.id,
            channel="webhook",
            address=contact.address,
            position=contact.order,
            verified_at=at,
        )
        people.insert_contact(conn, ring, workplace.id, row, secret=_signing())
        workplace = workplace.with_player(replace(player, hook=contact.address))
    return workplace


def set_codes(
    conn: Connection, ring: KeyRing, sample: Sample, workplace: Workplace, *, at: datetime
) -> None:
    """Set the codes of the story's people as its files say: a reader may have enrolled a phone and chosen others."""
    for device in sample.body.get("device", ()):
        player = workplace.people[device["staff_number"]]
        pair = make_pair(device["code"], device["other_code"], secret(16).encode())
        save_codes(conn, ring, workplace.id, player.id, write_pair(pair), at=at)


def _signing() -> str:
    return f"whsec_{base64.b64encode(secret(24).encode()).decode()}"
