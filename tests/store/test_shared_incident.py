"""Two respondents come at once: there is one incident, and each case has its share of it until it is erased."""

from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests import cast
from tests.snapshots import a_press
from tests.store.a_case import CASE, a_fact, insert_the_case, lift_the_hold
from tests.store.test_sightings import IDS, House, house
from tests.store.test_who_was_told import told_hours_ago
from tocsin.decisions.rules.incident import Doing, Incident
from tocsin.decisions.store import load_incident
from tocsin.flow.erase import ON_HOLD, erase
from tocsin.flow.export_incident import export_accounts
from tocsin.flow.raise_sos import raise_sos
from tocsin.flow.respond import respond
from tocsin.record.rules.accounts import About, Account
from tocsin.record.store import seal_all
from tocsin.record.store_accounts import insert_account
from tocsin.record.store_incident import prove_incident
from tocsin.record.verify import INTACT, Check
from tocsin.registry.access import Viewer
from tocsin.registry.rules.order import FactKind
from tocsin.registry.store_people import load_key
from tocsin.runtime.database import Connection, viewing
from tocsin.runtime.keys import Signer, signer_of
from tocsin.runtime.postgres import Cluster

__all__ = ["house"]
OTHER = cast.number(0x687)


@pytest.fixture
def incident(house: House) -> Incident:
    """Return the incident of a plate that both cases know."""
    insert_the_case(house.conn, house.ring)
    issued, served = (
        a_fact(kind, id=cast.number(0x77 + n))
        for n, kind in enumerate((FactKind.ISSUED, FactKind.SERVED))
    )
    insert_the_case(house.conn, house.ring, issued, served, case_id=OTHER, colleague=None)
    house.report()
    changed = next(change.incident for change in house.take() if change.incident)
    found = load_incident(house.conn, cast.HARBOUR_EMS, changed.id)
    assert found is not None
    assert set(found.case_ids) == {CASE, OTHER}
    return found


def rows_of(house: House, table: str, incident_id: UUID) -> int:
    """Return how many rows of a table are of this incident."""
    (count,) = house.conn.execute(
        f"select count(*) from {table} where incident_id = %s", (incident_id,)
    ).fetchone() or (0,)
    return int(count)


@pytest.mark.guarantee("I26")
@pytest.mark.parametrize("place", [0, 1])
def test_an_incident_of_two_cases_goes_with_the_last_of_them(
    house: House, cluster: Cluster, tmp_path: Path, incident: Incident, place: int
) -> None:
    going, kept = incident.case_ids[place], incident.case_ids[1 - place]
    deliveries = rows_of(house, "notifications_delivery", incident.id)
    assert deliveries
    assert rows_of(house, "signals_sighting", incident.id) == 2
    lift_the_hold(house.conn, cluster, going)
    assert erase(house.conn, tmp_path, "case", going, at=house.now, because="date") is None
    left = load_incident(house.conn, cast.HARBOUR_EMS, incident.id)
    assert left is not None
    assert (left.case_ids, left.not_located) == ((kept,), frozenset({kept}))
    assert rows_of(house, "notifications_delivery", incident.id) == deliveries
    assert rows_of(house, "signals_sighting", incident.id) == 1
    assert erase(house.conn, tmp_path, "case", kept, at=house.now, because="date") == ON_HOLD
    assert load_incident(house.conn, cast.HARBOUR_EMS, incident.id) == left
    lift_the_hold(house.conn, cluster, kept)
    assert erase(house.conn, tmp_path, "case", kept, at=house.now, because="date") is None
    assert load_incident(house.conn, cast.HARBOUR_EMS, incident.id) is None
    assert rows_of(house, "notifications_delivery", incident.id) == 0


@pytest.mark.guarantee("I26")
def test_what_was_said_of_an_incident_before_he_was_seen_goes_with_it(
    house: House, cluster: Cluster, tmp_path: Path, incident: Incident
) -> None:
    said = Account(
        id=cast.number(0xACC),
        organisation_id=cast.HARBOUR_EMS,
        about=About.INCIDENT,
        about_id=incident.id,
        case_id=None,
        fact="where",
        label="Where she was",
        source="the guard",
        words="at the gate",
        heard_at=house.now,
        kept_at=house.now,
    )
    key = load_key(house.conn, house.ring, cast.PROTECTED.id)
    with house.alarms.atomically():
        assert insert_account(house.conn, key, cast.PROTECTED.id, said)
    for case_id, left in zip(incident.case_ids, (1, 0), strict=True):
        lift_the_hold(house.conn, cluster, case_id)
        assert erase(house.conn, tmp_path, "case", case_id, at=house.now, because="date") is None
        assert house.count("record_account") == left


@pytest.mark.guarantee("I11")
def test_what_names_a_case_is_in_its_log_though_her_sos_began_before_there_was_one(
    house: House,
) -> None:
    signer, _ = her_sos_began_before_the_case(house)
    house.report()
    (change,) = house.take()
    assert change.incident is not None
    assert seal_all(house.conn, signer, at=house.now)
    rows = house.conn.execute("select kind, log_id from record_entry").fetchall()
    logs = {kind: log_id for kind, log_id in rows}
    assert (logs["sos.raised"], logs["sighting.matched"]) == (cast.HARBOUR_EMS, CASE)
    names_it = (
        "select count(*) from record_entry where log_id = %s and convert_from(leaf, 'utf8') like %s"
    )
    said = house.conn.execute(names_it, (cast.HARBOUR_EMS, f"%{CASE}%")).fetchone()
    assert said == (0,)
    with house.alarms.atomically():
        lines = list(
            prove_incident(
                house.conn, cast.HARBOUR_EMS, change.incident.id, signer=signer, at=house.now
            )
        )
    assert Check().run(lines).status == INTACT


@pytest.mark.guarantee("I11")
def test_how_her_sos_ends_and_what_is_taken_out_of_it_says_of_him_in_the_log_of_his_case_alone(
    house: House, web: Connection, cluster: Cluster
) -> None:
    signer, begun = her_sos_began_before_the_case(house)
    house.report()
    house.take()
    lead = Viewer(cast.HARBOUR_EMS, cast.SAFETY_LEAD.id, "safety_lead")
    lets_read(house, cluster, lead)
    with viewing(web, lead.organisation_id, lead.person_id):
        sheet = export_accounts(web, house.ring, lead, About.INCIDENT, begun.id, at=house.now)
    assert sheet["facts"] == []
    for by in (cast.DISPATCHER.id, cast.SHIFT_LEAD.id):
        with house.alarms.atomically():
            respond(
                house.alarms,
                cast.HARBOUR_EMS,
                begun.id,
                by=by,
                doing=Doing.OVER,
                via="board",
                ids=IDS,
            )
    over = load_incident(house.conn, cast.HARBOUR_EMS, begun.id)
    assert over is not None
    assert over.closed_how == "2 people said it is over; not located"
    assert seal_all(house.conn, signer, at=house.now)
    assert kinds_that_say(house, CASE, "%") >= {"record.exported", "incident.ended_not_located"}
    assert kinds_that_say(house, cast.HARBOUR_EMS, "%") >= {"sos.raised", "incident.stood_down"}
    for tell in (str(CASE), "not located", "record.exported"):
        assert kinds_that_say(house, cast.HARBOUR_EMS, f"%{tell}%") == set()


@pytest.mark.guarantee("I11")
def test_that_her_notice_is_held_back_lies_in_the_log_of_its_case_where_her_sos_began_in_the_employers(
    house: House,
) -> None:
    signer, _ = her_sos_began_before_the_case(house)
    assert told_hours_ago(house, 2)
    with house.alarms.atomically():
        press = a_press(cast.PROTECTED, received_at=house.now, is_silent=True, key="silently")
        (change,) = raise_sos(house.alarms, [press], ids=IDS)
    assert change.held_back
    assert seal_all(house.conn, signer, at=house.now)
    assert kinds_that_say(house, CASE, "%notice.held_back%") == {"notice.held_back"}
    assert kinds_that_say(house, cast.HARBOUR_EMS, "%notice%") == set()


def her_sos_began_before_the_case(house: House) -> tuple[Signer, Incident]:
    """Let her press, seal that in the employer's log, and only then enter the case; return who signs, and her incident."""
    signer = signer_of(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
    with house.alarms.atomically():
        (begun,) = raise_sos(
            house.alarms, [a_press(cast.PROTECTED, received_at=house.now)], ids=IDS
        )
    assert begun.incident is not None
    assert seal_all(house.conn, signer, at=house.now)
    insert_the_case(house.conn, house.ring)
    return signer, begun.incident


def lets_read(house: House, cluster: Cluster, who: Viewer) -> None:
    """Let somebody read the case, as who entered it may."""
    url = cluster.url("postgres", database=house.conn.info.dbname)
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("alter table registry_grant disable trigger user")
        owner.execute(
            """insert into registry_grant (id, organisation_id, case_id, person_id, kind, asked_at, asked_by_id, until_at)
            values (%s, %s, %s, %s, 'entered', now(), %s, now() + interval '1 day')""",
            (IDS.uuid(), who.organisation_id, CASE, who.person_id, who.person_id),
        )
        owner.execute("alter table registry_grant enable trigger user")


def kinds_that_say(house: House, log_id: UUID, words: str) -> set[str]:
    """Return the kinds of the entries of a log in which these words stand."""
    rows = house.conn.execute(
        "select kind from record_entry where log_id = %s and convert_from(leaf, 'utf8') like %s",
        (log_id, words),
    )
    return {kind for (kind,) in rows}


@pytest.mark.guarantee("I12")
def test_who_was_shut_out_reads_nothing_of_a_case_that_is_erased(
    house: House, web: Connection, cluster: Cluster, tmp_path: Path, incident: Incident
) -> None:
    signer = signer_of(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
    assert seal_all(house.conn, signer, at=house.now)
    for case_id in incident.case_ids:
        lift_the_hold(house.conn, cluster, case_id)
        assert erase(house.conn, tmp_path, "case", case_id, at=house.now, because="date") is None
    kept = "select count(*) from record_entry where log_id <> organisation_id"
    assert (house.conn.execute(kept).fetchone() or (0,)) != (0,)
    with viewing(web, cast.HARBOUR_EMS, cast.RESPONDENT.id):
        assert web.execute(kept).fetchone() == (0,)
        heads = web.execute("select 1 from record_head where organisation_id = any(%s)", (list(incident.case_ids),))  # fmt: skip
        assert heads.fetchall() == []
