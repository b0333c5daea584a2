#!/usr/bin/env python3
"""What does a fresh machine need before anything of Tocsin can run? This makes it.

    python3 run.py demo [--once]       the sample workplace, played live; --once without a browser
    python3 run.py test [--night] [pytest arguments]
    python3 run.py bench ...           the published numbers
    python3 run.py doctor              what is wrong with this installation

Needs Python 3.11 or newer with venv, and a way to download packages; nothing else, and no root. All
of it goes into .venv and .venv-tools beside this file; to begin anew, delete them. Only the
standard library is used here.
"""

from __future__ import annotations  # so that an older Python gets as far as being told so

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
TOOLS = ROOT / ".venv-tools"
STAMP = VENV / "set-up.json"
UNFINISHED = TOOLS / "unfinished"
LOCKS = {"run": ROOT / "requirements.lock", "test": ROOT / "requirements-test.lock"}
# What kills processes, or counts milliseconds. It mostly waits: apart from the rest, the faults beside all else of it.
APART = ("faults", "gate", "stories/test_demo_once.py", "stories/test_demo_parts.py", *(f"runtime/test_{name}.py" for name in ("postgres_faults", "run", "supervisor")))  # fmt: skip
# In their order: what two worlds answer is compared before anything else is done in only one of them.
SPREAD = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")
BESIDE = ("-n", "2", "--dist", "loadscope")
NEEDED_MB = {"run": 400, "test": 1000}
OLDEST = (3, 11)
USAGE = __doc__.split("\n\n")[1]


class Trouble(Exception):
    """Something outside is in the way; the message says what, and what would help."""


def say(text: str) -> None:
    """Tell the person at the terminal; standard output belongs to the command."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def main(words: list[str]) -> int:
    """Set up what the command needs, then become it (or, for tests, run the checks)."""
    own = {name: partial(run_command, name) for name in ("demo", "doctor")}
    commands = {**own, "test": run_tests, "bench": run_bench}
    if not words or words[0] not in commands:
        is_asked = words[:1] in (["-h"], ["--help"], ["help"])
        with contextlib.suppress(OSError):  # whoever reads it may have gone
            os.write(1 if is_asked else 2, f"Usage:\n{USAGE}\n".encode())
        return 0 if is_asked else 2
    try:
        return commands[words[0]](words[1:])
    except Trouble as trouble:
        say(f"\nrun.py: {trouble}")
        return 1
    except KeyboardInterrupt:
        return 130


# --- the commands ---------------------------------------------------------------------------------


def run_command(name: str, words: list[str]) -> int:
    """Become one of Tocsin's own commands."""
    set_up("run")
    return become("-m", "tocsin", name, *words)


def run_bench(words: list[str]) -> int:
    """Become a benchmark; `bench serve` needs no more than Tocsin itself."""
    set_up("run" if words[:1] == ["serve"] else "test")
    return become("-m", "bench", *words)


def become(*arguments: str) -> int:
    """Replace this process by the set-up Python, so that a signal reaches the command itself."""
    keep_what_is_compiled()
    os.environ.setdefault("TOCSIN_DATA", str(ROOT / ".data"))
    os.environ["PYTHONPATH"] = str(ROOT)
    os.execv(PYTHON, [str(PYTHON), *arguments])


def keep_what_is_compiled() -> None:
    """Let Python keep what it compiled, in .venv where it may keep nothing beside the sources."""
    # Else every process compiles Django and all of us anew: half of its start, and some MB that it never gives back.
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", None) is not None:
        kept = os.environ.get("PYTHONPYCACHEPREFIX") or str(VENV / "compiled")
        os.environ["PYTHONPYCACHEPREFIX"] = kept


def run_tests(words: list[str]) -> int:
    """Run the static checks, then pytest; with pytest arguments of your own, only pytest."""
    set_up("test")
    keep_what_is_compiled()
    by_night = "--night" in words
    provide_programs(by_night=by_night)
    if not [word for word in words if word != "--night"] and not static_checks_pass():
        return 1
    if any(Path(word.split("::")[0]).exists() for word in words):
        say("== pytest")
        return pytest(words, here=None)
    apart = [str(ROOT / "tests" / name) for name in APART]
    rest = [f"--ignore={path}" for path in apart]
    say("== pytest, on two workers")
    code = pytest([*SPREAD, *rest, str(ROOT / "tests"), *words])
    # Its summary must be the last lines: CI reads them.
    say("== pytest, what is timed")
    return max(code, pytest([*BESIDE, *apart, *words]))


def pytest(words: list[str], here: Path | None = ROOT) -> int:
    """Return pytest's exit code; the few that failed are tried once more, alone. `here`: where its paths begin."""
    command = [PYTHON, ROOT / "tests" / "once_more.py", "-rs", f"--rootdir={ROOT}", *words]
    return subprocess.call(command, cwd=here)


def static_checks_pass() -> bool:
    """Run the checks that need no test, side by side; show each result in order."""
    checks = {
        "ruff check": ["-m", "ruff", "check", "--output-format=concise", "."],
        "mypy --strict": ["-m", "mypy"],
        "import contracts": ["-c", "from importlinter.cli import lint_imports_command as c; c()"],
    }
    running = {
        name: subprocess.Popen(
            [PYTHON, *words], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for name, words in checks.items()
    }
    all_pass = True
    for name, process in running.items():
        output, _ = process.communicate()
        say(f"== {name}: {'ok' if process.returncode == 0 else 'FAILED'}")
        if process.returncode != 0:
            say(output.rstrip())
            all_pass = False
    return all_pass


# --- programs that tests need from the system -----------------------------------------------------


def provide_programs(*, by_night: bool) -> None:
    """Install from Debian what tests need and lack, where we may; else say what is skipped."""
    packages = {"chromium": "chromium", "mosquitto": "mosquitto"}
    if by_night:
        packages |= {
            "firefox-esr": "firefox-esr",
            "bearerbox": "kannel",
            "node": "nodejs",
            "npm": "npm",
        }
    missing = sorted({package for program, package in packages.items() if not find(program)})
    if not missing:
        return
    names = " ".join(missing)
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        say(f"Not installed, and only root on Debian may install it here: {names}.")
        say(f"Tests that need it are skipped by name. To have them: sudo apt-get install {names}")
        return
    say(f"Installing from Debian what the tests need: {names}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", *missing]):
        if subprocess.call(["apt-get", *words], env=environment, stdout=sys.stderr):
            say(f"apt-get {words[0]} failed (above); tests that need {names} are skipped by name.")
            return


def find(program: str) -> bool:
    """Tell whether a program is there, also where an ordinary user's PATH does not look."""
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin") is not None


# --- the set-up -----------------------------------------------------------------------------------


def set_up(kind: str) -> None:
    """Make or mend .venv so that it holds what `kind` (run or test) is locked to."""
    if sys.version_info < OLDEST:
        found = ".".join(map(str, sys.version_info[:3]))
        raise Trouble(f"this is Python {found}; Tocsin needs {OLDEST[0]}.{OLDEST[1]} or newer.")
    began = time.monotonic()
    try:
        wanted = fingerprint(kind)
        if read_stamp().get(kind) == wanted:
            return
        with only_one():
            # Somebody else may have done it while we waited.
            if read_stamp().get(kind) != wanted:
                install(kind, wanted)
                say(f"Set up in {time.monotonic() - began:.0f} s.")
    except OSError as problem:
        raise Trouble(explain(problem)) from problem


def fingerprint(kind: str) -> str:
    """Return what the set-up depends on: the locks, the Python, where the checkout lies."""
    digest = hashlib.sha256(f"2 {sys.version} {sys.base_prefix} {ROOT}".encode())
    digest.update(LOCKS[kind].read_bytes() + (ROOT / "pyproject.toml").read_bytes())
    return digest.hexdigest()


def read_stamp() -> dict[str, str]:
    """Return the fingerprints of what was completed; nothing while a set-up is unfinished."""
    if UNFINISHED.exists() or not PYTHON.exists():
        return {}
    try:
        return dict(json.loads(STAMP.read_text()))
    except (OSError, ValueError):
        return {}


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Let one set-up at a time work on .venv.

    The system lets go of the lock if this process is killed.
    """
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another run.py is setting up; waiting for it ...")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def install(kind: str, wanted: str) -> None:
    """Bring .venv to the lock of `kind`. One that a killed set-up left half-made, or of another Python, is made anew."""
    check_space(kind)
    ours = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    if UNFINISHED.exists() or not works(PYTHON, "-c", ours):
        if VENV.is_symlink() or VENV.is_file():
            raise Trouble(f"{VENV} is no folder: move it away, and run this again.")
        if VENV.exists():
            say("Removing a .venv that is unfinished, broken or of another Python ...")
            shutil.rmtree(VENV)
        say("Making .venv ...")
        UNFINISHED.touch()
        make_venv(VENV)
    stamp = read_stamp()
    UNFINISHED.touch()
    count = LOCKS[kind].read_text().count("==")
    say(f"Installing {count} packages, each checked against its hash ...")
    install_lock(LOCKS[kind])
    place_tocsin()
    # The test lock holds everything of the other one, in the same versions.
    stamp |= {"run": fingerprint("run"), kind: wanted}
    STAMP.write_text(json.dumps(stamp))
    UNFINISHED.unlink()


def check_space(kind: str) -> None:
    """Say so before the disk is full, and not after."""
    free_mb = shutil.disk_usage(ROOT).free // 2**20
    if free_mb < NEEDED_MB[kind]:
        raise Trouble(f"{ROOT} has {free_mb} MB free; the set-up needs {NEEDED_MB[kind]} MB.")


def works(*command: str | Path) -> bool:
    """Tell whether a program runs: that of a removed Python, or for another system, does not."""
    try:
        return quietly(*command).returncode == 0
    except OSError:
        return False


def quietly(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a program and keep what it says."""
    return subprocess.run(command, capture_output=True, text=True, check=False)


def make_venv(folder: Path, *options: str) -> None:
    """Make a virtual environment; without pip unless asked, which takes a tenth of the time."""
    command = [sys.executable, "-m", "venv", *(options or ["--without-pip"]), str(folder)]
    done = quietly(*command)
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip()
        raise Trouble(
            f"python3 -m venv failed: {said[-600:]}\n"
            "On Debian and Ubuntu: apt-get install python3-venv"
        )


def install_lock(lock: Path) -> None:
    """Install a lock by uv (seconds); where it cannot be had or fails, by pip (a minute)."""
    uv = get_uv()
    words = ["install", "--require-hashes", "-r", str(lock)]
    if uv is not None:
        environment = {**os.environ, **uv_environment()}
        if call_showing_progress([uv, "pip", *words, "--python", PYTHON], environment) == 0:
            return
        say("uv could not install them (above); trying pip, which takes about a minute ...")
    command = [*pip_command(), "--python", str(PYTHON), *words, "-q"]
    if subprocess.call(command, stdout=sys.stderr):
        raise Trouble(
            "the packages could not be installed; the lines above say why. Without a network, "
            "or behind a proxy, tell pip where your package index is "
            "(pip config set global.index-url ADDRESS)."
        )


def call_showing_progress(command: list[str | Path], environment: dict[str, str]) -> int:
    """Run uv; show what it downloads and its errors, but not the list of what it installed."""
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    for line in process.stderr or ():
        if not line.startswith((" +", " -", " ~", " Downloaded")):
            say("  " + line.strip())
    return process.wait()


def uv_environment() -> dict[str, str]:
    """Return what makes uv use the index that pip is told to use, and the system's certificates."""
    wanted = dict.fromkeys(("UV_SYSTEM_CERTS", "UV_NATIVE_TLS", "UV_NO_PROGRESS"), "1")
    wanted["UV_LINK_MODE"] = "hardlink"
    home = Path(os.environ.get("UV_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or Path.home())
    if not os.access(home, os.W_OK):
        wanted["UV_CACHE_DIR"] = str(TOOLS / "cache")
    told = quietly(*pip_command(), "config", "list").stdout
    for line in told.splitlines():
        setting, _, value = line.partition("=")
        name = {"index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX"}.get(setting.rpartition(".")[2])  # fmt: skip
        address = value.strip("'\"")
        if name and name not in os.environ and address.startswith("http"):
            wanted[name] = address
    return wanted


def get_uv() -> Path | None:
    """Return uv, installed from the index into .venv-tools, or None where it cannot be had."""
    uv = TOOLS / "uv" / "bin" / "uv"
    if works(uv, "--version"):
        return uv
    pip = pip_command()
    say("Fetching uv, the installer ...")
    shutil.rmtree(TOOLS / "uv", ignore_errors=True)
    lock = ROOT / "requirements-tools.lock"
    words = ["install", "-q", "--require-hashes", "--only-binary=:all:", "-r", str(lock)]
    done = quietly(*pip, *words, "--target", TOOLS / "uv")
    if done.returncode == 0 and works(uv, "--version"):
        return uv
    reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
    say(f"uv is not to be had here ({reason}).")
    return None


def pip_command() -> list[str]:
    """Return a pip to call: this Python's own, else one in an environment made for it."""
    for python in (sys.executable, TOOLS / "pip" / "bin" / "python"):
        command = [str(python), "-m", "pip", "--disable-pip-version-check"]
        if works(*command, "--version"):
            return command
    make_venv(TOOLS / "pip", "--clear")
    return command


def place_tocsin() -> None:
    """Make the checkout importable by a .pth file and a command: no build, no network."""
    [packages] = VENV.glob("lib/python3*/site-packages")
    (packages / "tocsin.pth").write_text(f"{ROOT / 'src'}\n")
    command = VENV / "bin" / "tocsin"
    command.write_text(f'#!/bin/sh\nexec "{PYTHON}" -m tocsin "$@"\n')
    command.chmod(0o755)


def explain(problem: OSError) -> str:
    """Return what an error of the system means for the person who started this."""
    if isinstance(problem, PermissionError) or problem.errno == errno.EROFS:
        return (
            f"no permission: {problem}. This checkout belongs to another user, or nothing may be written here; make "
            "your own, or run as its owner."
        )
    if problem.errno in (28, 122):
        return (
            f"the disk (or your share of it) is full: {problem}. Free some space and run this "
            "again."
        )
    return f"the set-up failed: {problem}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
