"""Her answer to a sighting in PostgreSQL: her messages are seen, the act is nobody's, the ladder goes on."""

import pytest

from tests import cast
from tests.store.a_case import insert_the_case
from tests.store.stores import Store
from tests.store.test_sightings import IDS, House
from tocsin.decisions.rules.incident import Doing
from tocsin.flow.alarms import Change
from tocsin.flow.respond import respond
from tocsin.flow.settle import settle
from tocsin.notifications.rules.delivery import Outcome, State
from tocsin.notifications.store import load_of_incident
from tocsin.runtime.encryption import KeyRing


@pytest.mark.guarantee("I4")
def test_she_says_that_she_has_read_it_and_it_is_no_act(
    postgres_store: Store, ring: KeyRing
) -> None:
    house = House(postgres_store, ring)
    insert_the_case(house.conn, house.ring)
    house.report()
    (change,) = house.take()
    incident = change.incident
    assert incident is not None
    with house.alarms.atomically():
        taken = [one for one in change.deliveries if one.state is State.LEASED]
        settle(house.alarms, [(one, Outcome(is_accepted=True)) for one in taken])
    for _ in range(2):
        with house.alarms.atomically():
            done = respond(
                house.alarms,
                cast.HARBOUR_EMS,
                incident.id,
                by=cast.PROTECTED.id,
                doing=Doing.SEEN,
                via="link",
                ids=IDS,
            )
        assert isinstance(done, Change), done
        assert done.acts == ()
        assert not done.deliveries
        assert not done.stop_sending
    with house.alarms.atomically():
        after = house.alarms.incident(cast.HARBOUR_EMS, incident.id)
        sent = load_of_incident(house.conn, cast.HARBOUR_EMS, incident.id)
    assert after is not None
    assert after.her_answer_at is not None
    assert after.seen_by == frozenset()
    assert {d.state for d in sent if d.person_id == cast.PROTECTED.id} == {State.SEEN}
    assert State.SEEN not in {d.state for d in sent if d.person_id != cast.PROTECTED.id}
    assert house.count("decisions_act") == 0
    assert house.count("record_entry where kind = 'her.answered'") == 1
