"""How did a drill or an incident go, about people? Counted from what they did and what was sent to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tocsin.notifications.rules.delivery import Delivery, is_left_out


@dataclass(frozen=True, slots=True)
class Figures:
    """Times in ms from the opening, None: it did not happen.

    `told`: whoever was to be called; `left_out`: of these, how many nothing went out to. `not_reached`: who did nothing, with
    what was sent, and what was not.
    """

    first_answer_ms: int | None
    call_claimed_ms: int | None
    in_charge_ms: int | None
    told: int
    left_out: int
    reached: int
    not_reached: dict[UUID, tuple[Delivery, ...]]


def figures(
    opened_at: datetime, acts: Sequence[tuple[UUID, str, datetime]], deliveries: Sequence[Delivery]
) -> Figures:
    """Return the figures of what people did (who, what, when) and of every message about it."""
    by_person: dict[UUID, list[Delivery]] = {}
    for delivery in deliveries:
        by_person.setdefault(delivery.person_id, []).append(delivery)
    answered = {person_id for person_id, _act, _at in acts}
    missing = {
        person: tuple(found) for person, found in by_person.items() if person not in answered
    }
    return Figures(
        first_answer_ms=_first_ms(opened_at, [at for _who, _act, at in acts]),
        call_claimed_ms=_first_ms(opened_at, [at for _who, act, at in acts if act == "calling"]),
        in_charge_ms=_first_ms(opened_at, [at for _who, act, at in acts if act == "in_charge"]),
        told=len(by_person),
        left_out=sum(all(map(is_left_out, found)) for found in by_person.values()),
        reached=len(by_person) - len(missing),
        not_reached=missing,
    )


def _first_ms(opened_at: datetime, times: Sequence[datetime]) -> int | None:
    return round((min(times) - opened_at).total_seconds() * 1000) if times else None
