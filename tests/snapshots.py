"""What does the engine know in the tests? Two employers at night; ids and a clock made by hand.

Harbour: Wren pressed; Dara, Gus and Lea are on duty until six, Sefa is at home, Wren ruled Rex out.
Orchard: Otto and Cleo, alone in a shop without a policy.
"""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final
from uuid import UUID

from tests import cast
from tests.builders import AT, a_duty, a_person, a_policy, utc
from tocsin.flow.alarms import Address
from tocsin.flow.snapshot import KnownDevice, KnownPerson, KnownSite, Snapshot, Stint
from tocsin.registry.rules.policy import Post, Team
from tocsin.signals.rules.codes import CodePair, make_pair
from tocsin.signals.rules.press import Press

SHOP: Final = cast.Scene(
    id=cast.number(0xB3),
    organisation_id=cast.ORCHARD_STORES,
    name="Orchard Street Shop",
    kind="workplace",
    zone="Europe/Berlin",
)
CLERK: Final = cast.Player(
    id=cast.number(0x08),
    organisation_id=cast.ORCHARD_STORES,
    staff_number="O-002",
    name="Cleo Nowhere",
    short_name="Cleo",
    role="clerk",
    phone="+13125550108",
    mail="cleo@orchard.example",
)
HARBOUR_SITE: Final = replace(cast.HARBOUR, kind="workplace")
NIGHT: Final = (cast.PROTECTED, cast.DISPATCHER, cast.GUARD, cast.SHIFT_LEAD)
SLUGS: Final = {cast.HARBOUR_EMS: "harbour", cast.ORCHARD_STORES: "orchard"}
TRUE_CODE: Final = "4821"
DURESS_CODE: Final = "7395"
NIGHT_FROM: Final = utc("2026-11-06 00:00")
NIGHT_UNTIL: Final = utc("2026-11-06 12:00")


def device_of(player: cast.Player, number: int = 0) -> UUID:
    """Return the id of this player's phone (0), or of another device of hers."""
    return cast.number(0xD00 + 16 * (player.id.int & 0xFF) + number)


@cache
def codes_of(player: cast.Player) -> CodePair:
    """Return both codes of this player, the same for everybody."""
    return make_pair(TRUE_CODE, DURESS_CODE, player.id.bytes)


def a_snapshot(**changes: Any) -> Snapshot:
    """Return both employers in the night of 6 November 2026."""
    everybody = (*cast.EVERYBODY, CLERK)
    values: dict[str, Any] = {
        "taken_at": AT,
        "people": tuple(known(player) for player in everybody),
        "sites": (
            a_site(
                HARBOUR_SITE,
                policies=(a_policy(),),
                teams=(Team(id=cast.NIGHT_TEAM, members=(cast.GUARD.id,)),),
                posts=(Post(id=cast.FRONT_DOOR),),
            ),
            a_site(cast.DEPOT_NORTH),
            a_site(SHOP),
        ),
        "stints": (
            *(a_stint(player, HARBOUR_SITE) for player in NIGHT),
            *(a_stint(player, SHOP) for player in (cast.OUTSIDER, CLERK)),
        ),
        "devices": tuple(KnownDevice(id=device_of(p), person_id=p.id) for p in everybody),
        "addresses": tuple(a for player in everybody for a in addresses_of(player)),
    }
    return Snapshot(**values | changes)


def known(player: cast.Player, **changes: Any) -> KnownPerson:
    """Return this player as the snapshot knows her."""
    home = SHOP if player.organisation_id == cast.ORCHARD_STORES else cast.HARBOUR
    values: dict[str, Any] = {
        "organisation_id": player.organisation_id,
        "person": a_person(player),
        "site_id": home.id,
        "short_name": player.short_name,
        "kept_out": frozenset({cast.RESPONDENT.id} if player is cast.PROTECTED else ()),
        "codes": codes_of(player),
    }
    return KnownPerson(**values | changes)


def a_site(scene: cast.Scene, **changes: Any) -> KnownSite:
    """Return this site without a policy."""
    values: dict[str, Any] = {
        "id": scene.id,
        "organisation_id": scene.organisation_id,
        "organisation_slug": SLUGS[scene.organisation_id],
        "kind": scene.kind,
        "name": scene.name,
        "address": "1 Sample Street",
        "time_zone": scene.zone,
    }
    return KnownSite(**values | changes)


def a_stint(
    player: cast.Player,
    scene: cast.Scene,
    starts_at: datetime = NIGHT_FROM,
    ends_at: datetime = NIGHT_UNTIL,
) -> Stint:
    """Return this player on duty at this site for the night."""
    duty = a_duty(player, site_id=scene.id)
    return Stint(site_id=scene.id, starts_at=starts_at, ends_at=ends_at, duty=duty)


def addresses_of(player: cast.Player) -> tuple[Address, ...]:
    """Return where this player's contact methods lead; the screen leads to herself."""
    where = {"live": str(player.id), "webpush": player.mail, "sms": player.phone}
    return tuple(
        Address(
            contact.id,
            player.organisation_id,
            player.id,
            contact.channel,
            where[contact.channel],
            player.language,
            contact.is_work,
        )
        for contact in a_person(player).contacts
    )


def a_press(player: cast.Player = cast.PROTECTED, **changes: Any) -> Press:
    """Return an SOS from this player's phone."""
    values: dict[str, Any] = {
        "organisation_id": player.organisation_id,
        "person_id": player.id,
        "device_id": device_of(player),
        "key": "key-00000001",
        "act": "sos",
        "source": "device",
        "received_at": AT,
    }
    return Press(**values | changes)


class Hands:
    """A clock that a test sets by hand. `monotonic` only grows; `step` moves the wall alone."""

    def __init__(self, at: datetime = AT) -> None:
        """Begin at `at`."""
        self._at = at
        self._passed = 0.0

    def now(self) -> datetime:
        """Return the time of day, aware UTC."""
        return self._at

    def monotonic(self) -> float:
        """Return seconds since the test began."""
        return self._passed

    def wait(self, seconds: float) -> datetime:
        """Let time pass, and return the time of day then."""
        self._passed += seconds
        self._at += timedelta(seconds=seconds)
        return self._at

    def step(self, seconds: float) -> None:
        """Set the wall clock forward, or back if negative."""
        self._at += timedelta(seconds=seconds)


class SeededIds:
    """Ids from a seed, the same in every run."""

    def __init__(self, seed: int | str = 1) -> None:
        """Begin the sequence of this seed."""
        self._random = random.Random(seed)
        self._count = 0

    def uuid(self) -> UUID:
        """Return an id shaped like a UUIDv7 that sorts after those before."""
        self._count += 1
        low = self._random.getrandbits(62)
        return UUID(int=self._count << 80 | 0x7 << 76 | 0x2 << 62 | low)

    def code(self, message: UUID, person: UUID) -> str:
        """Return three digits, as production's do the same for a message that is made again."""
        del person
        return str(100 + message.int % 900)

    def word(self) -> str:
        """Return four letters."""
        return "".join(self._random.choices("ACDEFGHJKL", k=4))

    def fraction(self) -> float:
        """Return a number from 0 up to 1."""
        return self._random.random()
