"""Is a text handed to its gateway as the gateway wants it, and are its receipts read right?"""

import json
from base64 import b64encode
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.channels.messages import a_message
from tests.channels.peers import HttpPeer
from tocsin.notifications.channels.http import HttpClient
from tocsin.notifications.channels.sms.channel import SmsChannel
from tocsin.notifications.channels.sms.receipts import Receipt, is_news, parse_receipt
from tocsin.notifications.channels.sms.template import Outgoing, provider_id, request_of
from tocsin.notifications.channels.sms.wording import fit, is_gsm, segments
from tocsin.notifications.rules.message import ChannelError
from tocsin.runtime.settings import Gateway

TWILIO = Gateway("t", "twilio", "o", "http://127.0.0.1/Messages.json", "+15550001", "AC1", "tok")
KANNEL = Gateway(
    name="k",
    kind="http",
    organisation="o",
    url="http://127.0.0.1/sendsms?username={account}&password={secret}&to={to}&text={text}&dlr-url={callback}",
    number="+15550001",
    account="u",
    secret="p&p",
    method="GET",
)
OUT = Outgoing(
    to="+15551234567", text="SOS & help?\n1 421", reference="r/1", callback="http://x/r/t"
)


def test_twilio_gets_a_form_with_basic_auth() -> None:
    request = request_of(TWILIO, OUT)
    form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
    assert form == {
        "To": "+15551234567",
        "From": "+15550001",
        "Body": "SOS & help?\n1 421",
        "StatusCallback": "http://x/r/t?reference=r%2F1",
    }
    assert request.headers["Authorization"] == "Basic " + b64encode(b"AC1:tok").decode()


def test_a_get_gateway_gets_everything_percent_encoded_in_its_url() -> None:
    request = request_of(KANNEL, OUT)
    query = {name: values[0] for name, values in parse_qs(urlsplit(request.url).query).items()}
    assert query == {
        "username": "u",
        "password": "p&p",
        "to": "+15551234567",
        "text": "SOS & help?\n1 421",
        "dlr-url": "http://x/r/t",
    }
    assert request.body == b""
    assert "Authorization" not in request.headers


def test_a_text_that_looks_like_a_place_is_not_filled() -> None:
    hostile = Outgoing(to=OUT.to, text="{secret}", reference="r", callback="c")
    assert "p%26p" not in request_of(KANNEL, hostile).url.split("text=")[1]


def test_a_json_gateway_gets_escaped_values() -> None:
    gateway = Gateway(
        name="j",
        kind="http",
        organisation="o",
        url="http://127.0.0.1/send",
        number="1",
        body='{"to":"{to}","text":"{text}"}',
        content_type="application/json",
    )
    hostile = Outgoing(to=OUT.to, text='a"},{"to":"x\n', reference="r", callback="c")
    assert json.loads(request_of(gateway, hostile).body)["text"] == 'a"},{"to":"x\n'


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("id", b'{"id":"a1"}', "a1"),
        ("messages.0.message-id", b'{"messages":[{"message-id":"a2"}]}', "a2"),
        ("id", b'{"id":17}', "17"),
        (r"ID: (\w+)", b"OK ID: a3", "a3"),
        ("", b"anything", None),
    ],
)
def test_the_gateways_id_is_found(path: str, body: bytes, expected: str | None) -> None:
    gateway = Gateway("g", "http", "o", "http://x/", "1", id_path=path)
    assert provider_id(gateway, body) == expected


@pytest.mark.parametrize("body", [b"", b"[]", b'{"id":null}', b'{"id":{}}', b"\xff", b"[" * 9000])
def test_an_answer_without_the_id_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(ChannelError, match="bad_answer"):
        provider_id(Gateway("g", "http", "o", "http://x/", "1", id_path="id"), body)


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        (
            "twilio",
            {"MessageSid": "SM1", "MessageStatus": "delivered", "reference": "r1"},
            Receipt("SM1", "r1", "delivered", None),
        ),
        (
            "twilio",
            {"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": "30003"},
            Receipt("SM1", None, "failed", "30003"),
        ),
        (
            "twilio",
            {"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": "21610"},
            Receipt("SM1", None, "failed", "opted_out"),
        ),
        ("http", {"status": "OPTED_OUT"}, Receipt(None, None, "failed", "opted_out")),
        (
            "http",
            {"status": "failed", "error": "Blocked due to STOP message"},
            Receipt(None, None, "failed", "opted_out"),
        ),
        ("http", {"status": "delivered", "error": "21610"}, Receipt(None, None, "delivered", None)),
        ("http", {"status": "failed", "error": "121610"}, Receipt(None, None, "failed", "121610")),
        ("http", {"type": "1", "reference": "r1"}, Receipt(None, "r1", "delivered", None)),
        ("http", {"type": "16", "answer": "NACK"}, Receipt(None, None, "failed", "NACK")),
        ("http", {"id": "a", "status": "DELIVRD"}, Receipt("a", None, "delivered", None)),
        ("http", {"status": "constructor"}, Receipt(None, None, "unknown", None)),
        ("twilio", {}, Receipt(None, None, "unknown", None)),
        ("http", {"id": "a\r\nb"}, Receipt(None, None, "unknown", None)),
    ],
)
def test_a_receipt_is_read(kind: str, fields: dict[str, str], expected: Receipt) -> None:
    assert parse_receipt(kind, fields) == expected


@pytest.mark.parametrize(
    ("kept", "state"),
    [("", "unknown"), ("", "sent"), ("queued", "sent"), ("unknown", "queued"), ("sent", "delivered"), ("delivered", "failed"), ("failed 30003", "delivered")],
)  # fmt: skip
def test_a_receipt_that_says_more_is_news(kept: str, state: str) -> None:
    assert is_news(kept, state)


@pytest.mark.parametrize(
    ("kept", "state"),
    [("sent", "queued"), ("sent", "sent"), ("delivered", "sent"), ("delivered", "delivered"), ("failed 30003", "sent"), ("failed 30003", "failed"), ("sent", "unknown")],
)  # fmt: skip
def test_a_receipt_that_was_overtaken_is_no_news(kept: str, state: str) -> None:
    assert not is_news(kept, state)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ł" * 70, 1),
        ("ł" * 71, 2),
        ("\U0001f4a5" * 36, 2),
    ],
)
def test_segments_are_counted_as_the_network_counts(text: str, expected: int) -> None:
    assert segments(text) == expected


def test_spanish_stays_in_the_short_alphabet() -> None:
    fitted = fit(
        "¿Está usted a cargo? Señal número 3 \u2013 «aquí»".replace("«", '"').replace("»", '"')
    )
    assert fitted == '¿Esta usted a cargo? Señal numero 3 - "aqui"'
    assert is_gsm(fitted)


@pytest.mark.parametrize("letter", ["a", "ł", "\U0001f4a5", "€"])
def test_a_long_text_keeps_its_last_line_in_three_segments(letter: str) -> None:
    fitted = fit(letter * 2000 + "\nReply 1 421 in charge")
    assert segments(fitted) == 3
    assert fitted.endswith("...\nReply 1 421 in charge")


def test_what_cannot_be_seen_is_taken_out() -> None:
    assert fit("a\u202eb\0c\x1b[2Jd\r\ne") == "abc[2Jd\ne"


@pytest.mark.parametrize(
    "number", ["", "5551234567", "+0123456789", "+1555", "+1555123456789012", "+1555123456x"]
)
async def test_only_a_full_international_number_is_sent_to(number: str) -> None:
    channel = SmsChannel(HttpClient(allow_private=True), lambda _: TWILIO, callback_url="http://x")
    with pytest.raises(ChannelError, match="bad_address"):
        await channel.send(a_message(address=number), timeout_s=1.0)


async def test_an_organisation_without_a_gateway_fails_for_good() -> None:
    channel = SmsChannel(HttpClient(allow_private=True), lambda _: None, callback_url="http://x")
    with pytest.raises(ChannelError, match="no_gateway") as raised:
        await channel.send(a_message(address="+15551234567"), timeout_s=1.0)
    assert raised.value.permanent


async def test_a_success_that_the_gateway_does_not_mean_is_a_bad_answer() -> None:
    peer = HttpPeer(raw=b"HTTP/1.1 206 Partial\r\nContent-Length: 0\r\n\r\n")
    await peer.start()
    gateway = Gateway("t", "twilio", "o", peer.url, "1", "a", "s")
    channel = SmsChannel(HttpClient(allow_private=True), lambda _: gateway, callback_url="http://x")
    with pytest.raises(ChannelError, match="bad_answer"):
        await channel.send(a_message(address="+15551234567"), timeout_s=1.0)
    await channel.close()
    await peer.stop()


@pytest.mark.parametrize(
    ("kind", "status", "body", "code"),
    [
        ("twilio", "400 Bad Request", b'{"code": 21610, "message": "Attempt to send to unsubscribed recipient"}', "opted_out"),
        ("twilio", "400 Bad Request", b'{"code": 21211, "message": "Invalid To"}', "http_400"),
        ("http", "403 Forbidden", b"recipient has opted out", "opted_out"),
        ("http", "200 OK", b'{"error": "number is unsubscribed"}', "opted_out"),
        ("http", "422 No", b'{"code": 4030}', "opted_out"),
        ("http", "500 Error", b'{"code": 4030}', "opted_out"),
        ("http", "503 Busy", b"", "http_503"),
        ("http", "503 Busy", b"<p>Cookies: accept all, or opt out</p>", "http_503"),
        ("http", "200 OK", b'{"id": "a", "note": "texts that opt out are free"}', None),
    ],
)  # fmt: skip
async def test_a_gateway_that_refuses_since_its_owner_took_the_number_off_says_so_in_one_word(kind: str, status: str, body: bytes, code: str | None) -> None:  # fmt: skip
    peer = HttpPeer(raw=b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status.encode(), len(body), body))  # fmt: skip
    await peer.start()
    gateway = Gateway("g", kind, "o", peer.url, "1", "a", "s", id_path="id", opted_out="code.?: ?4030")  # fmt: skip
    channel = SmsChannel(HttpClient(allow_private=True), lambda _: gateway, callback_url="http://x")
    if code:
        with pytest.raises(ChannelError) as raised:
            await channel.send(a_message(address="+15551234567"), timeout_s=1.0)
        assert (raised.value.code, raised.value.permanent) == (code, code != "http_503")
    else:
        assert (await channel.send(a_message(address="+15551234567"), timeout_s=1.0)).provider_id
    await channel.close()
    await peer.stop()
