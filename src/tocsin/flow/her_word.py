"""What she says to an entry about her: by herself, or as somebody heard it from her. Hers to change, never in the record."""

from dataclasses import replace
from typing import Final
from uuid import UUID

from tocsin.flow.respond import Refused
from tocsin.registry import store_cases as cases
from tocsin.registry.access import Hidden, Viewer
from tocsin.registry.access_cases import may_read
from tocsin.registry.store_orders import find_order, update_body
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing

WORDS: Final = frozenset({"", "wants", "told", "objects"})
OBJECTS: Final = "objects"


def note_her_word(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    which: tuple[UUID, UUID],
    said: tuple[str, str],
) -> Refused | None:
    """Keep what she says and, if she objects, the ground on which it is entered all the same; None when that is done.

    `which`: the case and the order. The record holds none of it: her refusals are hers to change and to delete.

    Raises:
        Hidden: no such order for this viewer, or she is neither a supervisor nor the one whom it protects.
    """
    case_id, order_id = which
    case = cases.load_case(conn, ring, case_id) if may_read(conn, viewer, case_id) else None
    if case is None or not (viewer.is_supervisor or case.protected_id == viewer.person_id):
        raise Hidden
    order = find_order(conn, ring, case_id, order_id)
    word, ground = said
    if order is None or order.body is None or word not in WORDS:
        raise Hidden
    is_hers = case.protected_id == viewer.person_id
    if word == OBJECTS and not ground.strip() and not is_hers:
        return Refused("what is done without her has a ground: write it down")
    kept = ground.strip() or (order.body.her_ground if is_hers else "")
    body = replace(order.body, her_word=word, her_ground=kept)
    update_body(conn, cases.case_key(conn, ring, case_id), replace(order, body=body))
    return None
