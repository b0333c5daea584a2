"""Is every reading of a case on record for good before its answer leaves, also if the reader goes or the process is killed?

I19. The addresses are every one that shows a word of the case to somebody who may read it; each is then asked with a wrong
engine that commits after the answer, and with one that writes down afterwards, and must be seen to be wrong.
"""

from dataclasses import dataclass

import pytest

from tests.conftest import clone
from tests.insider import reading
from tests.insider.cases import Worlds, enter_everything
from tests.insider.conftest import TEMPLATE, environment
from tests.insider.reading import COMMIT_AFTER, LOG_AFTER, RIGHT, Read
from tests.insider.test_matrix import AT_THE_DOOR, LEFT_OUT, OPENED_TO_SEE, job_of, relate
from tests.pages.house import House
from tocsin.runtime import settings as settings_module
from tocsin.runtime.postgres import Cluster

DATABASE = "insider_reading"
# Who may read: who entered it (what she is shown includes what any grant shows); by night she herself and her advocate too.
BY_DAY = ("entered",)
READERS = (*BY_DAY, "protected", "advocate")


@dataclass
class Readings:
    """What was answered, by how the pages were run; only addresses that show a word of the case."""

    by: dict[str, list[Read]]

    def doors(self, how: str) -> set[tuple[str, str]]:
        """Return the addresses that showed something."""
        return {(each.route, each.method) for each in self.by[how] if each.has_canary}


@pytest.fixture(scope="module")
def readings(worlds: Worlds, cluster: Cluster, request: pytest.FixtureRequest) -> Readings:
    """Ask every address of whoever may read, in each of the three ways."""
    readers = READERS if request.config.getoption("--night") else BY_DAY
    clone(cluster, DATABASE, template=TEMPLATE)
    given = environment(cluster, worlds.folder, DATABASE)
    house = House(settings_module.load(given), worlds.inside.keys, "")
    secret = enter_everything(house, worlds.insiders)
    house.conn.close()
    house.engine.close()
    superuser = cluster.url("postgres", database=DATABASE)
    relate(superuser, worlds, secret)
    routes = tuple(each for each in worlds.routes if each.name not in LEFT_OUT)
    found = reading.read_all(given, job_of(worlds, secret, routes, [*readers], superuser))
    by = {how: [each for each in found if each.how == how] for how in (RIGHT, COMMIT_AFTER, LOG_AFTER)}  # fmt: skip
    return Readings(by)


def of_a_case(found: list[Read]) -> list[Read]:
    """Return the answers that show a word of the case and are not what every post is to know."""
    return [each for each in found if each.has_canary and each.route not in AT_THE_DOOR]


@pytest.mark.guarantee("I19")
def test_every_reading_is_committed_before_its_answer_leaves_and_stays_when_the_process_is_killed_then(
    readings: Readings,
) -> None:
    right = of_a_case(readings.by[RIGHT])
    assert len({each.route for each in right}) > 5
    # Whoever only reads changes nothing: every address that can be read showed the same again.
    assert {d for d in readings.doors(RIGHT) if d[1] == "GET"} == {d for d in readings.doors(COMMIT_AFTER) if d[1] == "GET"}  # fmt: skip
    late = [each for each in right if not each.is_logged_first]
    assert [each for each in late if each.route not in OPENED_TO_SEE] == []
    assert [each for each in right if not (each.is_committed and each.stays)] == []


@pytest.mark.guarantee("I19")
def test_an_answer_that_leaves_before_the_commit_is_found_at_every_address(
    readings: Readings,
) -> None:
    wrong = of_a_case(readings.by[COMMIT_AFTER])
    assert len(wrong) > 5
    assert [each for each in wrong if each.is_committed or each.stays] == []


@pytest.mark.guarantee("I19")
def test_a_look_that_is_written_down_after_the_reading_is_found_at_every_address(
    readings: Readings,
) -> None:
    wrong = of_a_case(readings.by[LOG_AFTER])
    assert {(each.route, each.method) for each in wrong} == {(each.route, each.method) for each in of_a_case(readings.by[COMMIT_AFTER])}  # fmt: skip
    assert [each for each in wrong if each.is_logged_first] == []
