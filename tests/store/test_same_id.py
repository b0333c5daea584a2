"""A reader that counts its events from one again after a restart: the second "1" is another, and calls people."""

from datetime import timedelta
from uuid import UUID

import pytest

from tests import cast
from tests.store.a_case import CASE, insert_the_case
from tests.store.test_sightings import House, house
from tocsin.flow.alarms import Change
from tocsin.signals.rules.repeat import SAME_FOR
from tocsin.signals.rules.seen import Source

__all__ = ["house"]
READER = cast.number(0x77A)


def seen(house: House, ago: timedelta, source: Source = Source.FEED) -> list[Change]:
    """Let the reader tell of him under the same id, as it was so long ago."""
    house.report(source=source, track="r:1", sender_id=READER, seen_at=house.now - ago)
    return house.take()


def tracks(house: House) -> list[tuple[str, UUID]]:
    """Return under which names sightings are kept, the earliest first."""
    rows = house.conn.execute("select track, case_id from signals_sighting order by seen_at")
    return rows.fetchall()


@pytest.mark.guarantee("I25")
def test_the_same_id_ten_minutes_later_is_another_sighting_and_up_to_then_the_same(
    house: House,
) -> None:
    insert_the_case(house.conn, house.ring)
    assert seen(house, 2 * SAME_FOR)[0].is_new
    assert seen(house, SAME_FOR + timedelta(microseconds=1)) == []
    (again,) = seen(house, SAME_FOR)
    assert not again.is_new
    assert "sighting.matched" in {entry.kind for entry in again.entries}
    # Brought once more, it is the second one; and the first is still the first.
    assert seen(house, SAME_FOR) == []
    assert seen(house, timedelta(microseconds=1)) == []
    assert seen(house, 2 * SAME_FOR) == []
    assert len({*tracks(house)}) == 2
    assert tracks(house)[0] == ("r:1", CASE)


def test_a_camera_s_picture_is_the_same_for_ever(house: House) -> None:
    insert_the_case(house.conn, house.ring)
    assert seen(house, 3 * SAME_FOR, Source.PLATE)
    assert seen(house, timedelta(0), Source.PLATE) == []
