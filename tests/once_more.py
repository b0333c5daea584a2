"""Did a test fail, or was the machine too busy for it? Runs pytest; the few that failed run once more, alone.

A test that passes only then is flaky: a bug with priority, named aloud each time. More than ten failures are no
accident and are not tried again. What fails twice fails.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

MOST = 10


def options_of(words: list[str]) -> list[str]:
    """Return the options among pytest's words, without what selects or spreads tests: those that failed run one by one."""
    found, skips = [], False
    for word in words:
        if skips:
            skips = False
        elif word in {"-k", "-m", "-n", "--dist"}:
            skips = True
        elif word.startswith("-"):
            found.append(word)
    return found


def main() -> int:
    """Return pytest's exit code, of the second run where there was one."""
    words = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="tocsin-failed-") as folder:
        kept = Path(folder) / "failed"
        command = [sys.executable, "-m", "pytest", f"--failed-to={kept}"]
        code = subprocess.call([*command, *words])
        failed = kept.read_text(encoding="utf-8").split("\n") if kept.exists() else []
        if code != 1 or not 0 < len(failed) <= MOST:
            return code
        sys.stderr.write(f"== {len(failed)} failed; once more, alone: {', '.join(failed)}\n")
        code = subprocess.call([*command, *options_of(words), *failed])
        if code == 0:
            sys.stderr.write(f"== FLAKY, a bug with priority: {', '.join(failed)}\n")
        return code


if __name__ == "__main__":
    sys.exit(main())
