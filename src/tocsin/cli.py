"""Which command was meant? Finds its module and runs it; nothing else is loaded.

The supervisor is one of the commands and stays for years, so this module imports almost nothing.
"""

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from tocsin.runtime.parts import SupervisorError
from tocsin.runtime.postgres_home import PostgresError
from tocsin.runtime.settings import SettingError


@dataclass(frozen=True, slots=True)
class Command:
    """One word of the command line; `run` is `module:function`, from arguments to exit code.

    One that `explains` answers `--help` itself, and at more length.
    """

    name: str
    arguments: str
    meaning: str
    run: str
    explains: bool = False


COMMANDS: Final = (
    Command("up", "", "Run Tocsin until it is told to stop.", "tocsin.runtime.supervisor:main"),
    Command("demo", "[--once]", "Play the sample workplace.", "tocsin.demo:main", explains=True),
    Command("doctor", "", "Say what is wrong with this installation.", "tocsin.engine.doctor:main"),
    Command(
        "keys",
        "[rotate]",
        "Make the keys that are missing, or replace the master key.",
        "tocsin.engine.keys_command:main",
    ),
    Command(
        "found",
        "SLUG NAME LOGIN",
        "Make an employer and its first administrator.",
        "tocsin.console.founding:main",
    ),
    Command(
        "reset",
        "LOGIN",
        "Give a sign-in a new first password and second step.",
        "tocsin.console.resetting:main",
    ),
    Command("migrate", "", "Bring the tables up to date.", "tocsin.runtime.commands:migrate"),
    Command(
        "release",
        "",
        "Let an engine go that holds what is old after a restore.",
        "tocsin.runtime.commands:release",
    ),
    Command(
        "custody-mail",
        "SLUG [WORD]|--again|--read FILE",
        "Take one custody notice, a raw mail, from standard input, or anew what was kept.",
        "tocsin.engine.custody_door:main",
    ),
    Command(
        "accounts",
        "load ...",
        "Take in what sources say about a case, side by side.",
        "tocsin.engine.accounts_door:main",
        explains=True,
    ),
    Command(
        "erase",
        "case|person ID",
        "Destroy the key of a case or a person, for ever.",
        "tocsin.engine.erasing:main",
    ),
    Command(
        "export", "...", "Write a record to a file.", "tocsin.record.export:main", explains=True
    ),
    Command(
        "verify", "FILE", "Check an exported record.", "tocsin.record.verify:main", explains=True
    ),
)
HELP: Final = frozenset({"--help", "-h"})
WRONG_USE: Final = 2
INTERRUPTED: Final = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that `arguments` name and return its exit code.

    Whoever asks what a command does must not set it off: `--help` runs nothing, nor do words that it does not take. That
    nobody reads what it says (`tocsin doctor | head -1`, `tocsin doctor >&-`) is no fault of the command.
    """
    _fill_closed()
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        try:
            return _meant(words)
        finally:
            # Here, where it can be caught: Python would flush at its very end, and complain there.
            sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return INTERRUPTED


def _fill_closed() -> None:
    """Have standard streams that were closed lead nowhere; else the next file that is opened would be one of them."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number is taken: this one.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    for number, name in ((1, "stdout"), (2, "stderr")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "w", encoding="utf-8", closefd=False))


def _meant(words: list[str]) -> int:
    command = next((known for known in COMMANDS if words and known.name == words[0]), None)
    if command is None:
        wants_help = words[:1] == ["help"] or bool(HELP & set(words[:1]))
        (sys.stdout if wants_help else sys.stderr).write(usage())
        return 0 if wants_help else WRONG_USE
    if not command.explains and HELP & set(words[1:]):
        sys.stdout.write(f"Usage: tocsin {command.name} {command.arguments}".rstrip() + "\n")
        sys.stdout.write(f"{command.meaning}\n")
        return 0
    if words[1:] and not command.arguments:
        sys.stderr.write(f"tocsin {command.name} takes no words: {' '.join(words[1:])[:200]}\n")
        return WRONG_USE
    return _run(command, words[1:])


def _run(command: Command, words: list[str]) -> int:
    module, _, name = command.run.partition(":")
    run: Callable[[list[str]], int] = getattr(importlib.import_module(module), name)
    try:
        return run(words)
    except (SettingError, SupervisorError, PostgresError) as problem:
        sys.stderr.write(f"tocsin {command.name}: {problem}\n")
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as problem:
        # Loaded only now: it knows the database's driver.
        said = importlib.import_module("tocsin.runtime.in_the_way").words(problem)
        if said is None:
            raise
        sys.stderr.write(f"tocsin {command.name}: {said}\n")
        return 1


def usage() -> str:
    """Return the commands, one a line."""
    lines = [f"  {f'{each.name} {each.arguments}':<16} {each.meaning}" for each in COMMANDS]
    return "\n".join(["Usage: tocsin COMMAND", *lines, ""])
