"""Which code ends an alarm whose newest press came from a phone that is revoked since? In PostgreSQL and in memory."""

from typing import Any

import pytest

from tests import cast
from tests.snapshots import TRUE_CODE, SeededIds, a_press, device_of
from tests.store.stores import Store
from tocsin.decisions.rules.incident import Incident, grade_withdrawn
from tocsin.flow.cancel_sos import cancel_sos
from tocsin.flow.raise_sos import raise_sos

IDS = SeededIds("revoked since")
# What she still has: no device of hers that anybody could have taken.
HERS = {"device_id": None, "source": "text"}


def presses(store: Store, key: str, **more: Any) -> Incident:
    with store.alarms.atomically():
        (change,) = raise_sos(store.alarms, [a_press(key=key, **more)], ids=IDS)
    assert change.incident is not None
    return change.incident


def cancels(store: Store, key: str, of: str) -> Incident:
    code = a_press(key=key, act="cancel", code=TRUE_CODE, of=of, **HERS)
    with store.alarms.atomically():
        answer = cancel_sos(store.alarms, code, ids=IDS)
    assert answer is not None
    assert answer.change.incident is not None
    assert answer.grade == "cancelled"
    return answer.change.incident


@pytest.mark.guarantee("I5", "I15", "I17")
def test_to_revoke_a_phone_does_not_let_the_code_for_an_earlier_press_end_what_was_pressed_on_it(
    store: Store,
) -> None:
    presses(store, "sos-00000001", **HERS)
    presses(store, "sos-00000002", device_id=device_of(cast.PROTECTED))
    # One person does this, on anybody's word; and the code may have been typed before the newer press, and come late.
    store.revoke(device_of(cast.PROTECTED))
    after = cancels(store, "code-0000001", of="sos-00000001")
    assert after.is_open
    assert grade_withdrawn(after, "sos-00000001").word == "goes_on"


@pytest.mark.guarantee("I17")
def test_she_ends_it_by_a_press_of_her_own_after_that_and_the_revoked_phone_cannot_overtake_her(
    store: Store,
) -> None:
    presses(store, "sos-00000001", device_id=device_of(cast.PROTECTED))
    store.revoke(device_of(cast.PROTECTED))
    presses(store, "sos-00000002", **HERS)
    joined = presses(store, "sos-00000003", device_id=device_of(cast.PROTECTED))
    assert joined.keys == ("sos-00000001", "sos-00000002")
    after = cancels(store, "code-0000001", of="sos-00000002")
    assert (after.is_open, after.closed_how) == (False, "her code")
