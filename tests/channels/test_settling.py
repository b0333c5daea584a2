"""Is what has gone out kept before much more goes out? After a crash the rest goes out a second time."""

import asyncio
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from tests.channels.test_outbox import a_delivery
from tocsin.engine import settling as module
from tocsin.engine.settling import CATCH_UP_S, UNKEPT, Settling
from tocsin.notifications.rules.delivery import Delivery, Outcome

FOREVER = 3_600.0


class Desk:
    """Keeps what is settled once it may."""

    def __init__(self) -> None:
        self.may = asyncio.Event()

    async def do(self, work: Any, _lane: str = "alarm") -> Any:
        await self.may.wait()
        return work(None)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def settling(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Settling:
    def settle(_alarms: Any, attempts: list[tuple[Delivery, Outcome]]) -> list[Delivery]:
        return [delivery for delivery, _ in attempts]

    monkeypatch.setattr(module, "settle", settle)
    telling: Any = SimpleNamespace(sent=lambda _: None, changed=lambda _: None)
    return Settling(desk, telling, lambda _id: None, FOREVER)


def go_out(settling: Settling, count: int) -> None:
    for number in range(1, count + 1):
        settling.attempted(
            a_delivery(number), Outcome(is_accepted=True, provider_id=str(UUID(int=number)))
        )


@pytest.mark.parametrize(("count", "left"), [(UNKEPT, UNKEPT), (UNKEPT + 1, 0)])
async def test_more_than_a_few_are_kept_without_waiting_for_others(
    settling: Settling, desk: Desk, count: int, left: int
) -> None:
    desk.may.set()
    running = asyncio.create_task(settling.run())
    go_out(settling, count)
    await asyncio.sleep(0.05)
    assert len(settling.attempts) == left
    running.cancel()


@pytest.mark.parametrize(("count", "waits"), [(UNKEPT, False), (UNKEPT + 1, True)])
async def test_no_more_is_taken_until_what_went_out_is_kept(
    settling: Settling, desk: Desk, count: int, *, waits: bool
) -> None:
    running = asyncio.create_task(settling.run())
    go_out(settling, count)
    caught_up = asyncio.create_task(settling.caught_up())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert caught_up.done() is not waits
    desk.may.set()
    async with asyncio.timeout(CATCH_UP_S / 2):
        await caught_up
    assert not waits or settling.attempts == []
    running.cancel()


async def test_an_alarm_does_not_wait_for_books_that_cannot_be_kept(settling: Settling) -> None:
    running = asyncio.create_task(settling.run())
    go_out(settling, 1_000)
    async with asyncio.timeout(CATCH_UP_S * 20):
        await settling.caught_up()
    assert len(settling.attempts) == 1_000
    running.cancel()
