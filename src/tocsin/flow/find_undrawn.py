"""Which places do orders name that nobody has drawn? No position can be held against them: protection is blind there."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from tocsin.decisions.rules.fences import Outlines, Undrawn, undrawn
from tocsin.decisions.store_blind import OfCase
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.registry.store_at_door import load_outlines
from tocsin.registry.store_orders import load_orders_of
from tocsin.registry.store_readable import opened
from tocsin.signals.rules.blind import PLACE_INTERVAL_S, Because, Watcher, What


def find_undrawn(
    alarms: PostgresAlarms, cases: Sequence[OfCase], at: datetime
) -> tuple[list[Watcher], frozenset[UUID]]:
    """Return what is not drawn of these cases, as something that does not see.

    And the cases of which an order cannot be opened: they hold up no other.
    """
    load = partial(load_orders_of, alarms.conn, alarms.ring)
    orders, damaged = opened(load, [case_id for case_id, _owner, _site in cases])
    outlines: dict[UUID, Outlines] = {}
    found = []
    for case_id, organisation_id, site_id in cases:
        if case_id not in orders:
            continue
        if organisation_id not in outlines:
            outlines[organisation_id] = load_outlines(alarms.conn, organisation_id)
        of_case = (case_id, organisation_id, site_id)
        places = undrawn(orders[case_id], outlines[organisation_id], at)
        found += [_watcher(one, of_case) for one in places]
    return found, damaged


def _watcher(one: Undrawn, of_case: OfCase) -> Watcher:
    case_id, organisation_id, site_id = of_case
    return Watcher(
        what=What.PLACE if one.is_ours else What.ELSEWHERE,
        subject_id=one.subject_id,
        organisation_id=organisation_id,
        site_id=site_id,
        case_id=case_id,
        interval_s=PLACE_INTERVAL_S,
        last_at=one.since,
        because=Because.NOT_DRAWN,
    )
