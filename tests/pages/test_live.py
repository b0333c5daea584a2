"""Does every open screen hear at once, and nobody else?"""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
import requests

from tests.pages.house import PASSWORD, Browser, House, Organisation
from tocsin.runtime.links import stream_token

# Longer than two cores full of other tests keep a screen waiting: how quickly it hears is held by the bench.
WITHIN_S = 20.0


class Stream:
    """One open stream, read line by line with a deadline."""

    def __init__(self, base: str, headers: dict[str, str]) -> None:
        parts = urlsplit(base)
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=10)
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.socket.sendall(f"GET /live HTTP/1.1\r\nHost: {parts.netloc}\r\n{lines}\r\n".encode())
        self.read = b""

    def wait_for(self, words: bytes, *, within_s: float) -> bool:
        """Return whether these bytes come within the time."""
        until = time.monotonic() + within_s
        while words not in self.read:
            left = until - time.monotonic()
            if left <= 0:
                return False
            self.socket.settimeout(left)
            try:
                part = self.socket.recv(65536)
            except TimeoutError:
                return False
            if not part:
                return words in self.read
            self.read += part
        return True

    def ends(self, *, within_s: float) -> bool:
        """Return whether the server ends the stream within the time."""
        return self.wait_for(b"\r\n0\r\n\r\n", within_s=within_s)


@contextmanager
def opened(house: House, browser: Browser) -> Iterator[Stream]:
    cookie = "; ".join(f"{one.name}={one.value}" for one in browser.session.cookies)
    stream = Stream(house.base, {"Cookie": cookie})
    try:
        assert stream.wait_for(b'"hearing": true', within_s=WITHIN_S)
        yield stream
    finally:
        stream.socket.close()


def test_a_screen_hears_of_a_change(house: House, org: Organisation) -> None:
    incident = house.sos(org)
    with opened(house, house.signed_in(org)) as stream:
        house.ring_screens(org, incident, 7)
        assert stream.wait_for(str(incident).encode(), within_s=WITHIN_S)
        said = json.loads(stream.read.split(b"event: changed\ndata: ")[1].split(b"\n")[0])
    assert said == {"incident": str(incident), "version": 7}


def test_a_press_on_a_page_reaches_the_other_screens(house: House, org: Organisation) -> None:
    incident = house.sos(org)
    lead = house.signed_in(org)
    with opened(house, house.signed_in(org, "guard")) as stream:
        lead.post_form(f"/incidents/{incident}/act", f"/incidents/{incident}", act="going")
        assert stream.wait_for(str(incident).encode(), within_s=WITHIN_S)


@pytest.mark.guarantee("I22")
def test_the_one_who_pressed_hears_nothing(house: House, org: Organisation) -> None:
    incident = house.sos(org, by="guard", silent=True)
    guard, lead = house.signed_in(org, "guard"), house.signed_in(org)
    with opened(house, guard) as hers, opened(house, lead) as theirs:
        house.ring_screens(org, incident)
        assert theirs.wait_for(str(incident).encode(), within_s=WITHIN_S)
        assert not hers.wait_for(str(incident).encode(), within_s=0.5)


def test_nothing_of_another_organisation_is_heard(house: House, org: Organisation) -> None:
    other = house.new_organisation()
    incident = house.sos(other)
    with opened(house, house.signed_in(org)) as stream:
        house.ring_screens(other, incident)
        assert not stream.wait_for(b"changed", within_s=0.7)


@pytest.mark.guarantee("I18")
def test_the_stream_of_an_ended_session_is_cut_within_a_second(house: House, org: Organisation) -> None:  # fmt: skip
    here, there = house.signed_in(org), house.signed_in(org, again=True)
    with opened(house, there) as stream:
        here.post_form("/sessions", end="others")
        assert stream.ends(within_s=1)


@pytest.mark.guarantee("I18")
def test_a_new_password_and_signing_out_cut_the_streams_within_a_second(house: House, org: Organisation) -> None:  # fmt: skip
    here, there = house.signed_in(org), house.signed_in(org, again=True)
    with opened(house, here) as own, opened(house, there) as others:
        new = "another phrase, as long"
        here.post_form("/account/password", oldpassword=PASSWORD, password1=new, password2=new)
        assert others.ends(within_s=1)
        assert own.ends(within_s=1)
    guard = house.signed_in(org, "guard")
    with opened(house, guard) as stream:
        guard.post_form("/sign-out")
        assert stream.ends(within_s=1)


def test_an_unattended_screen_hears_and_reads_nothing(house: House, org: Organisation) -> None:
    token = stream_token(house.keys.answer, org.id)
    incident = house.sos(org)
    stream = Stream(house.base, {"Authorization": f"Bearer {token}"})
    assert stream.wait_for(b'"hearing": true', within_s=WITHIN_S)
    house.ring_screens(org, incident)
    assert stream.wait_for(str(incident).encode(), within_s=WITHIN_S)
    stream.socket.close()
    shown = requests.get(house.base + "/people", headers={"Authorization": f"Bearer {token}"}, timeout=20)  # fmt: skip
    assert "/sign-in" in shown.url


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer x"}, {"Cookie": "tocsin=made-up"}, {"Cookie": "tocsin"}],
)
def test_nobody_else_gets_a_stream(house: House, headers: dict[str, str]) -> None:
    assert requests.get(house.base + "/live", headers=headers, timeout=20).status_code == 401


def test_a_screen_that_missed_something_is_told_to_look(house: House, org: Organisation) -> None:
    token = stream_token(house.keys.answer, org.id)
    stream = Stream(house.base, {"Authorization": f"Bearer {token}", "Last-Event-ID": "old.1"})
    assert stream.wait_for(b"event: reload", within_s=WITHIN_S)
    stream.socket.close()


def test_malformed_news_is_not_the_end_of_the_stream(house: House, org: Organisation) -> None:
    incident = house.sos(org)
    with opened(house, house.signed_in(org)) as stream:
        for payload in (
            "",
            "x",
            "[]",
            '{"o": 1, "i": 2}',
            '{"o": "00000000-0000-0000-0000-000000000000"}',
        ):
            house.engine.execute("select pg_notify('tocsin_live', %s)", (payload,))
        house.ring_screens(org, incident)
        assert stream.wait_for(str(incident).encode(), within_s=WITHIN_S)
