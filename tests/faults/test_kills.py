"""What is lost when processes die? Nothing that was answered *stored*, whichever dies and whenever."""

import os
import random
import signal
import time

import pytest

from tests.faults.lateness import PROMISED_S, SPARE_S, wait_all_reached
from tests.faults.place import Place, until

EVERYTHING = ("gate", "engine", "web", "postgres")
BURST = 96


def burst_and_kill(
    place: Place, parts: tuple[str, ...], after_s: float, *, receiver_away: bool = False
) -> None:
    """Kill these parts in a burst over 16 connections; check everything.

    A fault repeats a message at most once (G14). How many are repeated in all is a matter of the machine's speed, not
    of truth: sends wait for no database, so a slow disk leaves more of them unmarked. `bench crash` publishes it.
    """
    numbers = list(place.enrol(BURST))
    before = {part: place.pid(part) for part in parts}
    if receiver_away:
        place.sink.refuse()
    with place.phones.pressing(numbers) as pressed:
        time.sleep(after_s)
        place.kill(*parts)
        if receiver_away:
            time.sleep(1)
            place.sink.listen()
    presses = [future.result() for future in pressed]
    for part, pid in before.items():
        place.wait_back(part, pid)
    wait_all_reached(place, presses, within_s=60)
    keys = [one.key for one in presses]
    place.wait_on_record(keys)
    place.wait_settled()
    place.check_once(keys, may_repeat=True)
    faults = 2 if receiver_away else 1
    assert place.most_arrivals(keys) <= 1 + faults


@pytest.mark.guarantee("I1")
@pytest.mark.parametrize(
    ("parts", "after_s", "receiver_away"),
    [
        (("gate",), 0.03, False),
        (("engine",), 0.05, False),
        (("engine",), 0.10, True),
        (("postgres",), 0.04, False),
        (EVERYTHING, 0.06, False),
        (EVERYTHING, 0.12, True),
    ],
)
def test_what_was_answered_stored_reaches_everybody_though_processes_are_killed(
    place: Place, parts: tuple[str, ...], after_s: float, receiver_away: bool
) -> None:
    burst_and_kill(place, parts, after_s, receiver_away=receiver_away)


@pytest.mark.night
@pytest.mark.guarantee("I1")
def test_a_hundred_and_twenty_kills_lose_nothing(place: Place) -> None:
    luck = random.Random(20_261_122)
    choices = [("gate",), ("engine",), ("web",), ("postgres",), EVERYTHING]
    for number in range(120):
        burst_and_kill(
            place,
            choices[number % len(choices)],
            luck.uniform(0.0, 0.25),
            receiver_away=luck.random() < 0.5,
        )


@pytest.mark.guarantee("I1")
def test_postgresql_restarted_at_once_under_load_loses_nothing_and_delays_nobody(
    place: Place,
) -> None:
    numbers = place.fresh(60)
    before = place.pid("postgres")
    with place.phones.pressing(numbers, every_s=0.05) as pressed:
        time.sleep(1)
        os.kill(before, signal.SIGQUIT)
    presses = [future.result() for future in pressed]
    worst = wait_all_reached(place, presses, within_s=30)
    until(lambda: place.pid("postgres") not in {0, before}, within_s=30)
    keys = [one.key for one in presses]
    place.wait_on_record(keys)
    place.wait_settled()
    place.check_once(keys, may_repeat=True)
    assert worst < PROMISED_S + SPARE_S
