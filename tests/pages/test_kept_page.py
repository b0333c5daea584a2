"""Does the SOS page open whatever the network does between the phone and this server?"""

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from tests.pages.conftest import free_port
from tests.pages.house import House
from tests.pages.test_browser import SIZES, chromium

pytestmark = [pytest.mark.pages, pytest.mark.guarantee("I22")]
__all__ = ["chromium"]
OPENS_WITHIN_S = 2.0
# What the first release's worker left in a phone behind a proxy that had answered 502 once.
BROKEN_WORKER = """
self.addEventListener("install", (event) => event.waitUntil(caches.open("tocsin-1").then((kept) =>
  kept.put("/phone", new Response("502 Bad Gateway"))).then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  if (new URL(event.request.url).pathname === "/phone") event.respondWith(caches.match("/phone"));
});
"""


class Network:
    """What lies between the phone and the web process: a proxy that passes on, fails, hangs or shows its own page."""

    def __init__(self, base: str) -> None:
        self.does = "pass"
        self.worker = ""
        network = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if network.worker and self.path == "/sw.js":
                    self.answer(200, "text/javascript", network.worker.encode())
                elif network.does == "pass":
                    found = requests.get(base + self.path, timeout=20)
                    self.answer(
                        found.status_code, found.headers.get("Content-Type", ""), found.content
                    )
                elif network.does == "hang":
                    network.goes_on.wait(60)
                    self.close_connection = True
                elif network.does == "redirect":
                    self.answer(302, "text/html", b"", Location="/login")
                elif network.does == "portal":
                    self.answer(200, "text/html", b"<h1>Welcome to the Sample Hotel</h1>")
                else:
                    self.answer(502, "text/html", b"<h1>502 Bad Gateway</h1>")

            def answer(self, status: int, kind: str, body: bytes, **headers: str) -> None:
                self.send_response(status)
                named = {"Content-Type": kind, "Content-Length": str(len(body)), **headers}
                for name, value in named.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.goes_on = threading.Event()
        self.port = free_port()
        self.server: ThreadingHTTPServer | None = None
        self.handler = Handler
        self.open()

    def open(self) -> None:
        """Begin to answer."""
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), self.handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Answer nothing any more: there is no connection."""
        self.goes_on.set()
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    @property
    def base(self) -> str:
        """Return the address of the phone's server as the phone knows it."""
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
def network(house: House) -> Iterator[Network]:
    """Return a network that passes everything on."""
    found = Network(house.base)
    yield found
    found.close()


@pytest.fixture
def enrolled(chromium: Chromium, network: Network) -> Iterator[Callable[[], Page]]:
    """Return how to open the phone's page; it was opened before, and is kept in the phone."""
    context = chromium.new_context(viewport=SIZES["phone"], color_scheme="dark")  # type: ignore[arg-type]

    def opened() -> Page:
        page = context.new_page()
        page.goto(network.base + "/phone", wait_until="commit", timeout=8000)
        return page

    if not network.worker:
        first = opened()
        first.evaluate("localStorage.setItem('tocsin.token', 'tcs1.made-up')")
        first.evaluate("navigator.serviceWorker.ready.then(() => 0)")
        first.close()
    yield opened
    context.close()


@pytest.mark.parametrize("does", ["pass", "fail", "hang", "redirect", "portal"])
def test_the_button_is_there_within_about_a_second(network: Network, enrolled: Callable[[], Page], does: str) -> None:  # fmt: skip
    network.does = does
    began = time.monotonic()
    expect(enrolled().locator("#sos")).to_be_visible(timeout=8000)
    assert time.monotonic() - began < OPENS_WITHIN_S


@pytest.mark.parametrize("does", ["fail", "redirect", "portal"])
def test_what_is_not_our_page_is_never_kept_over_it(network: Network, enrolled: Callable[[], Page], does: str) -> None:  # fmt: skip
    network.does = does
    enrolled().wait_for_timeout(1000)
    network.close()
    expect(enrolled().locator("#sos")).to_be_visible(timeout=8000)


def test_a_newer_page_is_kept_when_the_network_answers(network: Network, enrolled: Callable[[], Page]) -> None:  # fmt: skip
    enrolled().evaluate("""caches.open("tocsin-2").then((kept) => kept.put("/phone", new Response("old")))""")  # fmt: skip
    expect(enrolled().locator("#sos")).to_be_visible(timeout=8000)
    network.close()
    expect(enrolled().locator("#sos")).to_be_visible(timeout=8000)


def test_a_broken_copy_of_an_older_worker_is_replaced(chromium: Chromium, network: Network) -> None:  # fmt: skip
    network.worker = BROKEN_WORKER
    context = chromium.new_context(viewport=SIZES["phone"])  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(network.base + "/phone")
    page.evaluate("localStorage.setItem('tocsin.token', 'tcs1.made-up')")
    page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
    page.goto(network.base + "/phone")
    expect(page.locator("body")).to_have_text("502 Bad Gateway")
    network.worker = ""
    page.goto(network.base + "/phone")
    for _ in range(40):
        if page.evaluate("caches.keys()") == ["tocsin-2"]:
            break
        page.wait_for_timeout(100)
    network.does = "fail"
    page.goto(network.base + "/phone")
    expect(page.locator("#sos")).to_be_visible()
    context.close()
