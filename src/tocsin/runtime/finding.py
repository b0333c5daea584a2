"""What does the doctor say about one thing that it looked at?"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

OK: Final = "ok"
WARNING: Final = "warning"
WRONG: Final = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor: what was looked at, how it is, and (unless ok) what to do."""

    state: str
    what: str
    text: str


def closed(what: str, folder: Path) -> Finding:
    """Return that this account could not look at a folder: unknown is not well."""
    text = f"{folder} is closed to this account: run the doctor as the account of Tocsin."
    return Finding(WRONG, what, text)
