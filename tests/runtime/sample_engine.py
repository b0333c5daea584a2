"""What does the supervisor see of an engine? One that goes only when it wants to."""

import os
import signal
import time

from tocsin.runtime import settings

if __name__ == "__main__":
    config = settings.load()
    if config.plain_logs:
        # The stubborn one, of the test that counts the seconds until everything is ended.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    (config.run_dir / "engine.ready").write_text(str(os.getpid()), encoding="utf-8")
    time.sleep(600)
