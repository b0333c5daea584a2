"""A case in the store's tests: Wren is protected, Rex is restrained, the order was served, the door knows his plate."""

from datetime import date, timedelta
from uuid import UUID

import psycopg

from tests import cast
from tests.builders import AT
from tocsin.registry.rules.case_rows import CaseRow, DoorEntryRow
from tocsin.registry.rules.door import DoorMatch, KnownPlate
from tocsin.registry.rules.order import Fact, FactKind, Family, Order, StayAway
from tocsin.registry.rules.order_document import OrderBody, Respondent
from tocsin.registry.store_cases import insert_case
from tocsin.registry.store_doors import save_door_entry
from tocsin.registry.store_orders import insert_order
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.postgres import Cluster

CASE = cast.number(0x5E7)
ORDER = cast.number(0x5E8)
PLATE = "NTR 4821"
LAST_WEEK = AT - timedelta(days=7)


def a_fact(kind: FactKind, **changes: object) -> Fact:
    """Return what happened to the order last week."""
    values: dict[str, object] = {
        "id": cast.number(0x5F00 + list(FactKind).index(kind)),
        "kind": kind,
        "heard_at": LAST_WEEK,
        "source": "clerk",
        "true_at": LAST_WEEK,
    }
    return Fact(**values | changes)  # type: ignore[arg-type]


def insert_the_case(
    conn: Connection,
    ring: KeyRing,
    *facts: Fact,
    protected: UUID | None = cast.PROTECTED.id,
    case_id: UUID = CASE,
    colleague: UUID | None = cast.RESPONDENT.id,
    away: tuple[StayAway, ...] = (StayAway(100, site_id=cast.HARBOUR.id),),
    order_id: UUID | None = None,
) -> None:
    """Write the case with its order (issued and served, unless `facts` say otherwise) and what the door knows."""
    case = CaseRow(
        id=case_id,
        organisation_id=cast.HARBOUR_EMS,
        word=f"C{case_id.hex[-5:]}",
        respondent=Respondent(name="Rex Notreal", born_on=date(1984, 3, 2)),
        opened_at=LAST_WEEK,
        opened_by_id=cast.SAFETY_LEAD.id,
        protected_id=protected,
        colleague_id=colleague,
    )
    key = insert_case(conn, ring, case)
    order = Order(
        id=order_id or cast.number(0x5E8 + (case_id.int & 0xF0)),
        case_id=case_id,
        organisation_id=cast.HARBOUR_EMS,
        family=Family.FINAL,
        court_time_zone="America/Chicago",
        conditions=("01", "04"),
        stay_away=away,
        facts=facts or (a_fact(FactKind.ISSUED), a_fact(FactKind.SERVED)),
        body=OrderBody(court="Example County Circuit Court"),
        entered_at=LAST_WEEK,
        entered_by_id=cast.SAFETY_LEAD.id,
        review_due_at=LAST_WEEK,
    )
    insert_order(conn, key, order)
    conn.execute(
        "update registry_protectionorder set reviewed_at = %s, reviewed_by_id = %s where id = %s",
        (LAST_WEEK, cast.SHIFT_LEAD.id, order.id),
    )
    door = DoorEntryRow(
        case_id=case_id,
        organisation_id=cast.HARBOUR_EMS,
        match=DoorMatch(
            names=("Rex Notreal",), born_on=date(1984, 3, 2), plates=(KnownPlate(PLATE, "US-IL"),)
        ),
        updated_at=LAST_WEEK,
    )
    save_door_entry(conn, key, door)


def lift_the_hold(conn: Connection, cluster: Cluster, case_id: UUID = CASE) -> None:
    """Take the legal hold away, as two people do."""
    with psycopg.connect(cluster.url("postgres", database=conn.info.dbname)) as owner:
        owner.execute("alter table registry_case disable trigger user")
        owner.execute("update registry_case set legal_hold_at = null where id = %s", (case_id,))
        owner.execute("alter table registry_case enable trigger user")
