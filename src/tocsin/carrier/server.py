"""How does the carrier start and stop? Both ports, the receipts, and the mark that it serves."""

import asyncio
import os
import signal

from tocsin.carrier.boxes import Boxes
from tocsin.carrier.doors import Doors
from tocsin.carrier.http import Server
from tocsin.carrier.mail import MailServer
from tocsin.carrier.moods import Moods
from tocsin.carrier.outgoing import Outgoing
from tocsin.runtime.clock import SystemClock
from tocsin.runtime.settings import Settings


class Carrier:
    """The whole sandbox; `start` and `stop` for tests, `serve` for the process."""

    def __init__(self, settings: Settings) -> None:
        """Hold nothing yet."""
        clock = SystemClock()
        host, port = settings.carrier_smtp_bind
        self.boxes, self.moods = Boxes(clock), Moods()
        self.outgoing = Outgoing(settings, self.boxes, clock)
        self.mail = MailServer(self.boxes, self.moods, host=host.strip("[]"), port=port)
        self.moods.on_change = self.mail.changed
        self.http = Server(Doors(self.boxes, self.moods, self.outgoing).answer)
        self.port = 0
        self._settings = settings
        self._ready = settings.run_dir / "carrier.ready"

    async def serve(self) -> None:
        """Serve until SIGTERM or SIGINT."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        await self.start()
        self._settings.run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._ready.write_text(f"{os.getpid()}\n", encoding="ascii")
        async with asyncio.TaskGroup() as group:
            work = group.create_task(self.outgoing.work())
            await stop.wait()
            work.cancel()
        self._ready.unlink(missing_ok=True)
        await self.stop()

    async def start(self) -> None:
        """Listen."""
        host, port = self._settings.carrier_bind
        self.port = await self.http.listen(host.strip("[]"), port)
        await self.mail.open()

    async def stop(self) -> None:
        """Give everything back."""
        await self.http.close()
        await self.mail.close()
        await self.outgoing.close()
