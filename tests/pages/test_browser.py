"""Do the pages work in a browser, at the size of a phone and of a desk, by keyboard, and for a screen reader?"""

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page, Route, expect, sync_playwright

from tests.pages.house import Browser, House, Organisation
from tocsin.runtime.database import viewing
from tocsin.runtime.links import answer_secret

pytestmark = pytest.mark.pages
SIZES = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1280, "height": 900}}
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]  # fmt: skip
# Contrast and names are judged; a landmark for each line is a matter of taste.
SERIOUS = {"serious", "critical"}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """Return a running Chromium."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("there is no Chromium on this machine")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


class Watched:
    """A page of a browser, with everything that it complained of."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda line: self.complaints.append(line.text) if line.type == "error" else None)  # fmt: skip
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def is_sound(self) -> None:
        """Fail if a script complained, the page scrolls sideways, or axe finds a barrier."""
        assert self.complaints == []
        assert not self.page.evaluate("document.documentElement.scrollWidth > innerWidth")
        found = Axe().run(self.page).response["violations"]
        assert [_told(one) for one in found if one["impact"] in SERIOUS] == []


def _told(barrier: dict[str, Any]) -> str:
    """Return which barrier it is, where, and why axe thinks so."""
    node = barrier["nodes"][0]
    return f"{barrier['id']}: {node['html']}: {node['failureSummary']}"


@pytest.fixture
def opened(chromium: Chromium, house: House) -> Iterator[Callable[..., Watched]]:
    """Return how to open a page at a size, signed in as somebody or nobody."""
    contexts = []

    def open_page(path: str, size: str = "desk", browser: Browser | None = None, **options: object) -> Watched:  # fmt: skip
        context = chromium.new_context(viewport=SIZES[size], **options)  # type: ignore[arg-type]
        contexts.append(context)
        if browser:
            context.add_cookies([{"name": c.name, "value": c.value or "", "url": house.base} for c in browser.session.cookies])  # fmt: skip
        watched = Watched(context)
        watched.page.goto(house.base + path)
        return watched

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_staff_are_sound(house: House, org: Organisation, opened: Callable[..., Watched], size: str, scheme: str) -> None:  # fmt: skip
    incident, browser = house.sos(org), house.signed_in(org, "safety_lead")
    for path in ("/", f"/incidents/{incident}", f"/sites/{org.site_id}", f"/people/{org.people['guard']}", "/reachable", "/import"):  # fmt: skip
        watched = opened(path, size, browser, color_scheme=scheme)
        expect(watched.page.locator("#live")).to_have_text("LIVE")
        watched.is_sound()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_screen_that_hears_nothing_looks_old_and_stays_readable(house: House, org: Organisation, opened: Callable[..., Watched], size: str, scheme: str) -> None:  # fmt: skip
    incident = house.sos(org)
    watched = opened(f"/incidents/{incident}", size, house.signed_in(org), color_scheme=scheme)
    expect(watched.page.locator("#live")).to_have_text("LIVE")
    watched.page.add_init_script("window.EventSource = class { addEventListener() {} close() {} };")
    watched.page.reload()
    expect(watched.page.locator("body.stale")).to_be_visible()
    assert watched.page.locator("main").evaluate("one => getComputedStyle(one).opacity") == "1"
    watched.is_sound()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", ["/sign-in", "/enrol#x", "/phone"])
def test_the_pages_without_sign_in_are_sound(opened: Callable[..., Watched], size: str, path: str) -> None:  # fmt: skip
    opened(path, size).is_sound()


def test_the_board_changes_by_itself(house: House, org: Organisation, opened: Callable[..., Watched]) -> None:  # fmt: skip
    watched = opened("/", "desk", house.signed_in(org))
    expect(watched.page.get_by_text("This is not an all-clear.")).to_be_visible()
    expect(watched.page.locator("#live")).to_have_text("LIVE")
    house.ring_screens(org, house.sos(org))
    expect(watched.page.get_by_text("Nobody is in charge")).to_be_visible(timeout=3000)
    assert watched.complaints == []


def test_a_press_on_the_page_is_shown_at_once(house: House, org: Organisation, opened: Callable[..., Watched]) -> None:  # fmt: skip
    incident = house.sos(org)
    watched = opened(f"/incidents/{incident}", "phone", house.signed_in(org))
    watched.page.get_by_role("button", name="I call the emergency number").click()
    expect(watched.page.get_by_text("S. Sample owns the emergency call").first).to_be_visible()
    assert watched.complaints == []


def test_everything_can_be_done_by_keyboard(house: House, org: Organisation, opened: Callable[..., Watched]) -> None:  # fmt: skip
    incident = house.sos(org)
    watched = opened(f"/incidents/{incident}", "desk", house.signed_in(org))
    button = watched.page.get_by_role("button", name="I am in charge")
    for _ in range(40):
        watched.page.keyboard.press("Tab")
        if button.evaluate("one => one === document.activeElement"):
            break
    watched.page.keyboard.press("Enter")
    expect(watched.page.get_by_text("S. Sample is in charge").first).to_be_visible()


def test_a_session_that_ends_takes_the_screen_with_it(house: House, org: Organisation, opened: Callable[..., Watched]) -> None:  # fmt: skip
    here, there = house.signed_in(org), house.signed_in(org, again=True)
    watched = opened("/", "desk", there)
    expect(watched.page.locator("#live")).to_have_text("LIVE")
    here.post_form("/sessions", end="others")
    expect(watched.page.get_by_role("heading", name="Sign in")).to_be_visible(timeout=8000)


def test_the_link_in_a_message_works_and_keeps_its_secret(house: House, org: Organisation, opened: Callable[..., Watched]) -> None:  # fmt: skip
    house.sos(org)
    with viewing(house.conn, org.id):
        row = house.conn.execute("select id from notifications_delivery where person_id = %s and channel = 'sms'", (org.people["guard"],)).fetchone()  # fmt: skip
    assert row is not None
    secret = answer_secret(house.keys.answer, org.id, row[0])
    watched = opened("/a", "phone")
    asked: list[str] = []
    watched.page.on("request", lambda request: asked.append(request.url))
    watched.page.goto(f"{house.base}/a#{secret}")
    watched.page.reload()
    watched.page.get_by_role("button", name="I am going").click()
    expect(watched.page.get_by_text("Received.")).to_be_visible()
    assert not any(secret in url for url in asked if "#" not in url)
    watched.is_sound()


CODES = {"cancel": "cancelled", "end": "ended"}


class Gate:
    """A gate that the test can open and close: what it was sent, and the grade that it answers."""

    def __init__(self, port: int) -> None:
        self.said: list[dict[str, object]] = []
        self.grade, self.by = "stored", ""
        # Every phone asks how it stands with the way, by itself: answered apart.
        self.way, self.way_by, self.asked = "none", "", 0
        # A gate that does not know the phone's token.
        self.refuses, self.refused = False, 0
        gate = self

        class Handler(BaseHTTPRequestHandler):
            def do_OPTIONS(self) -> None:
                self.answer(204, b"")

            def do_POST(self) -> None:
                said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if gate.refuses:
                    gate.refused += 1
                    self.answer(401, b"{}")
                    return
                reply = {"grade": gate.grade, "by": gate.by or None, "key": said["key"]}
                if said["act"] == "way":
                    gate.asked += 1
                    reply |= {"grade": gate.way, "by": gate.way_by or None}
                else:
                    gate.said.append(said)
                # As a gate does: what was asked for by a code shows with that answer, and not before.
                if said["act"] in CODES:
                    gate.grade = reply["grade"] = CODES[said["act"]]
                self.answer(202, json.dumps(reply).encode())

            def answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                for name in ("Origin", "Headers", "Methods"):
                    self.send_header(f"Access-Control-Allow-{name}", "*" if name != "Headers" else "Authorization, Content-Type")  # fmt: skip
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def phone(house: House, opened: Callable[..., Watched]) -> Watched:
    """Return the phone's page with a token in it; no gate answers yet."""
    watched = opened("/phone", "phone")
    watched.page.evaluate("localStorage.setItem('tocsin.token', 'tcs1.made-up')")
    watched.page.reload()
    expect(watched.page.locator("#sos")).to_be_visible()
    return watched


def gate_port(house: House) -> int:
    port = urlsplit(house.settings.gate_urls[0]).port
    assert port is not None
    return port


@pytest.mark.guarantee("I15")
def test_the_phone_says_not_sent_until_a_gate_has_it(house: House, phone: Watched) -> None:
    phone.page.locator("#sos").click()
    expect(phone.page.locator("#grade")).to_have_text("NOT SENT YET")
    kept = json.loads(phone.page.evaluate("localStorage.getItem('tocsin.kept')"))
    assert kept[0]["body"]["act"] == "sos"
    # It survives the page, and is sent when a gate is there, under the same key.
    phone.page.reload()
    expect(phone.page.locator("#grade")).to_have_text("NOT SENT YET")
    gate = Gate(gate_port(house))
    try:
        expect(phone.page.locator("#grade")).to_have_text("Stored. It is being sent.", timeout=9000)
        assert {said["key"] for said in gate.said} == {kept[0]["key"]}
        gate.grade, gate.by = "in_charge", "R. Sample"
        expect(phone.page.locator("#grade")).to_have_text("In charge by R. Sample", timeout=4000)
    finally:
        gate.close()


def test_it_is_sent_when_the_press_ends_and_a_long_one_is_silent(house: House, phone: Watched) -> None:  # fmt: skip
    gate = Gate(gate_port(house))
    try:
        box = phone.page.locator("#sos").bounding_box()
        assert box is not None
        phone.page.mouse.move(box["x"] + 40, box["y"] + 90)
        phone.page.mouse.down()
        time.sleep(3.2)
        assert gate.said == []
        phone.page.mouse.up()
        expect(phone.page.locator("#grade")).to_have_text("Stored.", timeout=4000)
        assert gate.said[0]["silent"] is True
        expect(phone.page.locator("#cancel")).to_be_hidden()
    finally:
        gate.close()


def held_until(phone: Watched, seconds: float, ends: str) -> None:
    """Hold the SOS button for so long; then the system ends the press by this event."""
    phone.page.evaluate(
        """([seconds, ends]) => {
            const button = document.getElementById("sos"), say = { pointerId: 7, bubbles: true };
            button.dispatchEvent(new PointerEvent("pointerdown", say));
            return new Promise((go) => setTimeout(go, seconds * 1000)).then(() =>
                button.dispatchEvent(new PointerEvent(ends, say)));
        }""",
        [seconds, ends],
    )


@pytest.mark.guarantee("I22")
@pytest.mark.parametrize(("seconds", "is_silent"), [(3.2, True), (0.5, None)])
def test_a_press_that_the_system_ends_is_as_silent_as_it_was_held(house: House, phone: Watched, seconds: float, is_silent: bool | None) -> None:  # fmt: skip
    gate = Gate(gate_port(house))
    try:
        held_until(phone, seconds, "pointercancel")
        expect(phone.page.locator("#grade")).to_contain_text("Stored.", timeout=4000)
        assert [said.get("silent") for said in gate.said][:1] == [is_silent]
    finally:
        gate.close()


@pytest.mark.guarantee("I15")
def test_refused_by_every_gate_is_said_and_sent_again_until_one_takes_it(house: House, phone: Watched) -> None:  # fmt: skip
    gate = Gate(gate_port(house))
    gate.refuses = True
    try:
        phone.page.locator("#sos").click()
        expect(phone.page.locator("#grade")).to_contain_text(
            "Not known to the server", timeout=4000
        )
        gate.refuses = False
        expect(phone.page.locator("#grade")).to_have_text("Stored. It is being sent.", timeout=9000)
        assert len({said["key"] for said in gate.said}) == 1
    finally:
        gate.close()


@pytest.mark.guarantee("I15")
def test_one_gate_that_refuses_ends_nothing_while_another_is_only_away(house: House, opened: Callable[..., Watched]) -> None:  # fmt: skip
    gate, away = Gate(gate_port(house)), {"is_away": True}
    gate.refuses = True
    watched = opened("/phone", "phone")
    second = f"{house.base}/second-gate"

    def answered(route: Route) -> None:
        said = json.loads(route.request.post_data or "{}")
        reply = {"grade": "none" if said["act"] == "way" else "stored", "by": None}
        route.abort() if away["is_away"] else route.fulfill(status=202, json=reply)

    # Before the deferred script reads them.
    watched.page.add_init_script(f"""document.addEventListener("readystatechange", () => {{
        const root = document.readyState === "interactive" && document.getElementById("phone");
        if (root) root.dataset.gates = "{second} " + root.dataset.gates;
    }})""")
    watched.page.route(f"{second}/sos", answered)
    watched.page.evaluate("localStorage.setItem('tocsin.token', 'tcs1.made-up')")
    try:
        watched.page.reload()
        watched.page.locator("#sos").click()
        watched.page.wait_for_timeout(1500)
        assert gate.refused > 1
        expect(watched.page.locator("#grade")).to_have_text("NOT SENT YET")
        away["is_away"] = False
        expect(watched.page.locator("#grade")).to_have_text("Stored. It is being sent.", timeout=9000)  # fmt: skip
    finally:
        gate.close()


@pytest.mark.parametrize(("psap", "dialled"), [("911", "tel:911"), ("", "tel:112"), ("javascript:1", "tel:112")])  # fmt: skip
def test_the_phone_dials_the_number_of_her_site(phone: Watched, psap: str, dialled: str) -> None:
    phone.page.evaluate("psap => localStorage.setItem('tocsin.psap', psap)", psap)
    phone.page.reload()
    expect(phone.page.locator("#tel")).to_have_attribute("href", dialled)


def test_the_phone_learns_that_the_number_of_her_site_is_another(phone: Watched) -> None:
    phone.page.evaluate("localStorage.setItem('tocsin.psap', '911')")
    phone.page.route("**/phone/number", lambda route: route.fulfill(json={"psap": "999"}))
    phone.page.reload()
    expect(phone.page.locator("#tel")).to_have_attribute("href", "tel:999")
    # No answer, or an odd one, leaves the last that was known.
    phone.page.unroute("**/phone/number")
    phone.page.route("**/phone/number", lambda route: route.fulfill(json={"psap": "javascript:1"}))
    with phone.page.expect_response("**/phone/number"):
        phone.page.reload()
    expect(phone.page.locator("#tel")).to_have_attribute("href", "tel:999")


def test_a_cancel_names_its_sos_and_asks_for_the_code(house: House, phone: Watched) -> None:
    gate = Gate(gate_port(house))
    try:
        phone.page.locator("#sos").click()
        phone.page.locator("#cancelcode").fill("1357")
        phone.page.get_by_role("button", name="Cancel").click()
        expect(phone.page.locator("#grade")).to_have_text("Cancelled", timeout=4000)
        cancel = next(said for said in gate.said if said.get("act") == "cancel")
        assert (cancel["of"], cancel["code"]) == (gate.said[0]["key"], "1357")
        expect(phone.page.locator("#cancel")).to_be_hidden()
        # The code is not kept in the phone once it has arrived.
        phone.page.wait_for_timeout(1500)
        assert "1357" not in phone.page.evaluate("localStorage.getItem('tocsin.kept')")
    finally:
        gate.close()


def test_a_walk_starts_and_ends_with_her_code(house: House, phone: Watched) -> None:
    gate = Gate(gate_port(house))
    try:
        phone.page.get_by_text("Walk", exact=True).click()
        phone.page.locator("#way").fill("north door")
        phone.page.get_by_role("button", name="Start the walk").click()
        expect(phone.page.locator("#walkstate")).to_contain_text("Time left", timeout=4000)
        phone.page.locator("#endcode").fill("1357")
        phone.page.get_by_role("button", name="I left the site").click()
        expect(phone.page.locator("#walkform")).to_be_visible(timeout=4000)
        acts = [said["act"] for said in gate.said]
        assert acts[0] == "walk"
        assert "end" in acts
    finally:
        gate.close()


# How often a phone asks how it stands with the way.
WAY_MS = 4000


def asks_at_once(phone: Watched, gate: Gate) -> None:
    """Open the phone anew, with a clock that the test moves on, and return when it has asked this gate."""
    phone.page.clock.install()
    phone.page.reload()
    for _ in range(90):
        if gate.asked:
            return
        phone.page.wait_for_timeout(100)
    assert gate.asked


def test_the_phone_says_to_wait_and_who_looked_and_forgets_it_without_a_connection(house: House, phone: Watched) -> None:  # fmt: skip
    gate = Gate(gate_port(house))
    state = phone.page.locator("#waystate")
    try:
        asks_at_once(phone, gate)
        expect(phone.page.locator("#way-box")).to_be_hidden()
        gate.way = "wait"
        phone.page.clock.fast_forward(WAY_MS)
        expect(state).to_have_text("Please wait: nobody has looked yet.", timeout=9000)
        for word in ("order", "tocsin", "court", "respondent", "safe", "clear"):
            assert word not in phone.page.locator("#way-box").inner_text().lower()
        gate.way, gate.way_by = "looked", "L. Mockup"
        phone.page.clock.fast_forward(WAY_MS)
        expect(state).to_have_text("L. Mockup has looked; nothing seen.", timeout=9000)
        # Before a gate was there, nobody answered; that is no fault of the page.
        phone.complaints.clear()
        phone.is_sound()
    finally:
        gate.close()
    phone.page.clock.fast_forward(WAY_MS)
    expect(state).to_contain_text("nobody knows whether somebody has looked", timeout=9000)


def hears(phone: Watched, gate: Gate, acts: set[str]) -> None:
    """Fail unless the gate hears these acts, and no other, within four seconds."""
    for _ in range(40):
        if {said["act"] for said in gate.said} == acts:
            return
        phone.page.wait_for_timeout(100)
    assert {said["act"] for said in gate.said} == acts


def test_she_goes_declines_or_stays_by_one_tap_or_the_keyboard(house: House, phone: Watched) -> None:  # fmt: skip
    gate = Gate(gate_port(house))
    gate.way = "wait"
    try:
        expect(phone.page.locator("#way-box")).to_be_visible(timeout=9000)
        phone.page.get_by_role("button", name="I stay for now").focus()
        phone.page.keyboard.press("Enter")
        expect(phone.page.locator("#waystate")).to_contain_text("You have answered.")
        phone.page.get_by_role("button", name="No, thank you").click()
        expect(phone.page.locator("#way-box")).to_be_hidden()
        hears(phone, gate, {"stay", "decline"})
        phone.page.reload()
        phone.page.get_by_role("button", name="Go now").click()
        expect(phone.page.locator("#walkstate")).to_contain_text("Time left", timeout=4000)
        # The page says it at the press; the gate hears it in its own time.
        hears(phone, gate, {"stay", "decline", "walk"})
    finally:
        gate.close()
