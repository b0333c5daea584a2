"""What does a gateway say became of a text? Its status call-backs, read without trusting them.

A receipt is the gateway's word, never a person's. An unknown state is `unknown`, never `failed`. That a number took itself off
(STOP) has one word here, `opted_out`, whatever a gateway calls it: a text that it refuses so was not refused by chance.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tocsin.notifications.rules.message import OPTED_OUT

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
# Twilio's error 21610, and what others write: "Recipient has opted out", "UNSUBSCRIBED", "Blocked due to STOP message".
_SAYS_STOPPED: Final = re.compile(
    r"\b21610\b|opt(?:ed)?[ _-]?out|\bunsubscribed\b|\bstop (?:message|keyword|list)\b",
    re.IGNORECASE,
)
MAX_ANSWER_CHARS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Receipt:
    """A gateway's word about one text; `reference` is ours, where the gateway sent it back."""

    provider_id: str | None
    reference: str | None
    state: str
    error: str | None


def says_opted_out(answer: str, own: str = "", *, is_error_page: bool = False) -> bool:
    """Return whether a gateway that did not take a text says that the number took itself off.

    `own`: the gateway's own way of saying so, a regular expression, besides those that are known. `is_error_page`: it
    answered that it is down (5xx), and then any page may stand there: only its own way counts.
    """
    said = answer[:MAX_ANSWER_CHARS]
    is_known = not is_error_page and _SAYS_STOPPED.search(said)
    return bool(is_known or (own and re.search(own, said)))


def parse_receipt(kind: str, fields: Mapping[str, str], opted_out: str = "") -> Receipt:
    """Return what the form or query of a status call-back says; `kind` and `opted_out` are the gateway's."""
    reference = _first(fields, ("reference",))
    if kind == "twilio":
        state = STATES.get(fields.get("MessageStatus", "").lower(), UNKNOWN)
        error = _first(fields, ("ErrorCode",))
        if state == FAILED and error and says_opted_out(error):
            error = OPTED_OUT
        return Receipt(_first(fields, ("MessageSid", "SmsSid")), reference, state, error)
    word = (_first(fields, STATUS_FIELDS) or "").lower()
    state = STATES.get(word) or KANNEL.get(fields.get("type", ""), UNKNOWN)
    said = _first(fields, ERROR_FIELDS) or ""
    if state in {FAILED, UNKNOWN} and says_opted_out(f"{word} {said}", opted_out):
        return Receipt(_first(fields, ID_FIELDS), reference, FAILED, OPTED_OUT)
    error = said or None if state == FAILED else None
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
