"""What does the roster make of her holds: which are to open, to go to another time, to end for a later one?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from tocsin.registry.rules.wall_time import readings_of_end, readings_of_start
from tocsin.signals.rules.hold import (
    MOVED_WITHIN_S,
    OPEN_BEFORE_S,
    OPEN_LATE_S,
    SAME_WALK_S,
    Edge,
    Hold,
    Kind,
    State,
    Stay,
    WalkPlan,
    seconds,
)


def edges(stays: Iterable[Stay], plan: WalkPlan) -> tuple[Edge, ...]:
    """Return the starts and ends of one person's shifts that her plan holds a walk for, in order.

    Shifts that join or overlap at one site are one: she does not walk out between them. A time that she took instead
    moves the end, never before the start. In the hour that comes twice, or never, it is the first reading, and the other
    again.
    What is kept of her roster joins nothing that stands in it now: a shift that he puts after hers would else be the end
    of both. Where the two say the same, it is one edge.
    """
    found: dict[tuple[Kind, datetime, UUID], Edge] = {}
    for stay in _joined(stays):
        ends = [_edge(Kind.ARRIVING, stay, stay.starts_at)] if plan.at_start else []
        if plan.at_end:
            ends.append(_edge(Kind.LEAVING, stay, stay.ends_at, plan.later_min))
        for edge in ends:
            found.setdefault((edge.kind, edge.at, edge.site_id), edge)
    return tuple(sorted(found.values(), key=lambda edge: (edge.at, edge.kind)))


def _edge(kind: Kind, stay: Stay, at: datetime, later_min: int = 0) -> Edge:
    # A roster takes the latest reading of an end and the earliest of a start, so that cover never has a gap; she may go at
    # the first, and come at the last.
    readings = readings_of_end if kind is Kind.LEAVING else readings_of_start
    first, last = readings(at, ZoneInfo(stay.time_zone))
    later = timedelta(minutes=later_min)
    edge_at = max(stay.starts_at, first + later)
    again_at = last + later if last > first else None
    return Edge(kind, edge_at, stay.site_id, stay.starts_at, again_at)


def _joined(stays: Iterable[Stay]) -> list[Stay]:
    joined: list[Stay] = []
    for stay in sorted(stays, key=lambda s: (s.is_kept, s.site_id, s.starts_at, s.ends_at)):
        last = joined[-1] if joined else None
        is_beside = last and (last.is_kept, last.site_id) == (stay.is_kept, stay.site_id)
        if last and is_beside and stay.starts_at <= last.ends_at:
            joined[-1] = replace(last, ends_at=max(last.ends_at, stay.ends_at))
        else:
            joined.append(stay)
    return joined


@dataclass(frozen=True, slots=True)
class Replanned:
    """What the roster makes of one person's holds now: to open, to move to another time, to end for a later one."""

    opens: tuple[Edge, ...] = ()
    moves: tuple[tuple[Hold, Edge], ...] = ()
    ends: tuple[Hold, ...] = ()


def replan(found: Sequence[Edge], holds: Sequence[Hold], at: datetime) -> Replanned:
    """Return what changes at `at`. `holds` are hers of the last day and the next, open or ended.

    A hold whose shift was changed goes with it and is never opened a second time; one whose shift was taken away
    altogether stays: she may be inside all the same, whatever shift of hers comes next. The same hours at another site
    move an open hold there. One for a start that was put off by more than an hour is for a quarter of an hour more than
    the old one asked about: she may be on her way already.
    """
    found = [_read_now(edge, at) for edge in found]
    kept = [hold for hold in holds if hold.state is not State.MOVED]
    # A person and an instant have one hold: of two sites, the first.
    there = {(edge.kind, edge.at): edge for edge in reversed(found)}
    known = {(hold.kind, hold.edge_at) for hold in kept}
    free = [
        edge
        for edge in found
        if edge is there[edge.kind, edge.at] and (edge.kind, edge.at) not in known
    ]
    moves = _elsewhere(kept, found)
    ends: list[Hold] = []
    for hold in kept:
        if (hold.kind, hold.edge_at) in there:
            continue
        nearest = _nearest(hold, free, at)
        if nearest is None:
            continue
        if not hold.is_open:
            # Gone or declined already: the same walk under another time is not asked about again; another site's is.
            if _is_same_walk(hold, nearest) and nearest.site_id == hold.site_id:
                free.remove(nearest)
        elif _is_later(hold, nearest, at) or _is_put_off(hold, nearest, at):
            ends.append(hold)
        else:
            free.remove(nearest)
            moves.append((hold, nearest))
    return Replanned(tuple(e for e in free if is_time(e, at)), tuple(moves), tuple(ends))


def _read_now(edge: Edge, at: datetime) -> Edge:
    """Return the edge by the reading that counts now: once she did not go at the first, her hold goes to the second."""
    if edge.again_at is None or at <= edge.at + seconds(OPEN_LATE_S):
        return edge
    return replace(edge, at=edge.again_at, again_at=None)


def _elsewhere(holds: Sequence[Hold], found: Sequence[Edge]) -> list[tuple[Hold, Edge]]:
    """Return the open holds whose hours stayed and whose site did not."""
    moves = []
    for hold in holds:
        same = [e for e in found if (e.kind, e.at) == (hold.kind, hold.edge_at)]
        if same and hold.is_open and all(edge.site_id != hold.site_id for edge in same):
            moves.append((hold, same[0]))
    return moves


def _is_same_walk(hold: Hold, edge: Edge) -> bool:
    return abs(edge.at - hold.edge_at) <= seconds(SAME_WALK_S)


def _nearest(hold: Hold, free: Sequence[Edge], at: datetime) -> Edge | None:
    fitting = [
        e
        for e in free
        if e.kind is hold.kind
        and abs(e.at - hold.edge_at) <= seconds(MOVED_WITHIN_S)
        and (not hold.is_open or _may_be_its(hold, e, at))
    ]
    return min(fitting, key=lambda e: (abs(e.at - hold.edge_at), e.at), default=None)


def _may_be_its(hold: Hold, edge: Edge, at: datetime) -> bool:
    """Return whether an edge that no hold has may be this hold's shift, changed; her next shift and her last are not."""
    is_now = is_time(edge, at) or hold.opened_at < edge.at <= at
    is_later = _is_later(hold, edge, at) or _is_put_off(hold, edge, at)
    return _is_same_walk(hold, edge) or is_now or is_later


def _is_later(hold: Hold, edge: Edge, at: datetime) -> bool:
    """Return whether her shift goes on over this hold's time and ends much later. What was seen is never ended by it.

    Only a shift that has begun by then is the same one: without that, the day shift that was taken away from her at
    14:52 was taken for the night shift that she has tonight, and her hold of 15:00 ended while she was inside.
    """
    if _is_same_walk(hold, edge) or edge.at <= at or is_time(edge, at):
        return False
    goes_on = edge.begins_at is not None and edge.begins_at < hold.edge_at < edge.at
    return goes_on and hold.state is not State.SOMETHING


def _is_put_off(hold: Hold, edge: Edge, at: datetime) -> bool:
    """Return whether she comes much later than this hold is for, and not at its time either: nobody missed a look then.

    Not at once: whoever puts off a start must not leave her alone at the door who never heard of it.
    """
    is_after = edge.at - hold.edge_at > seconds(SAME_WALK_S)
    has_not_come = at > hold.edge_at + seconds(OPEN_LATE_S)
    is_coming = hold.kind is Kind.ARRIVING and hold.state is not State.SOMETHING
    return is_coming and is_after and has_not_come and not is_time(edge, at)


def is_time(edge: Edge, at: datetime) -> bool:
    """Return whether a walk is to be held for this edge now: minutes before it, or late because no engine ran."""
    return edge.at - seconds(OPEN_BEFORE_S) <= at <= edge.at + seconds(OPEN_LATE_S)
