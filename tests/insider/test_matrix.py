"""Does every address give everybody what its line says, and is there a line for every address? I12, I19."""

import os
from pathlib import Path

import pytest

from tests.insider import matrix
from tests.insider.cases import CANARY, Worlds
from tests.insider.routes import Route
from tests.insider.test_two_worlds import NAMED
from tests.pages.house import Browser
from tocsin.runtime.ids import uuid7

PLAYERS = {
    "respondent": "rex",
    "linked_lead": "lin",
    "linked_admin": "ada",
    "guard": "pip",
    "lead": "max",
    "holder": "nia",
    "protected": "wren",
}
SHUT_OUT = ("nobody", "elsewhere", "respondent", "linked_lead", "linked_admin")
# They end the session that asks.
LEFT_OUT = frozenset({"account_logout"})


def browsers(worlds: Worlds) -> dict[str, Browser]:
    """Return who asks, signed in."""
    house, org, other = worlds.inside, worlds.insiders.org, worlds.insiders.other
    found = {"nobody": Browser(house.base, org.address), "elsewhere": house.signed_in(other, "shift_lead")}  # fmt: skip
    return found | {column: worlds.browser(name) for column, name in PLAYERS.items()}


def of_the_case(worlds: Worlds, route: Route) -> str:
    """Return the address filled in with what belongs to the case, where there is such a thing."""
    secret, values = worlds.secret, {}
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


def seen(worlds: Worlds, route: Route, browser: Browser) -> tuple[str, str]:
    """Return the cell of one address for one who asks, and the text of the answer."""
    address = of_the_case(worlds, route)
    answer = browser.session.get(browser.base + address, timeout=20, allow_redirects=False)
    if answer.status_code == 405:
        token = browser.session.cookies.get("csrftoken", "")
        posted = browser.session.post(browser.base + address, data={"csrfmiddlewaretoken": token}, timeout=20, allow_redirects=False)  # fmt: skip
        return f"405/{posted.status_code}", answer.text + posted.text
    return str(answer.status_code), answer.text


@pytest.mark.guarantee("I12")
def test_every_address_gives_everybody_what_its_line_says(worlds: Worlds) -> None:
    asking, known = browsers(worlds), matrix.read()
    cells: dict[str, dict[str, str]] = {}
    leaked = []
    for route in worlds.routes:
        if route.name in LEFT_OUT:
            continue
        cells[route.name] = {}
        for column, browser in asking.items():
            cells[route.name][column], text = seen(worlds, route, browser)
            if column in SHUT_OUT and (CANARY in text or worlds.secret.word in text):
                leaked.append((route.name, column))
    assert not leaked
    if os.environ.get("MATRIX_TO"):
        Path(os.environ["MATRIX_TO"]).write_text(matrix.written(cells), encoding="utf-8")
    missing = sorted(set(cells) - set(known))
    assert not missing, f"no line in matrix.txt for {missing}:\n{matrix.written({n: cells[n] for n in missing})}"  # fmt: skip
    wrong = {n: (cells[n], known[n]) for n in cells if cells[n] != known[n]}
    assert not wrong, wrong
    assert not set(known) - set(cells), "lines of addresses that are gone"


# They show what every post is to know (whom to recognise, what to do), which is no reading of the case.
# Who has to agree, or to look at why glass was broken, reads the reason for it and nothing else.
AT_THE_DOOR = frozenset({"access", "desk", "board", "seen", "briefing", "briefings", "incident"})


@pytest.mark.guarantee("I19")
def test_every_address_that_shows_a_word_of_the_case_has_written_the_look_down(
    worlds: Worlds,
) -> None:
    browser = worlds.browser("nia")
    showing, silent = set(), set()
    for route in worlds.routes:
        if route.name in LEFT_OUT:
            continue
        before = looks(worlds)
        _, text = seen(worlds, route, browser)
        if CANARY in text:
            showing.add(route.name)
            if looks(worlds) == before:
                silent.add(route.name)
    assert len(showing) > 3
    assert silent <= AT_THE_DOOR, sorted(silent - AT_THE_DOOR)


def looks(worlds: Worlds) -> tuple[int, int]:
    """Return how many looks the table and the record hold."""
    row = worlds.inside.engine.execute(
        "select (select count(*) from registry_reading),"
        " (select count(*) from record_entry where kind in ('record.read', 'record.exported'))"
    ).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


def test_no_line_gives_an_insider_more_than_a_stranger_about_the_case() -> None:
    # An address that names a case is none for whoever is shut out of it, whatever its line is.
    for name, row in matrix.read().items():
        if name.startswith(
            ("case", "order", "grant", "safeguard", "custody", "review", "account_of")
        ):
            for column in ("respondent", "linked_lead", "linked_admin"):
                assert row[column] in {"404", "405/404", "405/403", "200", "302", "405/400"}, (name, column)  # fmt: skip
