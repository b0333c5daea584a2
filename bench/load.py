"""How is the product pressed? SOS of different people, paced or in a burst, each with the time it left and was answered.

The time is taken just before the bytes are written. Nothing is repeated: an SOS without a 202 is refused.
"""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from bench.wire import Line, post

ACCEPTED = range(200, 300)
GIVE_UP_S = 30.0
BROKEN = -1


@dataclass(frozen=True, slots=True)
class Press:
    """One SOS to be sent: its key and the bytes of its request."""

    key: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one: monotonic nanoseconds; `status` -1 says that the connection broke."""

    key: str
    sent_ns: int
    answered_ns: int
    status: int

    @property
    def is_accepted(self) -> bool:
        """Return whether the door said that it is stored."""
        return self.status in ACCEPTED


def presses(url: str, tokens: Sequence[str], prefix: str) -> list[Press]:
    """Return one SOS for each token, under keys that begin with `prefix`."""
    path = urlsplit(url).path or "/"
    made = []
    for number, token in enumerate(tokens):
        key = f"{prefix}-{number:06}"
        made.append(Press(key, post(path, json.dumps({"key": key}).encode(), token=token)))
    return made


async def paced(url: str, waiting: Sequence[Press], per_s: float) -> list[Sent]:
    """Send one after the other at fixed times, whether or not the one before is answered."""
    lines = [Line(url) for _ in range(16)]
    begun = time.monotonic()
    async with asyncio.TaskGroup() as group:
        tasks = []
        for number, press in enumerate(waiting):
            await asyncio.sleep(max(0.0, begun + number / per_s - time.monotonic()))
            tasks.append(group.create_task(send(lines[number % len(lines)], press)))
    _hang_up(lines)
    return [task.result() for task in tasks]


async def burst(
    url: str,
    waiting: Sequence[Press],
    n_connections: int = 16,
    after_each: Callable[[Sent], bool] | None = None,
) -> list[Sent]:
    """Send over kept connections, each asking again as soon as it is answered.

    `after_each` may say False: then nothing more is sent.
    """
    left = list(reversed(waiting))
    done: list[Sent] = []
    lines = [Line(url) for _ in range(n_connections)]
    await asyncio.gather(*(line.open() for line in lines))

    async def work(line: Line) -> None:
        while left:
            sent = await send(line, left.pop())
            done.append(sent)
            if after_each and not after_each(sent):
                left.clear()

    await asyncio.gather(*map(work, lines))
    _hang_up(lines)
    return done


async def send(line: Line, press: Press) -> Sent:
    """Send one and return what became of it."""
    sent_ns = time.monotonic_ns()
    try:
        async with asyncio.timeout(GIVE_UP_S):
            await line.open()
            sent_ns = time.monotonic_ns()
            status = (await line.ask(press.raw)).status
    except (OSError, TimeoutError):
        status = BROKEN
        line.close()
    return Sent(press.key, sent_ns, time.monotonic_ns(), status)


def accepted_per_s(sent: Sequence[Sent]) -> float:
    """Return accepted SOS a second, from the first that left to the last that was answered."""
    good = [one for one in sent if one.is_accepted]
    if not good:
        return 0.0
    took_ns = max(s.answered_ns for s in good) - min(s.sent_ns for s in good)
    return len(good) * 1e9 / max(1, took_ns)


def _hang_up(lines: Sequence[Line]) -> None:
    for line in lines:
        line.close()
