"""How does the story speak? In lines that each say where they come from.

REPORTED A B   the published reports say so: each source as the example file gives it, none corrected
BLANK          no report says; it stays open
SUPPOSED       what a site with Tocsin would have done; here it is really done, by the product, just now
DEMO           about the demo itself
"""

import sys
import textwrap
from collections.abc import Callable
from typing import Final

from tocsin.demo.reference import Reference

REPORTED: Final = "REPORTED"
BLANK: Final = "BLANK"
SUPPOSED: Final = "SUPPOSED"
DEMO: Final = "DEMO"
WIDTH: Final = 118
LABEL_WIDTH: Final = 9
TIME_WIDTH: Final = 9

Write = Callable[[str], object]


class Voice:
    """Prints labelled lines; `now_ms` counts from the story's beginning."""

    def __init__(
        self, reference: Reference, now_ms: Callable[[], float], write: Write | None = None
    ) -> None:
        """Speak to `write`, standard output by default."""
        self._reference, self._now_ms = reference, now_ms
        self._write = write or _to_standard_output

    @property
    def sources(self) -> dict[str, str]:
        """Return the reports by letter."""
        return self._reference.sources

    def scene(self, title: str) -> None:
        """Begin a scene."""
        self._write(f"\n{title}\n{'-' * len(title)}\n")

    def plain(self, words: str = "") -> None:
        """Print a line as it is, outside of the story."""
        self._write(f"{words}\n")

    def reported(self, *names: str) -> None:
        """Print what each source says of these facts, side by side; a blank is printed as one.

        Raises KeyError for a fact that the reference case does not know.
        """
        for name in names:
            fact = self._reference.facts[name]
            if fact.is_blank:
                self._line(BLANK, f"No report says {fact.words}.", at=False)
                continue
            told = "; ".join(f'{letter}: "{words}"' for letter, words in fact.accounts.items())
            self._line(REPORTED, f"{_capital(fact.words)}. {told}.", at=False)

    def supposed(self, words: str) -> None:
        """Print what a site with Tocsin would have done, with the time at which it was done just now."""
        self._line(SUPPOSED, words, at=True)

    def demo(self, words: str) -> None:
        """Print something about the demo itself."""
        self._line(DEMO, words, at=False)

    def _line(self, label: str, words: str, *, at: bool) -> None:
        time = f"{self._now_ms() / 1000:8.3f}s" if at else " " * TIME_WIDTH
        head = f"{time} {label:<{LABEL_WIDTH}} "
        self._write(
            textwrap.fill(words, WIDTH, initial_indent=head, subsequent_indent=" " * len(head))
            + "\n"
        )


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _to_standard_output(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
