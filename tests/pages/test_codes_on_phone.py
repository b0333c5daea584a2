"""What does the phone say to a wrong code, and when somebody else has ended her walk?"""

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.pages.house import House
from tests.pages.test_browser import CODES, Gate, Watched, chromium, gate_port, opened, phone

pytestmark = pytest.mark.pages
__all__ = ["chromium", "opened", "phone"]
WORDS = "This is not one of your codes."


@pytest.fixture
def gate(house: House) -> Iterator[Gate]:
    """Return a gate that answers."""
    found = Gate(gate_port(house))
    yield found
    found.close()


@pytest.fixture
def dark(opened: Callable[..., Watched]) -> Watched:
    """Return the phone's page in the dark, with a token in it."""
    watched = opened("/phone", "phone", color_scheme="dark")
    watched.page.evaluate("localStorage.setItem('tocsin.token', 'tcs1.made-up')")
    watched.page.reload()
    return watched


def acts(gate: Gate) -> list[object]:
    """Return what the gate was sent, each once."""
    return list(dict.fromkeys(said["act"] for said in gate.said))


def start_walk(watched: Watched) -> None:
    watched.page.get_by_text("Walk", exact=True).click()
    watched.page.get_by_role("button", name="Start the walk").click()
    expect(watched.page.locator("#walkstate")).to_contain_text("Time left", timeout=6000)


@pytest.mark.guarantee("I15")
def test_a_wrong_code_at_cancel_is_said(gate: Gate, dark: Watched, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    page = dark.page
    page.locator("#sos").click()
    expect(page.locator("#grade")).to_have_text("Stored. It is being sent.", timeout=6000)
    monkeypatch.setitem(CODES, "cancel", "wrong")
    page.locator("#cancelcode").fill("1111")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text(WORDS)).to_be_visible(timeout=4000)
    gate.grade = "sent"
    expect(page.locator("#grade")).to_have_text("Sent. Nobody has seen it yet.", timeout=4000)
    page.wait_for_timeout(2200)
    expect(page.get_by_text(WORDS)).to_be_visible()
    assert "1111" not in page.evaluate("localStorage.getItem('tocsin.kept')")
    dark.complaints.clear()
    dark.is_sound()
    monkeypatch.setitem(CODES, "cancel", "cancelled")
    page.locator("#cancelcode").fill("1357")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#grade")).to_have_text("Cancelled", timeout=4000)
    expect(page.get_by_text(WORDS)).to_be_hidden()


@pytest.mark.guarantee("I15")
def test_a_cancel_that_ends_no_newer_press_says_so_and_asks_on_until_it_is_over(gate: Gate, dark: Watched) -> None:  # fmt: skip
    page = dark.page
    page.locator("#sos").click()
    expect(page.locator("#grade")).to_have_text("Stored. It is being sent.", timeout=6000)
    # So the gate tells the older press; her code itself is answered as ever.
    gate.grade = "goes_on"
    expect(page.locator("#grade")).to_contain_text("the alarm goes on", timeout=4000)
    # The other phone may be in other hands, or revoked: who ends it then is said, too.
    expect(page.locator("#grade")).to_contain_text("If you cannot, tell those who answer: two of them can end it.")  # fmt: skip
    expect(page.locator("#cancelform")).to_be_hidden()
    dark.complaints.clear()
    dark.is_sound()
    gate.grade = "cancelled"
    expect(page.locator("#grade")).to_have_text("Cancelled", timeout=4000)


@pytest.mark.guarantee("I15")
def test_the_seconds_beside_cancel_begin_with_the_press_and_anew_with_the_next(gate: Gate, dark: Watched) -> None:  # fmt: skip
    page = dark.page
    page.clock.install()
    page.reload()
    shown = page.locator("#countdown")
    page.locator("#sos").click()
    expect(shown).to_have_text("10 s")
    page.clock.run_for(1000)
    expect(shown).to_have_text("9 s")
    page.locator("#sos").click()
    expect(shown).to_have_text("10 s")
    page.clock.run_for(3000)
    expect(shown).to_have_text("7 s")


@pytest.mark.guarantee("I15")
def test_a_wrong_code_at_the_end_of_a_walk_is_said(gate: Gate, dark: Watched, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    page = dark.page
    start_walk(dark)
    monkeypatch.setitem(CODES, "end", "wrong")
    page.locator("#endcode").fill("1111")
    page.get_by_role("button", name="I left the site").click()
    expect(page.get_by_text(WORDS)).to_be_visible(timeout=4000)
    expect(page.locator("#walkstate")).to_contain_text("Time left")
    assert "1111" not in page.evaluate("localStorage.getItem('tocsin.kept')")
    dark.complaints.clear()
    dark.is_sound()
    monkeypatch.setitem(CODES, "end", "ended")
    page.locator("#endcode").fill("1357")
    page.get_by_role("button", name="I left the site").click()
    expect(page.get_by_text("The walk has ended.")).to_be_visible(timeout=4000)
    expect(page.locator("#walkform")).to_be_visible()


@pytest.mark.guarantee("I15")
def test_a_walk_that_somebody_else_ended_asks_for_no_code(gate: Gate, dark: Watched) -> None:
    start_walk(dark)
    gate.grade = "ended"
    expect(dark.page.get_by_text("The walk has ended.")).to_be_visible(timeout=4000)
    expect(dark.page.locator("#endcode")).to_be_hidden()
    expect(dark.page.get_by_role("button", name="Start the walk")).to_be_visible()
    dark.complaints.clear()
    dark.is_sound()


@pytest.mark.guarantee("I9")
def test_a_code_that_she_was_typing_when_her_walk_was_ended_still_goes_out(gate: Gate, dark: Watched) -> None:  # fmt: skip
    start_walk(dark)
    dark.page.locator("#endcode").type("97")
    gate.grade = "ended"
    expect(dark.page.get_by_text("The walk has ended.")).to_be_visible(timeout=4000)
    dark.page.wait_for_timeout(1500)
    dark.page.locator("#endcode").type("53")
    dark.page.keyboard.press("Enter")
    expect(dark.page.locator("#endcode")).to_be_hidden(timeout=4000)
    assert acts(gate) == ["walk", "end"]
    assert next(said["code"] for said in gate.said if said["act"] == "end") == "9753"


@pytest.mark.guarantee("I9")
def test_a_code_that_was_under_way_when_her_walk_was_ended_goes_out_after_a_reload(house: House, dark: Watched) -> None:  # fmt: skip
    gate = Gate(gate_port(house))
    start_walk(dark)
    gate.close()
    dark.page.locator("#endcode").fill("9753")
    dark.page.get_by_role("button", name="I left the site").click()
    expect(dark.page.locator("#walkstate")).to_contain_text("NOT SENT YET", timeout=6000)
    kept = json.loads(dark.page.evaluate("localStorage.getItem('tocsin.kept')"))
    again = Gate(gate_port(house))
    again.grade = "ended"
    try:
        dark.page.reload()
        expect(dark.page.locator("#endcode")).to_be_hidden(timeout=9000)
        dark.page.wait_for_timeout(500)
        assert kept[-1]["key"] in {said["key"] for said in again.said}
    finally:
        again.close()


LATER: str = "const now = Date.now; Date.now = () => now() + 43200000"


@pytest.mark.guarantee("I20")
def test_a_no_to_one_walk_hides_nothing_of_the_next(gate: Gate, dark: Watched) -> None:
    gate.way = "wait"
    waits = dark.page.get_by_text("Please wait: nobody has looked yet.")
    expect(waits).to_be_visible(timeout=9000)
    dark.page.locator("#decline").click()
    expect(waits).to_be_hidden()
    # The phone slept until her next shift's end, and never heard that the first walk was over.
    dark.page.evaluate(LATER)
    expect(waits).to_be_visible(timeout=9000)


@pytest.mark.night
def test_a_no_that_found_no_gate_is_not_sent_about_her_next_walk(house: House, gate: Gate, dark: Watched) -> None:  # fmt: skip
    gate.way = "wait"
    expect(dark.page.get_by_text("Please wait: nobody has looked yet.")).to_be_visible(timeout=9000)
    gate.close()
    dark.page.locator("#decline").click()
    dark.page.wait_for_timeout(500)
    dark.page.evaluate(LATER)
    dark.page.wait_for_timeout(5000)
    again = Gate(gate_port(house))
    try:
        dark.page.wait_for_timeout(5000)
        assert "decline" not in acts(again)
    finally:
        again.close()
