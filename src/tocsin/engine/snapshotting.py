"""What would the engine need if PostgreSQL went away now? Taken every 60 s at most, kept encrypted beside the spool."""

import json
import os
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from tocsin.decisions import store as decisions
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.snapshot import (
    KnownDevice,
    KnownPerson,
    KnownSite,
    Snapshot,
    Stint,
    from_dict,
    to_dict,
)
from tocsin.notifications import store as notifications
from tocsin.registry import store as registry
from tocsin.registry import store_calling as calling
from tocsin.registry import store_known as known
from tocsin.registry.rules.policy import Policy, Post, Team
from tocsin.runtime import logs
from tocsin.runtime.encryption import DecryptionRefused, KeyRing
from tocsin.signals import store as signals
from tocsin.signals.rules.hold import Stay, WalkPlan

FILE: Final = "snapshot.sealed"
PURPOSE: Final = "engine snapshot"
# Duties this far ahead, so that a long outage still knows who is on duty.
AHEAD: Final = timedelta(days=3)
# Walks that are held, or were: what was opened before is not opened again.
HELD: Final = timedelta(days=1)

log = logs.get("snapshot")


def take_snapshot(alarms: PostgresAlarms) -> Snapshot:
    """Return everything that calling people needs, of every organisation on this machine."""
    conn, ring, at = alarms.conn, alarms.ring, alarms.now()
    rows = known.load_people(conn)
    kept_out = known.load_kept_out(conn)
    contacts = known.load_contacts(conn)
    names = registry.load_short_names(conn, ring, [row.id for row in rows])
    people = tuple(
        KnownPerson(
            organisation_id=row.organisation_id,
            person=known.person(row, contacts.get(row.id, ())),
            site_id=row.site_id,
            short_name=names.get(row.id, ""),
            is_active=row.is_active,
            kept_out=kept_out.get(row.id, frozenset()),
            codes=signals.read_pair(*known.open_pair(ring, row)) if row.pair_sealed else None,
        )
        for row in rows
    )
    ids = [contact.id for found in contacts.values() for contact in found]
    incidents = tuple(decisions.load_all_open(conn))
    stays = alarms.stays(at - HELD, at + AHEAD)
    return Snapshot(
        taken_at=at,
        people=people,
        sites=_sites(alarms),
        stints=_stints(alarms, at),
        kept=tuple(stay for stay in stays if stay.is_kept),
        devices=tuple(
            KnownDevice(
                id=d.id, person_id=d.person_id, is_revoked=d.is_revoked, is_doubted=d.is_doubted
            )
            for d in known.load_devices(conn)
        ),
        addresses=tuple(alarms.addresses(ids).values()),
        in_vain=tuple(alarms.addresses(known.load_numbers_in_vain(conn)).values()),
        keys=tuple(signals.recent_keys(conn, at - timedelta(hours=1))),
        walks=tuple(signals.load_open_walks(conn)),
        holds=tuple(alarms.holds(at - HELD, at + HELD)),
        plans=_plans(alarms, stays),
        incidents=incidents,
        deliveries=tuple(notifications.load_open_deliveries(conn)),
        parties=known.load_parties(conn),
    )


def _plans(alarms: PostgresAlarms, stays: Sequence[Stay]) -> tuple[WalkPlan, ...]:
    """Return how the walks go of everybody whose walks are held, with their phrases."""
    hers = dict.fromkeys((stay.organisation_id, stay.person_id) for stay in stays)
    return tuple(alarms.walk_plan(organisation, person) for organisation, person in hers)


def _sites(alarms: PostgresAlarms) -> tuple[KnownSite, ...]:
    teams: dict[tuple[UUID, UUID | None], list[Team]] = defaultdict(list)
    for organisation_id, site_id, team in known.load_teams(alarms.conn):
        teams[organisation_id, site_id].append(team)
    posts: dict[UUID, list[Post]] = defaultdict(list)
    for site_id, post in known.load_posts(alarms.conn):
        posts[site_id].append(post)
    policies: dict[UUID, list[Policy]] = defaultdict(list)
    for site_id, policy in known.load_policies(alarms.conn):
        policies[site_id].append(policy)
    slugs = calling.slugs(alarms.conn)
    return tuple(
        KnownSite(
            id=site.id,
            organisation_id=site.organisation_id,
            organisation_slug=slugs.get(site.organisation_id, ""),
            kind=site.kind,
            name=site.name,
            address=site.address,
            his_address=site.his_address,
            his_eyes=site.his_eyes,
            time_zone=site.time_zone,
            teams=(*teams[site.organisation_id, site.id], *teams[site.organisation_id, None]),
            posts=tuple(posts[site.id]),
            policies=tuple(policies[site.id]),
        )
        for site in known.load_sites(alarms.conn)
    )


def _stints(alarms: PostgresAlarms, at: datetime) -> tuple[Stint, ...]:
    rows = known.load_duties(alarms.conn, at, at + AHEAD)
    return tuple(Stint(site_id=s, starts_at=f, ends_at=t, duty=duty) for s, f, t, duty in rows)


def write(folder: Path, ring: KeyRing, snapshot: Snapshot) -> None:
    """Keep a snapshot on disk, sealed, whole or not at all."""
    _keep(folder, ring.seal_local(PURPOSE, json.dumps(to_dict(snapshot)).encode()), "new")


def seal_anew(folder: Path, ring: KeyRing) -> bool:
    """Close the snapshot on disk with the newest master key; False if there is none that can be read."""
    try:
        sealed = ring.reseal_local(PURPOSE, (folder / FILE).read_bytes())
    except (FileNotFoundError, DecryptionRefused):
        return False
    # Not the draft of the engine that runs beside.
    _keep(folder, sealed, "anew")
    return True


def _keep(folder: Path, sealed: bytes, suffix: str) -> None:
    draft = folder / f"{FILE}.{suffix}"
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(sealed)
        file.flush()
        os.fdatasync(file.fileno())
    draft.replace(folder / FILE)


def read(folder: Path, ring: KeyRing) -> Snapshot | None:
    """Return the snapshot on disk; None, said in the log, if there is none or it cannot be read."""
    try:
        sealed = (folder / FILE).read_bytes()
        said: dict[str, Any] = json.loads(ring.open_local(PURPOSE, sealed))
        return from_dict(said)
    except FileNotFoundError:
        return None
    except (OSError, DecryptionRefused, ValueError, TypeError, KeyError):
        log.exception("snapshot.unreadable")
        return None
