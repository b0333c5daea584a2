"""How do the people of the story act? Only as their users would: phone, text, link, page."""

import json
import re
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote, urlsplit
from uuid import UUID

from tocsin.demo.http import Door, DoorError, Reply
from tocsin.demo.keepsakes import Player
from tocsin.demo.totp import PERIOD_S, code_at
from tocsin.runtime.clock import SystemClock
from tocsin.runtime.ids import secret
from tocsin.runtime.settings import Settings

STORED: Final = 202
OK: Final = 200
SEE_OTHER: Final = 302
ASK_EVERY_S: Final = 0.03
MESSAGE_WITHIN_S: Final = 20.0
# Which codes are good, counted in their periods from now (`MFA_TOTP_TOLERANCE`): the next, this one, the last.
CODES: Final = (1, 0, -1)


@dataclass(frozen=True, slots=True)
class Message:
    """One message on a phone, in a mailbox or on a hook. `link` holds its secret in the fragment."""

    text: str
    code: str
    link: str


@dataclass(slots=True)
class Doors:
    """The doors of one installation: the gate, the pages, the sandbox carrier."""

    gate: Door
    web: Door
    carrier: Door
    clock: SystemClock
    browsers: dict[UUID, Door] = field(default_factory=dict)


def doors_of(config: Settings, carrier_url: str) -> Doors:
    """Return the doors of this installation; nothing is opened yet."""
    return Doors(
        Door(config.gate_urls[0]), Door(config.public_url), Door(carrier_url), SystemClock()
    )


# --- a phone ------------------------------------------------------------------------------------------------


def new_key() -> str:
    """Return an idempotency key, as a phone makes one before its first send."""
    return f"demo-{re.sub('[^A-Za-z0-9]', '', secret(15))[:16]}"


def send(doors: Doors, player: Player, body: dict[str, Any]) -> Reply:
    """Send what a phone sends (`key`, `act` and more) with its token, and return the gate's answer."""
    return doors.gate.post_json("/sos", body, {"Authorization": f"Bearer {player.token}"})


def hears(
    doors: Doors, player: Player, body: dict[str, Any], wanted: str, *, within_s: float = 10.0
) -> Reply:
    """Return the gate's answer to the same body sent again, once it says `wanted`, or when the time is over."""
    end = time.monotonic() + within_s
    while True:
        reply = send(doors, player, body)
        if grade_of(reply) == wanted or time.monotonic() > end:
            return reply
        time.sleep(ASK_EVERY_S)


def grade_of(reply: Reply) -> str:
    """Return the grade in a gate's answer, "" if there is none."""
    try:
        return str(reply.json().get("grade", ""))
    except (ValueError, AttributeError):
        return ""


def by_whom(reply: Reply) -> str:
    """Return who did it, as the gate's answer says."""
    return str(reply.json().get("by") or "")


# --- the sandbox carrier ------------------------------------------------------------------------------------


def fail(doors: Doors, provider: str, mode: str) -> None:
    """Tell a provider of the sandbox how to behave: ok, refuse, hang, 500."""
    doors.carrier.post_json("/fail", {"provider": provider, "mode": mode})


def messages(doors: Doors, box: str, word: str) -> list[Message]:
    """Return what lies in a box about the incident of this word, the oldest first."""
    reply = doors.carrier.get(f"/messages?to={quote(box, safe='')}&after=0&wait=0")
    found = [item for item in reply.json()["messages"] if word in item["text"]]
    return [_message(item) for item in found if not item["is_reply"]]


def newest(doors: Doors, box: str, word: str) -> Message:
    """Return the newest message in a box about the incident of this word, waiting a little for the first.

    Raises:
        DoorError: there is none.
    """
    end = time.monotonic() + MESSAGE_WITHIN_S
    while True:
        found = messages(doors, box, word)
        if found:
            return found[-1]
        if time.monotonic() > end:
            message = f"no message about {word} in {box}"
            raise DoorError(message)
        time.sleep(ASK_EVERY_S)


def _message(item: dict[str, Any]) -> Message:
    text = item["text"]
    links = item["links"]
    if item["to"].startswith("hook:"):
        body = json.loads(text)
        text, links = body["text"], [body["link"]]
    return Message(text, item["code"] or "", links[0] if links else "")


def text(doors: Doors, player: Player, words: str) -> bool:
    """Text back from a person's phone; return whether Tocsin's gate took it from the carrier."""
    return doors.carrier.post_json("/reply", {"from": player.phone, "text": words}).status == OK


# --- a link -------------------------------------------------------------------------------------------------


def open_link(doors: Doors, link: str) -> Reply:
    """Open a link as a scanner does: the fragment stays at home."""
    return doors.web.get(urlsplit(link).path)


def answer(doors: Doors, link: str, act: str) -> Reply:
    """Press a button on the page behind a link: the page posts the fragment's secret with the act."""
    return doors.web.post_form("/a/act", {"secret": urlsplit(link).fragment, "act": act})


# --- a page -------------------------------------------------------------------------------------------------


def sign_in(doors: Doors, player: Player) -> Door:
    """Return a browser in which this person is signed in, with password and second factor.

    A code is good once: the one of this moment is shown to the reader, who may sign in as this person just now. So the story
    takes the one after it, and any other that is still good only if it has to.

    Raises:
        DoorError: she was not let in.
    """
    if player.id in doors.browsers:
        return doors.browsers[player.id]
    browser = Door(doors.web.base)
    browser.submit("/sign-in", "/sign-in", {"login": player.login, "password": player.password})
    second = "/account/second/code"
    for periods in CODES:
        at = doors.clock.now() + timedelta(seconds=periods * PERIOD_S)
        browser.submit(second, second, {"code": code_at(player.totp, at)})
        if browser.get("/").status == OK:
            doors.browsers[player.id] = browser
            return browser
    message = f"{player.login} could not sign in"
    raise DoorError(message)


def act_on_page(doors: Doors, player: Player, incident_id: UUID, act: str) -> Reply:
    """Press a button on the incident's page, signed in."""
    page = f"/incidents/{incident_id}"
    return sign_in(doors, player).submit(page, f"{page}/act", {"act": act})
