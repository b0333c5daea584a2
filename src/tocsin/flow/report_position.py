"""A position came: of a court-ordered monitor, or of her own device. Is he inside a fence, or too near to her?

One visit is one sighting, however many fixes it has. Her own position is kept only while a walk or an incident of hers is
open (I23); at any other time it is let go unread.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.decisions.rules.distance import Side, Zone, apart
from tocsin.decisions.rules.fences import (
    Visit,
    fences_of,
    from_dict,
    moving_distance,
    near_her,
    to_dict,
    visits,
)
from tocsin.decisions.rules.sighting import CERTAIN
from tocsin.flow.alarms import Change
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.postgres_sightings import PostgresSightings
from tocsin.flow.report_sighting import report_sighting
from tocsin.registry import store_at_door as at_door
from tocsin.registry.rules.order import Order
from tocsin.registry.store_cases import load_cases_protecting
from tocsin.registry.store_orders import load_orders
from tocsin.runtime.ids import Ids
from tocsin.signals import store_fixes as fixes
from tocsin.signals.rules.seen import Position, Seen, Source
from tocsin.signals.store_fixes import FixRow

HER: Final = "her"
POSSIBLE: Final = "possible"


@dataclass(frozen=True, slots=True)
class Inside:
    """A hit because a position is inside a fence, or may be."""

    case_id: UUID
    certainty: str
    score: int
    parts: tuple[tuple[str, int], ...]


def report_position(
    alarms: PostgresAlarms, seen: Seen, *, ids: Ids, engine: str = ""
) -> list[Change]:
    """Return what this position has changed, in the transaction that takes its report."""
    if seen.position is None or seen.sender_id is None:
        return []
    if seen.case_id is not None and seen.source is Source.MONITOR:
        return _of_monitor(alarms, seen, seen.case_id, seen.position, (ids, engine))
    if seen.person_id is not None and seen.source is Source.OWN_DEVICE:
        return _of_her(alarms, seen, seen.person_id, seen.position, (ids, engine))
    return []


def _of_monitor(
    alarms: PostgresAlarms, seen: Seen, case_id: UUID, position: Position, how: tuple[Ids, str]
) -> list[Change]:
    conn, ring, at = alarms.conn, alarms.ring, alarms.now()
    known = fixes.latest_of_case(conn, ring, case_id)
    if known is not None and position.fixed_at <= known.position.fixed_at:
        return []
    orders = load_orders(conn, ring, case_id)
    outlines = at_door.load_outlines(conn, seen.organisation_id)
    before = from_dict(known.zones) if known else {}
    after, found = visits(fences_of(orders, outlines, at), before, position, at)
    near = _near(alarms, seen, case_id, (position, None), orders, before.get(HER, Zone()))
    if near:
        after[HER], visit = near
        found = (*found, visit) if visit else found
    row = FixRow(seen.sender_id or case_id, position, to_dict(after))
    fixes.keep_case_fix(conn, ring, seen.organisation_id, case_id, row, heard_at=seen.heard_at)
    return _reported(alarms, seen, case_id, found, how)


def _of_her(
    alarms: PostgresAlarms, seen: Seen, person_id: UUID, position: Position, how: tuple[Ids, str]
) -> list[Change]:
    if not _may_be_kept(alarms, seen.organisation_id, person_id):
        return []
    conn, ring = alarms.conn, alarms.ring
    known = fixes.latest_of_person(conn, ring, person_id)
    row = FixRow(seen.sender_id or person_id, position, {})
    is_new = fixes.keep_person_fix(
        conn, ring, seen.organisation_id, person_id, row, heard_at=seen.heard_at
    )
    if not is_new or (known is not None and position.fixed_at < known.position.fixed_at):
        # Kept, and older than where she is known to have been since.
        return []
    changes: list[Change] = []
    for case_id in load_cases_protecting(conn, seen.organisation_id, person_id):
        his = fixes.latest_of_case(conn, ring, case_id)
        if his is None:
            continue
        before = from_dict(his.zones).get(HER, Zone())
        both = (his.position, position)
        near = _near(alarms, seen, case_id, both, load_orders(conn, ring, case_id), before)
        visit = near[1] if near else None
        if near:
            zones = his.zones | to_dict({HER: near[0]})
            fixes.save_zones(conn, ring, case_id, his._replace(zones=zones))
        changes += _reported(alarms, seen, case_id, (visit,) if visit else (), how)
    return changes


def _may_be_kept(alarms: PostgresAlarms, organisation_id: UUID, person_id: UUID) -> bool:
    if alarms.open_walk(organisation_id, person_id) is not None:
        return True
    return bool(alarms.open_incidents([(organisation_id, person_id)]))


def _near(
    alarms: PostgresAlarms,
    seen: Seen,
    case_id: UUID,
    both: tuple[Position, Position | None],
    orders: Sequence[Order],
    before: Zone,
) -> tuple[Zone, Visit | None] | None:
    at = alarms.now()
    metres = moving_distance(orders, at)
    if metres is None:
        return None
    his, hers = both
    if hers is None:
        rows = at_door.load_at_door(alarms.conn, seen.organisation_id, [case_id], at=at)
        protected = rows[0].protected_id if rows else None
        found = fixes.latest_of_person(alarms.conn, alarms.ring, protected) if protected else None
        hers = found.position if found else None
    latest = max(position.fixed_at for position in (his, hers) if position)
    return near_her(before, apart(his, hers, at), metres, latest)


def _reported(
    alarms: PostgresAlarms,
    seen: Seen,
    case_id: UUID,
    found: Sequence[Visit],
    how: tuple[Ids, str],
) -> list[Change]:
    ids, engine = how
    changes: list[Change] = []
    for visit in found:
        certainty = CERTAIN if visit.side is Side.INSIDE else POSSIBLE
        hit = Inside(case_id, certainty, visit.score, visit.parts)
        there = replace(
            seen,
            # Of either device it is his nearness that was seen.
            source=Source.MONITOR,
            track=visit.key[:120],
            site_id=visit.site_id,
            place_id=visit.place_id,
            order_id=visit.order_id,
        )
        changes += report_sighting(
            alarms, PostgresSightings(alarms), there, [hit], ids=ids, engine=engine
        )
    return changes


def erase_positions(alarms: PostgresAlarms, at: datetime) -> int:
    """Return how many positions were erased because their time is over."""
    return fixes.erase_fixes(alarms.conn, at)
