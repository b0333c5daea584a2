"""What does an insider learn from a form that he fills, rightly or wrongly, and from the pages that follow?

Every form that there is, by `forms.FORMS`, in a world without the order and in one with it: pages and gate run, no engine. I11.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
import requests

from tests.insider import matrix
from tests.insider.cases import Secret, Worlds, canary
from tests.insider.forms import FORMS, Filled, Typed
from tests.insider.moments import ORDER_BEFORE, Shown, aged
from tests.insider.routes import Route
from tests.insider.test_his_own_things import Actor, Said, both_running, is_like, told
from tests.insider.test_two_worlds import INSIDERS, NAMED
from tocsin.runtime.postgres import Cluster

# What the forms make: each world's own is the newest of it, which no order makes.
MADE = {
    "vehicle_id": "registry_fleetvehicle",
    "sender_id": "registry_sender",
    "named_id": "registry_emergencycontact",
    "device_id": "registry_device",
    "loosening_id": "registry_loosening",
}
# Pages with lines that came about in one instant: those stand in the order of ids that were drawn by chance.
UNORDERED = frozenset(
    {"access", "new_order", "drills", "drill", "timeline_of", "safeguards", "release"}
)
# Whose forms reach the most; by night everybody's.
BY_DAY = "ada"
POSTED = re.compile(r"(\w+):POST")


@pytest.fixture(scope="module")
def filling(
    worlds: Worlds, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[dict[str, tuple[Actor, Actor]], Secret]]:
    """Return each insider in both worlds, signed in, and what only the second has."""
    folder, org = tmp_path_factory.mktemp("filled"), worlds.insiders.org
    with ExitStack() as stack:
        both, secret = both_running(stack, cluster, folder, worlds, "filled")
        for name in ("without", "with"):
            aged(cluster.url("postgres", database=f"insider_filled_{name}"), ORDER_BEFORE)
        since = datetime.now(UTC)
        found = {
            name: (
                Actor(both[0], worlds.insiders, both[0].house.signed_in(org, name), since),
                Actor(both[1], worlds.insiders, both[1].house.signed_in(org, name), since),
            )
            for name in INSIDERS
        }
        yield found, secret


def places(worlds: Worlds, actor: Actor, route: Route, secret: Secret, name: str) -> list[str]:
    """Return where a form of this name stands: at what is there, at himself, at what only the other world has."""
    org, parameters = worlds.insiders.org, [parameter for parameter, _ in route.parameters]
    there = {"person_id": org.people["wren"], "site_id": org.site_id, "about": "case"}
    found = [
        {each: str(there.get(each) or _newest(actor, each, org.people["wren"], secret)) for each in parameters},
        {each: str(_of_the_secret(secret, each, there)) for each in parameters},
    ]  # fmt: skip
    if "person_id" in parameters:
        me = org.people[name]
        found.append({each: str(me if each == "person_id" else _newest(actor, each, me, secret)) for each in parameters})  # fmt: skip
    return [*dict.fromkeys(route.filled(values) for values in found)]


def _newest(actor: Actor, parameter: str, person_id: UUID, secret: Secret) -> object:
    """Return the newest of what a parameter names that is not the order's: in each world its own; or what is nowhere."""
    engine, tables = actor.world.house.engine, NAMED.get(parameter) or (MADE.get(parameter),)
    for table in tables:
        if table is None:
            return "1"
        has_person = table in {"registry_contactmethod", "registry_emergencycontact"}
        # An entry lets several in at one instant: those stand by id as it was drawn, another in each world.
        order = "asked_at desc, person_id" if table == "registry_grant" else "id desc"
        rows = engine.execute(f"select id from {table} {'where person_id = %(it)s' if has_person else ''} order by {order} limit 60".encode(), {"it": person_id}).fetchall()  # fmt: skip
        for (found,) in rows:
            if found not in secret.forbidden:
                return found
    return uuid4()


def _of_the_secret(secret: Secret, parameter: str, there: dict[str, object]) -> object:
    """Return the order's own of what a parameter names, where it has one."""
    for table in NAMED.get(parameter, ()):
        for found in secret.ids.get(table, ()):
            if found in secret.forbidden:
                return found
    return secret.case_id if parameter == "about_id" else there.get(parameter, uuid4())


def fill(worlds: Worlds, actor: Actor, route: Route, secret: Secret, name: str) -> None:
    """Fill a form in one world as it is right and as it is wrong, wherever it stands, and look where it leads."""
    org, form = worlds.insiders.org, FORMS[route.name]
    names = {name: str(each) for name, each in org.people.items()} | {"me": str(org.people[name]), "site": str(org.site_id)}  # fmt: skip
    (order,) = [each for each in secret.ids["registry_protectionorder"] if each in secret.forbidden][:1]  # fmt: skip
    day = (actor.since + timedelta(days=1)).date()
    names |= {"case": str(secret.case_id), "order": str(order), "word": secret.word, "hers": canary("respondent name"), "soon": str(day)}  # fmt: skip
    for n, where in enumerate(places(worlds, actor, route, secret, name)):
        for how, typed in form.both(names | {"new": str(uuid4())}):
            step = f"{route.name} {n} {how}"
            answer = _sent(actor, form, where, typed)
            actor.hear(step, answer)
            actor.taken[answer.status_code] += 1
            # What follows: where it leads, or what the page shows when it is opened anew.
            leads = answer.headers.get("Location") or (where if answer.status_code < 400 and how == "right" else "")  # fmt: skip
            if leads.startswith("/"):
                actor.hear(f"{step}, then", actor.browser.session.get(actor.browser.base + leads, timeout=20, allow_redirects=False))  # fmt: skip


def _sent(actor: Actor, form: Filled, where: str, typed: Typed) -> requests.Response:
    session, address = actor.browser.session, actor.browser.base + where
    token = session.cookies.get("csrftoken") or ""
    if form.is_json:
        return session.post(address, json=typed, headers={"X-CSRFToken": token}, timeout=20, allow_redirects=False)  # fmt: skip
    data = {"csrfmiddlewaretoken": token, **typed}
    return session.post(address, data=data, timeout=20, allow_redirects=False)


def shuffled(heard: tuple[str, Said]) -> tuple[str, Said]:
    """Return an answer with its words and its times in an order of their own."""
    step, (*head, text, shown) = heard
    times = sorted(shown.times, key=lambda each: each.shown)
    return step, (*head, sorted(re.findall(r"\w+", text)), Shown(tuple(times)))


def test_every_form_that_there_is_has_a_line() -> None:
    posted = {found[1] for line in matrix.read() if (found := POSTED.fullmatch(line))}
    assert posted == FORMS.keys(), "a form without a line, or a line of a form that is gone"


@pytest.mark.guarantee("I11")
@pytest.mark.parametrize("name", [pytest.param(name, marks=() if name == BY_DAY else pytest.mark.night) for name in INSIDERS])  # fmt: skip
def test_what_an_insider_types_is_answered_the_same_in_both_worlds(
    filling: tuple[dict[str, tuple[Actor, Actor]], Secret], worlds: Worlds, name: str
) -> None:
    everybody, secret = filling
    actors, routes = everybody[name], {route.name: route for route in worlds.routes}
    for form in FORMS:
        for actor in actors:
            fill(worlds, actor, routes[form], secret, name)
    one, other = (actor.heard for actor in actors)
    assert [step for step, _ in one] == [step for step, _ in other]
    since = actors[0].since
    differing = [
        (a, b)
        for a, b in zip(one, other, strict=True)
        if not is_like(a, b, since) and not (a[0].split()[0] in UNORDERED and is_like(shuffled(a), shuffled(b), since))
    ]  # fmt: skip
    assert not differing, told(differing)
    # Else the test would compare refusals with refusals.
    shown = actors[0].browser.get("/sessions")
    assert shown.url.endswith("/sessions"), "he was signed out by what he pressed"
    assert actors[0].taken[302] > 10, actors[0].taken


# In one world only, what he adds about her is kept otherwise than he typed it: an answer to the press is the same, the page is not.
WRONG = """
create function kept_otherwise() returns trigger language plpgsql as $$ begin new.never_notify := true; return new; end $$;
create trigger kept_otherwise before insert on registry_emergencycontact for each row execute function kept_otherwise()
"""


@pytest.mark.guarantee("I11")
def test_a_form_that_is_kept_otherwise_because_of_the_order_is_found(
    filling: tuple[dict[str, tuple[Actor, Actor]], Secret], worlds: Worlds, cluster: Cluster
) -> None:
    everybody, secret = filling
    actors, (form,) = everybody["ada"], [each for each in worlds.routes if each.name == "emergency"]
    url = cluster.url("postgres", database="insider_filled_with")
    with psycopg.connect(url, autocommit=True) as dba:
        dba.execute(WRONG.encode())
        try:
            for actor in actors:
                actor.heard.clear()
                fill(worlds, actor, form, secret, "ada")
        finally:
            dba.execute("drop function kept_otherwise cascade")
    one, other = (actor.heard for actor in actors)
    since = actors[0].since
    differing = {a[0] for a, b in zip(one, other, strict=True) if not is_like(a, b, since)}
    assert "emergency 0 right" not in differing
    assert "emergency 0 right, then" in differing
