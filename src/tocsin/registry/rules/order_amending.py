"""Can this have happened to this order? What is said at which field when it cannot. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import MAXYEAR, MINYEAR, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from tocsin.registry.rules.findings import Finding, error
from tocsin.registry.rules.order import (
    End,
    Fact,
    FactKind,
    Order,
    end_instant,
    enforceable,
    facts_known,
    first_instant,
    last_instant,
    valid,
)
from tocsin.registry.rules.order_entry import CLOCK_SLACK, UNSAID, When, first_of, last_of
from tocsin.registry.rules.posture import had_notice

# What can be told of an order after its entry; what it said as issued is corrected by taking back and telling anew.
TOLD: Final = (
    FactKind.SERVICE_ATTEMPTED,
    FactKind.SERVED,
    FactKind.TOLD_ORALLY,
    FactKind.IN_COURT,
    FactKind.HEARING,
    FactKind.CONTINUED,
    FactKind.MODIFIED,
    FactKind.RENEWED,
    FactKind.ENDS,
    FactKind.RECALLED,
    FactKind.REINSTATED,
    FactKind.DISMISSED,
    FactKind.ISSUED,
    FactKind.EFFECTIVE,
    FactKind.RETRACTED,
)
_MOMENT: Final = timedelta(microseconds=1)
_AHEAD: Final = frozenset({FactKind.HEARING, FactKind.ENDS, FactKind.EFFECTIVE, FactKind.RETRACTED})
_OFF: Final = frozenset({FactKind.RECALLED, FactKind.DISMISSED, FactKind.SUPERSEDED})


@dataclass(frozen=True, slots=True, kw_only=True)
class FactDraft:
    """Something that somebody says happened to an order."""

    kind: FactKind
    when: When = UNSAID
    end: End | None = None
    source: str = "document"
    words: str = ""
    retracts_id: UUID | None = None


# Of a case that cannot be opened: what loosens waits until somebody can see what it loosens.
CLOSED_LOOSENS: Final = (
    "This case cannot be opened: only what protects her for longer is taken now, and this may not."
)


def only_tightens(order: Order, told: Fact) -> bool:
    """Return whether the order, with this fact told, counts whenever it counted without, and as strictly.

    What both say changes only at the instants that a fact names: each is looked at, and the moments beside it.
    """
    after = replace(order, facts=(*order.facts, told))
    zone = ZoneInfo(order.court_time_zone)
    named = {instant for fact in after.facts for instant in _instants(fact, zone)}
    named = {instant for instant in named if MINYEAR < instant.year < MAXYEAR}
    moments = {at + step for at in named for step in (-_MOMENT, timedelta(0), _MOMENT)}
    return all(
        counts(after, at) or not counts(order, at)
        for at in moments
        for counts in (_is_valid, _is_enforceable, had_notice)
    )


def _is_valid(order: Order, at: datetime) -> bool:
    return valid(order, at).holds


def _is_enforceable(order: Order, at: datetime) -> bool:
    return enforceable(order, at).holds


def _instants(fact: Fact, zone: ZoneInfo) -> Iterator[datetime]:
    yield from (fact.heard_at, first_instant(fact, zone), last_instant(fact, zone))
    if fact.end is not None:
        yield end_instant(fact.end, zone)


def judge_fact(order: Order, draft: FactDraft, at: datetime) -> tuple[Finding, ...]:
    """Return what contradicts what is known of the order; nothing is a fact that can be kept."""
    if draft.kind is FactKind.RETRACTED:
        known = {fact.id for fact in facts_known(order.facts)}
        if draft.retracts_id not in known:
            return (error("needed", "retracts", "Say what is taken back."),)
        return ()
    return tuple(_judged(order, draft, at))


def _judged(order: Order, draft: FactDraft, at: datetime) -> Iterator[Finding]:
    zone = ZoneInfo(order.court_time_zone)
    facts = facts_known(order.facts)
    first, last = first_of(draft.when, zone, at), last_of(draft.when, zone, at)
    issued = [first_instant(fact, zone) for fact in facts if fact.kind is FactKind.ISSUED]
    if draft.kind not in TOLD:
        yield error("unknown_code", "kind", "This cannot be told of an order.")
    if draft.kind not in _AHEAD and first > at + CLOCK_SLACK:
        yield error("contradiction", "when_on", "It cannot have happened in the future.")
    if issued and draft.kind not in {FactKind.ISSUED, FactKind.ENDS} and last < min(issued):
        yield error("contradiction", "when_on", "It cannot have happened before it was issued.")
    if draft.kind in {FactKind.RENEWED, FactKind.ENDS} and draft.end is None:
        yield error(
            "needed", "ends_on", "Say until when: a date, or until the court says otherwise."
        )
    if draft.end is not None and issued and end_instant(draft.end, zone) <= min(issued):
        yield error("contradiction", "ends_on", "It would end before it was issued.")
    if draft.kind is FactKind.REINSTATED and not any(
        fact.kind in _OFF and first_instant(fact, zone) <= last for fact in facts
    ):
        yield error(
            "contradiction",
            "kind",
            "It was not recalled or dismissed before; nothing can be reinstated.",
        )
    if draft.kind is FactKind.HEARING and last < min(
        (last_instant(f, zone) for f in facts if f.kind is FactKind.ISSUED), default=last
    ):
        yield error("contradiction", "when_on", "The hearing would be before the order was issued.")
