"""Does the doctor find out that nobody would be reached by text or by mail?"""

import base64
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tocsin.engine.assembly import unserved
from tocsin.runtime import reach, settings
from tocsin.runtime.finding import Finding
from tocsin.runtime.settings import Settings

PASSWORD = "p/a#s?s"
URL = "smtp://tocsin:p%2Fa%23s%3Fs@{}"
GATEWAY = """
[{name}]
kind = "http"
organisation = "{slug}"
url = "https://sms.example.org/?to={{to}}&text={{text}}"
number = "+13125550190"
inbound_secret = "in"
"""


class Answers(socketserver.StreamRequestHandler):
    """A mail server that answers by its first words, and keeps what was said."""

    said: dict[bytes, bytes]
    heard: list[bytes]

    def handle(self) -> None:
        self._say(b"220 mail ESMTP")
        while line := self.rfile.readline().strip():
            self.heard.append(line)
            verb = line.split()[0].upper()
            self._say(self.said.get(verb, b"250 fine"))
            if verb == b"QUIT":
                return

    def _say(self, line: bytes) -> None:
        if line:
            self.wfile.write(line + b"\r\n")
        else:
            self.rfile.readline()


@contextmanager
def a_mail_server(**said: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """Run a mail server; yield its address and what it hears. An empty answer: it hangs."""
    offers = {b"EHLO": b"250-mail\r\n250 AUTH PLAIN", b"AUTH": b"235 welcome", b"QUIT": b"221 bye"}
    answers = offers | {verb.encode(): answer for verb, answer in said.items()}
    handler = type("Here", (Answers,), {"said": answers, "heard": []})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}", handler.heard  # type: ignore[attr-defined]
        server.shutdown()


def mail_of(url: str) -> Finding:
    config = settings.load({"TOCSIN_SMTP_URL": url, "TOCSIN_MAIL_FROM": "tocsin@example.org"})
    found = [each for each in reach.examine(config) if each.what == "e-mail"]
    assert len(found) == 1
    assert PASSWORD not in found[0].text
    return found[0]


def test_a_mail_server_that_takes_name_password_and_sender_is_ok_and_gets_no_mail() -> None:
    with a_mail_server() as (where, heard):
        found = mail_of(URL.format(where))
    assert found == Finding(
        "ok", "e-mail", f"{where} lets us in as tocsin, and tocsin@example.org as the sender."
    )
    [login] = [line for line in heard if line.startswith(b"AUTH PLAIN ")]
    assert base64.b64decode(login.split()[2]).split(b"\0") == [b"", b"tocsin", PASSWORD.encode()]
    assert b"DATA" not in heard


def test_a_mail_server_without_login_is_asked_too() -> None:
    with a_mail_server() as (where, heard):
        assert mail_of(f"smtp://{where}").text.startswith(f"{where} takes us without login")
    assert not [line for line in heard if line.startswith(b"AUTH")]


WRONG: dict[str, tuple[dict[str, bytes], str, str]] = {
    "login": (
        {"AUTH": b"535 no"},
        URL,
        "refuses our name and password (535; is the password percent-encoded?)",
    ),
    "sender": ({"MAIL": b"550 no"}, URL, "refuses tocsin@example.org as the sender (550;"),
    "tls": ({}, URL.replace("smtp:", "smtp+tls:"), "does not offer what the address asks for"),
    "no login": ({"EHLO": b"250 mail"}, URL, "does not offer what the address asks for"),
    "garbage": ({"EHLO": b"HTTP/1.1 400", "HELO": b"x"}, URL, "does not speak as a mail server"),
    "hangs": ({"EHLO": b""}, URL, "did not answer within"),
    "plain": ({}, URL.replace("smtp:", "smtps:"), "has no encryption that can be trusted"),
}


@pytest.mark.parametrize("case", sorted(WRONG))
def test_what_is_in_the_way_of_mail_is_said(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "MAIL_WITHIN_S", 0.3)
    said, url, problem = WRONG[case]
    with a_mail_server(**said) as (where, _):
        found = mail_of(url.format(where))
    assert (found.state, found.text.startswith(f"{where} {problem}")) == ("wrong", True), found
    assert found.text.endswith("nobody is reached by mail. TOCSIN_SMTP_URL.")


def test_a_mail_server_where_nobody_listens_is_wrong() -> None:
    found = mail_of("smtp://127.0.0.1:1")
    assert found.text.startswith("127.0.0.1:1 cannot be reached (Connection refused)")


def gateways_of(folder: Path, **slugs: str) -> Settings:
    file = folder / "gateways.toml"
    file.write_text("".join(GATEWAY.format(name=name, slug=slugs[name]) for name in slugs))
    return settings.load({"TOCSIN_DATA": str(folder), "TOCSIN_GATEWAYS": str(file)})


def test_a_gateway_of_an_organisation_that_does_not_exist_is_wrong(tmp_path: Path) -> None:
    config = gateways_of(tmp_path, good="harbour", bad="harbor")
    [found] = reach.judge_organisations(config, frozenset({"harbour", "orchard"}))
    assert found.state == "wrong"
    assert found.text.startswith('[bad] organisation = "harbor": there is none of this short name')
    assert "There are: harbour, orchard." in found.text


def test_before_the_first_organisation_is_founded_that_is_a_warning(tmp_path: Path) -> None:
    [found] = reach.judge_organisations(gateways_of(tmp_path, g="harbour"), frozenset())
    assert found.state == "warning"
    assert "none yet (`tocsin found`)" in found.text


def test_without_a_database_it_is_said_that_nothing_is_known(tmp_path: Path) -> None:
    config = gateways_of(tmp_path, g="harbour")
    found = [each for each in reach.examine(config) if each.what == "text messages"]
    assert [each.state for each in found] == ["ok", "warning"]
    assert "is unknown" in found[1].text


def test_a_gateway_whose_texts_cannot_come_in_is_a_warning(tmp_path: Path) -> None:
    config = gateways_of(tmp_path, g="harbour")
    file = tmp_path / "gateways.toml"
    file.write_text(file.read_text().replace('inbound_secret = "in"\n', ""))
    config = settings.load({"TOCSIN_DATA": str(tmp_path), "TOCSIN_GATEWAYS": str(file)})
    texts = [each.text for each in reach.examine(config)]
    assert "[g] has no inbound_secret: every text that comes in is refused." in texts


def test_the_engine_knows_which_gateways_serve_nobody(tmp_path: Path) -> None:
    config = gateways_of(tmp_path, good="harbour", bad="harbor")
    assert unserved(config.gateways, {"harbour", "orchard"}) == {("bad", "harbor")}
