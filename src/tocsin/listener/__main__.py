"""How is the listener started? `python -m tocsin.listener`, by the supervisor, where a broker is set."""

import asyncio
import os
import signal
import sys
from functools import partial

from tocsin.listener.listening import Intake, Listening
from tocsin.listener.source import broker_of
from tocsin.runtime import doorbell, keys, logs
from tocsin.runtime.clock import WallClock
from tocsin.runtime.database import connect
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import RandomIds
from tocsin.runtime.settings import SettingError, Settings, load
from tocsin.runtime.usable import refuse_unusable


def main() -> int:
    """Run the listener; return 0 after a stop that was asked for, else say what is in the way."""
    try:
        settings = load()
        logs.configure("listener", plain=settings.plain_logs)
        if not settings.mqtt_url:
            logs.get("listener").error("listener.no_broker")
            return 2
        refuse_unusable(settings, "TOCSIN_RUN")
        folder = settings.keys_dir
        ring = KeyRing(keys.load(folder).masters, keys.watch_masters(folder))
        bell = doorbell.Sender(settings.run_dir, doorbell.ENGINE)
    except (SettingError, keys.KeyProblem, OSError) as problem:
        logs.get("listener").error("listener.cannot_start", problem=str(problem))
        return 2
    intake = Intake(
        partial(connect, settings, "web"),
        ring,
        clock=WallClock(),
        ids=RandomIds(),
        ring_bell=partial(bell.ring, doorbell.REPORT),
    )
    asyncio.run(_serve(Listening(broker_of(settings.mqtt_url), intake), settings))
    return 0


async def _serve(listening: Listening, settings: Settings) -> None:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    ready = settings.run_dir / "listener.ready"
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, partial(_cancel, task))
    ready.write_text(f"{os.getpid()}\n", encoding="ascii")
    try:
        await listening.run()
    except asyncio.CancelledError:
        logs.get("listener").info("listener.stopping")
    finally:
        ready.unlink(missing_ok=True)


def _cancel(task: asyncio.Task[object] | None) -> None:
    if task:
        task.cancel()


if __name__ == "__main__":
    sys.exit(main())
