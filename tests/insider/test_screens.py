"""What do the screens of the case do: for leads, for her, and for who loses a right while he looks? I18, I19."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from uuid import UUID

import psycopg
import pytest

from tests.insider.cases import Worlds, canary, viewer_of
from tests.insider.running import WITHIN_S
from tests.pages.house import Browser
from tests.pages.test_live import opened
from tocsin.flow.agree_grant import agree_grant, end_grant
from tocsin.flow.ask_grant import ask_grant
from tocsin.flow.link_account import link_account
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.registry.access_cases import log_read
from tocsin.registry.rules.grants import Grant
from tocsin.runtime.database import viewing
from tocsin.runtime.ids import RandomIds
from tocsin.runtime.links import answer_secret

IDS = RandomIds()
WHY = "She works with her tonight."


@pytest.fixture(scope="module")
def browser_of(worlds: Worlds) -> Callable[[str], Browser]:
    """Return who is signed in, each once: a code of the second step counts once."""
    return worlds.browser


def address(worlds: Worlds) -> str:
    """Return the page of who may read, and who looked."""
    return f"/cases/{worlds.secret.case_id}/access"


def let_in(worlds: Worlds, name: str) -> UUID:
    """Let a player in by two people, and return the grant."""
    house, org = worlds.inside, worlds.insiders.org
    at = datetime.now(UTC)
    with viewing(house.conn, org.id):
        nia = viewer_of(house, org, "nia")
        asked = ask_grant(house.conn, house.ring, nia, worlds.secret.word, org.people[name], reason=WHY, lasting=timedelta(days=1), at=at)  # fmt: skip
        assert isinstance(asked, Grant)
    with viewing(house.conn, org.id):
        max_ = viewer_of(house, org, "max")
        agree_grant(PostgresAlarms(house.conn, house.ring), max_, asked.id, at=at, ids=IDS)
    return asked.id


def test_leads_see_the_post_of_whoever_is_shut_out_as_uncovered(
    worlds: Worlds, browser_of: Callable[[str], Browser]
) -> None:
    shown = browser_of("zoe").get("/").text
    assert "Counts as uncovered" in shown
    assert f'<span class="word">{worlds.secret.word}</span>' in shown
    assert "Counts as uncovered" not in browser_of("tom").get("/").text


@pytest.mark.guarantee("I11")
def test_nobody_but_she_reads_the_whole_of_her_address(
    worlds: Worlds, browser_of: Callable[[str], Browser]
) -> None:
    wren = worlds.insiders.org.people["wren"]
    for name in ("ada", "zoe"):
        shown = browser_of(name).get(f"/people/{wren}").text
        assert "•••110" in shown
        assert "+13125550110" not in shown
    assert "+13125550110" in browser_of("wren").get(f"/people/{wren}").text


@pytest.mark.guarantee("I18")
def test_a_grant_that_ends_is_gone_with_the_next_press(
    worlds: Worlds, browser_of: Callable[[str], Browser]
) -> None:
    house, org = worlds.inside, worlds.insiders.org
    grant_id = let_in(worlds, "tom")
    assert browser_of("tom").get(address(worlds)).status_code == 200
    with viewing(house.conn, org.id):
        nia = viewer_of(house, org, "nia")
        end_grant(PostgresAlarms(house.conn, house.ring), nia, grant_id, at=datetime.now(UTC))
    assert browser_of("tom").get(address(worlds)).status_code == 404


@pytest.mark.guarantee("I18")
def test_who_is_linked_loses_pages_stream_and_links_at_once(
    worlds: Worlds, browser_of: Callable[[str], Browser]
) -> None:
    house, org = worlds.inside, worlds.insiders.org
    let_in(worlds, "tom")
    with psycopg.connect(worlds.superuser_url, autocommit=True) as dba:
        # Another test may have pressed "remove" on it.
        dba.execute(
            "update registry_contactmethod set revoked_at = null where person_id = %s",
            (org.people["tom"],),
        )
    row = house.engine.execute(
        """select i.id, d.id from decisions_incident i join notifications_delivery d on d.incident_id = i.id
        where i.person_id = %s and d.person_id = %s and d.channel = 'sms' order by i.id limit 1""",
        (org.people["wren"], org.people["tom"]),
    ).fetchone()
    assert row is not None
    incident_id, delivery_id = row
    secret = answer_secret(house.keys.answer, org.id, delivery_id)
    anybody = Browser(house.base, org.address)
    tom = browser_of("tom")
    assert tom.get(address(worlds)).status_code == 200
    assert tom.get(f"/incidents/{incident_id}").status_code == 200
    assert anybody.session.post(house.base + "/a/show", data={"secret": secret}, timeout=20).status_code == 200  # fmt: skip
    with opened(house, tom) as his, opened(house, browser_of("zoe")) as hers:
        house.ring_screens(org, incident_id, 41)
        assert his.wait_for(b'"version": 41', within_s=WITHIN_S)
        with viewing(house.conn, org.id):
            nia = viewer_of(house, org, "nia")
            at = datetime.now(UTC)
            reading = log_read(house.conn, nia, worlds.secret.case_id, at=at)
            assert link_account(house.conn, reading, org.people["tom"], at=at) is None
        house.ring_screens(org, incident_id, 42)
        assert hers.wait_for(b'"version": 42', within_s=WITHIN_S)
        assert not his.wait_for(b'"version": 42', within_s=1)
    assert tom.get(address(worlds)).status_code == 404
    assert tom.get(f"/incidents/{incident_id}").status_code == 404
    assert str(incident_id) not in tom.get("/").text
    assert anybody.session.post(house.base + "/a/show", data={"secret": secret}, timeout=20).status_code == 404  # fmt: skip


@pytest.mark.guarantee("I19")
def test_she_sees_who_looked_when_and_why(
    worlds: Worlds, browser_of: Callable[[str], Browser]
) -> None:
    shown = unescape(browser_of("wren").get(address(worlds)).text)
    assert "Who looked" in shown
    assert "broke glass" in shown
    assert canary("glass reason") in shown
    assert browser_of("zoe").get(address(worlds)).status_code == 404
