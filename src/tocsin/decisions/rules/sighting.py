"""What does a sighting mean? Sighting x order x place x time: a possible breach, the house rule, or "inform".

Pure. The door acts on `house_rule or valid` (design, 4). An order that is not valid never raises a breach, and what was
seen is told all the same, with the reason (I13). An uncertain match is never dropped and never stated as a fact (I14).
A *mutual* entry is not symmetric: only who restrains whom in this case counts, never that both names stand on a paper
(18 USC 2265(c)).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol
from uuid import UUID

from tocsin.decisions.rules.incident import SEEN, Kind
from tocsin.decisions.rules.level import Level, level_of
from tocsin.decisions.rules.said import (
    FIREARM_MARK,
    FIRST_PAGE,
    Said,
    for_police,
    reasons,
)
from tocsin.decisions.rules.said import NOT_SERVED as POLICE_NOT_SERVED
from tocsin.decisions.rules.said import SERVED as POLICE_SERVED
from tocsin.signals.rules.seen import Seen, Source

CERTAIN: Final = "certain"
KEEP_WITHOUT_INCIDENT: Final = timedelta(days=30)
# What a person must know of an order that is valid and that nobody has told him of.
NOT_SERVED: Final = "valid, not served"
WAITS: Final = "order waits"
SERVED: Final = "valid, served"
DAMAGED: Final = "papers cannot be opened"
# A contact attempt is where she is, not where he is: nothing has to be locked for it.
ELSEWHERE: Final = frozenset({Source.CONTACT})
# Her own device says where she is, never where he is.
HERS: Final = frozenset({Source.OWN_DEVICE})


class Hit(Protocol):
    """A match as this rule needs it (`rules/matching.py`, `Match`)."""

    @property
    def case_id(self) -> UUID:
        """Return whose case it hits."""
        ...

    @property
    def certainty(self) -> str:
        """Return "certain" or "possible"."""
        ...

    @property
    def score(self) -> int:
        """Return 0 to 1000: never a probability."""
        ...

    @property
    def parts(self) -> tuple[tuple[str, int], ...]:
        """Return what made the score."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSays:
    """What one order says at the moment of the sighting: H1's verdicts with the evidence that decided them.

    `forbids_here`: it names this site or place, or names none and forbids her work place. `forbids_contact`: condition 05.
    `names_here`: so it is written; it may be held against him only later, a colleague who is watched quietly.
    """

    order_id: UUID
    valid: bool
    enforceable: bool
    because: tuple[str, ...] = ()
    forbids_here: bool = True
    names_here: bool = False
    forbids_contact: bool = False
    has_firearm_mark: bool = False
    is_mutual: bool = False
    has_first_page: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """What is known of one case at the moment of a sighting.

    `protected_id` None: a place is protected, and `stands_in_id` answers for its rule. `any_site_id`: where to call
    people if nothing else says where. `her_site_id`: where she is on duty now, else her own. `house_rule` stands here.
    `keeps_out`: the door keeps him out, also for as long as its posture outlives an order that ended (I13). `parties`:
    who must learn nothing of it. `is_colleague`: he works here. `is_damaged`: of its papers some cannot be opened, and
    nothing may be concluded from their silence.
    """

    case_id: UUID
    organisation_id: UUID
    stands_in_id: UUID
    any_site_id: UUID
    protected_id: UUID | None = None
    her_site_id: UUID | None = None
    orders: tuple[OrderSays, ...] = ()
    house_rule: bool = False
    house_rule_because: tuple[str, ...] = ()
    keeps_out: bool = False
    is_colleague: bool = False
    is_damaged: bool = False
    parties: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What one sighting of one case comes to. `said`: what each order said of it, and the house rule.

    `posture`: "lock" while the door is to keep him out, else "as usual". `tells_her`: she hears of it, and first.
    """

    case_id: UUID
    kind: Kind
    level: Level
    certainty: str
    score: int
    parts: tuple[tuple[str, int], ...]
    said: tuple[Said, ...]
    posture: str
    tells_her: bool = True

    @property
    def is_confirmed(self) -> bool:
        """Return whether it may be stated as a fact that it was he."""
        return self.certainty == CERTAIN

    @property
    def because(self) -> tuple[str, ...]:
        """Return what decided, as codes: no names, no free text."""
        return reasons(self.said)

    @property
    def police(self) -> tuple[str, ...]:
        """Return what may be said to police, as codes."""
        return for_police(self.said)


def kind_of(said: Sequence[Said]) -> Kind:
    """Return how grave it is, by what was said of it."""
    if any(one.police for one in said if one.order_id is not None):
        return Kind.POSSIBLE_BREACH
    return Kind.HOUSE_RULE if any(one.police for one in said) else Kind.INFORM


def decide_on_sighting(
    seen: Seen, hits: Sequence[Hit], cases: Mapping[UUID, CaseFacts]
) -> tuple[Decision, ...]:
    """Return one decision for each case that was hit, the gravest first; a case that is not known is left out.

    `cases` are the verdicts at the moment of the sighting.
    Every hit of a known case comes to a decision: there is no score below which one is dropped (I14).
    """
    if seen.source in HERS:
        return ()
    best: dict[UUID, Hit] = {}
    for hit in hits:
        known = best.get(hit.case_id)
        if known is None or _strength(hit) > _strength(known):
            best[hit.case_id] = hit
    found = [
        _decision(seen, hit, cases[hit.case_id]) for hit in best.values() if hit.case_id in cases
    ]
    return tuple(sorted(found, key=lambda d: (-SEEN.index(d.kind), not d.is_confirmed, -d.score)))


def _strength(hit: Hit) -> tuple[bool, int]:
    return hit.certainty == CERTAIN, hit.score


def _decision(seen: Seen, hit: Hit, case: CaseFacts) -> Decision:
    said = (*_orders_said(seen, case), _else_said(seen, case))
    kind = kind_of(said)
    return Decision(
        case_id=case.case_id,
        kind=kind,
        level=level_of(kind, is_confirmed=hit.certainty == CERTAIN),
        certainty=hit.certainty,
        score=hit.score,
        parts=hit.parts,
        said=said,
        posture="lock" if case.keeps_out else "as usual",
        tells_her=kind is not Kind.INFORM or _comes_unasked(seen, case),
    )


def _comes_unasked(seen: Seen, case: CaseFacts) -> bool:
    """Return whether he has no business here, though nothing forbids it any more: the day after an order ended.

    A colleague at his own work place has, and one who is watched quietly must look so: she would be called at each of
    his shifts. Where the door keeps him out he has none, colleague or not.
    """
    return seen.source not in ELSEWHERE and (not case.is_colleague or case.keeps_out)


def _forbids(order: OrderSays, seen: Seen) -> bool:
    return order.forbids_contact if seen.source in ELSEWHERE else order.forbids_here


def _waits(order: OrderSays, seen: Seen) -> bool:
    """Return whether it names this place and is not held against him here yet: nobody may then say that none does."""
    is_here = seen.source not in ELSEWHERE
    return order.valid and is_here and order.names_here and not order.forbids_here


def _orders_said(seen: Seen, case: CaseFacts) -> list[Said]:
    """Return what each order says of it, those last that forbid it."""
    found = [_order_said(seen, case.case_id, order) for order in case.orders]
    return sorted(found, key=lambda one: bool(one.police))


def _order_said(seen: Seen, case_id: UUID, order: OrderSays) -> Said:
    if not order.valid:
        return Said(case_id, order.order_id, (), ("order not valid", *order.because))
    if not _forbids(order, seen):
        code = WAITS if _waits(order, seen) else "order does not name this place"
        return Said(case_id, order.order_id, (), (code,))
    police = [POLICE_SERVED if order.enforceable else POLICE_NOT_SERVED]
    police += [FIRST_PAGE] if order.has_first_page else []
    police += [FIREARM_MARK] if order.has_firearm_mark else []
    because = (SERVED if order.enforceable else NOT_SERVED, *order.because)
    return Said(case_id, order.order_id, tuple(police), because)


def _else_said(seen: Seen, case: CaseFacts) -> Said:
    """Return what no order says: the house rule, that nothing is known, that he only tried to reach her."""
    police: tuple[str, ...] = ()
    codes: list[str] = []
    if case.house_rule:
        codes += ["house rule", *case.house_rule_because]
    if case.house_rule and seen.source not in ELSEWHERE:
        is_waiting = any(_waits(order, seen) for order in case.orders)
        police = ("house_rule_and_order",) if is_waiting else ("house_rule",)
    if case.is_damaged:
        codes.append(DAMAGED)
    elif not case.orders and not case.house_rule:
        codes.append("no order and no house rule")
    if seen.source in ELSEWHERE:
        codes.append("contact attempt")
    return Said(case.case_id, None, police, tuple(codes))
