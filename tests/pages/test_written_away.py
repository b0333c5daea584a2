"""He writes somebody away in vain: he is told of the gap that would be, and reads nothing of what she does since."""

import re
from datetime import UTC, datetime
from uuid import UUID

import pytest

from tests.pages.house import IDS, House, Organisation
from tests.pages.test_his_people import GONE, an_employer, edit
from tests.pages.test_in_her_name import linked
from tests.pages.test_in_vain import HIM, HONEST, page, unified
from tests.pages.test_walks import protect
from tocsin.decisions.rules.incident import Doing
from tocsin.engine.cover import PostgresRosters, coming_gaps
from tocsin.flow.announce_gaps import announce_gap
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.respond import Refused, respond
from tocsin.record.store import seal_all
from tocsin.runtime.database import viewing

# The word of an incident, and the fraction of a second in which it began.
WORD = re.compile(r"(?<=is )[0-9A-Z]{4}(?=\. I stay)|(?<=\"word\">)[0-9A-Z]{4}|\.\d{6}(?=\+)")
# Rows that were made in one moment stand in no order.
BROKEN = re.compile(r"(</?(?:tr|li|ul)\b)")
UNTRUE = "Somebody who may not has written that these people left: R. Sample."


@pytest.fixture
def org(house: House) -> Organisation:
    return an_employer(house)


def alone_tonight(house: House, org: Organisation) -> None:
    """Let her work for half a day, and nobody but her when the others have gone."""
    with viewing(house.conn, org.id):
        house.conn.execute("update registry_shift set ends_at = ends_at + interval '10 hours' where person_id = %s", (org.people["responder"],))  # fmt: skip


def announced(house: House, org: Organisation) -> list[UUID]:
    """Look for gaps as the engine does, and return those of this employer that are announced by it."""
    alarms, found = PostgresAlarms(house.engine, house.ring), []
    with alarms.atomically():
        for organisation_id, site_id, gap in coming_gaps(PostgresRosters(alarms)):
            if organisation_id == org.id and site_id == org.site_id:
                change = announce_gap(alarms, org.id, site_id, gap, ids=IDS)
                found += [change.incident.id] if change and change.incident else []
    return found


def does(house: House, org: Organisation, incident_id: UUID, name: str, *doings: Doing) -> None:
    alarms = PostgresAlarms(house.engine, house.ring)
    for doing in doings:
        with alarms.atomically():
            done = respond(alarms, org.id, incident_id, by=org.people[name], doing=doing, via="page", ids=IDS)  # fmt: skip
            assert not isinstance(done, Refused), done


def shown(house: House, org: Organisation, *addresses: str) -> str:
    """Return the lines that he is shown there, without what differs between two employers and two moments."""
    text = "\n".join(page(house, org, each) for each in addresses).replace(org.id.hex[-8:], "")
    return "\n".join(sorted(BROKEN.sub(r"\n\1", WORD.sub("", text)).splitlines()))


@pytest.mark.guarantee("I11")
def test_the_gap_that_he_made_in_vain_is_announced_and_reads_as_if_she_had_left(house: House) -> None:  # fmt: skip
    told, logged = [], []
    for is_kept in (False, True):
        org = an_employer(house)
        alone_tonight(house, org)
        if is_kept:
            linked(house, org)
        assert announced(house, org) == []
        edit(house, org, **GONE)
        (gap,) = announced(house, org)
        told.append(shown(house, org, f"/incidents/{gap}", "/"))
        # The honest lead is told, and reads what really holds.
        assert (UNTRUE in page(house, org, f"/incidents/{gap}", HONEST)) is is_kept
        assert UNTRUE not in told[-1]
        assert "Too few on duty" in told[-1]
        assert announced(house, org) == []
        seal_all(house.engine, house.keys.record, at=datetime.now(UTC))
        leaves = "select convert_from(leaf, 'utf8')::jsonb -> 'body' -> %s from record_entry where incident_id = %s and kind = 'gap.announced'"
        logged.append([house.engine.execute(leaves, (part, gap)).fetchone() for part in ("have", "need")])  # fmt: skip
    assert unified(*told) == ""
    assert logged[0] == logged[1]


@pytest.mark.guarantee("I21")
def test_she_is_still_asked_at_the_start_of_her_shift_whether_messages_reach_her(house: House, org: Organisation) -> None:  # fmt: skip
    linked(house, org)
    edit(house, org, **GONE)
    with house.engine.transaction():
        rosters = PostgresRosters(PostgresAlarms(house.engine, house.ring))
        at = datetime.now(UTC)
        here = {duty.person_id for _site, _from, _to, duty in rosters.duties(at, at)}
    assert org.people["responder"] in here


@pytest.mark.guarantee("I11")
def test_that_she_takes_charge_after_it_is_on_no_screen_of_his(house: House) -> None:
    told = []
    for is_kept in (False, True):
        org = an_employer(house)
        if is_kept:
            linked(house, org)
        edit(house, org, **GONE)
        incident = house.sos(org, by="guard")
        if is_kept:
            does(house, org, incident, "responder", Doing.CALLING, Doing.IN_CHARGE, Doing.OVER)
            for address in (f"/incidents/{incident}", "/"):
                assert "R. Sample is in charge" in page(house, org, address, HONEST)
        told.append(shown(house, org, f"/incidents/{incident}", "/"))
    assert unified(*told) == ""


@pytest.mark.guarantee("I11")
def test_what_she_had_taken_before_is_nobodys_on_his_screens_and_hers_on_all_others(house: House, org: Organisation) -> None:  # fmt: skip
    linked(house, org)
    incident = house.sos(org, by="guard")
    does(house, org, incident, "responder", Doing.CALLING, Doing.IN_CHARGE)
    where = f"/incidents/{incident}"
    assert "R. Sample is in charge" in page(house, org, where)
    edit(house, org, **GONE)
    for address in (where, "/"):
        text = page(house, org, address)
        assert 'held">R. Sample' not in text
        assert 'held">somebody' not in text
        assert "R. Sample is in charge" in page(house, org, address, HONEST)
    # He takes it, as he would if nobody had it.
    does(house, org, incident, HIM, Doing.IN_CHARGE)
    assert "S. Sample is in charge" in page(house, org, where)


@pytest.mark.guarantee("I21")
@pytest.mark.parametrize("party", ["", HIM])
def test_who_is_told_of_a_gap_first_reads_it_and_whoever_is_kept_from_her_too(house: House, org: Organisation, party: str) -> None:  # fmt: skip
    protect(house, org, party)
    with viewing(house.conn, org.id):
        house.conn.execute("delete from registry_shift where person_id = %s", (org.people[HIM],))
        house.conn.execute("update registry_shift set role = 'shift_lead' where person_id = %s", (org.people["guard"],))  # fmt: skip
    (gap,) = announced(house, org)
    first = house.engine.execute("select person_id from decisions_incident where id = %s", (gap,)).fetchone()  # fmt: skip
    assert first == (org.people["guard"],)
    for name in ("guard", HIM):
        assert "Too few on duty" in page(house, org, f"/incidents/{gap}", name)
    seal_all(house.engine, house.keys.record, at=datetime.now(UTC))
    log = house.engine.execute("select log_id from record_entry where incident_id = %s and kind = 'gap.announced'", (gap,)).fetchone()  # fmt: skip
    assert log == (org.id,)
