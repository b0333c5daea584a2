"""How is it shown what only one person has said of an order, and who can look at it?"""

from datetime import datetime
from typing import Any
from uuid import UUID

from tocsin.console.pages import order_words as words
from tocsin.console.pages.words import name_of
from tocsin.registry.access import Viewer
from tocsin.registry.access_orders import OrdersView
from tocsin.registry.forms_amending import AreaForm
from tocsin.registry.rules.order import Fact, FactKind, Order
from tocsin.registry.rules.second_look import due_at, may_look, told_by_one, waits


def undrawn(order: Order) -> list[tuple[int, str, AreaForm]]:
    """Return the places of an order that nobody has drawn: the number, what it is, and an empty form of its own."""
    places = order.body.elsewhere if order.body else ()
    return [
        (number, place.what, AreaForm(auto_id=area_ids(order.id, number)))
        for number, place in enumerate(places)
        if not place.geometry
    ]


def area_ids(order_id: UUID, number: int) -> str:
    """Return how the fields of a place's form are called on a page with several of them."""
    return f"area_{order_id}_{number}_%s"


def is_due(order: Order, at: datetime) -> bool:
    """Return whether a second person should have looked by now."""
    due = due_at(order)
    return due is not None and due <= at


def second_look(order: Order, view: OrdersView, viewer: Viewer, now: datetime) -> dict[str, Any]:
    """Return what waits for a second person now, and who that can be; is it this viewer?"""
    alone = told_by_one(order)
    is_other = viewer.is_supervisor and view.case.protected_id != viewer.person_id
    return {
        "waits": waits(order),
        "new": [fact_shown(fact, view.names, order.court_time_zone, set()) for fact in alone],
        "alone": {fact.id for fact in alone},
        "look_by": due_at(order),
        "may_review": is_other and may_look(order, viewer.person_id),
        "reviewers": [name_of(one, view.names) for one in view.reviewers.get(order.id, ())],
        "nobody_reviews": waits(order) and not view.reviewers.get(order.id),
        "is_overdue": is_due(order, now),
    }


def fact_shown(
    fact: Fact, names: dict[UUID, str], zone: str, standing: set[UUID]
) -> dict[str, Any]:
    """Return how something that happened to an order is shown. `standing`: what nothing takes back."""
    return {
        "fact": fact,
        "what": words.FACT_WORDS[fact.kind],
        "when": "" if fact.kind is FactKind.RETRACTED else words.fact_when(fact, zone),
        "end": words.fact_end(fact, zone),
        "heard": words.local(fact.heard_at, zone),
        "by": name_of(fact.heard_by_id, names),
        "source": words.SOURCES.get(fact.source, fact.source),
        "stands": fact.id in standing,
        "is_retraction": fact.kind is FactKind.RETRACTED,
        "reviewed_by": name_of(fact.reviewed_by_id, names),
    }
