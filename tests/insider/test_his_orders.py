"""What does an insider learn from orders that he enters himself? The same in both worlds, also when the engine has tended them.

Whoever leads may enter an order, also one that is made up: for her, against anybody. I11, I12.
"""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from uuid import UUID

import pytest

from tests.conftest import clone
from tests.insider.cases import Worlds, enter_everything
from tests.insider.conftest import TEMPLATE, environment
from tests.insider.test_two_worlds import masked
from tests.pages.conftest import wait_until_served
from tests.pages.house import IDS, Browser, House
from tests.pages.test_orders import CASE, send
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.tend_safeguards import tend_safeguards
from tocsin.runtime import settings as settings_module
from tocsin.runtime.postgres import Cluster

PAGES = tuple(f"/cases/{{}}/{name}" for name in ("orders", "access", "safeguards", "release", "told"))  # fmt: skip
OF_ALL = ("/", "/orders", "/access", "/tasks", "/briefings", "/sees")
# Drawn anew in each world: the name of a case, and in which order lie what came at one instant.
NAME = re.compile(r'(?<=word">)[A-Z0-9]{4}(?=<)|(?<=/safeguards">)[A-Z0-9]{4}')
Said = tuple[str, int, str]


@pytest.fixture(scope="module")
def houses(
    worlds: Worlds, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[House, House]]:
    """Return pages on a world without the order and on one with it, which other tests do not see."""
    with ExitStack() as stack:
        found = []
        for name in ("without", "with"):
            database = f"insider_orders_{name}"
            clone(cluster, database, template=TEMPLATE)
            given = environment(cluster, worlds.folder, database)
            log = tmp_path_factory.mktemp("orders") / "web.log"
            file = stack.enter_context(log.open("wb"))
            web = subprocess.Popen(
                [sys.executable, "-m", "tests.pages.web"], env=given, stderr=file
            )
            stack.callback(web.wait, timeout=10)
            stack.callback(web.send_signal, signal.SIGTERM)
            wait_until_served(given["TOCSIN_PUBLIC_URL"], web, log)
            keys, url = worlds.inside.keys, given["TOCSIN_PUBLIC_URL"]
            found.append(House(settings_module.load(given), keys, url))
        enter_everything(found[1], worlds.insiders)
        yield found[0], found[1]


def enters(browser: Browser, protected: UUID, respondent: str) -> str:
    """Enter an order that nobody made, and return its case."""
    typed: dict[str, object] = {"protected": str(protected), "respondent_name": respondent, "colleague": "not_here", "family": "temporary", "court_time_zone": "America/Chicago", "conditions": ["01"], "source": "document", "her_word": "wants", "do": "enter"}  # fmt: skip
    shown = send(browser, "/orders/new", typed)
    found = CASE.search(shown.url)
    assert found, re.findall(r'class="problem".*', shown.text)
    return found[1]


def reads(browser: Browser, case_ids: list[str]) -> Iterator[Said]:
    """Yield what every page about these cases says."""
    addresses = [page.format(each) for each in case_ids for page in PAGES]
    for address in (*addresses, *OF_ALL):
        answer = browser.session.get(browser.base + address, timeout=20, allow_redirects=False)
        lines = sorted(re.split(r"(?=<)", NAME.sub("NAME", masked(answer.text))))
        for number, each in enumerate(case_ids):
            address = address.replace(each, f"case {number}")
            lines = [line.replace(each, "CASE") for line in lines]
        yield address, answer.status_code, "\n".join(lines)


@pytest.mark.guarantee("I11")
def test_who_owns_the_measures_of_his_made_up_cases_tells_him_nothing(
    worlds: Worlds, houses: tuple[House, House]
) -> None:
    people = worlds.insiders.org.people
    heard: list[list[Said]] = []
    for house in houses:
        browser = house.signed_in(worlds.insiders.org, "lin")
        first = enters(browser, people["wren"], "Otto Nobody")
        for other in ("nia", "oli"):
            browser.post_form(f"/cases/{first}/access", act="link", person=str(people[other]))
        cases = [first, enters(browser, people["wren"], "Udo Nobody")]
        heard.append([*reads(browser, cases)])
        alarms = PostgresAlarms(house.engine, house.ring)
        with alarms.atomically():
            assert tend_safeguards(alarms, ids=IDS).changes
        heard[-1] += reads(browser, cases)
    differing = [a[0] for a, b in zip(*heard, strict=True) if a != b]
    assert len(heard[0]) == 2 * (2 * len(PAGES) + len(OF_ALL))
    assert not differing
