"""What of an order does a guard show to police? Its first page without addresses, children and findings.

The three facts that an officer needs come first: whom it protects, whom it restrains, and that it counts now.
Typed from the fields, so that it holds nothing that nobody looked at: words that may hold an address (terms, other
places, findings) and the children are left out whole.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from tocsin.registry.rules.conditions import CHILDREN
from tocsin.registry.rules.order import (
    Because,
    Fact,
    FactKind,
    Order,
    enforceable,
    facts_known,
    first_instant,
    valid,
)
from tocsin.registry.rules.order_document import Respondent
from tocsin.registry.rules.second_look import waits

_NOTICE = (Because.SERVED, Because.TOLD_ORALLY, Because.IN_COURT)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstPage:
    """The typed first page; times are local to the court, as text. `ends` "": open, or nobody has said.

    `others`: how many more people it protects, never who. `distances`: by what each is measured from, the id of a site or
    of a place, or "" for her, wherever she is; 0 metres: no distance is said. `paper_id`: whose masked page lies beside.
    """

    family: str
    court: str
    docket: str
    protected: str
    others: int
    respondent: str
    aliases: tuple[str, ...]
    born_on: str
    description: str
    relation: str
    caution: str
    has_firearm_mark: bool
    is_mutual: bool
    conditions: tuple[str, ...]
    distances: tuple[tuple[str, int], ...]
    issued: str
    ends: str
    notice: str
    notice_at: str
    is_enforceable: bool
    is_reviewed: bool
    zone: str
    paper_id: str = ""


def page_of(
    orders: Sequence[Order],
    respondent: Respondent,
    protected: str,
    at: datetime,
    masked: Mapping[UUID, UUID] | None = None,
) -> FirstPage | None:
    """Return the first page of the order that says most at `at`, or None: none is valid.

    `masked`: by order the paper whose first page somebody masked. What is typed of one order never lies beside the
    picture of another.
    """
    order = _chosen(orders, at)
    if order is None:
        return None
    paper_id = (masked or {}).get(order.id)
    return replace(
        _typed(order, respondent, protected, at), paper_id=str(paper_id) if paper_id else ""
    )


def is_of_one(text: str, orders: Sequence[Order]) -> bool:
    """Return whether what is typed (`to_text`) is of one of these orders, by its family, court and docket."""
    page = from_text(text)
    return any(
        (page.family, page.court, page.docket)
        == (one.family.value, one.body.court, one.body.docket)
        for one in orders
        if one.body is not None
    )


def _chosen(orders: Sequence[Order], at: datetime) -> Order | None:
    counting = [order for order in orders if order.body is not None and valid(order, at).holds]
    return max(
        counting,
        key=lambda one: (enforceable(one, at).holds, one.entered_at or datetime.min.replace(tzinfo=UTC)),
        default=None,
    )  # fmt: skip


def _typed(order: Order, respondent: Respondent, protected: str, at: datetime) -> FirstPage:
    zone, body = ZoneInfo(order.court_time_zone), order.body
    if body is None:
        message = "a page is typed from an opened order"
        raise ValueError(message)
    standing, served = valid(order, at), enforceable(order, at)
    facts = {fact.id: fact for fact in order.facts}
    until = next((one for one in standing.because if one.code is Because.RUNS_UNTIL), None)
    told = next((one for one in served.because if one.code in _NOTICE), None)
    issued = min(
        (fact for fact in facts_known(order.facts) if fact.kind is FactKind.ISSUED),
        key=lambda fact: first_instant(fact, zone),
    )
    last = facts[until.row_id].end if until and until.row_id else None
    notice = facts[told.row_id] if told and told.row_id else None
    return FirstPage(
        family=order.family.value,
        court=body.court,
        docket=body.docket,
        protected=protected,
        others=len(body.others),
        respondent=respondent.name,
        aliases=respondent.aliases,
        born_on=respondent.born_on.isoformat() if respondent.born_on else "",
        description=respondent.description,
        relation=respondent.relation,
        caution=body.caution,
        has_firearm_mark=order.has_firearm_mark,
        is_mutual=order.is_mutual,
        conditions=tuple(code for code in order.conditions if code not in CHILDREN),
        distances=tuple(
            (str(one.place_id or one.site_id or ""), one.metres) for one in order.stay_away
        ),
        issued=_when(issued, zone),
        ends=_said(last.at, last.on, zone) if last else "",
        notice=told.code.value if told else Because.NOT_SERVED.value,
        notice_at=_when(notice, zone) if notice else "",
        is_enforceable=served.holds,
        is_reviewed=not waits(order),
        zone=order.court_time_zone,
    )


def to_text(page: FirstPage) -> str:
    """Return the page as the text to seal."""
    return json.dumps(asdict(page), ensure_ascii=False, sort_keys=True)


def from_text(text: str) -> FirstPage:
    """Return what `to_text` wrote; of a page of before, its one number of metres is from nobody knows where: left out."""
    body = json.loads(text)
    body.pop("metres", None)
    body["distances"] = tuple((where, metres) for where, metres in body.get("distances", ()))
    body["aliases"], body["conditions"] = tuple(body["aliases"]), tuple(body["conditions"])
    return FirstPage(**body)


def _when(fact: Fact, zone: ZoneInfo) -> str:
    return _said(fact.true_at, fact.local_date, zone) or _said(fact.heard_at, None, zone)


def _said(at: datetime | None, day: date | None, zone: ZoneInfo) -> str:
    if at is not None:
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
    return day.isoformat() if day else ""
