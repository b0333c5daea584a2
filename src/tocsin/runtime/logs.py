"""What does the operator read? One JSON line a fact, with a stable name and no personal data."""

import logging
import sys
from typing import Any, Final

# structlog loads these wherever the tools of our tests have brought them: 4 MB a process, for pictures that we never draw.
UNUSED: Final = tuple(name for name in ("rich", "greenlet") if name not in sys.modules)
sys.modules.update(dict.fromkeys(UNUSED))  # type: ignore[arg-type]  # None: an import fails as if it were not installed
import structlog  # noqa: E402 - see above

for name in UNUSED:
    del sys.modules[name]


def configure(process: str, *, plain: bool = False) -> None:
    """Send every log line of this process to standard error, as JSON (or plain words for a terminal)."""
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
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)


def get(name: str) -> Any:
    """Return the logger of one module; `log.info("delivery.sent", delivery_id=...)`."""
    return structlog.get_logger(module=name)
