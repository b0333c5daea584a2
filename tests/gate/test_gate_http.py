"""Does every bad request get a short clear answer, and only that? Sizes are tested at n and n + 1."""

import asyncio
import json
import time
from collections import Counter
from contextlib import suppress

import pytest

from tests.gate.gate_process import Client, GateProcess, post, sos, token
from tocsin.gate import limits
from tocsin.gate.http import Connection, Connections
from tocsin.gate.messages import Request, Respond, Response


def chunked(body: bytes, size: int) -> bytes:
    """Return a POST whose body comes in chunks, without a length."""
    head = (
        "POST /sos HTTP/1.1\r\nHost: gate\r\nTransfer-Encoding: chunked\r\n"
        f"Authorization: Bearer {token(1)}\r\n\r\n"
    ).encode()
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    chunks = [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in [*pieces, b""]]
    return head + b"".join(chunks)


def body_of(n_bytes: int, key: str) -> bytes:
    """Return a signal's body of exactly `n_bytes`."""
    short = json.dumps({"key": key, "note": ""}).encode()
    return short.replace(b'""', b'"' + b"x" * (n_bytes - len(short)) + b'"')


@pytest.mark.parametrize(
    ("body", "because"),
    [
        (b"", "not JSON"),
        (b"key=press-0001", "not JSON"),
        (b'{"key": "press-0001"', "not JSON"),
        (b'{"key": "press-0001"} {}', "not JSON"),
        (b'{"key": "press-\xff\xfe01"}', "not UTF-8"),
        ('{"key": "press-0001"}'.encode("utf-16"), "not UTF-8"),
        ('{"key": "press-0001"}'.encode("utf-8-sig"), "not JSON"),
        (b"[]", "not a JSON object"),
        (b'"press-0001"', "not a JSON object"),
        (b"[" * 4000, "nested too deeply"),
        (b'{"key": "press-0001", "a": ' + b"[" * 8 + b"]" * 8 + b"}", "nested too deeply"),
        (b'{"a":' * 600 + b"1" + b"}" * 600, "nested too deeply"),
        (b'{"key": "press-0001", "n": ' + b"9" * 21 + b"}", "a number is too long"),
        (b'{"key": "press-0001", "n": 1e999}', "a number is too large"),
        (b'{"key": "press-0001", "n": NaN}', "NaN is not a JSON number"),
        (b'{"key": "press-0001", "key": "press-0002"}', "a name stands twice"),
        (b'{"key": "press-0001", "a": {"b": 1, "b": 2}}', "a name stands twice"),
        (b"{}", "key must be 8 to 64 characters"),
        (b'{"key": 12345678}', "key must be"),
        (b'{"key": "press-1"}', "key must be"),
        (b'{"key": "' + b"x" * 65 + b'"}', "key must be"),
        (b'{"key": "press 0001"}', "key must be"),
        (b'{"key": "press-0001\\n"}', "key must be"),
        ('{"key": "pr\u00e9ss-0001"}'.encode(), "key must be"),
        (b'{"key": "press-0001", "act": "dance"}', "act must be"),
        (b'{"key": "press-0001", "act": null}', "act must be"),
        (b'{"key": "press-0001", "act": ["sos"]}', "act must be"),
    ],
)
def test_a_body_that_is_no_signal_is_refused_with_the_reason(
    gate: GateProcess, body: bytes, because: str
) -> None:
    n_before, n_malformed = len(gate.entries()), gate.count("malformed")

    answer = gate.ask(post(body, token(1)))

    assert answer.status == 400
    assert because in str(answer.json["error"])
    assert len(gate.entries()) == n_before
    assert gate.count("malformed") == n_malformed + 1


@pytest.mark.parametrize(
    "body",
    [
        b'{"key": "AZaz09._"}',
        b'{"key": "' + b"k" * 64 + b'"}',
        b'{"key": "press-1001", "a": ' + b"[" * 7 + b"]" * 7 + b"}",
        b'{"key": "press-1002", "n": ' + b"9" * 20 + b', "note": "[[[[[[[[[[{{{{{{"}',
        b'{"key": "press-1003", "note": "\\ud83d \\u0000", "at": [52.1, -0.1e1]}',
    ],
)
def test_a_body_at_the_limits_is_taken(gate: GateProcess, body: bytes) -> None:
    assert gate.ask(post(body, token(2))).status == 202
    assert gate.bodies()[-1] == body


@pytest.mark.parametrize("in_chunks_of", [0, 1, 1000])
def test_a_body_of_4096_bytes_is_taken_and_one_byte_more_is_not(
    gate: GateProcess, in_chunks_of: int
) -> None:
    whole = body_of(limits.BODY_BYTES, f"whole-{in_chunks_of:04}")
    larger = body_of(limits.BODY_BYTES + 1, f"large-{in_chunks_of:04}")

    def request(body: bytes) -> bytes:
        return chunked(body, in_chunks_of) if in_chunks_of else post(body, token(3))

    assert gate.ask(request(whole)).status == 202
    assert gate.bodies()[-1] == whole
    answer = gate.ask(request(larger))
    assert (answer.status, answer.json) == (413, {"error": "the body is larger than 4096 bytes"})
    assert answer.headers["connection"] == "close"


def test_a_body_that_only_announces_its_size_is_refused_before_it_is_sent(
    gate: GateProcess,
) -> None:
    begun = time.monotonic()

    answer = gate.ask(b"POST /sos HTTP/1.1\r\nHost: gate\r\nContent-Length: 99999999999\r\n\r\n")

    assert answer.status == 413
    assert time.monotonic() - begun < 1


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"HELLO\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
        b"GET /health HTTP/9.9\r\nHost: gate\r\n\r\n",
        b"GET /health\r\n\r\n",
        b"GET /health HTTP/1.1\r\nNo colon here\r\n\r\n",
        b"GET /health HTTP/1.1\r\nBad\x01name: x\r\n\r\n",
        b"POST /sos HTTP/1.1\r\nContent-Length: ten\r\n\r\n",
        b"POST /sos HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /sos HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"POST /sos HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello",
        b"POST /sos HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n",
        b"CONNECT gate:443 HTTP/1.1\r\nHost: gate\r\n\r\n",
        b"POST /sos HTTP/1.1\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n",
    ],
)
@pytest.mark.guarantee("I25")
def test_what_is_not_http_is_refused_and_closed(gate: GateProcess, request_bytes: bytes) -> None:
    n_before = gate.count("malformed")

    with gate.client() as client:
        answer = client.ask(request_bytes)
        assert answer.status == 400
        assert "error" in answer.json
        assert client.is_closed()
    assert gate.count("malformed") == n_before + 1


def test_another_protocol_is_not_taken_up_and_the_request_answered(gate: GateProcess) -> None:
    offer = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk")
    request = post(b'{"key": "press-1004"}', token(1), "/sos", *offer)
    for pieces in ([request], [request[:-5], request[-5:]], [bytes([b]) for b in request]):
        with gate.client() as client:
            for piece in pieces:
                client.send(piece)
            assert client.receive().status == 202
            assert client.is_closed()


def test_a_head_of_the_largest_size_is_taken_and_one_byte_more_is_not(gate: GateProcess) -> None:
    around = len("/health") + len("Host: gate\r\n") + len("X-Filler: \r\n")

    def request(n_bytes: int) -> bytes:
        filler = "x" * (n_bytes - around)
        return f"GET /health HTTP/1.1\r\nHost: gate\r\nX-Filler: {filler}\r\n\r\n".encode()

    assert gate.ask(request(limits.HEAD_BYTES)).status == 200
    assert gate.ask(request(limits.HEAD_BYTES + 1)).status == 431


def test_a_head_that_is_too_large_is_refused(gate: GateProcess) -> None:
    for filler in (b"X-Filler: " + b"x" * 60_000, b"X-Filler: y\r\n" * 5000):
        answer = gate.ask(b"GET /health HTTP/1.1\r\nHost: gate\r\n" + filler)
        assert answer.status == 431


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET /nowhere HTTP/1.1\r\nHost: gate\r\n\r\n", 404),
        (b"GET / HTTP/1.1\r\nHost: gate\r\n\r\n", 404),
        (b"PUT /sos HTTP/1.1\r\nHost: gate\r\nContent-Length: 0\r\n\r\n", 405),
        (b"DELETE /health HTTP/1.1\r\nHost: gate\r\n\r\n", 405),
        (b"HEAD /health HTTP/1.1\r\nHost: gate\r\n\r\n", 405),
    ],
)
def test_another_address_or_method_is_told_so(
    gate: GateProcess, request_bytes: bytes, status: int
) -> None:
    with gate.client() as client:
        assert client.ask(request_bytes).status == status
        assert client.ask(sos("press-2001", number=4)).status == 202


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Basic dXNlcjpwYXNz", "Bearer", "Bearer ", "tcs1.AAAA"],
)
def test_without_a_token_nothing_is_taken(gate: GateProcess, authorization: str | None) -> None:
    n_before = len(gate.entries())
    headers = [] if authorization is None else [f"Authorization: {authorization}"]

    answer = gate.ask(post(b'{"key": "press-2002"}', None, "/sos", *headers))

    assert answer.status == 401
    assert "Bearer token" in str(answer.json["error"])
    assert len(gate.entries()) == n_before


def test_a_slow_head_is_closed_after_two_seconds(gate: GateProcess) -> None:
    begun = time.monotonic()
    with gate.client() as client:
        client.send(b"POST /sos HT")
        time.sleep(1)
        client.send(b"TP/1.1\r\nHost:")
        answer = client.receive()
        assert answer.status == 408
        assert client.is_closed()
    assert limits.HEAD_S <= time.monotonic() - begun < limits.HEAD_S + 1.8


def test_a_slow_body_is_closed_after_three_seconds(gate: GateProcess) -> None:
    n_before = gate.count("slow")
    begun = time.monotonic()
    with gate.client() as client:
        client.send(sos("press-2003")[:-3])
        answer = client.receive()
        assert answer.status == 408
    assert limits.BODY_S <= time.monotonic() - begun < limits.BODY_S + 0.8
    assert gate.count("slow") == n_before + 1


def test_a_request_in_single_bytes_is_taken_if_it_is_in_time(gate: GateProcess) -> None:
    with gate.client() as client:
        for byte in sos("press-2004", number=5):
            client.send(bytes([byte]))
        assert client.receive().status == 202


def test_pipelined_requests_are_answered_in_order(gate: GateProcess) -> None:
    with gate.client() as client:
        bad = post(b"[]", token(6))
        client.send(sos("press-3001", 6) + bad + sos("press-3002", 6) + sos("press-3001", 6))

        answers = [client.receive() for _ in range(4)]

        assert [answer.status for answer in answers] == [202, 400, 202, 202]
        assert [answer.json.get("key") for answer in answers] == [
            "press-3001",
            None,
            "press-3002",
            "press-3001",
        ]


def test_very_many_pipelined_requests_are_all_answered(gate: GateProcess) -> None:
    request = b"GET /health HTTP/1.1\r\nHost: gate\r\n\r\n"
    with gate.client() as client:
        client.send(request * 300)
        assert [client.receive().status for _ in range(300)] == [200] * 300


def test_a_client_that_reads_no_answers_is_given_up(gate: GateProcess) -> None:
    request = b"GET /health HTTP/1.1\r\nHost: gate\r\n\r\n"
    with Client(gate.port, receive_bytes=4096) as client:
        # One answer a turn: some hundreds of them take their time on a busy machine.
        client._socket.settimeout(60)
        n_sent = 0
        with suppress(ConnectionError):
            while n_sent < 1_000_000:
                client.send(request * 50)
                n_sent += 50
    assert n_sent < 1_000_000
    assert gate.count("not_reading") == 1


def test_connection_close_is_honoured(gate: GateProcess) -> None:
    body = b'{"key": "press-3003"}'
    with gate.client() as client:
        answer = client.ask(post(body, token(7), "/sos", "Connection: close"))
        assert answer.headers["connection"] == "close"
        assert client.is_closed()
    with gate.client() as client:
        assert client.ask(b"GET /health HTTP/1.0\r\n\r\n").status == 200
        assert client.is_closed()


def test_a_client_that_has_sent_all_and_closed_its_half_is_answered(gate: GateProcess) -> None:
    with gate.client() as client:
        client.send(sos("press-3004", number=7))
        client.end_sending()
        assert client.receive().status == 202
        assert client.is_closed()


def test_all_that_was_asked_before_the_half_was_closed_is_answered(gate: GateProcess) -> None:
    keys = [f"press-310{n}" for n in range(9)]
    with gate.client() as client:
        client.send(b"".join(sos(key, number=8) for key in keys))
        client.end_sending()
        answers = [client.receive() for _ in keys]
        assert client.is_closed()
    assert [(answer.status, answer.json["key"]) for answer in answers] == [
        (202, key) for key in keys
    ]
    with gate.client() as client:
        client.send(b"POST /sos HTTP/1.1\r\n\r\n" * 60)
        client.end_sending()
        assert [client.receive().status for _ in range(60)] == [401] * 60
        assert client.is_closed()


def test_a_client_that_asks_first_is_told_to_go_on(gate: GateProcess) -> None:
    request = post(b'{"key": "press-3005"}', token(7), "/sos", "Expect: 100-continue")
    with gate.client() as client:
        client.send(request[:-21])
        time.sleep(0.1)
        client.send(request[-21:])
        assert client.receive().status == 202


def test_a_page_of_any_host_may_send_an_sos(gate: GateProcess) -> None:
    answer = gate.ask(
        b"OPTIONS /sos HTTP/1.1\r\nHost: gate\r\nOrigin: http://pages.example\r\n"
        b"Access-Control-Request-Method: POST\r\n"
        b"Access-Control-Request-Headers: authorization,content-type\r\n\r\n"
    )

    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-headers"] == "Authorization, Content-Type"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert gate.ask(sos("press-3006", 7)).headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers


LEAVE = b"OPTIONS /sos HTTP/1.1\r\n\r\n"
MADE_UP = b"GET /sos HTTP/1.1\r\n\r\n"


@pytest.mark.guarantee("I25")
@pytest.mark.parametrize(
    ("asked", "after"),
    [
        ([LEAVE], False),
        ([LEAVE, LEAVE], True),
        ([MADE_UP], True),
        ([MADE_UP, LEAVE], True),
        ([LEAVE, MADE_UP], True),
    ],
)
def test_a_browser_that_asks_for_leave_is_no_stranger_for_it_when_it_presses_then(
    asked: list[bytes], after: bool
) -> None:
    seen: list[bool] = []

    def answer(request: Request, respond: Respond) -> None:
        seen.append(request.is_strangers)
        is_leave = request.method == b"OPTIONS"
        respond(Response(200 if is_leave else 401, is_preflight=is_leave))

    async def press() -> None:
        connections = Connections(answer, Counter(), 8)
        loop = asyncio.get_running_loop()
        server = await loop.create_server(connections.make, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        for request in (*asked, sos("press-3007", 7)):
            writer.write(request)
            await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        writer.close()
        server.close()

    asyncio.run(press())
    assert seen[-1] is after


def test_what_breaks_in_a_turn_ends_that_connection_and_takes_nobodys_turn() -> None:
    turns = []
    counts: Counter[str] = Counter()

    class Breaking(Connection):
        def _advance(self) -> None:
            raise ValueError

        def abort(self) -> None:
            turns.append("ended")

    class Behind(Connection):
        def _advance(self) -> None:
            turns.append("looked at")

    async def play() -> None:
        connections = Connections(lambda _request, _respond: None, counts, 10)
        for each in (Breaking, Behind, Breaking):
            connections.queue(each(connections))
        await asyncio.sleep(0.02)
        connections.queue(Behind(connections))
        await asyncio.sleep(0.02)

    asyncio.run(play())
    assert turns == ["ended", "looked at", "ended", "looked at"]
    assert counts == {"broken": 2}
