"""Whose token is checked next when many are asked for, and when those who sent them have hung up?"""

import asyncio
import threading
from pathlib import Path

import pytest

from tests.gate.gate_process import KEY, token, write_keys
from tests.gate.test_gate_sos import OTHER_KEY
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


@pytest.mark.guarantee("I25")
def test_who_asks_on_with_made_up_tokens_takes_turns_with_who_asks_first(tmp_path: Path) -> None:
    write_keys(tmp_path / "device-public.txt", KEY)
    keys = DeviceKeys(tmp_path / "device-public.txt")
    made_up, genuine = (f"Bearer {token(1, key)}" for key in (OTHER_KEY, KEY))
    answered: list[bool] = []

    async def ask() -> None:
        for _ in range(400):
            keys.check(made_up, lambda ids: answered.append(ids is not None), is_strangers=True)
        keys.check(genuine, lambda ids: answered.append(ids is not None))
        while len(answered) < 401:
            await asyncio.sleep(0.01)

    asyncio.run(ask())
    keys.close()
    assert answered.index(True) < 200
