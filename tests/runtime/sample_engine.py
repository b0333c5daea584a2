"""What does the supervisor see of an engine? A process that says that it is ready, and will not go when asked."""

import os
import signal
import time

from tocsin.runtime import settings

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    (settings.load().run_dir / "engine.ready").write_text(str(os.getpid()), encoding="utf-8")
    time.sleep(600)
