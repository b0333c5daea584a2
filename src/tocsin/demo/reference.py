"""What do the published reports say about the real event? Read from the example, word for word.

A line of the story is *reported* only through here: it carries what the example gives of each source, side by side. A fact without
accounts is a blank, and stays one.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

import tocsin


class ExampleMissing(Exception):
    """The examples are not where they should be; the message says where they were sought."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: what it is about, and each source's account of it (none: a blank)."""

    name: str
    words: str
    accounts: dict[str, str]

    @property
    def is_blank(self) -> bool:
        """Return whether no report gives it."""
        return not self.accounts


@dataclass(frozen=True, slots=True)
class Reference:
    """The reports: `sources` by letter, and the facts by name."""

    sources: dict[str, str]
    facts: dict[str, Fact]


def examples_folder() -> Path:
    """Return the folder of the examples, beside the package's `src`.

    Raises:
        ExampleMissing: Tocsin was installed without them.
    """
    folder = Path(tocsin.__path__[0]).resolve().parents[1] / "examples"
    if not (folder / "reference_case.toml").is_file():
        message = f"the examples of the demo are not in {folder}; run it from a checkout of Tocsin"
        raise ExampleMissing(message)
    return folder


def read_reference(folder: Path) -> Reference:
    """Return the reference case of this examples folder."""
    told = tomllib.loads((folder / "reference_case.toml").read_text(encoding="utf-8"))
    sources = {letter: source["what"] for letter, source in told["source"].items()}
    facts = {}
    for name, entry in told["fact"].items():
        accounts = {letter: entry[letter] for letter in sources if letter in entry}
        facts[name] = Fact(name, entry["is"], accounts)
    return Reference(sources, facts)
