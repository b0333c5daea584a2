"""Does every address give everybody what its line says: route x role x relation x organisation? I11, I12, I19.

Two processes ask, each of half the columns and of a database of its own, and a third asks in the world without the order
for whoever is on the other side.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.conftest import clone
from tests.insider import matrix
from tests.insider.asking import Answer, answers_of, ask, split
from tests.insider.cases import Secret, Worlds, enter_everything
from tests.insider.conftest import TEMPLATE, environment
from tests.insider.routes import Route
from tests.insider.test_two_worlds import NAMED
from tests.pages.house import House
from tocsin.registry.access import ROLES
from tocsin.runtime import settings as settings_module
from tocsin.runtime.ids import uuid7
from tocsin.runtime.postgres import Cluster

# They end the session that asks.
LEFT_OUT = frozenset({"account_logout"})
# The framework's own pages, which ask nobody what he is: for one role.
SIGNING_IN = ("account_", "mfa_")
FIRST, SECOND, OUTSIDE = "insider_matrix_1", "insider_matrix_2", "insider_matrix_outside"
# Of a table of a case, what does not name a person.
NO_PERSON = frozenset(
    {
        "id", "organisation_id", "case_id", "order_id", "site_id", "place_id", "post_id", "event_id", "incident_id",
        "safeguard_id", "grant_id", "sealed_of", "sender_id", "subject_id", "walk_id", "look_id", "log_id", "about_id", "retracts_id",
        "supersedes_id", "key_id", "rule_id",
    }
)  # fmt: skip


@dataclass
class Asked:
    """What everybody was answered. `outside`: in the world without the order."""

    inside: list[Answer]
    outside: list[Answer]
    routes: tuple[Route, ...]
    case_tables: dict[str, set[str]]
    roles: tuple[str, ...]


@pytest.fixture(scope="module")
def asked(worlds: Worlds, cluster: Cluster, request: pytest.FixtureRequest) -> Asked:
    """Ask everything for everybody; by day as a few roles, by night as all."""
    roles = ROLES if request.config.getoption("--night") else matrix.BY_DAY
    folder = worlds.folder
    clone(cluster, OUTSIDE, template=TEMPLATE)
    clone(cluster, FIRST, template=TEMPLATE)
    house = House(settings_module.load(environment(cluster, folder, FIRST)), worlds.inside.keys, "")
    secret = enter_everything(house, worlds.insiders)
    tables = case_tables(house)
    house.conn.close()
    house.engine.close()
    relate(cluster.url("postgres", database=FIRST), worlds, secret)
    relate(cluster.url("postgres", database=OUTSIDE), worlds, None)
    clone(cluster, SECOND, template=FIRST)
    routes = tuple(each for each in worlds.routes if each.name not in LEFT_OUT)
    halves = split(matrix.COLUMNS)
    jobs = [(FIRST, halves[0]), (SECOND, halves[1]), (OUTSIDE, [*matrix.INSIDERS])]
    asking = []
    for database, columns in jobs:
        job = job_of(worlds, secret, routes, columns, cluster.url("postgres", database=database))
        job["roles"] = roles
        asking.append(ask(environment(cluster, folder, database), job))
    found = [answers_of(each) for each in asking]
    return Asked([*found[0], *found[1]], found[2], routes, tables, roles)


def relate(url: str, worlds: Worlds, secret: Secret | None) -> None:
    """Make players what nothing else makes them: her advocate, her manager, an owner of what is to be done, one who left."""
    people = worlds.insiders.org.people
    with psycopg.connect(url, autocommit=True) as dba:
        dba.execute("update registry_person set manager_id = %s where id = %s", (people["mia"], people["wren"]))  # fmt: skip
        dba.execute("update registry_person set is_active = false where id = %s", (people["sam"],))
        if secret:
            dba.execute("update registry_case set advocate_id = %s where id = %s", (people["amy"], secret.case_id))  # fmt: skip
            dba.execute("update decisions_safeguard set owner_id = %s where case_id = %s", (people["oli"], secret.case_id))  # fmt: skip


def job_of(worlds: Worlds, secret: Secret, routes: tuple[Route, ...], columns: list[str], superuser: str) -> dict[str, Any]:  # fmt: skip
    """Return what a process is to ask."""
    org, other = worlds.insiders.org, worlds.insiders.other
    names = {name: player for name, (_, player) in matrix.RELATIONS.items()} | matrix.WITHOUT_ROLE
    with psycopg.connect(superuser) as dba:
        accounts = {row[0]: str(row[1]) for row in dba.execute("select person_id, id from registry_account")}  # fmt: skip
    signed = {name: accounts[org.people[player]] if player else None for name, player in names.items()}  # fmt: skip
    signed["elsewhere"] = accounts[other.people["shift_lead"]]
    employed = [org.people[player] for player in names.values() if player]
    return {
        "players": {column: signed[column] for column in columns},
        "employed": [str(each) for each in (*employed, other.people["shift_lead"])],
        "without_role": [*matrix.WITHOUT_ROLE],
        "of_signing_in": [each.name for each in routes if each.name.startswith(SIGNING_IN)],
        "compared": matrix.INSIDERS,
        "routes": [(each.name, of_the_case(worlds, secret, each)) for each in routes],
        "superuser": superuser,
        "case_id": str(secret.case_id),
        "word": secret.word,
        "known": [str(each) for rows in secret.ids.values() for each in rows],
    }


def of_the_case(worlds: Worlds, secret: Secret, route: Route) -> str:
    """Return the address filled in with what belongs to the case, where there is such a thing."""
    values = {}
    for name, kind in route.parameters:
        if kind != "uuid":
            values[name] = "case" if name == "about" else "1"
            continue
        tables = NAMED.get(name) or [
            t for t in secret.ids if t.endswith("_" + name.removesuffix("_id").replace("_", ""))
        ]
        ids = [each for table in tables for each in secret.ids.get(table, [])]
        of_it = [each for each in ids if each in secret.forbidden]
        # The oldest: the first incident of the case, not a note about it.
        values[name] = str((of_it[-1:] or ids or [uuid7()])[0])
    if "person_id" in values:
        values["person_id"] = str(worlds.insiders.org.people["wren"])
    if "about_id" in values:
        values["about_id"] = str(secret.case_id)
    return route.filled(values)


def case_tables(house: House) -> dict[str, set[str]]:
    """Return the columns that hold an id, by table, of every table whose rows belong to a case."""
    rows = house.engine.execute(
        """select table_name, column_name from information_schema.columns c where table_schema = 'public'
        and data_type = 'uuid' and (table_name = 'registry_case' or exists (
            select 1 from information_schema.columns k where k.table_name = c.table_name and k.column_name = 'case_id'))"""
    ).fetchall()
    found: dict[str, set[str]] = {}
    for table, column in rows:
        found.setdefault(str(table), set()).add(str(column))
    return found


@pytest.mark.guarantee("I12")
def test_every_address_gives_everybody_what_its_line_says(asked: Asked) -> None:
    cells = matrix.cells_of(asked.inside)
    if os.environ.get("MATRIX_TO"):
        Path(os.environ["MATRIX_TO"]).write_text(matrix.written(cells), encoding="utf-8")
    known = matrix.read()
    routes = {name.partition(":")[0] for name in cells}
    assert routes == {each.name for each in asked.routes}
    missing = sorted(set(cells) - set(known))
    assert not missing, f"no line in matrix.txt for {missing}:\n{matrix.written({n: cells[n] for n in missing})}"  # fmt: skip
    wrong = {n: (cells[n], known[n]) for n in cells if not all(matrix.is_as_said(cell, known[n][c]) for c, cell in cells[n].items())}  # fmt: skip
    assert not wrong, wrong
    assert not set(known) - set(cells), "lines of addresses that are gone"


@pytest.mark.guarantee("I12")
def test_no_address_says_a_word_of_the_case_to_whoever_is_shut_out_whatever_he_is(asked: Asked) -> None:  # fmt: skip
    leaked = {(a.route, a.method, a.column, a.role) for a in asked.inside if a.column in matrix.SHUT_OUT and (a.has_canary or a.has_word)}  # fmt: skip
    assert not leaked
    assert {a.role for a in asked.inside if a.column == "linked"} == {*asked.roles}


@pytest.mark.guarantee("I11")
def test_whoever_is_shut_out_is_answered_the_same_in_both_worlds_whatever_he_is(asked: Asked) -> None:  # fmt: skip
    def said(answers: list[Answer]) -> dict[tuple[str, ...], tuple[int, str]]:
        of_him = [each for each in answers if each.column in matrix.INSIDERS]
        return {(a.column, a.role, a.method, a.route): (a.status, a.digest) for a in of_him}

    inside, outside = said(asked.inside), said(asked.outside)
    assert len(outside) >= len(asked.roles) * len(asked.routes)
    # A method that an address does not take is tried once.
    both = inside.keys() & outside.keys()
    assert len(both) > len(outside) / 2
    assert {key: (inside[key], outside[key]) for key in both if inside[key] != outside[key]} == {}


# They show what every post is to know (whom to recognise, what to do), which is no reading of the case.
# Who has to agree, or to look at why glass was broken, reads the reason for it and nothing else.
AT_THE_DOOR = frozenset(
    {"access", "act", "desk", "board", "seen", "briefing", "briefings", "incident", "orders"}
)
# The photograph is opened to see whether there is one; the look is on record before it leaves (`test_read_first.py`).
OPENED_TO_SEE = frozenset({"desk_photo"})


@pytest.mark.guarantee("I19")
def test_every_address_that_shows_a_word_of_the_case_has_written_the_look_down_first(asked: Asked) -> None:  # fmt: skip
    showing = {a.route for a in asked.inside if a.has_canary}
    late = {a.route for a in asked.inside if a.has_canary and not a.was_read_first}
    assert len(showing - AT_THE_DOOR) > 3
    assert late <= AT_THE_DOOR | OPENED_TO_SEE, sorted(late - AT_THE_DOOR - OPENED_TO_SEE)


def test_every_column_that_names_a_person_of_a_case_is_a_relation_or_gives_nothing(asked: Asked) -> None:  # fmt: skip
    related = {column for column, _ in matrix.RELATIONS.values()}
    silent = matrix.NO_RELATION | NO_PERSON
    unknown = {
        f"{table}.{column}"
        for table, columns in asked.case_tables.items()
        for column in columns - silent
        if f"{table}.{column}" not in related
    }
    assert unknown == set(OTHERS), "say in matrix.py what these are to the case"


# They are of an incident, a walk, a look or a machine of hers, or say who did something to it: what they give is in the lines of
# those addresses.
OTHERS = frozenset(
    {
        "signals_fix.person_id", "signals_hold.person_id", "registry_reading.person_id", "decisions_briefing.person_id",
        "decisions_safeguardnotice.person_id", "registry_houserule.owner_id", "decisions_incident.person_id",
        "registry_sender.person_id", "registry_sender.revoked_by_id",
    }
)  # fmt: skip


def test_no_line_gives_an_insider_more_than_a_stranger_about_the_case() -> None:
    # An address that names a case is none for whoever is shut out of it, whatever its line is.
    about = ("case", "order", "grant", "safeguard", "custody", "review", "accounts")
    for name, row in matrix.read().items():
        if name.startswith(about):
            for column in matrix.INSIDERS:
                statuses = {*matrix.statuses_of(row[column]).values()}
                assert statuses <= {200, 302, 400, 403, 404}, (name, column)
