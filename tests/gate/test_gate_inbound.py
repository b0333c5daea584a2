"""What becomes of a text that a gateway brings?"""

import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.gate.gate_process import GateProcess, post
from tests.gate.test_gate_sos import until
from tocsin.gate import limits
from tocsin.gate.gateways import twilio_signature
from tocsin.runtime import spool
from tocsin.runtime.clock import wall_ns
from tocsin.runtime.unverified import HALF_BYTES, NAME, UnverifiedReader, UnverifiedWriter

GATEWAYS = """
[texts]
kind = "twilio"
organisation = "ems"
url = "https://api.example"
number = "+15550100"
account = "AC1"
secret = "12345"

[modem]
kind = "http"
organisation = "ems"
url = "http://sms.example?to={to}&text={text}"
number = "+15550101"
inbound_secret = "inbound"

[kannel]
kind = "http"
organisation = "ems"
url = "http://sms.example?to={to}&text={text}"
number = "+15550102"
inbound_auth = "header"
inbound_secret = "inbound"
"""


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GateProcess]:
    """Return a gate that knows three gateways."""
    folder: Path = tmp_path_factory.mktemp("gate")
    (folder / "gateways.toml").write_text(GATEWAYS)
    process = GateProcess(
        folder,
        TOCSIN_GATEWAYS=str(folder / "gateways.toml"),
        TOCSIN_GATE_URLS="https://sos.example https://sos2.example",
    )
    process.start()
    yield process
    process.stop()


def texts_call(sid: str, base: str = "https://sos.example", body: str = "SOS") -> bytes:
    """Return a call as Twilio makes it."""
    fields = {"MessageSid": sid, "From": "+15550123", "Body": body}
    signature = twilio_signature(
        "12345", f"{base}/in/texts", {name: [value] for name, value in fields.items()}
    )
    headers = (
        "Content-Type: application/x-www-form-urlencoded",
        f"X-Twilio-Signature: {signature}",
    )
    return post(urlencode(fields).encode(), None, "/in/texts", *headers)


def modem_call(text: bytes, *, t: int | None = None, method: str = "POST") -> bytes:
    """Return a call with our own signature."""
    stamp = b"%d" % (t or wall_ns() // 10**9)
    digest = hmac.new(b"inbound", stamp + b"." + text, hashlib.sha256).hexdigest()
    header = f"X-Tocsin-Signature: t={stamp.decode()},v1={digest}"
    if method == "POST":
        return post(text, None, "/in/modem", header)
    return f"GET /in/modem?{text.decode()} HTTP/1.1\r\nHost: gate\r\n{header}\r\n\r\n".encode()


def inbound(gate: GateProcess) -> list[tuple[dict[str, object], bytes]]:
    """Return head and body of every inbound entry."""
    payloads = [entry.payload for entry in gate.entries() if entry.kind == spool.INBOUND]
    parts = [payload.partition(b"\n") for payload in payloads]
    return [(json.loads(head), body) for head, _, body in parts]


def test_a_text_that_twilio_signed_is_on_disk_when_it_is_answered(gate: GateProcess) -> None:
    answer = gate.ask(texts_call("SM0001"))

    head, body = inbound(gate)[-1]
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/xml")
    assert answer.body == b'<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
    assert head == {
        "gateway": "texts",
        "method": "POST",
        "path": "/in/texts",
        "query": "",
        "headers": {"content-type": "application/x-www-form-urlencoded"},
    }
    assert body == b"MessageSid=SM0001&From=%2B15550123&Body=SOS"


def test_any_of_our_public_addresses_may_have_been_called(gate: GateProcess) -> None:
    assert gate.ask(texts_call("SM0002", "https://sos2.example:443")).status == 200
    assert gate.ask(texts_call("SM0003", "https://sos3.example")).status == 403


def test_the_same_signed_call_again_is_answered_the_same_and_written_once(
    gate: GateProcess,
) -> None:
    first = gate.ask(texts_call("SM0004"))
    again = gate.ask(texts_call("SM0004"))

    assert (again.status, again.body) == (first.status, first.body)
    assert [body for _, body in inbound(gate) if b"SM0004" in body] == [
        b"MessageSid=SM0004&From=%2B15550123&Body=SOS"
    ]


def test_a_post_and_a_get_with_our_signature_are_taken(gate: GateProcess) -> None:
    assert gate.ask(modem_call(b"from=1&text=SOS+one")).json == {"grade": "stored"}
    assert gate.ask(modem_call(b"from=1&text=SOS+two", method="GET")).json == {"grade": "stored"}

    (first, first_body), (second, second_body) = inbound(gate)[-2:]
    assert (first["query"], first_body) == ("", b"from=1&text=SOS+one")
    assert (second["query"], second_body) == ("from=1&text=SOS+two", b"")


def test_what_our_signature_does_not_cover_is_not_handed_on(gate: GateProcess) -> None:
    request = modem_call(b"from=1&text=SOS+three").replace(b"/in/modem", b"/in/modem?from=2", 1)

    assert gate.ask(request).status == 200
    assert inbound(gate)[-1][0]["query"] == ""


def test_an_old_signature_is_a_replay(gate: GateProcess) -> None:
    n_before = len(inbound(gate))

    assert gate.ask(modem_call(b"text=SOS", t=wall_ns() // 10**9 - 400)).status == 403
    assert len(inbound(gate)) == n_before


def test_the_same_unsigned_text_twice_is_two_texts(gate: GateProcess) -> None:
    request = post(b"from=1&text=SOS+four", None, "/in/kannel", "X-Tocsin-Secret: inbound")

    assert [gate.ask(request).status for _ in range(2)] == [200, 200]
    assert [body for _, body in inbound(gate)][-2:] == [b"from=1&text=SOS+four"] * 2


def test_what_does_not_verify_is_kept_apart_and_pages_nobody(gate: GateProcess) -> None:
    n_before, n_unverified = len(gate.entries()), gate.count("unverified")
    reader = UnverifiedReader(gate.spool_dir)

    def heads() -> list[tuple[str, str]]:
        found = [json.loads(e.payload.partition(b"\n")[0]) for e in reader.read(0, 1000)[-2:]]
        return [(head["gateway"], head["because"]) for head in found]

    forged = gate.ask(texts_call("SM0005").replace(b"Body=SOS", b"Body=HLP"))
    nowhere = gate.ask(post(b"text=SOS", None, "/in/nowhere"))

    assert forged.status == nowhere.status == 403
    assert forged.json == nowhere.json
    assert gate.count("unverified") == n_unverified + 2
    assert until(lambda: heads() == [("texts", "signature"), ("nowhere", "gateway")])
    assert len(gate.entries()) == n_before


def test_a_long_text_in_three_byte_letters_fits(gate: GateProcess) -> None:
    assert gate.ask(texts_call("SM0006", body="ช" * 1600)).status == 200


def test_a_text_at_the_limit_is_taken_and_one_byte_more_is_not(gate: GateProcess) -> None:
    whole = b"text=" + b"x" * (limits.INBOUND_BYTES - 5)

    assert gate.ask(modem_call(whole)).status == 200
    assert inbound(gate)[-1][1] == whole
    assert gate.ask(modem_call(whole + b"x")).status == 413


def test_unverified_signals_keep_the_newest_and_never_grow(tmp_path: Path) -> None:
    writer, reader = UnverifiedWriter(tmp_path), UnverifiedReader(tmp_path)
    for n in range(5000):
        assert writer.add(1, 1_772_582_280_000_000_000 + n, b"%05d" % n + bytes(200))

    kept = [int(entry.payload[:5]) for entry in reader.read(0, 10_000)]
    assert kept == list(range(kept[0], 5000))
    assert len(kept) > 500
    assert (tmp_path / NAME).stat().st_size == 2 * HALF_BYTES
    last = reader.read(0, 10_000)[-1].seq
    writer.close()

    again = UnverifiedWriter(tmp_path)
    assert again.add(1, 1_772_582_280_000_000_000, b"after the restart")
    assert [entry.payload for entry in reader.read(last, 10)] == [b"after the restart"]
    assert 4999 in [int(e.payload[:5]) for e in reader.read(0, 10_000)[:-1]]
