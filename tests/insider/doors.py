"""What does each door outside Django say to whom? The gate's, the console's own and the listener's, read from their tables.

A door without a line here fails. A cell is a status, in the order of `GATE_ASKERS` or `CONSOLE_ASKERS`. The gate judges no
revocation (the engine does: a revoked phone's press still alarms, labelled), and one answer for all would hide it as well.
The listener answers nobody: a cell of its is what becomes of a message, in the order of `SPEAKERS`.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import requests
from starlette.responses import PlainTextResponse

from tests.gate.gate_process import Answer, Client
from tests.insider.cases import Insiders
from tests.insider.running import Running
from tests.pages.house import Browser, House, Organisation
from tocsin.console.asgi import routes_of
from tocsin.gate.doors import DOORS
from tocsin.listener.source import TOPICS
from tocsin.runtime import tokens
from tocsin.runtime.ids import uuid7

GATE_ASKERS: Final = ("nobody", "his phone", "his revoked phone", "a phone elsewhere", "his machine")  # fmt: skip
GATE: Final = {
    "/sos GET": "401 200 200 200 401",
    "/sos POST": "401 202 202 202 401",
    "/in/ GET": "403 403 403 403 403",
    "/in/ POST": "403 403 403 403 403",
    "/health GET": "200 200 200 200 200",
    "/health POST": "405 405 405 405 405",
    "/nothing GET": "404 404 404 404 404",
    "/nothing POST": "404 404 404 404 404",
}
# The same at every door.
GATE_ALIKE: Final = {"PUT": "405", "DELETE": "405", "HEAD": "405", "OPTIONS": "200"}
CONSOLE_ASKERS: Final = ("nobody", "he", "his ended session", "one elsewhere", "his phone", "his machine")  # fmt: skip
CONSOLE: Final = {
    "/live GET": "401 200 401 200 401 401",
    "/live POST": "401 200 401 200 401 401",
    "/health GET": "200 200 200 200 200 200",
    "/health POST": "404 404 404 404 404 404",
    "/sw.js GET": "200 200 200 200 200 200",
    "/sw.js POST": "404 404 404 404 404 404",
    "/manifest.webmanifest GET": "200 200 200 200 200 200",
    "/manifest.webmanifest POST": "404 404 404 404 404 404",
    "/static/tocsin.css GET": "200 200 200 200 200 200",
    "/static/tocsin.css POST": "405 405 405 405 405 405",
}
# Who speaks: a sender that somebody who is shut out enrolled, or his own phone; one that is revoked; one of another employer's;
# and a topic under which nobody is enrolled.
SPEAKERS: Final = ("his", "revoked", "elsewhere", "nobody")
# What becomes of the usual message of that door and of one that cannot be read.
LISTENER: Final = {
    "frigate /events": "kept+aside+heard nothing kept+aside+heard nothing",
    "frigate /available": "heard nothing heard nothing",
    "frigate /stats": "heard nothing heard nothing",
    "owntracks": "aside+dropped+heard nothing aside+dropped+heard nothing",
    "owntracks /event": "aside+dropped+heard nothing aside+dropped+heard nothing",
}
BODY: Final = b'{"key": "of-the-doors", "act": "decline"}'
# Made in both worlds alike.
REVOKED, ELSEWHERE = uuid7(), uuid7()
SINCE: Final = datetime(2026, 11, 1, tzinfo=UTC)


def listener_doors() -> list[str]:
    """Return every door of the listener."""
    return [
        f"{kind.value} {ending}".strip() for kind, endings in TOPICS.items() for ending in endings
    ]


def gate_doors() -> Iterator[tuple[str, str]]:
    """Yield each door of the gate, and an address that is none, with each method."""
    for door in (*DOORS, "/nothing"):
        yield from ((door, method) for method in ("GET", "POST", *GATE_ALIKE))


def gate_line(door: str, method: str) -> str:
    """Return the line of a door; KeyError: it has none."""
    alike = GATE_ALIKE.get(method)
    if alike is None:
        return GATE[f"{door} {method}"]
    # What is no door takes no method either.
    alike = "404" if door == "/nothing" and alike == "405" and method != "HEAD" else alike
    return " ".join([alike] * len(GATE_ASKERS))


def phone_of(house: House, org: Organisation, person: str, device_id: UUID, *, is_revoked: bool) -> str:  # fmt: skip
    """Enrol a phone in the database and return its token."""
    person_id = org.people[person]
    house.engine.execute(
        "insert into registry_device (id, organisation_id, person_id, label, enrolled_at, in_vain, revoked_at)"
        " values (%s, %s, %s, 'of the doors', %s, false, %s)",
        (device_id, org.id, person_id, SINCE, SINCE if is_revoked else None),
    )
    return tokens.issue(
        house.keys.device, organisation_id=org.id, person_id=person_id, device_id=device_id, issued_at=SINCE
    )  # fmt: skip


Hear = Callable[[str, Answer | requests.Response], None]


def gate_lines(world: Running, insiders: Insiders, held: Mapping[str, str], hear: Hear) -> dict[str, str]:  # fmt: skip
    """Ask every door of the gate as everybody; return the lines."""
    bearers = (
        None,
        held["token"],
        phone_of(world.house, insiders.org, "ada", REVOKED, is_revoked=True),
        phone_of(world.house, insiders.other, "guard", ELSEWHERE, is_revoked=False),
        held["badge"],
    )
    found: dict[str, str] = {}
    for door, method in gate_doors():
        answers = [ask_gate(world.gate_port, door, method, bearer) for bearer in bearers]
        for answer in answers:
            hear(f"{method} {door}", answer)
        found[f"{door} {method}"] = " ".join(str(answer.status) for answer in answers)
    return found


def console_lines(world: Running, insiders: Insiders, held: Mapping[str, str], browser: Browser, hear: Hear) -> dict[str, str]:  # fmt: skip
    """Ask every address of the console outside Django as everybody; return the lines."""
    leaving, ended = world.house.signed_in(insiders.org, "lin"), Browser(world.house.base)
    ended.session.cookies.update(leaving.session.cookies)
    leaving.post_form("/sign-out", "/sessions")
    elsewhere = world.house.signed_in(insiders.other, "shift_lead")
    askers = (
        (None, None),
        (browser, None),
        (ended, None),
        (elsewhere, None),
        (None, held["token"]),
        (None, held["badge"]),
    )
    found: dict[str, str] = {}
    for door, method in console_doors():
        answers = [ask_console(who, world.house.base, door, method, key) for who, key in askers]
        for answer in answers:
            hear(f"{method} {door}", answer)
        found[f"{door} {method}"] = " ".join(str(answer.status_code) for answer in answers)
    return found


def ask_gate(port: int, door: str, method: str, bearer: str | None) -> Answer:
    """Return what this door says; of the gateways', to the one of his place."""
    path = door + "peer" if door.endswith("/") else door
    lines = [f"{method} {path} HTTP/1.1", "Host: gate", f"Content-Length: {len(BODY)}"]
    lines += [f"Authorization: Bearer {bearer}"] if bearer else []
    with Client(port) as client:
        return client.ask("\r\n".join([*lines, "", ""]).encode() + BODY)


def console_doors() -> Iterator[tuple[str, str]]:
    """Yield each address of the console that Django does not answer, with the methods that ask."""
    *own, of_django = routes_of(PlainTextResponse(), PlainTextResponse())
    assert of_django.path == ""
    for route in own:
        path = "/static/tocsin.css" if route.path == "/static" else route.path
        yield from ((path, method) for method in ("GET", "POST"))


def ask_console(browser: Browser | None, base: str, door: str, method: str, bearer: str | None) -> requests.Response:  # fmt: skip
    """Return what this address says; of a stream, its head."""
    session = browser.session if browser else requests.Session()
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    with session.request(method, base + door, headers=headers, stream=True, timeout=20, allow_redirects=False) as shown:  # fmt: skip
        if not shown.headers.get("content-type", "").startswith("text/event-stream"):
            assert shown.content is not None
        else:
            # What comes of it is the stream's own test.
            shown._content = b""
    return shown
