"""Is the sandbox carrier what a real gateway is, and can it be answered and broken?"""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote, urlencode

import pytest
from playwright.async_api import async_playwright, expect
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from tests.channels.messages import SECRET, a_message
from tests.channels.peers import HttpPeer
from tocsin.carrier.server import Carrier
from tocsin.carrier.signing import hmac_signature, twilio_signature
from tocsin.gate.gateways import is_genuine
from tocsin.gate.messages import Request as GateRequest
from tocsin.notifications.channels.email.channel import EmailChannel
from tocsin.notifications.channels.http import HttpClient, Request
from tocsin.notifications.channels.sms.channel import SmsChannel
from tocsin.notifications.channels.sms.receipts import parse_receipt
from tocsin.notifications.channels.webhook.channel import WebhookChannel
from tocsin.notifications.channels.wire import Reply
from tocsin.notifications.rules.message import ChannelError
from tocsin.runtime.clock import SystemClock
from tocsin.runtime.settings import Gateway, Settings, load

PHONE = "+15551234567"
TWILIO = Gateway(
    name="main",
    kind="twilio",
    organisation="o",
    url="",
    number="+15550001",
    account="AC1",
    secret="tok-en",
)
KANNEL = Gateway(
    name="second",
    kind="http",
    organisation="o",
    url="",
    number="+15550002",
    account="me",
    secret="p&ss",
    inbound_secret="in-secret",
    method="GET",
)
KANNEL_QUERY = (
    "?username={account}&password={secret}&to={to}&from={from}&text={text}&dlr-mask=3"
    "&dlr-url={callback}%3Ftype%3D%25d%26reference%3D{reference}"
)


class Sandbox:
    """A running carrier, and a peer in the place of Tocsin's gate and pages."""

    def __init__(self, carrier: Carrier, gate: HttpPeer) -> None:
        """Hold both."""
        self.carrier, self.gate = carrier, gate
        self.http = HttpClient(allow_private=True)
        self.url = f"http://127.0.0.1:{carrier.port}"

    def sms(self, gateway: Gateway) -> SmsChannel:
        """Return the text channel, set to this carrier."""
        path = "/2010-04-01/Accounts/AC1/Messages.json"
        if gateway.kind == "http":
            path = "/cgi-bin/sendsms" + KANNEL_QUERY
        here = _with_url(gateway, self.url + path)
        callback = f"http://127.0.0.1:{self.gate.port}/receipts"
        return SmsChannel(self.http, lambda _: here, callback_url=callback)

    async def get(self, path: str, **headers: str) -> Reply:
        """Get a page."""
        return await self.http.send(Request("GET", self.url + path, headers), timeout_s=2.0)

    async def post(self, path: str, said: Mapping[str, str], **headers: str) -> Reply:
        """Post JSON."""
        request = Request("POST", self.url + path, headers, json.dumps(said).encode())
        return await self.http.send(request, timeout_s=5.0)

    async def messages(self, to: str, *, after: int = 0, wait: float = 1.0) -> list[dict[str, Any]]:
        """Return what lies in a box."""
        reply = await self.get(f"/messages?to={quote(to, safe='')}&after={after}&wait={wait}")
        found = json.loads(reply.body)["messages"]
        assert isinstance(found, list)
        return found


def _with_url(gateway: Gateway, url: str) -> Gateway:
    fields = {name: getattr(gateway, name) for name in Gateway.__dataclass_fields__}
    return Gateway(**fields | {"url": url})


def _settings(folder: Path, gate: HttpPeer) -> Settings:
    gateways = folder / "gateways.toml"
    lines = []
    for gateway in (TWILIO, KANNEL):
        lines.append(f"[{gateway.name}]")
        names = ("kind", "organisation", "number", "account", "secret", "inbound_secret")
        lines += [f'{name} = "{getattr(gateway, name)}"' for name in names]
        lines.append('url = "http://127.0.0.1/?to={to}&text={text}"')
    gateways.write_text("\n".join(lines))
    return load(
        {
            "TOCSIN_DATA": str(folder),
            "TOCSIN_GATEWAYS": str(gateways),
            "TOCSIN_GATE_URLS": f"http://127.0.0.1:{gate.port}",
            "TOCSIN_CARRIER_BIND": "127.0.0.1:0",
            "TOCSIN_CARRIER_SMTP_BIND": "127.0.0.1:0",
        }
    )


@asynccontextmanager
async def _sandbox(folder: Path) -> AsyncIterator[Sandbox]:
    gate = HttpPeer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    await gate.start()
    carrier = Carrier(_settings(folder, gate))
    await carrier.start()
    work = asyncio.ensure_future(carrier.outgoing.work())
    sandbox = Sandbox(carrier, gate)
    try:
        yield sandbox
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        await sandbox.http.close()
        await carrier.stop()
        await gate.stop()


@pytest.mark.parametrize("gateway", [TWILIO, KANNEL], ids=["twilio", "kannel"])
async def test_a_text_lies_on_the_phone_once_and_its_receipt_comes(
    tmp_path: Path, gateway: Gateway
) -> None:
    async with _sandbox(tmp_path) as sandbox:
        channel = sandbox.sms(gateway)
        message = a_message(address=PHONE)
        await channel.send(message, timeout_s=2.0)
        await channel.send(message, timeout_s=2.0)
        (item,) = await sandbox.messages(PHONE)
        assert item["text"] == message.text
        assert item["times"] == 2
        assert item["code"] == "421"
        assert item["links"] == ["https://tocsin.example.org/a#k3y"]
        await asyncio.sleep(0.2)
        last = sandbox.gate.requests[-1]
        fields = dict(parse_qsl(last.path.partition("?")[2])) | dict(parse_qsl(last.body.decode()))
        receipt = parse_receipt(gateway.kind, fields)
        assert (receipt.state, receipt.reference) == ("delivered", message.reference)


async def test_a_wrong_password_is_refused_by_both_gateways(tmp_path: Path) -> None:
    async with _sandbox(tmp_path) as sandbox:
        for gateway in (TWILIO, KANNEL):
            fields = {name: getattr(gateway, name) for name in Gateway.__dataclass_fields__}
            wrong = Gateway(**fields | {"secret": "guess"})
            with pytest.raises(ChannelError) as raised:
                await sandbox.sms(wrong).send(a_message(address=PHONE), timeout_s=2.0)
            assert raised.value.permanent
        assert await sandbox.messages(PHONE, wait=0) == []


async def test_a_mail_lies_in_its_mailbox_once(tmp_path: Path) -> None:
    async with _sandbox(tmp_path) as sandbox:
        url = f"smtp://127.0.0.1:{sandbox.carrier.mail.port}"
        channel = EmailChannel(url, "tocsin@example.org", SystemClock())
        message = a_message(
            address="guard.one@example.org", text="¿Está?\nhttps://x.example.org/a#b"
        )
        await channel.send(message, timeout_s=2.0)
        await channel.send(message, timeout_s=2.0)
        (item,) = await sandbox.messages("guard.one@example.org")
        assert item["subject"] == "Tocsin needs you"
        assert item["text"].split() == message.text.split()
        assert item["times"] == 2
        await channel.close()


async def test_a_hook_keeps_what_it_gets(tmp_path: Path) -> None:
    async with _sandbox(tmp_path) as sandbox:
        channel = WebhookChannel(sandbox.http, SystemClock(), allow_plain=True)
        await channel.send(
            a_message(address=f"{sandbox.url}/hook/door", secret=SECRET), timeout_s=2.0
        )
        (item,) = await sandbox.messages("hook:door")
        assert json.loads(item["text"])["key"] == "press-0001"
        assert item["subject"] == "signed"


async def test_a_reply_comes_to_the_gate_as_twilio_would_sign_it(tmp_path: Path) -> None:
    async with _sandbox(tmp_path) as sandbox:
        reply = await sandbox.post("/reply", {"from": PHONE, "text": "1 421 ¡sí!"})
        assert json.loads(reply.body) == {"ok": True, "outcome": "http_200"}
        request = sandbox.gate.requests[0]
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        assert (form["From"], form["To"], form["Body"]) == (PHONE, "+15550001", "1 421 ¡sí!")
        assert request.path == "/in/main"
        url = f"http://127.0.0.1:{sandbox.gate.port}/in/main"
        given = request.headers["X-Twilio-Signature"]
        assert RequestValidator(TWILIO.secret).validate(url, form, given)


async def test_a_reply_goes_back_by_the_gateway_that_wrote_and_the_gate_believes_it(
    tmp_path: Path,
) -> None:
    async with _sandbox(tmp_path) as sandbox:
        await sandbox.sms(KANNEL).send(a_message(address=PHONE), timeout_s=2.0)
        await sandbox.post("/reply", {"from": PHONE, "text": "SOS"})
        request = next(one for one in sandbox.gate.requests if one.path == "/in/second")
        as_seen = GateRequest(
            method=b"POST",
            target=request.path,
            headers={
                name.lower().encode(): value.encode() for name, value in request.headers.items()
            },
            body=request.body,
            is_last=False,
        )
        now_s = SystemClock().now().timestamp()
        assert is_genuine(KANNEL, as_seen, bases=(), now_s=now_s)
        assert not is_genuine(TWILIO, as_seen, bases=("http://127.0.0.1",), now_s=now_s)
        assert dict(parse_qsl(request.body.decode()))["text"] == "SOS"


async def test_twilio_lets_nothing_through_to_a_phone_that_texted_stop_until_it_texts_start(
    tmp_path: Path,
) -> None:
    async with _sandbox(tmp_path) as sandbox:
        twilio, kannel = sandbox.sms(TWILIO), sandbox.sms(KANNEL)
        await twilio.send(a_message(address=PHONE, reference="r1"), timeout_s=2.0)
        stop = await sandbox.post("/reply", {"from": PHONE, "text": " Stop\n"})
        assert json.loads(stop.body)["outcome"] == "http_200"
        with pytest.raises(ChannelError, match="opted_out"):
            await twilio.send(a_message(address=PHONE, reference="r2"), timeout_s=2.0)
        # A gateway that heeds no word goes on.
        await kannel.send(a_message(address=PHONE, reference="r3"), timeout_s=2.0)
        await sandbox.carrier.outgoing.reply(PHONE, "START", gateway=TWILIO.name)
        await twilio.send(a_message(address=PHONE, reference="r4"), timeout_s=2.0)
        told = [item for item in await sandbox.messages(PHONE) if not item["is_reply"]]
        assert len(told) == 3


async def test_a_reply_is_tried_again_while_the_gate_is_away(tmp_path: Path) -> None:
    async with _sandbox(tmp_path) as sandbox:
        await sandbox.gate.stop()
        sending = asyncio.ensure_future(sandbox.post("/reply", {"from": PHONE, "text": "SOS"}))
        await asyncio.sleep(0.2)
        await sandbox.gate.start()
        assert (await sending).status == 200


@pytest.mark.parametrize(
    ("fields", "token", "url", "expected"),
    [
        (
            {
                "CallSid": "CA1234567890ABCDE",
                "Digits": "1234",
                "From": "+14158675309",
                "To": "+18005551212",
                "Caller": "+14158675309",
            },
            "12345",
            "https://mycompany.com/myapp.php?foo=1&bar=2",
            "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
        ),
        (
            {
                "CallSid": "CA1234567890ABCDE",
                "Digits": "1234",
                "From": "+12349013030",
                "To": "+18005551212",
                "Caller": "+12349013030",
            },
            "12345",
            "https://mycompany.com/myapp.php?foo=1&bar=2",
            "0/KCTR6DLpKmkAf8muzZqo1nDgQ=",
        ),
    ],
)
def test_twilios_own_examples_come_out(
    fields: dict[str, str], token: str, url: str, expected: str
) -> None:
    assert twilio_signature(token, url, fields) == expected


def test_our_signature_covers_time_and_body() -> None:
    first = hmac_signature("s", 1, b"x")
    assert first != hmac_signature("s", 2, b"x")
    assert first != hmac_signature("s", 1, b"y")


async def test_a_provider_can_be_told_to_misbehave(tmp_path: Path) -> None:
    async with _sandbox(tmp_path) as sandbox:
        message = a_message(address=PHONE)
        expected = {"500": "http_500", "refuse": "closed", "hang": "timeout"}
        for mode, code in expected.items():
            await sandbox.post("/fail", {"provider": "twilio", "mode": mode})
            with pytest.raises(ChannelError) as raised:
                await sandbox.sms(TWILIO).send(message, timeout_s=0.2)
            assert (raised.value.code, raised.value.permanent) == (code, False)
            assert await sandbox.sms(KANNEL).send(message, timeout_s=2.0)
        await sandbox.post("/fail", {"provider": "twilio", "mode": "ok"})
        assert await sandbox.sms(TWILIO).send(message, timeout_s=2.0)


async def test_the_mail_server_can_be_told_to_misbehave(tmp_path: Path) -> None:
    async with _sandbox(tmp_path) as sandbox:
        url = f"smtp://127.0.0.1:{sandbox.carrier.mail.port}"
        channel = EmailChannel(url, "tocsin@example.org", SystemClock())
        message = a_message(address="guard.one@example.org")
        expected = {"500": "smtp_451", "hang": "timeout", "refuse": "refused"}
        for mode, code in expected.items():
            await sandbox.post("/fail", {"provider": "smtp", "mode": mode})
            with pytest.raises(ChannelError) as raised:
                await channel.send(message, timeout_s=0.3)
            assert raised.value.code == code
            assert raised.value.refused == (mode == "refuse")
        await sandbox.post("/fail", {"provider": "smtp", "mode": "ok"})
        assert await channel.send(message, timeout_s=2.0)
        await channel.close()


async def test_the_pages_show_hostile_words_as_words(tmp_path: Path) -> None:
    async with _sandbox(tmp_path) as sandbox:
        hostile = '<script>alert(1)</script> "\'> https://x.example.org/a#k"onmouseover=x'
        await sandbox.sms(TWILIO).send(a_message(address=PHONE, text=hostile), timeout_s=2.0)
        name = quote(PHONE, safe="")
        for path in ("/", f"/box?of={name}", f"/messages-of?of={name}"):
            page = await sandbox.get(path)
            text = page.body.decode()
            assert page.status == 200
            assert "<script" not in text
            assert "script-src" not in page.headers["content-security-policy"]
            assert page.headers["content-security-policy"].startswith("default-src 'none'")
        assert '<a href="https://x.example.org/a#k" target="_blank"' in text
        assert "&lt;script&gt;" in text
        strange = await sandbox.get("/box?of=%3Cscript%3E")
        assert b"<script>" not in strange.body


async def test_a_page_answers_by_text_with_one_press(tmp_path: Path) -> None:
    async with _sandbox(tmp_path) as sandbox:
        await sandbox.sms(TWILIO).send(a_message(address=PHONE), timeout_s=2.0)
        page = await sandbox.get(f"/messages-of?of={quote(PHONE, safe='')}")
        assert b'value="1 421"' in page.body
        body = urlencode({"of": PHONE, "text": "1 421", "frame": "yes"}).encode()
        form = Request("POST", f"{sandbox.url}/answer", {}, body)
        answer = await sandbox.http.send(form, timeout_s=2.0)
        assert answer.status == 303
        assert answer.headers["location"] == "/messages-of?of=%2B15551234567"
        replies = [one for one in await sandbox.messages(PHONE) if one["is_reply"]]
        assert [one["text"] for one in replies] == ["1 421"]


async def test_a_person_in_a_browser_writes_from_a_phone_and_answers_with_one_press(tmp_path: Path) -> None:  # fmt: skip
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("there is no Chromium on this machine")
    async with _sandbox(tmp_path) as sandbox, async_playwright() as play:
        await sandbox.sms(TWILIO).send(a_message(address=PHONE), timeout_s=2.0)
        browser = await play.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": 390, "height": 844})
        await page.goto(f"{sandbox.url}/box?of={quote(PHONE, safe='')}")
        await page.get_by_label("Text from this phone").fill("SOS")
        await page.get_by_role("button", name="Send").click()
        messages = page.frame_locator("iframe")
        await expect(messages.locator("li.reply")).to_contain_text("SOS")
        await messages.get_by_role("button", name="1 421 in charge").click()
        await expect(messages.locator("li.reply")).to_have_count(2)
        await page.get_by_role("link", name="All phones and mailboxes").click()
        await expect(page.get_by_role("link", name=PHONE)).to_be_visible()
        await browser.close()
        replies = [one for one in await sandbox.messages(PHONE) if one["is_reply"]]
        assert [one["text"] for one in replies] == ["SOS", "1 421"]


async def test_unread_is_counted_until_it_is_opened(tmp_path: Path) -> None:
    async with _sandbox(tmp_path) as sandbox:
        await sandbox.sms(TWILIO).send(a_message(address=PHONE), timeout_s=2.0)
        assert json.loads((await sandbox.get("/boxes")).body)["boxes"][0]["unread"] == 1
        await sandbox.get(f"/box?of={quote(PHONE, safe='')}")
        assert json.loads((await sandbox.get("/boxes")).body)["boxes"][0]["unread"] == 0


async def test_another_site_cannot_make_a_phone_answer(tmp_path: Path) -> None:
    async with _sandbox(tmp_path) as sandbox:
        said = {"from": PHONE, "text": "1 421"}
        refused = await sandbox.post("/reply", said, Origin="https://elsewhere.example.org")
        assert refused.status == 403
        assert (await sandbox.post("/reply", said, Origin=sandbox.url)).status == 200


async def test_a_receipt_goes_only_to_tocsin(tmp_path: Path) -> None:
    async with _sandbox(tmp_path) as sandbox:
        elsewhere = HttpPeer()
        await elsewhere.start()
        here = _with_url(TWILIO, f"{sandbox.url}/2010-04-01/Accounts/AC1/Messages.json")
        channel = SmsChannel(sandbox.http, lambda _: here, callback_url=elsewhere.url)
        await channel.send(a_message(address=PHONE), timeout_s=2.0)
        await asyncio.sleep(0.2)
        assert elsewhere.requests == []
        await elsewhere.stop()


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n", b"404"),
        (b"\x16\x03\x01\r\n\r\n", b"400"),
        (b"POST /reply HTTP/1.1\r\nContent-Length: 4\r\n\r\nnull", b"400"),
        (b"POST /reply HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", b"400"),
        (
            b"POST /fail HTTP/1.1\r\nContent-Length: 30\r\n\r\n"
            + b'{"provider":"x","mode":"hang"}',
            b"400",
        ),
        (b"POST /answer HTTP/1.1\r\nContent-Length: 3\r\n\r\n\xff\xfe\xfd", b"400"),
        (b"GET /messages?after=x HTTP/1.1\r\n\r\n", b"400"),
        (b"GET /messages?" + b"a&" * 200 + b" HTTP/1.1\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", b"413"),
        (b"POST /hook/x HTTP/1.1\r\nContent-Length: 300000\r\n\r\n" + b"x" * 300_000, b"413"),
        (
            b"POST /2010-04-01/Accounts/AC1/Messages.json HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
            b"401",
        ),
    ],
)
async def test_bad_input_gets_a_short_clear_answer(
    tmp_path: Path, raw: bytes, status: bytes
) -> None:
    async with _sandbox(tmp_path) as sandbox:
        reader, writer = await asyncio.open_connection("127.0.0.1", sandbox.carrier.port)
        writer.write(raw)
        async with asyncio.timeout(2.0):
            assert (await reader.readline()).split(b" ")[1] == status
        writer.close()
        assert (await sandbox.get("/health")).status == 200


async def test_pipelined_requests_are_answered_in_order(tmp_path: Path) -> None:
    async with _sandbox(tmp_path) as sandbox:
        reader, writer = await asyncio.open_connection("127.0.0.1", sandbox.carrier.port)
        writer.write(b"GET /nothing HTTP/1.1\r\n\r\nGET /health HTTP/1.1\r\n\r\n")
        async with asyncio.timeout(2.0):
            found = await reader.readuntil(b"no such page")
            assert found.startswith(b"HTTP/1.1 404")
            assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        writer.close()


async def test_what_is_kept_is_bounded(tmp_path: Path) -> None:
    async with _sandbox(tmp_path) as sandbox:
        channel = WebhookChannel(sandbox.http, SystemClock(), allow_plain=True)
        for number in range(205):
            address = f"{sandbox.url}/hook/one"
            await channel.send(a_message(address=address, reference=f"r{number}"), timeout_s=2.0)
        found = sandbox.carrier.boxes.box("hook:one").items
        assert [found[0].reference, len(found)] == ["r5", 200]
