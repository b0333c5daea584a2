"""What does each address give whom? `matrix.txt` says it, one line an address and method; one without a line fails.

    MATRIX_TO=FILE python -m pytest --night tests/insider/test_matrix.py      (writes what it saw; look at it, then keep it)

A column is what somebody is to the case (`RELATIONS`), or that he is of elsewhere, left, or is nobody. A cell is the status
of an answer, of the address filled in with what lies in the world with the order. Where it hangs on how somebody is
employed, the cell has a sign for each role, in the order of `registry.access.ROLES`; `SIGNS` says which.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from tests.insider.asking import Answer
from tocsin.registry.access import ROLES

PAGE: Final = Path(__file__).parent / "matrix.txt"
# What somebody is to a case, and by which column of the database; the player of each.
RELATIONS: Final = {
    "none": ("", "tom"),
    "respondent": ("registry_case.colleague_id", "rex"),
    "linked": ("registry_party.person_id", "lin"),
    "protected": ("registry_case.protected_id", "wren"),
    "entered": ("registry_case.opened_by_id", "nia"),
    "granted": ("registry_grant.person_id", "pat"),
    "glass": ("registry_grant.told_id", "max"),
    "waiting": ("registry_grant.agreed_at", "zoe"),
    "advocate": ("registry_case.advocate_id", "amy"),
    "owner": ("decisions_safeguard.owner_id", "oli"),
    "manager": ("registry_person.manager_id", "mia"),
}
# They are so whatever they are employed as: one is not signed in, one has left, one has the roles of another employer.
WITHOUT_ROLE: Final = {"nobody": None, "former": "sam"}
COLUMNS: Final = (*WITHOUT_ROLE, "elsewhere", *RELATIONS)
SHUT_OUT: Final = ("nobody", "former", "elsewhere", "respondent", "linked")
# The same in both worlds, for the one who is on the other side.
INSIDERS: Final = ("respondent", "linked")
# Columns that name a person and give him nothing by that: they say who did something, or whom it was told.
NO_RELATION: Final = frozenset(
    {
        "added_by_id", "advocate_asked_by_id", "advocate_asked_id", "agreed_by_id", "asked_by_id", "ended_by_id",
        "entered_by_id", "erase_asked_by_id", "escalated_to_id", "explained_by_id", "first_page_by_id", "heard_by_id",
        "hold_lift_asked_by_id", "judged_by_id", "kept_by_id", "lift_asked_by_id", "lifted_by_id", "looked_by_id",
        "lower_asked_by_id", "lowered_by_id", "made_by_id", "planned_by_id", "reported_by_id", "reviewed_by_id",
        "taken_back_by_id", "to_id", "unlink_asked_by_id", "unlinked_by_id",
    }
)  # fmt: skip
# By day as these, each with other rights: at a post, at the head of a shift, of the registry. By night as every role there is.
BY_DAY: Final = ("guard", "shift_lead", "admin")
SIGNS: Final = {200: "o", 302: ">", 400: "b", 401: "u", 403: "x", 404: ".", 409: "c", 429: "t"}


def read() -> dict[str, dict[str, str]]:
    """Return the cells of each line."""
    found = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, *cells = line.split()
            found[name] = dict(zip(COLUMNS, cells, strict=True))
    return found


def cells_of(answers: Iterable[Answer]) -> dict[str, dict[str, str]]:
    """Return the cells of each line, as they were answered. Whatever is refused as a method has none."""
    by_role: dict[tuple[str, str], dict[str, int]] = {}
    for one in answers:
        name = one.route if one.method == "GET" else f"{one.route}:{one.method}"
        by_role.setdefault((name, one.column), {})[one.role] = one.status
    found: dict[str, dict[str, str]] = {}
    for (name, column), statuses in by_role.items():
        found.setdefault(name, {})[column] = _cell(statuses)
    return {name: row for name, row in found.items() if set(row.values()) != {"405"} and len(row) == len(COLUMNS)}  # fmt: skip


def _cell(statuses: Mapping[str, int]) -> str:
    if len(set(statuses.values())) == 1:
        return str(next(iter(statuses.values())))
    return "".join(SIGNS[statuses[role]] if role in statuses else "-" for role in ROLES)


def is_as_said(seen: str, known: str) -> bool:
    """Return whether a cell that was seen, perhaps for a few roles only, is what the line says."""
    if seen.isdecimal() and known.isdecimal():
        return seen == known
    if seen.isdecimal():
        # All that were asked had the same; which they were is the suite's.
        return SIGNS[int(seen)] in known and all(
            sign == SIGNS[int(seen)]
            for role, sign in zip(ROLES, known, strict=True)
            if role in BY_DAY
        )
    return not known.isdecimal() and all(
        one in {"-", other} for one, other in zip(seen, known, strict=True)
    )


def statuses_of(cell: str) -> dict[str, int]:
    """Return the status by role that a cell says."""
    if cell.isdecimal():
        return dict.fromkeys(ROLES, int(cell))
    by_sign = {sign: status for status, sign in SIGNS.items()}
    return {role: by_sign[sign] for role, sign in zip(ROLES, cell, strict=True)}


def written(cells: Mapping[str, Mapping[str, str]]) -> str:
    """Return the file's text."""
    signs = " ".join(f"{sign}={status}" for status, sign in SIGNS.items())
    head = "# " + "address".ljust(32) + " ".join(name.ljust(10) for name in COLUMNS).rstrip()
    lines = [
        name.ljust(34) + " ".join(row[column].ljust(10) for column in COLUMNS).rstrip()
        for name, row in sorted(cells.items())
    ]
    return "\n".join([f"# A cell of {len(ROLES)} signs is by role: {' '.join(ROLES)}", f"# {signs}", head, *lines, ""])  # fmt: skip
