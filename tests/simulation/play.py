"""How is one night played? Script in, history out; nothing is logged, nothing is slept."""

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog

from tests.simulation import virtual_time
from tests.simulation.history import History
from tests.simulation.script import Script
from tests.simulation.world import Shipped, World
from tocsin.signals.rules import codes

EXPECTED = "poisoned"


def play(script: Script, shipped: Shipped | None = None) -> History:
    """Return what happened in the night of this script."""

    async def night() -> History:
        return await World(script, shipped or Shipped()).run()

    broken: list[str] = []
    with _listening(broken):
        history = virtual_time.run(night())
    history.broken = broken
    return history


@contextmanager
def _listening(broken: list[str]) -> Iterator[None]:
    """Catch what the engine logs as broken; make codes cheap to judge, for this alone."""

    def keep(_logger: Any, _name: str, said: MutableMapping[str, Any]) -> Any:
        if not _is_expected(said):
            broken.append(str(said.get("event")) + ": " + str(said.get("exception", "")))
        raise structlog.DropEvent

    before, cost = structlog.get_config(), codes.SCRYPT_N
    structlog.configure(
        processors=[structlog.processors.format_exc_info, keep],
        wrapper_class=structlog.make_filtering_bound_logger(40),
        cache_logger_on_first_use=False,
    )
    try:
        yield
    finally:
        structlog.configure(**before)
        assert codes.SCRYPT_N == cost


def _is_expected(said: MutableMapping[str, Any]) -> bool:
    if said.get("event") == "store.away":
        return True
    poisoned = str(said.get("event")) in {"run.poisoned", "press.poisoned"}
    return poisoned and "PoisonedError" in str(said.get("exception", ""))
