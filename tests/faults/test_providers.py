"""What if who takes the messages hangs, or refuses them? Nobody else waits, and all is sent when he is back."""

import time

import pytest

from tests.faults.lateness import wait_all_reached
from tests.faults.place import Place, until
from tests.faults.sink import Sink
from tocsin.runtime.ids import uuid7

OTHERS = 50


@pytest.mark.guarantee("I2")
def test_a_provider_that_hangs_delays_nobody_else(place: Place) -> None:
    site = uuid7()
    slow = Sink()
    slow.hanging.add("/slow/1")
    place.add_site(site, on_duty=OTHERS, prefix="/hang/")
    place.add_person_on_duty(site, f"{slow.url}/slow/1")
    numbers = list(place.enrol(3, site=site))
    presses = [place.phones.press(number) for number in numbers]
    paths = {f"/hang/{n}" for n in range(1, OTHERS + 1)}
    for pressed in presses:
        until(
            lambda key=pressed.key: {a.path for a in place.sink.of_key(key)} >= paths,  # type: ignore[misc]
            within_s=10,
        )
        last = max(a.at for a in place.sink.of_key(pressed.key))
        assert last - pressed.stored_at < 2.0
    until(lambda: {a.key for a in slow.arrivals} == {p.key for p in presses}, within_s=10)
    slow.hanging.clear()
    until(lambda: len(slow.arrivals) >= 2 * len(presses), within_s=30, what="not tried again")
    slow.close()


@pytest.mark.guarantee("I2")
def test_a_provider_that_refuses_is_sent_everything_within_a_second_of_its_return(
    place: Place,
) -> None:
    place.sink.refuse()
    presses = [place.phones.press(number) for number in place.fresh(10)]
    time.sleep(3)
    back_at = place.sink.listen()
    wait_all_reached(place, presses, within_s=20)
    keys = [pressed.key for pressed in presses]
    assert max(a.at for key in keys for a in place.sink.of_key(key)) - back_at < 1.5
    place.wait_settled()
    place.check_once(keys)
