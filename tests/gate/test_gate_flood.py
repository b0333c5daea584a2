"""What do 2,000 connections that never finish their request cost somebody who presses?"""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from statistics import median

import pytest

from tests.gate.gate_process import GateProcess, post, sos, token
from tests.gate.test_gate_sos import OTHER_KEY
from tocsin.gate import limits


def half_open(port: int, number: int) -> list[socket.socket]:
    """Return connections that have sent half a request."""
    found = []
    for n in range(number):
        connection = socket.create_connection(("127.0.0.1", port), timeout=5)
        connection.sendall((b"", b"POST /sos HT", sos("press-9999")[:-3])[n % 3])
        found.append(connection)
    return found


def waits_ms(gate: GateProcess, prefix: str, presses: int) -> list[float]:
    """Return what so many SOS of different people waited, each on a new connection, milliseconds."""
    waits = []
    for n in range(presses):
        begun = time.monotonic()
        assert gate.ask(sos(f"{prefix}-{n:04}", number=n)).status == 202
        waits.append((time.monotonic() - begun) * 1000)
    return waits


def worst_ms(gate: GateProcess, prefix: str, presses: int = 50) -> float:
    """Return the worst of so many waits, milliseconds."""
    return max(waits_ms(gate, prefix, presses))


@pytest.mark.guarantee("I25")
def test_two_thousand_half_open_connections_delay_nobody(
    make_gate: Callable[..., GateProcess],
) -> None:
    gate = make_gate()
    gate.start()

    connections = half_open(gate.port, 2000)

    assert worst_ms(gate, "during") < 500
    for connection in connections:
        connection.close()


@pytest.mark.guarantee("I25")
def test_more_connections_than_the_limit_push_out_idle_ones_and_no_sos(
    make_gate: Callable[..., GateProcess],
) -> None:
    gate = make_gate()
    gate.start()
    kept = gate.client()
    assert kept.ask(sos("kept-0001")).status == 202

    connections = half_open(gate.port, limits.CONNECTIONS + 200)

    assert worst_ms(gate, "pushed") < 500
    assert gate.count("pushed_out") >= 200
    for connection in connections:
        connection.close()


@pytest.mark.guarantee("I25")
def test_connections_that_ask_thousands_of_things_at_once_hold_up_nobody(
    make_gate: Callable[..., GateProcess],
) -> None:
    gate = make_gate()
    gate.start()
    asked = b"GET /health HTTP/1.1\r\n\r\n" * 4000
    with ExitStack() as stack:
        for _ in range(60):
            stack.enter_context(gate.client()).send(asked)

        # A millisecond or two on two cores; without the pause between turns 190 to 1,000.
        assert worst_ms(gate, "greedy", presses=10) < 150


@contextmanager
def greedy(port: int, number: int, asked: bytes) -> Iterator[None]:
    """Have connections open that have asked as much at once as the system holds for them."""
    with ExitStack() as stack:
        for _ in range(number):
            connection = stack.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 128 * 1024)
            connection.connect(("127.0.0.1", port))
            connection.setblocking(False)
            with suppress(BlockingIOError):
                while connection.send(asked):
                    pass
        yield


@pytest.mark.guarantee("I25")
def test_connections_that_ask_with_thousands_of_headers_hold_up_nobody(
    make_gate: Callable[..., GateProcess],
) -> None:
    gate = make_gate()
    gate.start()
    with greedy(gate.port, 500, b"GET /x HTTP/1.1\r\n" + b"a:\r\n" * 3000 + b"\r\n"):
        assert median(waits_ms(gate, "headers", presses=7)) < 400


@pytest.mark.guarantee("I25")
def test_where_few_files_may_be_open_connections_are_fewer_and_no_sos_is_lost(
    make_gate: Callable[..., GateProcess],
) -> None:
    gate = make_gate()
    gate.start(prefix=("prlimit", "--nofile=256"))

    connections = half_open(gate.port, 300)

    assert worst_ms(gate, "pushed") < 500
    for connection in connections:
        connection.close()


@pytest.mark.guarantee("I25")
def test_a_flood_of_made_up_tokens_delays_nobody_known(
    make_gate: Callable[..., GateProcess],
) -> None:
    gate = make_gate()
    gate.start()
    strangers = [gate.client() for _ in range(200)]
    with gate.client() as known:
        assert known.ask(sos("known-0000")).status == 202
        for n, stranger in enumerate(strangers):
            stranger.send(post(b'{"key": "press-0001"}', token(1000 + n, OTHER_KEY)))

        begun = time.monotonic()
        assert known.ask(sos("known-0001")).status == 202
        assert time.monotonic() - begun < 0.25

    assert [stranger.receive().status for stranger in strangers] == [401] * 200
    assert gate.count("unverified") == 200


@pytest.mark.guarantee("I25")
def test_senders_who_hang_up_come_after_everybody_who_waits(
    make_gate: Callable[..., GateProcess],
) -> None:
    gate = make_gate()
    gate.start()
    made_up = [post(b'{"key": "press-0001"}', token(1000 + n, OTHER_KEY)) for n in range(2000)]
    for request in made_up:
        with socket.create_connection(("127.0.0.1", gate.port), timeout=5) as connection:
            connection.sendall(request)

    assert worst_ms(gate, "waits", presses=5) < 500
    assert gate.count("unverified") < 2000
