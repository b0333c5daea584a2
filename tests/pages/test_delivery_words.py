"""Does a page say in plain words what became of a message, and never in a code?"""

import ast
from html import unescape
from pathlib import Path
from uuid import UUID

import pytest

from tests.pages.house import House, Organisation
from tocsin.console.pages.delivery_words import WHY_WORDS
from tocsin.console.pages.seen_words import GROUND_WORDS
from tocsin.decisions.rules.incident import Kind
from tocsin.runtime.database import viewing

TOCSIN = Path(__file__).parents[2] / "src" / "tocsin"
SOURCES = (TOCSIN / "notifications" / "channels", TOCSIN / "engine")


def said_by(call: ast.Call) -> str | None:
    """Return the reason that stands in a `ChannelError(code=..)` or an `Outcome(error=..)`."""
    wanted = {"ChannelError": "code", "Outcome": "error"}.get(getattr(call.func, "id", ""))
    for given in call.keywords:
        if given.arg == wanted and isinstance(given.value, ast.Constant):
            return str(given.value.value)
    return None


def reasons() -> set[str]:
    files = [file for folder in SOURCES for file in folder.rglob("*.py")]
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in files]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    found = {said for said in map(said_by, calls) if said}
    # Why a message has no words: said by name or as it stands, where messages are composed.
    return found | {"no address", "no template", "store away", "wording broken"}


def told(house: House, org: Organisation, incident: UUID, **values: str) -> str:
    """Return the incident's page, where every text message is so."""
    columns = ", ".join(f"{name} = %s" for name in values)
    with viewing(house.engine, org.id):
        house.engine.execute(
            f"update notifications_delivery set {columns} where organisation_id = %s and channel = 'sms'",
            (*values.values(), org.id),
        )
    return unescape(house.signed_in(org).get(f"/incidents/{incident}").text)


def test_every_reason_of_a_channel_has_words() -> None:
    assert len(reasons()) > 20
    assert reasons() - set(WHY_WORDS) == set()


def test_the_page_says_why_in_words_and_that_it_was_the_last_try(house: House, org: Organisation) -> None:  # fmt: skip
    shown = told(house, org, house.sos(org), state="leased", error="organisation_not_known_yet")
    assert "text message: being sent (last time: just set up; it goes out in a moment)" in shown
    assert "organisation_not_known_yet" not in shown


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("refused", "nobody listens at the provider's machine"),
        ("timeout", "the provider did not answer in time"),
    ],
)
def test_what_waits_for_a_provider_that_refuses_or_hangs_is_tried_again(house: House, org: Organisation, error: str, said: str) -> None:  # fmt: skip
    shown = told(house, org, house.sos(org), state="leased", error=error)
    assert f"text message: trying again ({said})" in shown
    assert "being sent" not in shown.partition("text message")[2].partition("</")[0]


@pytest.mark.guarantee("I15")
def test_what_waits_for_its_turn_says_since_when_and_is_not_called_being_sent(house: House, org: Organisation) -> None:  # fmt: skip
    shown = told(house, org, house.sos(org), state="leased", error="slow", due_at="2026-01-05 08:13:05+00")  # fmt: skip
    assert "text message: waiting for the provider since 02:13:05" in shown
    assert "being sent" not in shown.partition("text message")[2].partition("</")[0]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("bad_address", "the address cannot be used on this channel"),
        ("http_503", "the provider refused it: 503"),
        ("smtp_550", "the provider refused it: 550"),
        ("some_new_code", "for a reason that only the record names"),
    ],
)
def test_a_provider_is_quoted_by_its_number_and_a_code_without_words_is_not_shown(house: House, org: Organisation, error: str, said: str) -> None:  # fmt: skip
    shown = told(house, org, house.sos(org), state="failed", error=error)
    assert f"text message: not delivered ({said})" in shown
    assert error not in shown


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("delivered", "the provider says: handed over to the device"),
        ("failed 30003", "the provider says: not delivered, 30003"),
        ("brand_new", "the provider says nothing that is understood"),
    ],
)
def test_a_receipt_is_the_providers_word(house: House, org: Organisation, state: str, said: str) -> None:  # fmt: skip
    shown = told(house, org, house.sos(org), state="sent", provider_state=state)
    assert f"text message: sent; nobody has seen it ({said})" in shown


def test_it_says_so_in_her_language(house: House, org: Organisation) -> None:
    with viewing(house.conn, org.id):
        house.conn.execute(
            "update registry_person set language = 'es' where id = %s", (org.people["shift_lead"],)
        )
    shown = told(house, org, house.sos(org), state="retrying", error="timeout")
    assert "reintentando (el proveedor no contestó a tiempo)" in shown


def test_the_way_of_an_act_is_said_in_words(house: House, org: Organisation) -> None:
    incident = house.sos(org)
    path = f"/incidents/{incident}"
    shown = house.signed_in(org).post_form(f"{path}/act", path, act="in_charge").text
    assert '<span class="role">on a page</span>' in shown


def test_an_over_that_no_longer_counts_is_said_so(house: House, org: Organisation) -> None:
    incident = house.sos(org)
    path = f"/incidents/{incident}"
    lead = house.signed_in(org)
    said = lead.post_form(f"{path}/act", path, act="over").text
    assert "no longer counts" not in said
    assert "Said so already:" in said
    # She presses again: who said so did not speak of that.
    assert house.sos(org) == incident
    shown = lead.get(path).text
    assert "said that it is over; more happened since, so it no longer counts" in shown
    assert "Said so already:" not in shown


def test_every_ground_of_a_telling_has_words() -> None:
    # A proof is about nobody's case, so no ledger holds it.
    assert {kind.value for kind in Kind if kind is not Kind.PROOF} <= GROUND_WORDS.keys()
