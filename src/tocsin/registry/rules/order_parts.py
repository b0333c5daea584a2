"""How are the end of an order, its distances and what happened to it written as values of JSON, and read back?"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from tocsin.registry.rules.order import End, Fact, StayAway


def fact_to_dict(fact: Fact) -> dict[str, Any]:
    """Return what is sealed of something that happened to an order, as JSON-able values."""
    body: dict[str, Any] = {"words": fact.words} if fact.words else {}
    if fact.end is not None:
        at, on = fact.end.at, fact.end.on
        body["end"] = {
            "at": at.isoformat() if at else None,
            "on": on.isoformat() if on else None,
        }
    return body


def end_from_dict(value: dict[str, str | None] | None) -> End | None:
    """Return the end that this document holds; None: none was said."""
    if value is None:
        return None
    at, on = value.get("at"), value.get("on")
    return End(
        datetime.fromisoformat(at) if at else None,
        date.fromisoformat(on) if on else None,
    )


def away_to_dict(one: StayAway) -> dict[str, Any]:
    """Return a distance as JSON-able values."""
    found: dict[str, Any] = {"metres": one.metres}
    if one.site_id is not None:
        found["site"] = str(one.site_id)
    if one.place_id is not None:
        found["place"] = str(one.place_id)
    return found


def away_from_dict(value: dict[str, Any]) -> StayAway:
    """Return what `away_to_dict` wrote."""
    site, place = value.get("site"), value.get("place")
    return StayAway(
        int(value["metres"]), UUID(site) if site else None, UUID(place) if place else None
    )
