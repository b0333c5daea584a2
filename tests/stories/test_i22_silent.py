"""I22: a silent SOS never sounds on her devices, however far the ladder goes."""

import asyncio
from typing import Any

import pytest

from tests import cast
from tests.stories.night_shift import DURESS_CODE, NightShift
from tocsin.decisions.rules.incident import grade
from tocsin.engine.composing import Composer, Links
from tocsin.notifications.rules.delivery import State
from tocsin.notifications.rules.message import Message

pytestmark = pytest.mark.guarantee("I22")


def to_her(night: NightShift) -> list[str]:
    mine = (d for d in night.messages(night.open()) if d.person_id == cast.PROTECTED.id)
    return [d.template for d in mine if d.state not in {State.SEEN, State.CANCELLED}]


def test_nothing_is_ever_sent_to_the_one_who_pressed() -> None:
    night = NightShift()
    night.presses(is_silent=True)
    night.waits(1_800)
    assert to_her(night) == []
    assert grade(night.open(), was_sent=True).word == "stored"


def test_a_silent_press_in_a_walk_ends_what_asks_her() -> None:
    night = NightShift()
    night.walks(timer_s=10)
    night.waits(11)
    assert to_her(night) == ["walk_asked"] * 3
    night.presses(is_silent=True)
    night.waits(600)
    assert to_her(night) == []


def test_a_duress_code_in_a_walk_ends_what_asks_her() -> None:
    night = NightShift()
    night.walks(timer_s=10)
    night.waits(11)
    night.ends_walk(DURESS_CODE)
    night.waits(600)
    assert to_her(night) == []


class OneDesk:
    """A desk that asks one night's store."""

    def __init__(self, night: NightShift) -> None:
        self._alarms = night.alarms

    async def do(self, work: Any, _lane: str = "") -> Any:
        return work(self._alarms)


@pytest.mark.parametrize("is_silent", [True, False])
def test_whoever_is_called_at_work_reads_not_to_ring_her(is_silent: bool) -> None:
    night = NightShift()
    night.presses(is_silent=is_silent)
    night.clock.wait(1)
    links = Links(lambda *_: "https://t.example/a#x")
    composer = Composer(OneDesk(night), night.clock, links)  # type: ignore[arg-type]
    composed = asyncio.run(composer(night.messages(night.open()))).values()
    texts = [one.text for one in composed if isinstance(one, Message)]
    at_work = {text for text in texts if "Do not go near alone" in text}
    said = {text for text in texts if "SILENT: do not call her." in text}
    assert at_work
    assert said == (at_work if is_silent else set())
