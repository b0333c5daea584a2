"""What became of attempts to send: kept after the provider said yes, never before."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tocsin.flow.alarms import Alarms, Change, Settlement
from tocsin.notifications.rules.delivery import Delivery, Outcome, State, settled
from tocsin.record.rules.entries import Entry
from tocsin.runtime.ids import named_uuid


def settle(alarms: Alarms, attempts: Sequence[tuple[Delivery, Outcome]]) -> list[Delivery]:
    """Return the deliveries after their attempts, saved and on record.

    A row that a later attempt has taken meanwhile is left alone (fenced by the attempt's number). Of an attempt that
    first waited for its provider, only what it came to in the end is kept.
    """
    at = alarms.now()
    latest = {
        (delivery.id, delivery.attempt): (delivery, outcome) for delivery, outcome in attempts
    }
    after = [
        Settlement(settled(delivery, outcome, at), outcome) for delivery, outcome in latest.values()
    ]
    entries = [e for s in after if (e := _entry(s.delivery)) is not None]
    alarms.settle(after, at, entries)
    return [settlement.delivery for settlement in after]


def _entry(delivery: Delivery) -> Entry | None:
    at = delivery.sent_at or delivery.ended_at
    if at is None or delivery.state not in {State.SENT, State.FAILED}:
        return None
    body: dict[str, Any] = {
        "delivery": delivery.id,
        "person": delivery.person_id,
        "channel": delivery.channel,
        "step": delivery.step,
        "attempt": delivery.attempt,
        "reference": delivery.reference,
    }
    if delivery.state is State.SENT:
        body["took_ms"] = max(0, int((at - delivery.made_at).total_seconds() * 1000))
        kind = "delivery.sent"
    else:
        body |= {"code": delivery.error or "unknown", "permanent": True}
        kind = "delivery.failed"
    # Settled again after an outage, it is the same line of the record and not a second one.
    name = named_uuid(delivery.id, delivery.id, delivery.attempt, kind)
    return Entry(name, delivery.organisation_id, at, kind, delivery.incident_id, None, body)


def expire(alarms: Alarms) -> list[UUID]:
    """Return the incidents of which a message went unanswered past its deadline; each is on record."""
    at = alarms.now()
    ended = alarms.expire(at)
    entries = [
        Entry(
            named_uuid(d.id, d.id, "unanswered"),
            d.organisation_id,
            at,
            "delivery.unanswered",
            d.incident_id,
            None,
            _unanswered(d, at),
        )
        for d in ended
    ]
    alarms.save([Change(entries=tuple(entries))])
    return list(dict.fromkeys(delivery.incident_id for delivery in ended))


def _unanswered(delivery: Delivery, at: datetime) -> dict[str, Any]:
    waited = int((at - (delivery.sent_at or delivery.made_at)).total_seconds())
    return {
        "delivery": delivery.id,
        "person": delivery.person_id,
        "channel": delivery.channel,
        "after_s": max(0, waited),
    }
