"""A fact was entered: its safeguards open, are prepared, or are offered to her."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.decisions import store_safeguards as store
from tocsin.decisions.rules.safeguard_again import is_under_way, offered_again
from tocsin.decisions.rules.safeguard_templates import Event
from tocsin.decisions.rules.safeguards import (
    Move,
    Safeguard,
    State,
    Telling,
    moved,
    openings,
)
from tocsin.record import store as record
from tocsin.record.rules.entries import Entry
from tocsin.registry.access import Hidden
from tocsin.registry.rules.order import NOTICES, FactKind
from tocsin.runtime.database import Connection
from tocsin.runtime.ids import uuid7

# What happened to an order and asks for measures of its own.
FACT_EVENTS: Final = {FactKind.HEARING: Event.ORDER_HEARING} | dict.fromkeys(
    NOTICES, Event.ORDER_SERVED
)
_ENTRY: dict[State, str] = {
    State.OPEN: "safeguard.opened",
    State.PREPARED: "safeguard.prepared",
    State.OFFERED: "safeguard.offered",
}


def open_safeguards(
    conn: Connection,
    *,
    organisation_id: UUID,
    case_id: UUID,
    event: str,
    event_id: UUID,
    at: datetime,
    by: UUID | None,
) -> tuple[UUID, ...]:
    """Open what a fact asks for and return the new safeguards' ids; the same fact again opens nothing more.

    `event`: a value of `safeguard_templates.Event`; of `incident.open`, `event_id` is the incident. What is under way in this
    case already is not opened twice; what is late is dropped for the new one, which has a deadline and tells its owner. What
    she declined is offered again after a week at the earliest, and no line says so.

    Raises:
        Hidden: the viewer of this transaction may not see the case.
        ValueError: there is no such event.
    """
    around = store.load_around(conn, organisation_id, case_id, at=at)
    if around is None:
        raise Hidden
    known = store.load_safeguards(conn, organisation_id, case_id)
    asked = {s.template for s in known if is_under_way(s, at) or s.event_id == event_id}
    made = tuple(
        Safeguard(
            id=uuid7(),
            organisation_id=organisation_id,
            case_id=case_id,
            template=opening.template.code,
            event=event,
            event_id=event_id,
            incident_id=event_id if event == Event.INCIDENT else None,
            touches_her=opening.template.touches_her,
            is_visible_step=opening.template.is_visible_step,
            state=opening.state,
            owner_id=opening.owner_id,
            opened_at=at,
            due_at=opening.due_at,
        )
        for opening in openings(Event(event), around, at, asked)
    )
    store.insert_safeguards(conn, made)
    _offer_again(conn, known, Event(event), at)
    dropped = _drop_late(conn, known, {s.template for s in made}, at)
    opened = [said(s, _ENTRY[s.state], at, by) for s in made]
    record.append(conn, [*opened, *(said(s, "safeguard.dropped", at, None) for s in dropped)])
    return tuple(s.id for s in made)


def _offer_again(conn: Connection, known: Iterable[Safeguard], event: Event, at: datetime) -> None:
    """Offer again what she declined long enough ago; no line of the record says so."""
    for again in (offered_again(s, event, at) for s in known):
        if again is not None:
            store.update_safeguard(conn, again)
            store.forget_notices(conn, again, Telling.HER.value)


def _drop_late(
    conn: Connection, known: Iterable[Safeguard], made: Collection[str], at: datetime
) -> list[Safeguard]:
    """Drop what was late and is opened anew, and return it."""
    late = [s for s in known if s.template in made and not s.is_ended]
    dropped = [gone for s in late if (gone := moved(s, Move.DROP, at, None)) is not None]
    for one in dropped:
        store.update_safeguard(conn, one)
    return dropped


def said(
    safeguard: Safeguard, kind: str, at: datetime, by: UUID | None, **more: UUID | datetime | None
) -> Entry:
    """Return one line of the record about a safeguard."""
    body = {
        "case": safeguard.case_id,
        "safeguard": safeguard.id,
        "template": safeguard.template,
        **{name: value for name, value in more.items() if value is not None},
    }
    if kind in {"safeguard.opened", "safeguard.prepared", "safeguard.offered"}:
        body |= {"event": safeguard.event, "event_id": safeguard.event_id}
        body |= {
            name: value
            for name, value in (("owner", safeguard.owner_id), ("due_at", safeguard.due_at))
            if value
        }
    # Of the case, never of its incident: who reads what happened in her SOS would learn that an order protects her.
    return Entry(uuid7(), safeguard.organisation_id, at, kind, None, by, body)
