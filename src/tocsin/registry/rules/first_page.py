"""What of an order does a guard show to police? Its first page without addresses, children and findings.

The three facts that an officer needs come first: whom it protects, whom it restrains, and that it counts now.
Typed from the fields, so that it holds nothing that nobody looked at: words that may hold an address (terms, other
places, findings) and the children are left out whole.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
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

_NOTICE = (Because.SERVED, Because.TOLD_ORALLY, Because.IN_COURT)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstPage:
    """The typed first page; times are local to the court, as text. `ends` "": open, or nobody has said.

    `others`: how many more people it protects, never who. `metres`: from this place of work.
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
    metres: int
    issued: str
    ends: str
    notice: str
    notice_at: str
    is_enforceable: bool
    is_reviewed: bool
    zone: str


def page_of(
    orders: Sequence[Order], respondent: Respondent, protected: str, at: datetime
) -> FirstPage | None:
    """Return the first page of the order that says most at `at`, or None: none is valid."""
    counting = [order for order in orders if order.body is not None and valid(order, at).holds]
    if not counting:
        return None
    order = max(
        counting,
        key=lambda one: (enforceable(one, at).holds, one.entered_at or datetime.min.replace(tzinfo=UTC)),
    )  # fmt: skip
    return _typed(order, respondent, protected, at)


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
        metres=max((one.metres for one in order.stay_away), default=0),
        issued=_when(issued, zone),
        ends=_said(last.at, last.on, zone) if last else "",
        notice=told.code.value if told else Because.NOT_SERVED.value,
        notice_at=_when(notice, zone) if notice else "",
        is_enforceable=served.holds,
        is_reviewed=order.is_reviewed,
        zone=order.court_time_zone,
    )


def to_text(page: FirstPage) -> str:
    """Return the page as the text to seal."""
    return json.dumps(asdict(page), ensure_ascii=False, sort_keys=True)


def from_text(text: str) -> FirstPage:
    """Return what `to_text` wrote."""
    body = json.loads(text)
    body["aliases"], body["conditions"] = tuple(body["aliases"]), tuple(body["conditions"])
    return FirstPage(**body)


def _when(fact: Fact, zone: ZoneInfo) -> str:
    return _said(fact.true_at, fact.local_date, zone) or _said(fact.heard_at, None, zone)


def _said(at: datetime | None, day: date | None, zone: ZoneInfo) -> str:
    if at is not None:
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
    return day.isoformat() if day else ""
