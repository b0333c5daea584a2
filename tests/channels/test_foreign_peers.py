"""Do programs that nobody here wrote understand us? Kannel, and the npm webhook verifier."""

import asyncio
import json
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from tests.channels.messages import SECRET, a_message
from tests.channels.peers import HttpPeer, Request
from tocsin.gate.gateways import is_genuine
from tocsin.gate.messages import Request as GateRequest
from tocsin.notifications.channels.http import HttpClient
from tocsin.notifications.channels.sms.channel import SmsChannel
from tocsin.notifications.channels.sms.receipts import parse_receipt
from tocsin.notifications.channels.webhook.channel import WebhookChannel
from tocsin.notifications.rules.message import ChannelError, Message
from tocsin.runtime.clock import SystemClock
from tocsin.runtime.settings import Gateway

pytestmark = pytest.mark.night
PHONE = "+15551234567"
CONFIGURATION = """
group = core
admin-port = {admin}
admin-password = x
smsbox-port = {smsbox}
box-allow-ip = "127.0.0.1"
log-file = "{folder}/bearerbox.log"

group = smsc
smsc = fake
smsc-id = net
port = {smsc}
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
log-file = "{folder}/smsbox.log"

group = sendsms-user
username = me
password = pass
concatenation = true
max-messages = 10

group = sms-service
keyword = default
get-url = "http://kannel:in-secret@127.0.0.1:{gate}/in/kannel?from=%p&text=%a&id=%I"
max-messages = 0
"""
QUERY = (
    "?username={account}&password={secret}&to={to}&from={from}&text={text}&coding={coding}"
    "&charset=UTF-8&dlr-mask=31&dlr-url={callback}%3Ftype%3D%25d%26reference%3D{reference}"
)


@dataclass
class Network:
    """A running Kannel, the mobile network behind it, and Tocsin's doors before it."""

    gateway: Gateway
    gate: HttpPeer
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def line(self) -> str:
        """Return the next text that reaches the network: `from to type words`."""
        async with asyncio.timeout(5.0):
            return (await self.reader.readline()).decode("utf-8", "replace").rstrip("\n")

    async def called(self, path: str) -> str:
        """Return the query of the next call to a path of Tocsin's."""
        found = await _until(
            lambda: [one for one in self.gate.requests if one.path.startswith(path)]
        )
        self.gate.requests.remove(found[0])
        return found[0].path.partition("?")[2]

    async def send(self, message: Message) -> None:
        """Send one text through Kannel."""
        http = HttpClient(allow_private=True)
        callback = f"http://127.0.0.1:{self.gate.port}/receipts"
        channel = SmsChannel(http, lambda _: self.gateway, callback_url=callback)
        try:
            await channel.send(message, timeout_s=3.0)
        finally:
            await channel.close()


async def _until(look: Callable[[], list[Request]]) -> list[Request]:
    async with asyncio.timeout(5.0):
        while not (found := look()):
            await asyncio.sleep(0.02)
    return found


def a_free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _until_listening(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    async with asyncio.timeout(10.0):
        while True:
            try:
                return await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.05)


@asynccontextmanager
async def _kannel(folder: Path) -> AsyncIterator[Network]:
    programs = shutil.which("bearerbox"), shutil.which("smsbox")
    if None in programs:
        pytest.skip("Kannel is not installed (apt-get install kannel)")
    gate = HttpPeer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    await gate.start()
    ports = {name: a_free_port() for name in ("admin", "smsbox", "smsc", "sendsms")}
    configuration = folder / "kannel.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder, gate=gate.port, **ports))
    quiet = asyncio.subprocess.DEVNULL
    boxes = []
    try:
        for program, port in zip(programs, (ports["smsbox"], ports["sendsms"]), strict=True):
            boxes.append(
                await asyncio.create_subprocess_exec(
                    str(program), str(configuration), stdout=quiet, stderr=quiet, cwd=folder
                )
            )
            _, probe = await _until_listening(port)
            probe.close()
        reader, writer = await _until_listening(ports["smsc"])
        url = f"http://127.0.0.1:{ports['sendsms']}/cgi-bin/sendsms{QUERY}"
        yield Network(_gateway(url), gate, reader, writer)
        writer.close()
    finally:
        for box in boxes:
            box.kill()
            await box.wait()
        await gate.stop()


def _gateway(url: str) -> Gateway:
    return Gateway(
        name="kannel",
        kind="http",
        organisation="o",
        url=url,
        number="+15550001",
        account="me",
        secret="pass",
        inbound_secret="in-secret",
        method="GET",
        inbound_auth="basic",
    )


async def test_kannel_sends_our_text_whole_and_its_receipt_is_read(tmp_path: Path) -> None:
    async with _kannel(tmp_path) as network:
        message = a_message(address=PHONE, text="Tocsin K7QF: ¿está? & 100% {to}")
        await network.send(message)
        assert await network.line() == f"+15550001 {PHONE} text Tocsin K7QF: ¿esta? & 100% {{to}}"
        states = []
        while "delivered" not in states:
            fields = dict(parse_qsl(await network.called("/receipts")))
            receipt = parse_receipt("http", fields)
            assert receipt.reference == message.reference
            states.append(receipt.state)


async def test_kannel_sends_a_text_of_another_alphabet_and_a_long_one(tmp_path: Path) -> None:
    async with _kannel(tmp_path) as network:
        await network.send(a_message(address=PHONE, text="Zażółć \U0001f4a5"))
        assert (await network.line()).endswith(
            " ucs-2 %00Z%00a%01%7C%00%F3%01B%01%07%00+%D8%3D%DC%A5"
        )
        await network.send(a_message(address=PHONE, text="a" * 300 + "\nReply 1 421"))
        assert (await network.line()).count("a") > 100


async def test_what_a_phone_writes_reaches_the_gate_and_is_believed(tmp_path: Path) -> None:
    async with _kannel(tmp_path) as network:
        network.writer.write(f"{PHONE} +15550001 text 1 421 sure\n".encode())
        request = (await _until(lambda: network.gate.requests))[0]
        headers = {name.lower().encode(): value.encode() for name, value in request.headers.items()}
        as_seen = GateRequest(b"GET", request.path, headers, b"", is_last=False)
        known = _gateway("http://127.0.0.1/")
        assert (known.account, known.inbound_auth) == ("me", "basic")
        fields = {name: getattr(known, name) for name in Gateway.__dataclass_fields__}
        assert is_genuine(Gateway(**fields | {"account": ""}), as_seen, bases=(), now_s=0.0)
        said = dict(parse_qsl(request.path.partition("?")[2]))
        assert (said["from"], said["text"]) == (PHONE, "1 421 sure")


async def test_kannel_refuses_a_wrong_password_for_good(tmp_path: Path) -> None:
    async with _kannel(tmp_path) as network:
        wrong = network.gateway.url.replace("{secret}", "guess")
        fields = {name: getattr(network.gateway, name) for name in Gateway.__dataclass_fields__}
        network.gateway = Gateway(**fields | {"url": wrong})
        with pytest.raises(ChannelError) as raised:
            await network.send(a_message(address=PHONE))
        assert raised.value.permanent


VERIFIER = """
const { Webhook } = require("standardwebhooks");
const given = JSON.parse(require("fs").readFileSync(0, "utf8"));
try {
  new Webhook(given.secret).verify(given.body, given.headers);
  console.log("verified");
} catch (problem) {
  console.log("refused: " + problem.message);
}
"""


def _verified_by_node(folder: Path, given: Mapping[str, object]) -> str:
    return subprocess.run(
        ["node", "-e", VERIFIER],
        input=json.dumps(given),
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        timeout=20,
    ).stdout.strip()


async def test_the_npm_verifier_takes_our_signature_and_no_other(tmp_path: Path) -> None:
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("node and npm are not installed (apt-get install npm)")
    installed = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "standardwebhooks@1"],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        timeout=120,
    )
    if installed.returncode:
        pytest.skip("npm could not fetch standardwebhooks (no network?)")
    peer = HttpPeer()
    await peer.start()
    channel = WebhookChannel(HttpClient(allow_private=True), SystemClock(), allow_plain=True)
    await channel.send(a_message(address=peer.url, text="¡Señal! \U0001f4a5"), timeout_s=2.0)
    await channel.close()
    await peer.stop()
    request = peer.requests[0]
    given = {"secret": SECRET, "body": request.body.decode(), "headers": request.headers}
    assert _verified_by_node(tmp_path, given) == "verified"
    changed = given | {"body": request.body.decode().replace("press-0001", "press-0002")}
    assert _verified_by_node(tmp_path, changed).startswith("refused")
