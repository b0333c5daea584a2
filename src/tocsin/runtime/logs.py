"""What does the operator read? One JSON line a fact, with a stable name and no personal data."""

import logging
import sys
from contextlib import suppress
from typing import Any, Final, TextIO

# structlog loads these wherever the tools of our tests have brought them: 4 MB a process, for pictures that we never draw.
UNUSED: Final = tuple(name for name in ("rich", "greenlet") if name not in sys.modules)
sys.modules.update(dict.fromkeys(UNUSED))  # type: ignore[arg-type]  # None: an import fails as if it were not installed
import structlog  # noqa: E402 - see above

for name in UNUSED:
    del sys.modules[name]


class _Unfailing:
    """A stream that never fails: on a full disk, or behind a reader that has gone, a line is lost and no alarm."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            self._stream.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._stream.flush()


def configure(process: str, *, plain: bool = False) -> None:
    """Send every log line of this process to standard error, as JSON (or plain words for a terminal).

    What cannot be written there is lost, and raises nothing.
    """
    stream: Any = _Unfailing(sys.stderr)
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=False)
        if plain
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(file=stream),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)


def get(name: str) -> Any:
    """Return the logger of one module; `log.info("delivery.sent", delivery_id=...)`."""
    return structlog.get_logger(module=name)
