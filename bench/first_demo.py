"""`run.py demo --once` on a fresh copy of the repository: the first time, and again."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench import results
from bench.product import ROOT, clean_environment, descendants, remove_database
from bench.results import Figure

WITHIN_S = 600
# No other cache than that of the first run itself.
CACHES = {"UV_CACHE_DIR": "cache", "PIP_CACHE_DIR": "pip-cache"}


def main(words: list[str]) -> int:
    """Measure; return 1 if a must is not met."""
    parser = argparse.ArgumentParser(prog="run.py bench first_demo", description=__doc__)
    parser.parse_args(words)
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as name:
        copy = Path(name) / "tocsin"
        _copy(copy)
        try:
            first_s, first_code = _demo(copy)
            later_s, later_code = _demo(copy)
        finally:
            remove_database(copy / ".data")
    figures = [
        Figure("first, with the set-up", first_s, "s", must=180, stretch=90),
        Figure("later", later_s, "s", must=40, stretch=20),
        Figure("exit codes that are not 0", (first_code != 0) + (later_code != 0), "", must=0),
    ]
    return results.keep("first_demo", "fresh copy, empty caches, the story included", figures)


def _copy(to: Path) -> None:
    """Copy what git knows; without git, everything that the set-up did not make."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        skip = shutil.ignore_patterns(".venv*", ".data", ".git", "__pycache__", ".*_cache")
        shutil.copytree(ROOT, to, ignore=skip)
        return
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)


def _demo(copy: Path) -> tuple[float, int]:
    """Run it as a person would; return seconds and its exit code, with its last lines if that is not 0."""
    environment = {n: v for n, v in clean_environment().items() if n not in {"PYTHONPATH"}}
    environment |= {name: os.fspath(copy.parent / folder) for name, folder in CACHES.items()}
    python = getattr(sys, "_base_executable", sys.executable)
    said = copy.parent / "said"
    begun = time.monotonic()
    with said.open("wb") as output:
        process = subprocess.Popen(
            [python, "run.py", "demo", "--once"],
            cwd=copy,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            code = process.wait(WITHIN_S)
        finally:
            for pid in descendants([process.pid]):
                os.kill(pid, signal.SIGTERM)
    if code != 0:
        results.say(said.read_text(encoding="utf-8", errors="replace")[-2000:])
    return time.monotonic() - begun, code
