"""What does the supervisor see of a gate? A process that listens and says that it is ready."""

import os
import signal
import socket
import sys
from types import FrameType

from tocsin.runtime import settings


def serve() -> None:
    """Accept and close connections until SIGTERM."""
    config = settings.load()
    signal.signal(signal.SIGTERM, leave)
    door = socket.create_server(config.gate_bind)
    (config.run_dir / "gate.ready").write_text(str(os.getpid()), encoding="utf-8")
    while True:
        door.accept()[0].close()


def leave(_number: int, _frame: FrameType | None) -> None:
    """End as a gate does when it is told to."""
    sys.exit(0)


if __name__ == "__main__":
    serve()
