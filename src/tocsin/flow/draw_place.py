"""Draw a place that an order names and that is not ours: from then on a position there is seen."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from tocsin.flow.respond import Refused
from tocsin.registry import store_cases as cases
from tocsin.registry.access import Hidden, Viewer, note
from tocsin.registry.access_cases import may_read
from tocsin.registry.store_orders import find_order, update_body
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing


def draw_place(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    which: tuple[UUID, UUID, int],
    area: dict[str, Any],
    *,
    at: datetime,
) -> Refused | None:
    """Keep the area of one place of an order; None when that is done. `which`: the case, the order, the place's number.

    Drawing tightens, so one person does it. What is drawn already stays: to move it would take protection away.

    Raises:
        Hidden: no such place for this viewer, or she is neither a supervisor nor the one whom the order protects.
    """
    case_id, order_id, number = which
    case = cases.load_case(conn, ring, case_id) if may_read(conn, viewer, case_id) else None
    if case is None or not (viewer.is_supervisor or case.protected_id == viewer.person_id):
        raise Hidden
    # The lock comes before the read: of two areas drawn in one second the second was kept and the first lost.
    conn.execute("select 1 from registry_protectionorder where id = %s for update", (order_id,))
    order = find_order(conn, ring, case_id, order_id)
    if order is None or order.body is None or number >= len(order.body.elsewhere):
        raise Hidden
    places = list(order.body.elsewhere)
    if places[number].geometry is not None:
        return Refused(
            "it is drawn already; if it is wrong, enter the order again to replace this one"
        )
    places[number] = replace(places[number], geometry=area)
    body = replace(order.body, elsewhere=tuple(places))
    update_body(conn, cases.case_key(conn, ring, case_id), replace(order, body=body))
    said = {"case": case_id, "order": order_id}
    note(conn, viewer, "order.drawn", said, at=at)
    return None
