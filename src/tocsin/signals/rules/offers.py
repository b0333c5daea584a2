"""What can be offered to her about her walks? Another way out, another time, a car at the door. She takes it or not.

An offer that she declines stays declined and costs nothing; nothing of it is in the record. What she took is shown to
those who look; another time that she took moves the walk that is held for her.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

MINUTES: Final = (-60, 60)
_MINUTES: Final = re.compile(r"-?[0-9]{1,3}")


class What(StrEnum):
    """What is offered."""

    EXIT = "exit"
    TIME = "time"
    PICK_UP = "pick_up"


class Answer(StrEnum):
    """What she said to it."""

    OFFERED = "offered"
    TAKEN = "taken"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Offer:
    """One offer. `value`: a place's id, or minutes (later, or earlier if negative), or nothing."""

    what: What
    value: str = ""
    answer: Answer = Answer.OFFERED


def problem_of(offer: Offer) -> str:
    """Return why this is no offer (value), or an empty text."""
    if offer.what is What.TIME:
        low, high = MINUTES
        minutes = int(offer.value) if _MINUTES.fullmatch(offer.value) else 0
        return "" if minutes and low <= minutes <= high else "value"
    if offer.what is What.EXIT:
        try:
            UUID(offer.value)
        except ValueError:
            return "value"
        return ""
    return "value" if offer.value else ""


def offered(offers: Mapping[What, Offer], offer: Offer) -> dict[What, Offer]:
    """Return the offers with this one; made anew it is open again, as it was it keeps her answer."""
    known = offers.get(offer.what)
    is_same = known is not None and known.value == offer.value
    return {**offers, offer.what: known if known and is_same else offer}


def answered(offers: Mapping[What, Offer], what: What, answer: Answer) -> dict[What, Offer]:
    """Return the offers after she took or declined one; she may change her mind as often as she likes."""
    known = offers.get(what)
    return {**offers, what: replace(known, answer=answer)} if known else dict(offers)


def minutes_later(offers: Mapping[What, Offer]) -> int:
    """Return by how many minutes she leaves later (negative: earlier), because she took that; 0 if she took none."""
    taken = offers.get(What.TIME)
    return int(taken.value) if taken and taken.answer is Answer.TAKEN else 0


def exit_taken(offers: Mapping[What, Offer]) -> UUID | None:
    """Return the place of the other exit by which she leaves, because she took that; None if she took none."""
    taken = offers.get(What.EXIT)
    return UUID(taken.value) if taken and taken.answer is Answer.TAKEN else None


def to_json(offers: Mapping[What, Offer]) -> dict[str, Any]:
    """Return the offers as JSON-able values."""
    return {w.value: {"value": o.value, "answer": o.answer.value} for w, o in offers.items()}


def from_json(said: Mapping[str, Any]) -> dict[What, Offer]:
    """Return the offers that `to_json` wrote."""
    return {
        What(name): Offer(What(name), one["value"], Answer(one["answer"]))
        for name, one in said.items()
    }
