"""What does each address give whom? `matrix.txt` says it, one line an address; a new address without a line fails.

    python -m tests.insider.matrix FILE      (the test writes what it saw to FILE; look at it, then keep it)

The columns are who asks, from outside to inside; a cell is the status of a GET (or `405/..` where only a POST is
answered: then of an empty POST), of the address filled in with what lies in the world with the order.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

PAGE: Final = Path(__file__).parent / "matrix.txt"
# Nobody; another employer's lead; the respondent; accounts linked to him; whoever else works here; who may read it; she.
COLUMNS: Final = (
    "nobody",
    "elsewhere",
    "respondent",
    "linked_lead",
    "linked_admin",
    "guard",
    "lead",
    "holder",
    "protected",
)


def read() -> dict[str, dict[str, str]]:
    """Return the cells of each address's line."""
    found = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, *cells = line.split()
            found[name] = dict(zip(COLUMNS, cells, strict=True))
    return found


def written(cells: Mapping[str, Mapping[str, str]]) -> str:
    """Return the file's text."""
    head = "# " + "address".ljust(30) + " ".join(name.ljust(12) for name in COLUMNS)
    lines = [
        name.ljust(32) + " ".join(row[column].ljust(12) for column in COLUMNS).rstrip()
        for name, row in sorted(cells.items())
    ]
    return "\n".join([head, *lines, ""])
