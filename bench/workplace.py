"""A workplace to be measured: N people on duty, each with webhooks, and M who press. Written by the product's stores."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from psycopg.types.json import Jsonb

from tocsin.registry import store_devices, store_people
from tocsin.registry.rules import policy_document
from tocsin.registry.rules.policy import Policy, Step
from tocsin.runtime.clock import SystemClock
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import uuid7
from tocsin.runtime.keys import Keys
from tocsin.runtime.tokens import issue

QUIET_S = 3_600
SECRET = "whsec_" + "dG9jc2luLWJlbmNo" * 2
LETTERS = ("", "/b", "/c")


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for on the command line."""

    people: int
    senders: int
    hook: str
    channels: int
    step2_after_s: int


def make(conn: Connection, keys: Keys, order: Order, tokens_file: Path) -> UUID:
    """Return the organisation of a new workplace; the senders' tokens are in `tokens_file`, one a line."""
    ring = KeyRing(keys.masters)
    now = SystemClock().now()
    organisation, site = uuid7(), uuid7()
    tokens = []
    with conn.transaction():
        conn.execute(
            "insert into registry_organisation (id, slug, name, made_at) values (%s, 'bench', 'Bench', %s)",
            (organisation, now),
        )
        conn.execute(
            """insert into registry_site (id, organisation_id, name, kind, time_zone, address, psap)
            values (%s, %s, 'Bench', 'workplace', 'UTC', %s, '{}')""",
            (site, organisation, Jsonb({"street": "1 Test Way", "locality": "Nowhere"})),
        )
        everybody = [
            _on_duty(conn, ring, (organisation, site), n, order, now)
            for n in range(1, order.people + 1)
        ]
        second = _second_wave(conn, ring, (organisation, site), order, now)
        _policy(conn, organisation, site, order, second)
        for n in range(order.senders):
            person = _person(conn, ring, (organisation, site), f"S{n}", "staff")
            device = store_devices.DeviceRow(uuid7(), person, "bench", now, None)
            store_devices.insert_device(
                conn, organisation, device, enrolled_by_id=everybody[0] if everybody else None
            )
            tokens.append(
                issue(
                    keys.device,
                    organisation_id=organisation,
                    person_id=person,
                    device_id=device.id,
                    issued_at=now,
                )
            )
    tokens_file.write_text("".join(f"{token}\n" for token in tokens), encoding="ascii")
    tokens_file.chmod(0o600)
    return organisation


def _person(
    conn: Connection, ring: KeyRing, where: tuple[UUID, UUID], number: str, role: str
) -> UUID:
    organisation, site = where
    row = store_people.PersonRow(
        id=uuid7(),
        organisation_id=organisation,
        staff_number=number,
        name=f"Bench {number}",
        short_name=number,
        role=role,
        site_id=site,
    )
    store_people.insert_person(conn, ring, row)
    return row.id


def _on_duty(
    conn: Connection,
    ring: KeyRing,
    where: tuple[UUID, UUID],
    number: int,
    order: Order,
    now: datetime,
) -> UUID:
    person = _person(conn, ring, where, f"P{number}", "responder")
    for position, letter in enumerate(LETTERS[: order.channels]):
        _hook(conn, ring, where, person, f"{order.hook}/{number}{letter}", (position, now))
    conn.execute(
        """insert into registry_shift (id, organisation_id, site_id, person_id, role, starts_at, ends_at, source)
        values (%s, %s, %s, %s, 'responder', %s, %s, 'feed')""",
        (uuid7(), where[0], where[1], person, now - timedelta(days=1), now + timedelta(days=365)),
    )
    return person


def _hook(
    conn: Connection,
    ring: KeyRing,
    where: tuple[UUID, UUID],
    person: UUID,
    url: str,
    rest: tuple[int, datetime],
) -> None:
    position, now = rest
    contact = store_people.ContactRow(
        id=uuid7(),
        person_id=person,
        channel="webhook",
        address=url,
        position=position,
        verified_at=now,
    )
    store_people.insert_contact(conn, ring, where[0], contact, secret=SECRET)


def _second_wave(
    conn: Connection, ring: KeyRing, where: tuple[UUID, UUID], order: Order, now: datetime
) -> UUID | None:
    """Return the team of the second step: people of its own, with webhooks under /step2."""
    if not order.step2_after_s:
        return None
    team = uuid7()
    conn.execute(
        """insert into registry_team (id, organisation_id, site_id, name, is_rostered)
        values (%s, %s, %s, 'second', false)""",
        (team, *where),
    )
    for number in range(1, order.people + 1):
        person = _person(conn, ring, where, f"T{number}", "responder")
        _hook(conn, ring, where, person, f"{order.hook}/step2/{number}", (0, now))
        conn.execute(
            "insert into registry_teammember (id, organisation_id, team_id, person_id) values (%s, %s, %s, %s)",
            (uuid7(), where[0], team, person),
        )
    return team


def _policy(
    conn: Connection, organisation: UUID, site: UUID, order: Order, second: UUID | None
) -> None:
    """Write a policy that is silent after its steps: an unclaimed call and a new round come after an hour."""
    steps = [Step(offset_s=0, who=("everyone_on_duty",))]
    if second:
        steps.append(Step(offset_s=order.step2_after_s, who=(f"team:{second}",)))
    policy = Policy(
        id=uuid7(),
        name="bench",
        kind="sos",
        steps=tuple(steps),
        repeat_after_s=QUIET_S,
        confirm_every_s=QUIET_S,
        call_unclaimed_s=QUIET_S,
        deadline_s=600,
    )
    conn.execute(
        """insert into registry_escalationpolicy (id, organisation_id, site_id, kind, name, body, made_at)
        values (%s, %s, %s, 'sos', 'bench', %s, now())""",
        (policy.id, organisation, site, Jsonb(policy_document.to_dict(policy))),
    )


def remember(path: Path, said: dict[str, object]) -> None:
    """Keep what a second start on the same folder needs."""
    path.write_text(json.dumps(said), encoding="utf-8")
