"""What may somebody do in a case who let himself in alone?"""

from datetime import datetime, timedelta

import pytest

from tests import cast
from tests.store.test_grants import CASE_ID, IDS, WHY, WORD, case, looking
from tocsin.flow.break_glass import break_glass
from tocsin.flow.keep_case import lift_hold, set_erase_on
from tocsin.flow.link_account import agree_unlink, ask_unlink, link_account, name_advocate
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.respond import Refused
from tocsin.registry.access import Viewer
from tocsin.registry.access_cases import log_read
from tocsin.registry.store_grants import load_parties
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing

__all__ = ["case"]


@pytest.mark.guarantee("I17")
@pytest.mark.usefixtures("case")
def test_who_breaks_glass_neither_erases_nor_lets_in_nor_chooses_who_hears(
    web: Connection, ring: KeyRing, at: datetime
) -> None:
    with looking(web, cast.SHIFT_LEAD) as lea:
        assert link_account(web, log_read(web, lea, CASE_ID, at=at), cast.GUARD.id, at=at) is None
        gus = next(p for p in load_parties(web, CASE_ID) if p.person_id == cast.GUARD.id)
    with looking(web, cast.DISPATCHER) as dara:
        manager = Viewer(dara.organisation_id, dara.person_id, "manager")
        alarms = PostgresAlarms(web, ring)
        assert not isinstance(
            break_glass(alarms, manager, WORD, reason=WHY, at=at, ids=IDS), Refused
        )
        reading = log_read(web, dara, CASE_ID, at=at)
        assert reading.is_by_glass
        day = at.date() + timedelta(days=20)
        for refused in (
            set_erase_on(web, reading, day, at=at),
            lift_hold(web, reading, at=at),
            name_advocate(web, reading, cast.SAFETY_LEAD.id, at=at),
            ask_unlink(web, reading, gus.id, at=at),
            agree_unlink(web, reading, gus.id, at=at),
        ):
            assert refused == Refused("somebody else must agree to this")
        # Shutting out is tightening: one person does it, however he came in.
        assert link_account(web, reading, cast.SHIFT_LEAD.id, at=at) is None
