"""What if PostgreSQL is away? Everybody is alarmed all the same, and afterwards everything is on record, once."""

import time

import pytest

from tests.faults.phones import Pressed
from tests.faults.place import Place, until

ON_DUTY = 5
# Two seconds are promised; the rest is for a machine that does other things too.
LATE_S = 2.0
SPARE_S = 1.0


def late(place: Place, pressed: Pressed) -> float:
    """Return after how many seconds the last of those on duty was reached."""
    arrivals = [place.sink.first(pressed.key, f"/{n}") for n in range(1, ON_DUTY + 1)]
    return max(arrivals) - pressed.stored_at


def all_alarmed(place: Place, presses: list[Pressed]) -> bool:
    return all(late(place, pressed) < float("inf") for pressed in presses)


def play(place: Place, *, stop: str, n_sos: int, n_walks: int, away_s: float) -> dict[str, float]:
    """Stop PostgreSQL under SOS and walks; return the greatest lateness of each, in seconds."""
    sink, phones = place.sink, place.phones
    walks = [
        phones.press(number, act="walk", timer_s=10 + int(away_s / 4) * (number % 2))
        for number in range(n_walks)
    ]
    place.wait_on_record([walk.key for walk in walks])
    before = phones.press(100)
    until(lambda: all_alarmed(place, [before]), within_s=5, what="no alarm before the outage")
    began = time.monotonic()
    getattr(place, stop)()
    presses = []
    for number in range(n_sos):
        time.sleep(max(0.0, began + away_s * 0.8 * number / n_sos - time.monotonic()))
        presses.append(phones.press(110 + number))
    time.sleep(max(0.0, began + away_s - time.monotonic()))
    until(lambda: all_alarmed(place, presses), within_s=10, what="not all alarmed while away")
    sos_late = max(late(place, pressed) for pressed in presses)
    timers = [10 + int(away_s / 4) * (number % 2) for number in range(n_walks)]
    walk_late = max(
        sink.first(walk.key, f"/w/{walk.number}") - walk.stored_at - timer
        for walk, timer in zip(walks, timers, strict=True)
    )
    place.let_postgres_go()
    place.wait_on_record([pressed.key for pressed in presses], within_s=60)
    place.wait_settled()
    return {"sos": sos_late, "walk": walk_late}


def check_once(place: Place) -> None:
    """Check that nothing is on record twice, and nobody was called twice but under the same reference."""
    assert place.doubled() == {}
    assert {k: v for k, v in place.sink.references().items() if len(v) > 1} == {}
    sent = place.count("select count(*) from notifications_delivery where sent_at is not null")
    assert sent == len({arrival.reference for arrival in place.sink.arrivals})


@pytest.mark.guarantee("I1")
@pytest.mark.parametrize("stop", ["hang_postgres", "take_postgres_away"])
def test_everybody_is_alarmed_while_postgresql_is_away_and_all_is_on_record_afterwards(
    place: Place, stop: str
) -> None:
    lateness = play(place, stop=stop, n_sos=10, n_walks=2, away_s=20)
    assert lateness["sos"] < LATE_S + SPARE_S, lateness
    assert lateness["walk"] < LATE_S + SPARE_S, lateness
    check_once(place)


@pytest.mark.night
@pytest.mark.guarantee("I1")
def test_fifty_sos_and_five_walks_in_ten_minutes_without_postgresql(place: Place) -> None:
    lateness = play(place, stop="take_postgres_away", n_sos=50, n_walks=5, away_s=600)
    assert lateness["sos"] < LATE_S + SPARE_S, lateness
    assert lateness["walk"] < LATE_S + SPARE_S, lateness
    check_once(place)
