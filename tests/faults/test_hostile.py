"""Does hostile input cost anybody else's alarm anything? A stream of SOS goes on while the gate is attacked (I25)."""

import os
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from tests.faults.lateness import late, wait_all_reached
from tests.faults.phones import Pressed
from tests.faults.place import Place

EVERY_S = 0.05
HALF_OPEN = 150


def stream(place: Place, n: int) -> list[float]:
    """Return how late everybody was reached for each of n presses, in order of size."""
    with place.phones.pressing(place.fresh(n), every_s=EVERY_S) as pressed:
        pass
    presses: list[Pressed] = [future.result() for future in pressed]
    wait_all_reached(place, presses, within_s=30)
    assert all(one.other_statuses == () and one.tries == 1 for one in presses)
    return sorted(late(place, one) for one in presses)


def requests(token: str) -> list[bytes]:
    """Return requests that nobody means well with."""
    bearer = f"Authorization: Bearer {token}".encode()
    deep = b"[" * 2000 + b"]" * 2000
    bodies = [
        b"{}",
        deep,
        b'{"key":"' + b"x" * 9000 + b'"}',
        b"\xff\xfe\x00",
        b'{"key":1e999}',
        b"",
    ]
    made = [
        b"POST /sos HTTP/1.1\r\n%b\r\nContent-Length: %d\r\n\r\n%b" % (bearer, len(body), body)
        for body in bodies
    ]
    made += [
        b"POST /sos HTTP/1.1\r\nAuthorization: Bearer tcs1.AAAA\r\nContent-Length: 2\r\n\r\n{}",
        b"POST /sos HTTP/1.1\r\nContent-Length: 99999999999999\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 5000 + b"\r\n",
        b"POST /in/nobody HTTP/1.1\r\nContent-Length: 4\r\n\r\na=b&",
        os.urandom(3000),
    ]
    return made


@contextmanager
def attacked(place: Place, token: str) -> Iterator[list[int]]:
    """Attack the gate while the block runs; `done[0]` counts the requests."""
    over = threading.Event()
    done = [0]
    address = ("127.0.0.1", place.ports[0])
    half_open = []
    for _ in range(HALF_OPEN):
        with suppress(OSError):
            one = socket.create_connection(address, timeout=2)
            one.sendall(b"POST /sos HTTP/1.1\r\nContent-Le")
            half_open.append(one)

    def attack(seed: int) -> None:
        luck = random.Random(seed)
        bad = requests(token)
        while not over.wait(0.005):
            with suppress(OSError), socket.create_connection(address, timeout=1) as conn:
                conn.sendall(luck.choice(bad))
                done[0] += 1
                if luck.random() < 0.5:
                    conn.recv(1000)

    threads = [threading.Thread(target=attack, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    yield done
    over.set()
    for thread in threads:
        thread.join(5)
    for one in half_open:
        one.close()


@pytest.mark.guarantee("I25")
def test_an_attack_on_the_gate_costs_nobody_else_his_alarm(place: Place) -> None:
    attacker = place.fresh(1)[0]
    quiet = stream(place, 40)
    with attacked(place, place.phones.tokens[attacker]) as done:
        attacked_late = stream(place, 40)
    assert done[0] > 100
    # The attackers of this test share two cores with everything they attack.
    assert attacked_late[-2] < max(3 * quiet[-2], 0.6), (quiet[-3:], attacked_late[-3:])
