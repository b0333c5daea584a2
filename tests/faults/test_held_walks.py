"""Do held walks work with real processes: gate, engine, database; also over the death of the engine?"""

import http.client
import json
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.faults.place import Place, until
from tocsin.flow.look import Looking, look
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.registry.rules.case_rows import CaseRow
from tocsin.registry.rules.order_document import Respondent
from tocsin.registry.store_cases import insert_case
from tocsin.runtime.database import connect, viewing
from tocsin.runtime.ids import RandomIds, uuid7
from tocsin.signals.rules.hold import WAY_KEY, How, Saw

HELD_WITHIN_S = 12
# Its step is due within two seconds of a start, and what a page did is seen within one (I7).
SOON_S = 4


def way(place: Place, number: int) -> str:
    """Return what this phone is told about the way."""
    conn = http.client.HTTPConnection("127.0.0.1", place.ports[0], timeout=5)
    body = json.dumps({"key": WAY_KEY, "act": "way"}).encode()
    try:
        headers = {"Authorization": f"Bearer {place.phones.tokens[number]}"}
        conn.request("POST", "/sos", body, headers)
        return str(json.loads(conn.getresponse().read())["grade"])
    except (OSError, http.client.HTTPException):
        return "away"
    finally:
        conn.close()


def protect(place: Place, number: int) -> UUID:
    """Open a case for who has this phone; her shift ends in six minutes."""
    person, case_id, now = place.people[number], uuid7(), datetime.now(UTC)
    with connect(place.settings, "engine") as conn:
        insert_case(
            conn,
            place._ring(),
            CaseRow(
                id=case_id,
                organisation_id=place.organisation,
                word=case_id.hex[-6:],
                protected_id=person,
                respondent=Respondent(name="Rex Notreal"),
                opened_at=now,
                opened_by_id=place.on_duty[0],
            ),
        )
        conn.execute(
            """insert into registry_shift (id, organisation_id, site_id, person_id, role, starts_at, ends_at, source)
            values (%s, %s, %s, %s, 'staff', %s, %s, 'test')""",
            (uuid7(), place.organisation, place.site, person, now - timedelta(hours=4), now + timedelta(minutes=6)),
        )  # fmt: skip
    return person


def looks(place: Place, person: UUID) -> None:
    """Let somebody on duty look, as a page does it; the engine's bell is not rung."""
    by = place.on_duty[0]
    (row,) = place.ask("select id from signals_hold where person_id = %s", person)
    with connect(place.settings, "web") as conn, viewing(conn, place.organisation, by):
        alarms = PostgresAlarms(conn, place._ring())
        looking = Looking(by, How.PATROL, Saw.NOTHING, "page")
        assert isinstance(look(alarms, place.organisation, row[0], looking, ids=RandomIds()), list)


@pytest.mark.guarantee("I7", "I20")
def test_her_walk_is_held_looked_at_and_held_again_over_the_death_of_the_engine(place: Place) -> None:  # fmt: skip
    (number,) = place.fresh(1)
    assert way(place, number) in {"stored", "none"}
    person = protect(place, number)
    until(lambda: way(place, number) == "wait", within_s=HELD_WITHIN_S, what="not held")
    looks(place, person)
    until(lambda: way(place, number) == "looked", within_s=SOON_S, what="no look told")
    # The three minutes are nearly over when the engine dies: its successor ends them.
    soon = datetime.now(UTC) + timedelta(seconds=3)
    with connect(place.settings, "engine") as conn:
        conn.execute(
            "update signals_hold set looked_until = %s, due_at = %s, due_set_at = now() where person_id = %s",
            (soon - timedelta(seconds=1), soon, person),
        )
    before = place.pid("engine")
    place.kill("engine")
    place.wait_back("engine", before)
    until(lambda: way(place, number) == "wait", within_s=20, what="an old look still shown")
    place.phones.press(number, act="walk", timer_s=3_600)
    until(lambda: _state(place, person) == ("left", True), within_s=SOON_S, what="she did not go")
    time.sleep(0.2)
    assert way(place, number) == "none"
    place.ask("update signals_walk set ended_at = now(), state = 'ended' where person_id = %s returning 1", person)  # fmt: skip


def _state(place: Place, person: UUID) -> tuple[str, bool]:
    rows = place.ask("select state, missed_look from signals_hold where person_id = %s", person)
    return (rows[0][0], rows[0][1]) if rows else ("", False)
