"""The database goes away in the middle: what was under way is known in memory, and goes on once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests import cast
from tests.builders import AT
from tests.snapshots import Hands, SeededIds, a_press, a_snapshot
from tocsin.decisions.rules.incident import Incident
from tocsin.flow.alarms import Change
from tocsin.flow.memory_alarms import MemoryAlarms
from tocsin.flow.raise_sos import raise_sos
from tocsin.flow.receive_text import TextIn, receive_text
from tocsin.flow.settle import settle
from tocsin.flow.standby import Standby
from tocsin.notifications.rules.delivery import Delivery, Outcome, State, taken

IDS = SeededIds(78)
LATER = timedelta(seconds=5)
BUSY = Outcome(is_accepted=False, error="busy")
pytestmark = pytest.mark.guarantee("I2", "I7")


def raised() -> Change:
    """Return an SOS that PostgreSQL has saved."""
    store = MemoryAlarms(a_snapshot(), Hands().now)
    (change,) = raise_sos(store, [a_press()], ids=IDS, engine="e1")
    return change


def incident_of(change: Change) -> Incident:
    assert change.incident
    return change.incident


def first_of(change: Change) -> Delivery:
    return next(d for d in change.deliveries if d.state is State.LEASED)


def state_of(memory: Standby, one: Delivery) -> State:
    return memory.as_is(replace(one, state=State.FAILED)).state


def test_what_is_being_sent_when_it_goes_away_is_not_taken_once_more() -> None:
    change = raised()
    again = taken(replace(first_of(change), state=State.RETRYING), "e1", AT)
    memory = Standby(a_snapshot(), Hands().now)
    memory.learn([change])
    memory.learn_in_hand([again])
    assert again.id not in {d.id for d in memory.claim("e1", 99, AT)}
    settle(memory, [(again, Outcome(is_accepted=True))])
    assert state_of(memory, again) is State.SENT


def test_what_ended_meanwhile_is_not_taken_for_under_way() -> None:
    change = raised()
    over = replace(incident_of(change), closed_at=AT + LATER, closed_how="over", version=2)
    memory = Standby(a_snapshot(), Hands().now)
    memory.learn([change])
    memory.learn_incident(over)
    memory.learn_in_hand([first_of(change)])
    assert state_of(memory, first_of(change)) is State.CANCELLED


@pytest.mark.guarantee("I8")
def test_what_was_stopped_while_its_provider_refused_is_not_taken_up_in_memory() -> None:
    """The snapshot is later than the end, and knows of no message that the end cancelled."""
    change = raised()
    over = replace(incident_of(change), closed_at=AT + LATER, closed_how="over", version=2)
    memory = Standby(a_snapshot(), Hands().now)
    memory.learn_incident(over)
    memory.learn_in_hand([first_of(change)])
    assert memory.claim("e1", 99, AT + timedelta(seconds=16)) == []


@pytest.mark.guarantee("I8")
def test_what_failed_of_something_that_is_over_is_not_tried_again_in_memory() -> None:
    change = raised()
    over = replace(incident_of(change), closed_at=AT + LATER, closed_how="over", version=2)
    memory = Standby(a_snapshot(), Hands().now)
    memory.learn_incident(over)
    settle(memory, [(first_of(change), BUSY)])
    assert memory.claim("e1", 99, AT + LATER) == []


def test_the_news_of_the_end_still_goes_out() -> None:
    change = raised()
    over = replace(incident_of(change), closed_at=AT, closed_how="over", version=2)
    news = replace(first_of(change), id=IDS.uuid(), reference="news", made_at=AT, state=State.RETRYING)  # fmt: skip
    earlier = replace(first_of(change), made_at=AT - LATER, state=State.RETRYING)
    memory = Standby(a_snapshot(), Hands().now)
    memory.learn([Change(incident=over, is_new=True, deliveries=(earlier, news))])
    memory.learn_incident(over)
    assert state_of(memory, news) is State.RETRYING
    assert state_of(memory, earlier) is State.CANCELLED


def test_what_failed_of_a_page_s_message_is_tried_again_in_memory() -> None:
    change = raised()
    memory = Standby(a_snapshot(), Hands().now)
    memory.learn_incident(incident_of(change))
    settle(memory, [(first_of(change), BUSY)])
    assert state_of(memory, first_of(change)) is State.RETRYING
    claimed = memory.claim("e1", 99, AT + LATER)
    assert [d.id for d in claimed] == [first_of(change).id]


@pytest.mark.guarantee("I4")
def test_a_text_with_the_code_of_an_incident_that_was_over_breaks_nothing() -> None:
    """A snapshot holds what was sent and not seen, also of what is over; the incident itself it does not."""
    (sent, *_) = raised().deliveries
    unseen = replace(sent, state=State.SENT, sent_at=AT, code="123", person_id=cast.GUARD.id)
    memory = Standby(a_snapshot(deliveries=(unseen,)), Hands().now)
    text = TextIn("harbour", "gw-harbour", "m-1", cast.GUARD.phone, "1 123", AT)
    assert receive_text(memory, text, ids=IDS) == []
    assert memory.by_code(cast.HARBOUR_EMS, cast.GUARD.id, "123") == []
