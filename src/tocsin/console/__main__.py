"""How are the pages started? `python -m tocsin.console`: one process for pages, files and live streams."""

import ctypes
import gc
import logging
import os
import sys
from typing import Final

import uvicorn
from django.urls import get_resolver

from tocsin.console import django_settings
from tocsin.runtime import keys, logs
from tocsin.runtime import settings as runtime_settings
from tocsin.runtime.settings import SettingError, Settings
from tocsin.runtime.usable import refuse_unusable

GRACE_S: Final = 2
READY: Final = "web.ready"
# <malloc.h>
M_TRIM_THRESHOLD: Final = -1
M_MMAP_THRESHOLD: Final = -3
M_ARENA_MAX: Final = -8

log = logs.get(__name__)


class ToOurLog(logging.Handler):
    """Turns what libraries log into our lines: who, how bad and the traceback, never an address or a value."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        exception = record.exc_info if record.exc_info and record.exc_info[0] else None
        log.warning(
            "library.said", library=record.name, severity=record.levelname, exc_info=exception
        )


class Server(uvicorn.Server):
    """A server that marks when it serves, and lets its streams go when it is told to end."""

    def __init__(self, config: uvicorn.Config, settings: Settings) -> None:
        """Keep where to write the mark."""
        super().__init__(config)
        self._mark = settings.run_dir / READY

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        """Start, then write the mark with our process id."""
        await super().startup(sockets)  # type: ignore[arg-type]
        if self.started:
            self._mark.parent.mkdir(parents=True, exist_ok=True)
            self._mark.write_text(str(os.getpid()), encoding="ascii")


def keep_memory_small() -> None:
    """Give memory back to the system when it is free: a password's hash takes 16 MB for a third of a second."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return  # Not glibc: its allocator decides.
    for option, value in (
        (M_ARENA_MAX, 2),
        (M_MMAP_THRESHOLD, 256 * 1024),
        (M_TRIM_THRESHOLD, 256 * 1024),
    ):
        mallopt(option, value)


def main() -> int:
    """Serve until told to end; return the exit code."""
    keep_memory_small()
    try:
        settings = runtime_settings.load()
        refuse_unusable(settings, "TOCSIN_KEYS", "TOCSIN_RUN")
    except SettingError as problem:
        logs.get("web").error("web.cannot_start", problem=str(problem))
        return 2
    logs.configure("web", plain=settings.plain_logs)
    # A wrong address or a page that is not there is no fault of ours; Django warns of each.
    logging.basicConfig(handlers=[ToOurLog()], level=logging.WARNING)
    logging.getLogger("django.request").setLevel(logging.ERROR)
    found = keys.ensure(settings.keys_dir)
    django_settings.configure(settings)
    # Django must be set up before anything imports its models.
    from tocsin.console.asgi import application  # noqa: PLC0415 - see above

    app = application(settings, found)
    # Every page is imported before the first is asked for; what is there now stays, and is not looked through again.
    get_resolver().url_patterns  # noqa: B018 - reading it loads them
    gc.collect()
    gc.freeze()
    host, port = settings.web_bind
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http="httptools",
        ws="none",
        loop="uvloop",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        timeout_graceful_shutdown=GRACE_S,
        timeout_keep_alive=20,
    )
    Server(config, settings).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
