"""A badge or a plate that somebody says is not his any more: what is kept of it, and how is it written and read? Pure.

A badge is given to the next one, a car is sold, a letter was mistyped: whoever has it now must not be taken for him. One
asks, a second agrees (`rules/known.py`); both stay to be seen.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple
from uuid import UUID

from tocsin.registry.rules.document import Reader
from tocsin.registry.rules.grants import Wish

# The oldest goes: if nobody agreed to it yet, the doors keep to what they knew.
MAX_NOT_HIS: Final = 40


class SignKind(StrEnum):
    """What singles him out until somebody else has it."""

    BADGE = "badge"
    PLATE = "plate"


class Sign(NamedTuple):
    """One badge or plate as it was entered; `region` of a plate only."""

    kind: SignKind
    text: str
    region: str = ""


@dataclass(frozen=True, slots=True)
class NotHis:
    """Who asked that it counts as his no more, when, and who agreed to it when; None: nobody yet."""

    sign: Sign
    asked_at: datetime
    asked_by_id: UUID
    agreed_at: datetime | None = None
    agreed_by_id: UUID | None = None

    @property
    def wish(self) -> Wish:
        """Return it as what one person asked for."""
        return Wish(None, self.asked_by_id, self.asked_at)

    def waits(self, at: datetime) -> bool:
        """Return whether a second person can still agree."""
        return self.agreed_at is None and self.wish.waits(at)


def not_his_to_dict(one: NotHis) -> dict[str, Any]:
    """Return it as JSON-able values; `not_his_from_dict` gives the same back."""
    return {
        "kind": one.sign.kind.value,
        "text": one.sign.text,
        "region": one.sign.region,
        "asked_at": one.asked_at.isoformat(),
        "asked_by": str(one.asked_by_id),
        "agreed_at": one.agreed_at.isoformat() if one.agreed_at else None,
        "agreed_by": str(one.agreed_by_id) if one.agreed_by_id else None,
    }


def not_his_from_dict(value: object, path: str) -> NotHis:
    """Return what this document holds. Raises ValueError, of which DocumentError is one."""
    fields = ("kind", "text", "region", "asked_at", "asked_by", "agreed_at", "agreed_by")
    read = Reader(value, path, fields)
    sign = Sign(SignKind(read.text("kind")), read.text("text"), read.text("region", ""))
    agreed = read.text("agreed_at", "")
    return NotHis(
        sign,
        datetime.fromisoformat(read.text("asked_at")),
        read.id("asked_by"),
        datetime.fromisoformat(agreed) if agreed else None,
        read.optional_id("agreed_by"),
    )
