"""Does a change of who is called, or of who is on duty, leave people with less than before? Then it takes two (I17).

Pure. Tightening is saved at once; what these functions return a reason for waits for a second person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tocsin.registry.rules.duty import Shift, gaps
from tocsin.registry.rules.policy import Policy, Step

MAX_WAIT: Final = timedelta(hours=24)
SHORTEST: Final = timedelta(minutes=1)
POLICY: Final = "policy"
ROSTER_ADD: Final = "roster.add"
ROSTER_REMOVE: Final = "roster.remove"
EMPTIED: Final = "roster_emptied"
MAX_OPEN: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Loosening:
    """A change that leaves people with less, kept until a second person agrees, refuses, or a day is over.

    `what` is one of the codes above; `body` is the document to save, or the line to remove; `reasons` are codes.
    """

    id: UUID
    site_id: UUID
    what: str
    body: dict[str, Any]
    reasons: tuple[str, ...]
    asked_at: datetime
    asked_by_id: UUID


def loosens_policy(before: Policy, after: Policy) -> tuple[str, ...]:
    """Return in which codes `after` calls fewer people, later or by fewer ways than `before`; () if in none.

    Somebody who was called from second n on must still be called by then, on every channel of then, and all at once
    if it was all at once. Each number that makes waiting longer or cover thinner counts too, as does a later step behind
    the last one: only after it is everybody called again and again.
    """
    called_less = any(
        not any(_serves(other, rung, who) for other in after.steps)
        for rung in before.steps
        for who in rung.who
    )
    seconds = {step.offset_s for step in (*before.steps, *after.steps)}
    numbers = (
        ("called_less", called_less),
        (
            "repeats_later",
            after.repeat_after_s > before.repeat_after_s or _again(after) > _again(before),
        ),
        ("confirms_later", after.confirm_every_s > before.confirm_every_s),
        ("call_unclaimed_later", after.call_unclaimed_s > before.call_unclaimed_s),
        ("unanswered_later", after.deadline_s > before.deadline_s),
        ("fewer_proven", after.required_proven < before.required_proven),
        ("no_proof_at_start", before.prove_at_start and not after.prove_at_start),
        ("smaller_quorum", any(_quorum(after, s) < _quorum(before, s) for s in seconds)),
    )
    return tuple(code for code, is_so in numbers if is_so)


def _serves(other: Step, rung: Step, who: str) -> bool:
    covers = not other.channels or (
        bool(rung.channels) and set(rung.channels) <= set(other.channels)
    )
    as_wide = other.reach in {rung.reach, "all"}
    return who in other.who and other.offset_s <= rung.offset_s and covers and as_wide


def _again(policy: Policy) -> int:
    return max((step.offset_s for step in policy.steps), default=0) + policy.repeat_after_s


def _quorum(policy: Policy, second: int) -> int:
    """Return how many must be coming in this second: the highest of the steps begun so far."""
    return max((step.quorum for step in policy.steps if step.offset_s <= second), default=1)


def empties_roster(
    before: Sequence[Shift],
    after: Sequence[Shift],
    required: int,
    *,
    starts_at: datetime,
    ends_at: datetime,
) -> bool:
    """Return whether `after` has too few on duty (fewer than `required`, at least one) where `before` had enough.

    Counted to the minute: shorter than that is a hand-over.
    """
    need = max(1, required)
    was = gaps(before, need, starts_at=starts_at, ends_at=ends_at)
    for gap in gaps(after, need, starts_at=starts_at, ends_at=ends_at):
        # What was too thin before, and is thinner now, is emptied as well.
        old = [
            (max(o.starts_at, gap.starts_at), min(o.ends_at, gap.ends_at))
            for o in was
            if o.have <= gap.have
        ]
        kept = sum((until - since for since, until in old if until > since), timedelta())
        if gap.ends_at - gap.starts_at - kept >= SHORTEST:
            return True
    return False
