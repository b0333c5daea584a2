"""Does the log say why what memory did cannot be kept, while PostgreSQL answers? Once for each reason, and no value of it."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from structlog.testing import capture_logs

from tests.builders import AT
from tests.snapshots import SeededIds, a_press, a_snapshot
from tocsin.engine import brownout
from tocsin.engine.brownout import SteadyDesk
from tocsin.engine.desk import KEEP, StoreAwayError
from tocsin.flow.alarms import Alarms
from tocsin.flow.memory_alarms import MemoryAlarms
from tocsin.flow.raise_sos import raise_sos
from tocsin.flow.standby import Standby

IDS = SeededIds("handing over")
SECRET = "column of somebody@workplace.example"


class Half:
    """A server that answers, and keeps nothing: for each of these reasons in turn, then for the last."""

    def __init__(self, *reasons: psycopg.Error | None) -> None:
        self.reasons = list(reasons)
        self.is_away = True
        self.tried = 0

    async def do(self, work: Callable[[Alarms], Any], lane: str = "") -> Any:
        if self.is_away:
            raise StoreAwayError(lane)
        if lane == KEEP and work is not brownout._clock_of:
            self.tried += 1
            reason = self.reasons.pop(0) if len(self.reasons) > 1 else self.reasons[0]
            raise StoreAwayError(lane) from reason
        return work(MemoryAlarms(a_snapshot(), lambda: AT))

    def give_up(self) -> None:
        """Nobody waits."""


async def _nothing(_away_s: float = 0) -> None:
    """Do nothing."""


async def handed_over(server: Half, tries: int) -> None:
    desk = SteadyDesk(server, lambda: Standby(a_snapshot(), lambda: AT), lambda: AT)
    await desk.do(lambda alarms: raise_sos(alarms, [a_press()], ids=IDS))
    server.is_away = False
    watching = asyncio.create_task(desk.watch(_nothing, _nothing))
    async with asyncio.timeout(5):
        while server.tried < tries:
            await asyncio.sleep(0.001)
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching


def test_why_a_hand_over_fails_again_and_again_is_said_once_for_each_reason(monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(brownout, "PROBE_S", 0.001)
    full, denied = psycopg.errors.DiskFull(SECRET), psycopg.errors.InsufficientPrivilege(SECRET)
    with capture_logs() as lines:
        asyncio.run(handed_over(Half(full, full, denied, None, full), 8))
    said = [line for line in lines if line["event"] == "handing_over.failed"]
    assert [line["because"] for line in said] == ["53100", "42501", "no_answer"]
    assert SECRET not in repr(lines)
