"""What does a gateway say became of a text? Its status call-backs, read without trusting them.

A receipt is the gateway's word, never a person's. An unknown state is `unknown`, never `failed`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

QUEUED, SENT, DELIVERED, FAILED, UNKNOWN = "queued", "sent", "delivered", "failed", "unknown"
FIELD_MAX_CHARS: Final = 128
STATES: Final = {
    "accepted": QUEUED,
    "scheduled": QUEUED,
    "queued": QUEUED,
    "buffered": QUEUED,
    "enroute": QUEUED,
    "sending": QUEUED,
    "submitted": SENT,
    "sent": SENT,
    "delivered": DELIVERED,
    "delivrd": DELIVERED,
    "read": DELIVERED,
    "undelivered": FAILED,
    "undeliv": FAILED,
    "failed": FAILED,
    "expired": FAILED,
    "rejected": FAILED,
    "rejectd": FAILED,
    "canceled": FAILED,
}
# Kannel's dlr-mask: 1 delivered, 2 undeliverable, 4 queued, 8 taken by the SMSC, 16 refused by it.
KANNEL: Final = {"1": DELIVERED, "2": FAILED, "4": QUEUED, "8": SENT, "16": FAILED}
# Call-backs overtake each other: after one of these, a state on the way to it is old news.
_FINAL: Final = frozenset({DELIVERED, FAILED})
_ON_THE_WAY: Final = (UNKNOWN, QUEUED, SENT)
ID_FIELDS: Final = ("id", "message_id", "messageId", "smsid")
STATUS_FIELDS: Final = ("status", "state", "dlr_status")
ERROR_FIELDS: Final = ("error", "error_code", "err-code", "answer")


@dataclass(frozen=True, slots=True)
class Receipt:
    """A gateway's word about one text; `reference` is ours, where the gateway sent it back."""

    provider_id: str | None
    reference: str | None
    state: str
    error: str | None


def parse_receipt(kind: str, fields: Mapping[str, str]) -> Receipt:
    """Return what the form or query of a status call-back says; `kind` is the gateway's."""
    reference = _first(fields, ("reference",))
    if kind == "twilio":
        state = STATES.get(fields.get("MessageStatus", "").lower(), UNKNOWN)
        return Receipt(
            _first(fields, ("MessageSid", "SmsSid")),
            reference,
            state,
            _first(fields, ("ErrorCode",)),
        )
    word = (_first(fields, STATUS_FIELDS) or "").lower()
    state = STATES.get(word) or KANNEL.get(fields.get("type", ""), UNKNOWN)
    error = _first(fields, ERROR_FIELDS) if state == FAILED else None
    return Receipt(_first(fields, ID_FIELDS), reference, state, error)


def is_news(kept: str, state: str) -> bool:
    """Return whether this state says more of a text than what was kept ("" for nothing yet, or "failed 30003").

    The last of *delivered* and *failed* counts; what came before them changes nothing when it arrives after.
    """
    before = kept.partition(" ")[0]
    if state in _FINAL:
        return before != state
    if before in _FINAL:
        return False
    return before not in _ON_THE_WAY or _ON_THE_WAY.index(state) > _ON_THE_WAY.index(before)


def _first(fields: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    for name in names:
        value = fields.get(name, "")
        if value and value.isprintable():
            return value[:FIELD_MAX_CHARS]
    return None
