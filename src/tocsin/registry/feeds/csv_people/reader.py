"""Who works here? Reads a table of staff: nothing is saved and nobody is called."""

from typing import Final

from tocsin.registry.feeds.cells import Row
from tocsin.registry.feeds.table import Columns, read_table
from tocsin.registry.rules.imports import Import, PersonRow, Refused

COLUMNS: Final = Columns(
    required=("staff_number", "name", "role"),
    optional=("short_name", "language", "site", "manager", "teams"),
)
MAX_STAFF_NUMBER: Final = 40
MAX_NAME: Final = 120
MAX_ROLE: Final = 40
MAX_LANGUAGE: Final = 10
MAX_TEAMS: Final = 20


def read(raw: bytes) -> Import[PersonRow]:
    """Return the staff in this table; columns in any order, by the names in `COLUMNS`.

    A role becomes one word in small letters ("Shift lead" is shift_lead). Teams are separated by
    "|". An empty short name is the first word of the name. A manager who is not in the file is for
    the caller to find.
    """
    result = read_table(raw, COLUMNS, _person, lambda person: person.staff_number.casefold())
    own_managers = tuple(
        Refused(person.line, "manager", "is the person herself", person.manager)
        for person in result.rows
        if person.manager and person.manager.casefold() == person.staff_number.casefold()
    )
    refused_lines = {refused.line for refused in own_managers}
    kept = tuple(person for person in result.rows if person.line not in refused_lines)
    return Import(kept, (*result.refused, *own_managers), result.warned)


def _person(row: Row) -> PersonRow:
    name = row.name("name", most=MAX_NAME)
    short = row.name("short_name", most=MAX_NAME, is_required=False)
    return PersonRow(
        line=row.line,
        staff_number=row.text("staff_number", most=MAX_STAFF_NUMBER),
        name=name,
        short_name=short or name.split(" ")[0],
        role=_role(row),
        language=_language(row),
        site=row.name("site", most=MAX_NAME, is_required=False),
        manager=row.text("manager", most=MAX_STAFF_NUMBER, is_required=False),
        teams=_teams(row),
        given=frozenset(column for column in COLUMNS.optional if row.has(column)),
    )


def _role(row: Row) -> str:
    role = "_".join(row.text("role", most=MAX_ROLE).casefold().replace("-", " ").split())
    if role and not role.isidentifier():
        row.wrong("role", "is not made of letters, digits and spaces")
    return role


def _language(row: Row) -> str:
    language = row.text("language", most=MAX_LANGUAGE, is_required=False) or "en"
    if not language.replace("-", "").isalpha() or not language.isascii():
        row.wrong("language", "is not a language code like en or es")
    return language


def _teams(row: Row) -> tuple[str, ...]:
    text = row.name("teams", most=MAX_NAME * MAX_TEAMS, is_required=False)
    teams = tuple(dict.fromkeys(team.strip() for team in text.split("|") if team.strip()))
    if len(teams) > MAX_TEAMS:
        row.wrong("teams", f"names more than {MAX_TEAMS} teams")
    if any(len(team) > MAX_NAME for team in teams):
        row.wrong("teams", f"holds a name of more than {MAX_NAME} characters")
    return teams
