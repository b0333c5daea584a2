"""How does another program (demo, bench, a test) run a whole Tocsin, exactly as production does?"""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Final

from tocsin.runtime import settings
from tocsin.runtime.parts import SupervisorError, die_with_parent
from tocsin.runtime.settings import Settings

END_WITHIN_S: Final = 10.0


@contextmanager
def running_tocsin(
    changes: Mapping[str, str], *, ready_within_s: float = 120.0, output: IO[bytes] | None = None
) -> Iterator[Settings]:
    """Run `tocsin up` with changed settings until the block ends.

    Yields its settings once all parts serve. `output` takes the log lines (None: our standard
    error). The process ids are in RUN/<part>.ready, the server's in RUN/postgres.ready.

    Raises:
        SupervisorError: it ended, or was not ready in time.
    """
    environment = settings.environment(changes)
    config = settings.load(environment)
    process = subprocess.Popen(
        [sys.executable, "-m", "tocsin", "up"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output or sys.stderr,
        stderr=output or sys.stderr,
        start_new_session=True,
        preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - only prctl
    )
    try:
        _wait_ready(process, config, ready_within_s)
        yield config
    finally:
        process.terminate()
        try:
            process.wait(END_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_ready(process: subprocess.Popen[bytes], config: Settings, within_s: float) -> None:
    mark = config.run_dir / "supervisor.ready"
    end = time.monotonic() + within_s
    while process.poll() is None and time.monotonic() < end:
        if mark.exists() and mark.read_text(encoding="utf-8") == str(process.pid):
            return
        time.sleep(0.01)
    ended = (
        f"ended with code {process.returncode}"
        if process.poll() is not None
        else "was not ready in time"
    )
    message = f"Tocsin {ended}; its lines above say why."
    raise SupervisorError(message)
