"""Whose tokens are checked when those who sent them have hung up?"""

import asyncio
import threading
from pathlib import Path

import pytest

from tocsin.gate import limits
from tocsin.gate.device_keys import DeviceKeys

MADE_UP = "Bearer tcs1.made-up"


@pytest.mark.night
@pytest.mark.parametrize("more", [0, 1])
def test_signals_of_as_many_who_hung_up_are_checked_and_of_one_more_the_oldest_is_not(tmp_path: Path, more: int) -> None:  # fmt: skip
    keys = DeviceKeys(tmp_path / "device-public.txt")
    checked: list[int] = []

    async def flood() -> None:
        may_go_on, ended = threading.Event(), asyncio.Event()
        keys.check(MADE_UP, lambda _: checked.append(-1), lambda: may_go_on.wait(10))
        for n in range(limits.LEFT_KEPT + more):
            keys.check(MADE_UP, lambda _, n=n: checked.append(n), lambda: False)  # type: ignore[misc]
        may_go_on.set()
        keys.check(MADE_UP, lambda _: checked.append(-2))
        # The last turn there is: nothing is left to be checked once it is over.
        keys._pool.submit(asyncio.get_running_loop().call_soon_threadsafe, ended.set)
        await asyncio.wait_for(ended.wait(), 60)

    asyncio.run(flood())
    keys.close()
    # Whoever waits comes first, and costs none of the others its turn.
    assert checked == [-1, -2, *range(more, limits.LEFT_KEPT + more)]
    assert keys.n_unchecked == more
