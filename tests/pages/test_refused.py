"""Does what cannot be read get a short clear answer, and is it counted?"""

import json
import os
import signal
import socket
import time

import pytest
import requests

from tests.pages.house import Browser, House

FORM = "application/x-www-form-urlencoded"
COUNTED = '"event": "console.counts"'
DOORS = ("/a/show", "/a/act", "/sign-in", "/enrol/now", "/phone/push", "/drills")
ENGLISH, SPANISH = "<h1>This cannot be read</h1>", "<h1>Esto no se puede leer</h1>"
MANY_FIELDS = "&".join(f"a{number}=1" for number in range(401))


def sent(house: House, path: str, kind: str, body: str = "secret=x", language: str = "en") -> requests.Response:  # fmt: skip
    # With what counts as the token of a form: without it a form is refused before it is read.
    cookie = "csrftoken=" + "0123456789abcdef" * 2
    headers = {"Content-Type": kind, "Accept-Language": language, "Cookie": cookie}
    return requests.post(house.base + path, data=body, headers=headers, timeout=20)


def counts(house: House) -> dict[str, int]:
    """Return what the web process logs when its operator asks."""
    log = house.settings.run_dir.parent / "web.log"
    n_told = log.read_text(encoding="utf-8").count(COUNTED)
    os.kill(int((house.settings.run_dir / "web.ready").read_text(encoding="ascii")), signal.SIGUSR1)
    until = time.monotonic() + 10
    lines: list[str] = []
    while len(lines) <= n_told and time.monotonic() < until:
        time.sleep(0.01)
        whole = log.read_text(encoding="utf-8").split("\n")[:-1]
        lines = [line for line in whole if COUNTED in line]
    found: dict[str, int] = json.loads(lines[-1])["counts"]
    return found


@pytest.mark.parametrize("path", DOORS)
def test_a_charset_that_we_do_not_read_is_refused_in_her_words(house: House, path: str) -> None:
    for charset in ("latin-1", "utf-16", "rot13", "no-such"):
        shown = sent(house, path, f"{FORM}; charset={charset}")
        assert (shown.status_code, ENGLISH in shown.text) == (415, True), charset
    shown = sent(house, path, f"{FORM}; charset=latin-1", language="es")
    assert (shown.status_code, SPANISH in shown.text) == (415, True)


@pytest.mark.parametrize("charset", ["UTF-8", "utf8", "us-ascii"])
def test_a_charset_that_is_utf_8_is_read(house: House, charset: str) -> None:
    assert sent(house, "/a/show", f"{FORM}; charset={charset}").status_code == 404


@pytest.mark.parametrize("path", ["/a/show", "/a/act", "/sign-in"])
def test_a_form_that_cannot_be_taken_apart_is_refused_in_her_words(house: House, path: str) -> None:
    for kind, body in (
        (FORM, MANY_FIELDS),
        ("multipart/form-data", "x"),
        ("multipart/form-data; boundary=\u00e9", "x"),
        ("multipart/form-data; x*=nope''a", "x"),
    ):
        shown = sent(house, path, kind, body)
        assert (shown.status_code, ENGLISH in shown.text) == (400, True), kind
    assert SPANISH in sent(house, path, "multipart/form-data", "x", "es").text


@pytest.mark.parametrize(
    ("query", "kind", "status"),
    [
        ("a=1", "text/plain; charset=rot13", 200),
        ("a=1", "text/plain; x*=nope''a", 400),
        (MANY_FIELDS, "text/plain; charset=utf-8", 400),
    ],
)
def test_what_a_reader_says_of_a_body_that_is_not_there_breaks_nothing(house: House, query: str, kind: str, status: int) -> None:  # fmt: skip
    shown = Browser(house.base).get(f"/sign-in?{query}", **{"Content-Type": kind})
    assert shown.status_code == status


def test_an_address_that_is_not_ascii_is_refused_in_a_sentence(house: House) -> None:
    with socket.create_connection(house.settings.web_bind, timeout=20) as caller:
        caller.sendall(
            b"GET /sign-in?\xff\xfe HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        answer = b"".join(iter(lambda: caller.recv(65_536), b""))
    assert answer.startswith(b"HTTP/1.1 400 ")


def test_what_is_refused_is_counted_by_door_and_answer_and_told_to_the_operator(house: House) -> None:  # fmt: skip
    before = counts(house)
    nobody = "/api/v1/sightings/0199e000-0000-7000-8000-0000000000e1"
    for path, kind, body in (
        ("/api/v1/receipts/tw", FORM, "MessageSid=SM1"),
        ("/api/v1/receipts/tw", FORM, "MessageSid=" + "x" * 9_000),
        ("/api/v1/receipts/tw", f"{FORM}; charset=utf-16", "MessageSid=SM1"),
        (nobody, "application/json", "{}"),
        ("/a/show", FORM, "secret=x"),
        ("/a/act", "multipart/form-data", "x"),
        ("/phone/push", "application/json", "{}"),
        ("/sign-in", f"{FORM}; charset=latin-1", "x"),
    ):
        sent(house, path, kind, body)
    after = counts(house)
    more = {name: n - before.get(name, 0) for name, n in after.items() if n != before.get(name, 0)}
    assert more == {
        "receipts_403": 1,
        "receipts_413": 1,
        "receipts_415": 1,
        "sightings_401": 1,
        "answer_show_404": 1,
        "answer_act_400": 1,
        "phone_push_401": 1,
        "pages_415": 1,
    }


def test_a_page_that_is_not_for_him_is_not_counted(house: House) -> None:
    before = counts(house)
    assert Browser(house.base).get("/cases/0199e000-0000-7000-8000-0000000000e1/told/x").status_code == 404  # fmt: skip
    assert counts(house) == before
