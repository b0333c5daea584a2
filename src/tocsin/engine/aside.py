"""What becomes of what came in and could not be taken? It is set aside: sealed, counted and shown; it holds up nothing.

An administrator sees with the machines that report what could not be read, and why; a lead sees with what was not
verified that something came and called nobody. Neither page shows whose it was, nor a word of it.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from tocsin.engine.desk import ALARM, Desk, StoreAwayError
from tocsin.engine.intake import IDS_BYTES
from tocsin.engine.texts import gateway_of
from tocsin.flow.alarms import Alarms
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.receive_text import TextIn
from tocsin.registry.store_calling import find_organisation, only_organisation
from tocsin.runtime import logs
from tocsin.runtime.settings import Gateway
from tocsin.runtime.spool_format import INBOUND, Entry
from tocsin.signals import store as signals
from tocsin.signals.rules.press import Press
from tocsin.signals.rules.quarantine import Why
from tocsin.signals.store_quarantine import set_aside

TEXT: Final = "text"
DEVICE: Final = "device"

log = logs.get("aside")


@dataclass(frozen=True, slots=True)
class Aside:
    """One thing that could not be taken. `organisation`: its id, or its slug, or None if that cannot be known."""

    organisation: UUID | str | None
    source: str
    why: Why
    raw: bytes
    at: datetime


def of_entry(entry: Entry, gateways: Sequence[Gateway]) -> Aside:
    """Return an entry of the spool that says nothing, as it came."""
    if entry.kind != INBOUND:
        whose = UUID(bytes=entry.payload[:16]) if len(entry.payload) >= IDS_BYTES else None
        return Aside(whose, DEVICE, Why.NO_SIGNAL, entry.payload, entry.received_at)
    gateway = gateway_of(entry.payload, {one.name: one for one in gateways})
    slug = gateway.organisation if gateway else None
    return Aside(slug, TEXT, Why.NO_SENDER, entry.payload, entry.received_at)


def of_said(said: Press | TextIn) -> Aside:
    """Return what was understood and broke the verb that it was for; a code is left out of it."""
    if isinstance(said, TextIn):
        raw = json.dumps(asdict(said), default=str).encode()
        return Aside(said.organisation, TEXT, Why.UNDECIDED, raw, said.received_at)
    raw = json.dumps(asdict(replace(said, code="")), default=str).encode()
    return Aside(said.organisation_id, DEVICE, Why.UNDECIDED, raw, said.received_at)


async def keep_aside(desk: Desk, found: Sequence[Aside]) -> None:
    """Set these aside, each by itself: what cannot even be kept is logged, and the next one is kept.

    Raises:
        StoreAwayError: the store is away and there is no memory behind it; the spool is read again.
    """
    for one in found:
        try:
            # Not in the slow lane, which waits while the store is away: nobody's alarm waits with it.
            await desk.do(partial(_keep, one), ALARM)
        except StoreAwayError:
            raise
        except Exception:
            log.exception("aside.lost", source=one.source)


def _keep(one: Aside, alarms: Alarms) -> None:
    # In memory there is nowhere to set it; the spool is read again when the store is back.
    if not isinstance(alarms, PostgresAlarms):
        return
    organisation_id = _organisation(one, alarms)
    if organisation_id is None:
        log.warning("aside.nobody_to_show", source=one.source)
        return
    set_aside(alarms.conn, alarms.ring, organisation_id, one.source, one.why, one.raw, at=one.at)
    signals.keep_unverified(
        alarms.conn, organisation_id, one.source, one.why, at=one.at, size=len(one.raw)
    )


def _organisation(one: Aside, alarms: PostgresAlarms) -> UUID | None:
    if isinstance(one.organisation, UUID):
        return one.organisation
    found = find_organisation(alarms.conn, one.organisation) if one.organisation else None
    # A gateway that is gone served nobody who can be known; with one organisation there is only one who can look.
    return found or only_organisation(alarms.conn)
