"""How is the engine started? `python -m tocsin.engine`, with the settings of its environment."""

import asyncio
import fcntl
import os
import signal
import sys
from functools import partial
from pathlib import Path
from typing import IO

import uvloop

from tocsin.engine.assembly import Assembly
from tocsin.runtime import keys, logs
from tocsin.runtime.settings import SettingError, Settings, load
from tocsin.runtime.usable import refuse_unusable

LOCK = "engine.lock"


def main() -> int:
    """Run the engine; return 0 after a stop that was asked for, else say what is in the way."""
    try:
        settings = load()
        logs.configure("engine", plain=settings.plain_logs)
        refuse_unusable(settings, "TOCSIN_SPOOL", "TOCSIN_RUN")
        lock = _lock(settings.spool_dir)
        assembly = Assembly(settings, keys.load(settings.keys_dir))
    except (SettingError, keys.KeyProblem, BlockingIOError, OSError) as problem:
        logs.get("engine").error("engine.cannot_start", problem=str(problem))
        return 2
    with lock, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(assembly, settings))
    return 0


def _lock(spool_dir: Path) -> IO[str]:
    """Return the lock of the one drainer of this spool.

    Raises:
        BlockingIOError: another engine drains it.
    """
    spool_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = (spool_dir / LOCK).open("w", encoding="ascii")
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return lock


async def _serve(assembly: Assembly, settings: Settings) -> None:
    loop = asyncio.get_running_loop()
    ready = settings.run_dir / "engine.ready"
    task = asyncio.current_task()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, partial(_cancel, task))
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(assembly.run())
            await assembly.engine.ready.wait()
            ready.write_text(f"{os.getpid()}\n", encoding="ascii")
    except asyncio.CancelledError:
        logs.get("engine").info("engine.stopping")
    finally:
        ready.unlink(missing_ok=True)
        await assembly.close()


def _cancel(task: asyncio.Task[object] | None) -> None:
    if task:
        task.cancel()


if __name__ == "__main__":
    sys.exit(main())
