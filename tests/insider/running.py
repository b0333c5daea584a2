"""A whole installation on a world of its own: pages, gate and engine, as they run; and the far end of its messages."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.gate.gate_process import Answer, Client, post
from tests.insider.peers import Peers
from tests.pages.conftest import free_port, wait_until_served
from tests.pages.house import House
from tocsin.gate.gateways import twilio_signature
from tocsin.runtime import keys
from tocsin.runtime import settings as settings_module
from tocsin.runtime.postgres import Cluster

WITHIN_S = 20.0
TOKEN, NUMBER = "gateway-token", "+13125550100"
GATEWAY = """
[peer]
kind = "twilio"
organisation = "{slug}"
url = "http://127.0.0.1:{port}/"
number = "+13125550100"
account = "AC1"
secret = "gateway-token"
"""


@dataclass
class Running:
    """One world in which everything runs."""

    house: House
    gate_port: int
    peers: Peers
    logs: tuple[Path, ...]

    def press(self, token: str | None, **said: Any) -> Answer:
        """Return what the gate answers a phone."""
        return self.gate(post(json.dumps(said).encode(), token))

    def gate(self, request: bytes) -> Answer:
        """Return what the gate answers to a whole request."""
        with Client(self.gate_port) as client:
            return client.ask(request)

    def text(self, number: str, words: str, reference: str) -> Answer:
        """Return what the gate answers to the gateway that brings a text from this number."""
        form = {"From": number, "To": NUMBER, "Body": words, "MessageSid": reference, "AccountSid": "AC1"}  # fmt: skip
        url = f"http://127.0.0.1:{self.gate_port}/in/peer"
        signature = twilio_signature(TOKEN, url, {name: [value] for name, value in form.items()})
        prepared = requests.Request("POST", url, data=form).prepare()
        body = prepared.body.encode() if isinstance(prepared.body, str) else b""
        kind = "Content-Type: application/x-www-form-urlencoded"
        return self.gate(post(body, None, "/in/peer", kind, f"X-Twilio-Signature: {signature}"))

    def texts_to(self, number: str) -> list[str]:
        """Return the texts that have arrived at this number, oldest first."""
        texts = (arrival for arrival in self.peers.arrivals() if arrival.kind == "sms")
        return [text.text for text in texts if f"'To': '{number}'" in text.raw]


@contextmanager
def running(
    cluster: Cluster, folder: Path, database: str, found: keys.Keys, slug: str, keys_dir: Path
) -> Iterator[Running]:
    """Run pages and gate; the engine is started by `engine_of`, when the world is as it should be."""
    folder.mkdir()
    with ExitStack() as stack:
        peers = stack.enter_context(Peers())
        port, gate_port = free_port(), free_port()
        file = folder / "gateways.toml"
        file.write_text(GATEWAY.format(slug=slug, port=peers.sms.port), encoding="utf-8")
        file.chmod(0o600)
        given = {
            **os.environ,
            "TOCSIN_DATA": str(folder),
            "TOCSIN_KEYS": str(keys_dir),
            "TOCSIN_DATABASE_URL": cluster.url("owner", database=database),
            "TOCSIN_WEB_BIND": f"127.0.0.1:{port}",
            "TOCSIN_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "TOCSIN_GATE_BIND": f"127.0.0.1:{gate_port}",
            "TOCSIN_GATE_URLS": f"http://127.0.0.1:{gate_port}",
            "TOCSIN_GATEWAYS": str(file),
            "TOCSIN_SPOOL_MB": "8",
        }
        logs = tuple(folder / f"{name}.log" for name in ("console", "gate", "engine"))
        web = stack.enter_context(_part("console", given, logs[0]))
        stack.enter_context(_part("gate", given, logs[1]))
        wait_until_served(given["TOCSIN_PUBLIC_URL"], web, logs[0])
        house = House(settings_module.load(given), found, given["TOCSIN_PUBLIC_URL"])
        stack.callback(house.engine.close)
        stack.callback(house.conn.close)
        yield Running(house, gate_port, peers, logs)


@contextmanager
def engine_of(world: Running) -> Iterator[None]:
    """Run the engine of this world."""
    given = {**os.environ, **_given(world)}
    with _part("engine", given, world.logs[2]):
        yield


def _given(world: Running) -> dict[str, str]:
    settings = world.house.settings
    return {
        "TOCSIN_DATA": str(world.logs[0].parent),
        "TOCSIN_KEYS": str(settings.keys_dir),
        "TOCSIN_DATABASE_URL": settings.database_url or "",
        "TOCSIN_PUBLIC_URL": settings.public_url,
        "TOCSIN_GATE_URLS": settings.gate_urls[0],
        "TOCSIN_GATEWAYS": str(world.logs[0].parent / "gateways.toml"),
    }


@contextmanager
def _part(name: str, given: dict[str, str], log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with log.open("wb") as file:
        part = subprocess.Popen([sys.executable, "-m", f"tocsin.{name}"], env=given, stdout=file, stderr=file)  # fmt: skip
    try:
        yield part
    finally:
        part.send_signal(signal.SIGTERM)
        part.wait(timeout=15)


def until(question: Any, *, within_s: float = WITHIN_S) -> Any:
    """Return the first answer that is something, or the last one."""
    end = time.monotonic() + within_s
    while True:
        answer = question()
        if answer or time.monotonic() > end:
            return answer
        time.sleep(0.1)
