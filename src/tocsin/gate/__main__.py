"""How is the gate started? `python -m tocsin.gate`, with the settings of its environment."""

import asyncio
import sys

import uvloop

from tocsin.gate import journal
from tocsin.gate.server import Gate
from tocsin.runtime.settings import SettingError, load
from tocsin.runtime.spool import SpoolBusyError
from tocsin.runtime.usable import refuse_unusable


def main() -> int:
    """Run the gate; return 0 after a stop that was asked for, else say what is in the way."""
    try:
        settings = load()
        refuse_unusable(settings, "TOCSIN_SPOOL", "TOCSIN_RUN")
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(Gate(settings).serve())
    except (SettingError, SpoolBusyError, OSError) as problem:
        journal.error("gate.cannot_start", problem=str(problem))
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
