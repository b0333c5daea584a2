"""Does the board say that messages are being tried again, before they have failed for good?"""

from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from tests.pages.house import House, Organisation
from tocsin.runtime.database import viewing
from tocsin.runtime.doorbell import HELD

pytestmark = pytest.mark.pages
REFUSED = "Not sent yet by text message, 2 messages are tried again: nobody listens at the provider's machine"
SLOW = "Not sent yet by text message, 2 messages wait for their turn: the provider takes fewer messages than come"
LINE = "Not sent yet by text message, 2 messages are tried again: the provider ended the connection"


def retried_since(house: House, org: Organisation, seconds: int) -> None:
    """Have the gateway refuse the texts of an SOS that was raised so long ago."""
    house.sos(org)
    made = datetime.now(UTC) - timedelta(seconds=seconds)
    with viewing(house.engine, org.id):
        house.engine.execute("update notifications_delivery set state = 'retrying', error = 'closed', attempt = 2, made_at = %s where organisation_id = %s and channel = 'sms'", (made, org.id))  # fmt: skip


@pytest.mark.guarantee("I2")
def test_texts_that_are_tried_again_for_some_seconds_are_on_the_board(house: House, org: Organisation) -> None:  # fmt: skip
    retried_since(house, org, 8)
    assert LINE in house.signed_in(org).get("/").text


def held(house: House, org: Organisation, error: str) -> None:
    """Have an engine hold these texts, for this reason."""
    retried_since(house, org, 8)
    until = datetime.now(UTC) + timedelta(seconds=15)
    with viewing(house.engine, org.id):
        house.engine.execute("update notifications_delivery set state = 'leased', leased_by = 'e1', lease_until = %s, error = %s where organisation_id = %s and channel = 'sms'", (until, error, org.id))  # fmt: skip


@pytest.mark.guarantee("I2")
@pytest.mark.parametrize(("error", "line"), [("refused", REFUSED), ("slow", SLOW)])
def test_texts_that_wait_for_their_provider_are_on_the_board_while_their_engine_holds_them(house: House, org: Organisation, error: str, line: str) -> None:  # fmt: skip
    held(house, org, error)
    assert line in unescape(house.signed_in(org).get("/").text)


@pytest.mark.guarantee("I22")
@pytest.mark.parametrize("state", ["retrying", "pending", "failed"])
def test_on_the_screen_of_who_pressed_nothing_says_that_people_are_called(house: House, org: Organisation, state: str) -> None:  # fmt: skip
    hers, theirs = house.signed_in(org, "guard"), house.signed_in(org)
    house.sos(org, by="guard", silent=True)
    before = datetime.now(UTC) - timedelta(seconds=20)
    with viewing(house.engine, org.id):
        house.engine.execute("update notifications_delivery set state = %s, error = 'closed', attempt = 2, made_at = %s, due_at = %s, ended_at = case when %s = 'failed' then now() end where organisation_id = %s and channel = 'sms'", (state, before, before, state, org.id))  # fmt: skip
    assert 'class="problem"' in theirs.get("/").text
    assert 'class="problem"' not in hers.get("/").text


@pytest.mark.guarantee("I8")
def test_everybody_reads_that_the_engine_holds_what_is_old_after_a_restore(house: House, org: Organisation) -> None:  # fmt: skip
    mark = house.settings.run_dir / HELD
    line = "The database was restored: what is older than Fri 27 Nov 14:16:48 calls nobody"
    seen_by = [house.signed_in(org), house.signed_in(org, "guard")]
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.write_text("2026-11-27T20:16:48+00:00", encoding="ascii")
    try:
        held = [line in browser.get("/").text for browser in seen_by]
    finally:
        mark.unlink()
    assert held == [True, True]
    assert [line in browser.get("/").text for browser in seen_by] == [False, False]


def test_a_first_try_anew_is_no_news(house: House, org: Organisation) -> None:
    retried_since(house, org, 1)
    assert "tried again" not in house.signed_in(org).get("/").text
