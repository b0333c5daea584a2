"""Of which walks is a gate that has just started told again that they have ended?"""

from datetime import timedelta

import pytest

from tests import cast
from tests.store.stores import Store
from tests.store.test_alarms_contract import a_walk, an_incident
from tocsin.engine.elsewhere import ASKED_FOR, open_and_confirmed, to_be_told
from tocsin.flow.alarms import Change
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.signals.rules.walk import CONFIRMED, ended

A_MINUTE = timedelta(minutes=1)


def test_of_those_that_the_watcher_confirmed_in_the_past_day(postgres_store: Store) -> None:
    alarms = postgres_store.alarms
    assert isinstance(alarms, PostgresAlarms)
    with alarms.atomically():
        now = alarms.now()
    ends = {
        "walk-of-today": (CONFIRMED, now - ASKED_FOR + A_MINUTE),
        "walk-of-days-ago": (CONFIRMED, now - ASKED_FOR - A_MINUTE),
        "walk-of-hers": ("her code", now - A_MINUTE),
    }
    for key, (how, at) in ends.items():
        postgres_store.save(Change(walk=ended(a_walk(key=key), how, at)))
    postgres_store.save(Change(walk=a_walk(key="walk-under-way")))
    with alarms.atomically():
        running, walks = open_and_confirmed(alarms)
    assert (running, [walk.key for walk in walks]) == ([], ["walk-of-today"])


@pytest.mark.guarantee("I9")
def test_of_one_that_a_duress_code_seemed_to_cancel_her_phone_hears_nothing_else() -> None:
    walk = a_walk(key="walk-0001")
    running = an_incident(cast.PROTECTED, cancelled_keys=("walk-0001",))
    assert to_be_told([walk], [running]) == []
    other = an_incident(cast.GUARD, cancelled_keys=("walk-0001",))
    assert to_be_told([walk], [other]) == [walk]
