"""Does run.py set a machine up once, mend what was left half-made, and say what is in the way?"""

import errno
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.pages.conftest import free_port
from tocsin.runtime import settings

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a checkout of run.py alone, with empty locks and the installer already there."""
    folder = tmp_path / "home" / "checkout"
    (folder / "src" / "tocsin").mkdir(parents=True)
    (folder / "src" / "tocsin" / "__main__.py").write_text(
        "print('tocsin ran')\n", encoding="utf-8"
    )
    for name in ("run.py", "pyproject.toml", "requirements-tools.lock"):
        shutil.copy(REPOSITORY / name, folder)
    for name in ("requirements.lock", "requirements-test.lock"):
        (folder / name).touch()
    uv = REPOSITORY / ".venv-tools" / "uv"
    if not uv.exists():
        pytest.skip(
            "uv is not to be had here: run.py installed by pip, and this test needs no network"
        )
    (folder / ".venv-tools").mkdir()
    (folder / ".venv-tools" / "uv").symlink_to(uv)
    return folder


def run(checkout: Path, *words: str, **also: str) -> subprocess.CompletedProcess[str]:
    command = [base_python(), checkout / "run.py", *words]
    environment = {**os.environ, **also}
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def base_python() -> str:
    """Return the Python that is not in a virtual environment, as a person would call it."""
    return str(Path(sys.base_prefix) / "bin" / "python3")


def test_a_second_run_starts_within_a_second_and_says_nothing(checkout: Path) -> None:
    first = run(checkout, "doctor")
    assert first.stdout == "tocsin ran\n"
    assert "Set up in" in first.stderr
    began = time.monotonic()

    second = run(checkout, "doctor")

    assert time.monotonic() - began < 1
    assert (second.stdout, second.stderr) == ("tocsin ran\n", "")


def test_a_killed_set_up_is_mended_by_the_next(checkout: Path) -> None:
    command = [base_python(), checkout / "run.py", "doctor"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True) as killed:
        while not (checkout / ".venv").exists():
            time.sleep(0.001)
        os.killpg(killed.pid, signal.SIGKILL)

    done = run(checkout, "doctor")

    assert done.stdout == "tocsin ran\n"
    assert "Removing a .venv that is unfinished" in done.stderr


def test_what_another_python_left_is_made_anew(checkout: Path) -> None:
    python = checkout / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    # It runs well, and says that it is another one.
    python.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    python.chmod(0o755)

    done = run(checkout, "doctor")

    assert done.stdout == "tocsin ran\n"
    assert "of another Python" in done.stderr


def test_a_venv_that_lies_elsewhere_and_does_not_work_is_left_to_its_owner(checkout: Path) -> None:
    elsewhere = checkout / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").touch()
    (checkout / ".venv").symlink_to(elsewhere)

    done = run(checkout, "doctor")

    assert done.returncode == 1
    assert f"{checkout / '.venv'} is no folder: move it away" in done.stderr
    assert (elsewhere / "kept").exists()


def test_what_python_compiled_is_kept_also_where_it_may_keep_nothing_beside_the_sources(
    checkout: Path,
) -> None:
    (checkout / "src" / "tocsin" / "part.py").touch()
    (checkout / "src" / "tocsin" / "__main__.py").write_text("import tocsin.part\n")
    nothing_beside = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": ""}

    assert run(checkout, "doctor", **nothing_beside).returncode == 0

    kept = [path.parent.name for path in checkout.rglob("part*.pyc")]
    assert kept == ["tocsin"]
    assert not (checkout / "src" / "tocsin" / "__pycache__").exists()


@pytest.mark.night
def test_a_changed_lock_is_installed_again(checkout: Path) -> None:
    run(checkout, "doctor")
    (checkout / "requirements.lock").write_text("# changed\n", encoding="utf-8")
    assert "Installing" in run(checkout, "doctor").stderr


def test_two_at_once_wait_for_each_other(checkout: Path) -> None:
    command = [base_python(), checkout / "run.py", "doctor"]
    runs = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    outputs = [process.communicate(timeout=60) for process in runs]
    assert [output[0] for output in outputs] == ["tocsin ran\n"] * 2
    assert sum("Set up in" in output[1] for output in outputs) == 1


def test_a_command_that_fails_gives_its_exit_code(checkout: Path) -> None:
    (checkout / "src" / "tocsin" / "__main__.py").write_text(
        "raise SystemExit(3)\n", encoding="utf-8"
    )
    assert run(checkout, "demo", "--once").returncode == 3


@pytest.mark.parametrize(("words", "code"), [((), 2), (("dome",), 2), (("--help",), 0)])
def test_without_a_command_the_commands_are_told(words: tuple[str, ...], code: int) -> None:
    done = run(REPOSITORY, *words)
    assert done.returncode == code
    assert "python3 run.py demo [--once]" in (done.stderr if code else done.stdout)


@pytest.mark.parametrize("is_set_up", [False, True])
def test_a_checkout_of_another_user_says_so(checkout: Path, *, is_set_up: bool) -> None:
    shutil.rmtree(checkout / ".venv-tools")
    if is_set_up:
        # Its Python lies where only its owner may go.
        closed = checkout / "closed"
        closed.mkdir()
        (checkout / ".venv" / "bin").mkdir(parents=True)
        (checkout / ".venv" / "bin" / "python").symlink_to(closed / "python")
        closed.chmod(0)
    checkout.chmod(0o555)
    become: list[str] = []
    if os.geteuid() == 0:
        become = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        # Only what pytest has closed: one folder more where two workers share them.
        for folder in checkout.parents[:5]:
            if not folder.stat().st_mode & stat.S_IXOTH:
                folder.chmod(0o755)
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin") if become else base_python()
    if python is None:
        pytest.skip("there is no Python that another account may run")

    done = subprocess.run(
        [*become, python, checkout / "run.py", "doctor"],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )

    assert done.returncode == 1
    assert "no permission" in done.stderr
    assert "Traceback" not in done.stderr
    checkout.chmod(0o755)


def test_without_a_network_the_person_is_told_what_to_try(checkout: Path) -> None:
    (checkout / "requirements.lock").write_text(
        f"no-such-package==1 --hash=sha256:{'0' * 64}\n", encoding="utf-8"
    )
    nowhere = {"UV_OFFLINE": "1", "PIP_NO_INDEX": "1"}

    done = subprocess.run(
        [base_python(), checkout / "run.py", "doctor"],
        env=settings.environment(nowhere),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "the packages could not be installed; the lines above say why" in done.stderr
    assert "Traceback" not in done.stderr


def loaded(checkout: Path) -> Any:
    """Return the checkout's run.py as a module."""
    found = spec_from_file_location("run_of_a_checkout", checkout / "run.py")
    assert found is not None
    assert found.loader is not None
    run_py = module_from_spec(found)
    found.loader.exec_module(run_py)
    return run_py


@pytest.mark.parametrize(("words", "needed_mb"), [("doctor", 400), ("test", 1000)])
def test_a_disk_that_is_too_full_is_said_before_anything_is_made(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: str, needed_mb: int
) -> None:  # fmt: skip
    free = SimpleNamespace(free=needed_mb * 2**20 - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free)

    assert loaded(checkout).main([words]) == 1

    said = f"run.py: {checkout} has {needed_mb - 1} MB free; the set-up needs {needed_mb} MB."
    assert capsys.readouterr().err.strip() == said
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_fills_up_in_the_set_up_is_said_in_words(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: int
) -> None:  # fmt: skip
    def full(path: Path, **_: object) -> None:
        raise OSError(number, os.strerror(number), str(path))

    monkeypatch.setattr(Path, "touch", full)

    assert loaded(checkout).main(["doctor"]) == 1

    said = capsys.readouterr().err
    assert "run.py: the disk (or your share of it) is full" in said
    assert "Free some space and run this again." in said


@pytest.mark.night
def test_a_fresh_checkout_under_a_closed_home_sets_itself_up(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    checkout = home / "tocsin"
    subprocess.run(["git", "clone", "-q", REPOSITORY, checkout], check=True)
    began = time.monotonic()

    # The ports of an installation that runs beside this test are its own.
    free = {f"TOCSIN_{name}_BIND": f"127.0.0.1:{free_port()}" for name in ("GATE", "WEB", "CARRIER", "CARRIER_SMTP")}  # fmt: skip
    done = subprocess.run(
        [base_python(), checkout / "run.py", "doctor"], env=os.environ | free, capture_output=True, text=True, check=False
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert "ok       python" in done.stdout
    assert time.monotonic() - began < 90
