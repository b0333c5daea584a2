"""What does asking for help set off? Nothing: a command that lets go, starts or resets is run by its own words alone."""

import subprocess
import sys

import pytest

from tocsin import cli


@pytest.fixture(autouse=True)
def nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail whatever would be run: the modules of the commands cannot be found."""

    def refused(name: str) -> None:
        pytest.fail(f"{name} was about to run")

    monkeypatch.setattr(cli.importlib, "import_module", refused)


@pytest.mark.parametrize("command", [one for one in cli.COMMANDS if not one.explains])
@pytest.mark.parametrize("word", ["--help", "-h"])
def test_asking_what_a_command_does_says_so_and_runs_nothing(
    command: cli.Command, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([command.name, word]) == 0
    assert command.meaning in capsys.readouterr().out


@pytest.mark.parametrize("command", [one for one in cli.COMMANDS if not one.arguments])
def test_a_command_that_takes_no_words_refuses_them(
    command: cli.Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([command.name, "now"]) == cli.WRONG_USE
    assert "takes no words: now" in capsys.readouterr().err


def test_without_a_command_every_one_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    said = capsys.readouterr().out
    assert all(f"  {one.name} " in said for one in cli.COMMANDS)
    assert cli.main(["no-such-command"]) == cli.WRONG_USE


@pytest.mark.parametrize(
    "line",
    ["--help | true", "--help >&-", "verify --help | true", "verify no-such-file >&-", "verify no-such-file | true", "verify --help <&- >&- 2>&-"],
)  # fmt: skip
def test_that_nobody_reads_what_a_command_says_is_no_fault_of_it(line: str) -> None:
    done = subprocess.run(
        f'"{sys.executable}" -m tocsin {line}',
        shell=True,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stderr == ""
