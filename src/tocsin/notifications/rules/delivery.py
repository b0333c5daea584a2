"""What becomes of one message on its way to one person?

Pure. A delivery is planned with its wave, taken with a lease, sent, settled; every one ends as *seen* by a person,
*unanswered* at its deadline, *failed* or *cancelled*, visibly (I2). A provider's yes is only *sent*.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from tocsin.decisions.rules.incident import ASKING, Incident
from tocsin.notifications.rules.happenings import Call
from tocsin.registry.rules.contacts import (
    LIVE,
    NEVER_VERIFIED,
    OUTSIDE_HOURS,
    REVOKED,
    Contact,
    Recipient,
)

RETRY_S: Final = (1.0, 2.0, 4.0, 8.0, 15.0)
GIVE_UP_AFTER_S: Final = 900
LEASE_S: Final = 15
# A row made this much in the future, and a lease or a retry that lasts longer than any does, say that the clock was
# set back: it is due now, and not in a year (I6). Transactions that overlap differ by less.
AHEAD_S: Final = 2
FAR_S: Final = 61
TEXT_CHANNELS: Final = frozenset({"sms"})
# Nobody listens at the provider's machine: what waits for that keeps its lease, and is no attempt.
REFUSED: Final = "refused"
# It takes the connection and says nothing: what waits behind that keeps its lease too.
TIMED_OUT: Final = "timeout"
# It answers, and takes fewer than come: what has waited so long for its turn says so, and keeps its lease.
SLOW: Final = "slow"
SLOW_AFTER_S: Final = 5
# A push service knows the subscription no more, and never will again (RFC 8030, 7.3).
GONE: Final = "gone"
# Why a wave passes over somebody. What she said of who reads along, and who made her ways, is nobody's to read here.
NO_WAY: Final = "no_way"
AT_POSITION: Final = "at_position"
NOT_USABLE: Final = "not_usable"
LEFT_OUT: Final[Mapping[str, str]] = {
    NEVER_VERIFIED: "not_verified",
    OUTSIDE_HOURS: "outside_hours",
}
PASSED_OVER: Final = frozenset({NO_WAY, AT_POSITION, NOT_USABLE, *LEFT_OUT.values()})


class State(StrEnum):
    """Where a delivery is. The last four are ends."""

    PENDING = "pending"
    LEASED = "leased"
    RETRYING = "retrying"
    SENT = "sent"
    SEEN = "seen"
    UNANSWERED = "unanswered"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN: Final = frozenset({State.PENDING, State.LEASED, State.RETRYING})
MAY_BE_SEEN: Final = OPEN | {State.SENT, State.UNANSWERED}
ENDS: Final = frozenset({State.SEEN, State.UNANSWERED, State.FAILED, State.CANCELLED})


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one person on one channel. `reference` is the same however often it is sent.

    Of one to whom no way leads at all (`left_out`) `channel` is "" and `contact_id` her own id.
    """

    id: UUID
    organisation_id: UUID
    incident_id: UUID
    person_id: UUID
    contact_id: UUID
    channel: str
    template: str
    step: int
    reference: str
    code: str
    state: State
    made_at: datetime
    due_at: datetime
    deadline_at: datetime
    attempt: int = 0
    leased_by: str = ""
    lease_until: datetime | None = None
    sent_at: datetime | None = None
    ended_at: datetime | None = None
    provider_id: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one attempt came to. `is_permanent` matters only without `is_accepted`.

    `is_waiting`: the attempt goes on, held by its engine until the provider listens or answers again; `error` is why.
    """

    is_accepted: bool
    provider_id: str = ""
    error: str = ""
    is_permanent: bool = False
    retry_after_s: float | None = None
    is_waiting: bool = False


def plan(
    incident: Incident,
    call: Call,
    now: datetime,
    *,
    new_id: Callable[[str], UUID],
    new_code: Callable[[UUID, UUID], str],
    engine: str = "",
) -> list[Delivery]:
    """Return the deliveries of one wave: every contact method of every recipient at once, or in order.

    In order, the second waits for the first's deadline; a failure brings it forward (`store.settle`). What is due at
    once is born leased to `engine`, if one is named. `new_id` takes the reference, `new_code` the message and the person.
    """
    planned = []
    for recipient in call.recipients:
        for place, contact in enumerate(_contacts(recipient)):
            due = (
                now + timedelta(seconds=incident.policy.deadline_s * place)
                if call.in_order
                else now
            )
            planned.append(
                _delivery(incident, call, recipient, contact, due, (new_id, new_code, now, engine))
            )
    return planned


def left_out(
    incident: Incident, call: Call, now: datetime, *, new_id: Callable[[str], UUID]
) -> list[Delivery]:
    """Return a message that failed before it went out for each way of whomever this wave leads to by a screen at most.

    Nobody may sit before a screen: who is not called otherwise, and why, is said as loudly as what a provider refused. A
    way that was taken away is none. Who must not hear of the incident is no recipient, and so never here (I11).
    """
    return [
        _passed_over(incident, call, recipient, way, now, new_id)
        for recipient in call.recipients
        for way in _ways_not_used(recipient)
    ]


def is_left_out(delivery: Delivery) -> bool:
    """Return whether this message never was to go out; the same in SQL is `store.AS_SHOWN`."""
    return delivery.attempt == 0 and delivery.error in PASSED_OVER


def _ways_not_used(recipient: Recipient) -> list[tuple[UUID, str, str]]:
    """Return (contact, channel, why) of one who is called on no way, or on a screen only; nothing of anybody else."""
    used = _contacts(recipient)
    if any(contact.channel != LIVE for contact in used):
        return []
    ways = [
        (left.contact_id, left.channel, LEFT_OUT.get(left.reason, NOT_USABLE))
        for left in recipient.left_out
        if left.reason != REVOKED
    ]
    if ways or used:
        return ways
    return [(recipient.person_id, "", AT_POSITION if recipient.is_quiet else NO_WAY)]


def _passed_over(
    incident: Incident,
    call: Call,
    recipient: Recipient,
    way: tuple[UUID, str, str],
    now: datetime,
    new_id: Callable[[str], UUID],
) -> Delivery:
    contact_id, channel, why = way
    reference = _reference(incident, call, contact_id)
    return Delivery(
        id=new_id(reference),
        organisation_id=incident.organisation_id,
        incident_id=incident.id,
        person_id=recipient.person_id,
        contact_id=contact_id,
        channel=channel,
        template=call.template,
        step=call.step,
        reference=reference,
        code="",
        state=State.FAILED,
        made_at=now,
        due_at=now,
        deadline_at=now,
        ended_at=now,
        error=why,
    )


def _reference(incident: Incident, call: Call, contact_id: UUID) -> str:
    return f"{incident.id.hex}.{call.number}.{contact_id.hex}"


def _contacts(recipient: Recipient) -> tuple[Contact, ...]:
    return tuple(c for c in recipient.contacts if not recipient.is_quiet or c.channel == LIVE)


def _delivery(
    incident: Incident,
    call: Call,
    recipient: Recipient,
    contact: Contact,
    due_at: datetime,
    made: tuple[Callable[[str], UUID], Callable[[UUID, UUID], str], datetime, str],
) -> Delivery:
    new_id, new_code, now, engine = made
    # Made as `taken` would make it, and not made twice: a wave is hundreds of these.
    is_taken = bool(engine) and due_at <= now
    reference = _reference(incident, call, contact.id)
    own_id = new_id(reference)
    has_code = contact.channel in TEXT_CHANNELS
    return Delivery(
        id=own_id,
        organisation_id=incident.organisation_id,
        incident_id=incident.id,
        person_id=recipient.person_id,
        contact_id=contact.id,
        channel=contact.channel,
        template=call.template,
        step=call.step,
        reference=reference,
        code=new_code(own_id, recipient.person_id) if has_code else "",
        state=State.LEASED if is_taken else State.PENDING,
        made_at=now,
        due_at=due_at,
        deadline_at=due_at + timedelta(seconds=incident.policy.deadline_s),
        attempt=1 if is_taken else 0,
        leased_by=engine if is_taken else "",
        lease_until=now + timedelta(seconds=LEASE_S) if is_taken else None,
    )


def is_gone(delivery: Delivery) -> bool:
    """Return whether it showed that its contact method is no more: only a push's, and only by its push service's word.

    A gateway's or a webhook's 404 says something of that machine, and nothing of whom it reaches.
    """
    is_push = delivery.channel == "webpush"
    return is_push and delivery.state is State.FAILED and delivery.error == GONE


def goes_first(incident: Incident) -> bool:
    """Return whether its messages go before others that wait: a real alarm's, not a drill's nor those that only ask.

    The same in SQL is `store.claim`.
    """
    return not incident.is_drill and incident.kind not in ASKING


def taken(delivery: Delivery, by: str, now: datetime) -> Delivery:
    """Return the delivery leased to an engine; the attempt's number fences a late answer of an earlier one."""
    return replace(
        delivery,
        state=State.LEASED,
        leased_by=by,
        lease_until=now + timedelta(seconds=LEASE_S),
        attempt=delivery.attempt + 1,
    )


def leased_from(delivery: Delivery, now: datetime) -> Delivery:
    """Return the delivery leased no longer than from the store's `now`.

    Where time passed, a wave is made at the time that it was due: after a clock was set back, up to a minute later
    than now, and another machine would wait that much longer before it takes over.
    """
    until = now + timedelta(seconds=LEASE_S)
    is_longer = delivery.lease_until is not None and delivery.lease_until > until
    return replace(delivery, lease_until=until) if is_longer else delivery


def settled(delivery: Delivery, outcome: Outcome, now: datetime) -> Delivery:
    """Return the delivery after an attempt: sent, failed for good, or to be tried again, with the reason shown.

    A temporary failure is tried again after 1, 2, 4, 8, then every 15 s (or what the provider asked for), for
    a quarter of an hour; the incident's end stops it earlier. What waits for a provider keeps its lease.
    """
    if outcome.is_waiting:
        lease_until = now + timedelta(seconds=LEASE_S)
        return replace(delivery, error=outcome.error[:80], lease_until=lease_until)
    free = replace(delivery, leased_by="", lease_until=None, error=outcome.error[:80])
    if outcome.is_accepted:
        return replace(free, state=State.SENT, sent_at=now, provider_id=outcome.provider_id[:120])
    if outcome.is_permanent or is_given_up(delivery, now):
        return replace(free, state=State.FAILED, ended_at=now)
    wait = outcome.retry_after_s or RETRY_S[min(delivery.attempt, len(RETRY_S)) - 1]
    return replace(free, state=State.RETRYING, due_at=now + timedelta(seconds=wait))


def is_slow(delivery: Delivery, at: datetime) -> bool:
    """Return whether what waits for its turn at a provider that answers has waited too long to be called *being sent*."""
    return at - delivery.due_at >= timedelta(seconds=SLOW_AFTER_S)


def is_given_up(delivery: Delivery, at: datetime) -> bool:
    """Return whether a temporary failure at `at` is the last one: it was tried for a quarter of an hour."""
    return at - delivery.made_at >= timedelta(seconds=GIVE_UP_AFTER_S)


def after_answer(delivery: Delivery, at: datetime, *, on: UUID | None, is_proof: bool) -> Delivery:
    """Return a message of a person who has just acted on its incident; the same in SQL is `store.mark_seen`.

    What she answered is *seen*, whatever was known of it, and so is all that went out to her; what did not is no longer
    needed: *cancelled* (I15). A proof asks about each channel: only the one that she answered on is proven, the others run
    on. `on` None: she acted on a page, which shows what went to her screen.
    """
    seen = replace(
        delivery, state=State.SEEN, ended_at=at, leased_by="", lease_until=None, error=""
    )
    if delivery.id == on:
        return delivery if delivery.state is State.SEEN else seen
    if delivery.state not in MAY_BE_SEEN:
        return delivery
    was_sent = delivery.sent_at is not None
    if is_proof:
        return seen if was_sent and on is None and delivery.channel == LIVE else delivery
    return seen if was_sent else replace(seen, state=State.CANCELLED, error=delivery.error)


def is_due(delivery: Delivery, at: datetime) -> bool:
    """Return whether an engine may take this delivery at `at`; the same in SQL is `store.claim`."""
    far = at + timedelta(seconds=FAR_S)
    if delivery.state not in OPEN:
        return False
    until = delivery.lease_until
    if delivery.state is State.LEASED and until is not None and at <= until <= far:
        return False
    made_ahead = delivery.made_at > at + timedelta(seconds=AHEAD_S)
    return (
        made_ahead
        or delivery.due_at <= at
        or (delivery.state is State.RETRYING and delivery.due_at > far)
    )


def is_overdue(delivery: Delivery, at: datetime) -> bool:
    """Return whether what was sent is *unanswered* at `at`; the same in SQL is `store.expire`."""
    if delivery.state is not State.SENT:
        return False
    ahead = at + timedelta(seconds=AHEAD_S)
    if delivery.made_at <= ahead or delivery.sent_at is None:
        return delivery.deadline_at <= at
    wait = delivery.deadline_at - delivery.made_at
    return delivery.sent_at > ahead or delivery.sent_at + wait <= at
